//! `DELETE /v3.0/OS-CREDENTIAL/credentials/{access_key}`.

use super::refused;
use crate::support::TestApp;
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};

#[tokio::test]
async fn a_deleted_key_is_gone_at_once() {
    let app = TestApp::start().await;
    let target = format!("/v3.0/OS-CREDENTIAL/credentials/{}", BOB.access);
    refused(&app.delete(&target).by(&CAROL).send().await, 403);
    let theirs = app.delete(&target).by(&MALLORY).send().await;
    refused(&theirs, 404);
    let missing = app.delete("/v3.0/OS-CREDENTIAL/credentials/AKNOBODY000000000000").by(&MALLORY).send().await;
    assert_eq!(missing.json, theirs.json);
    refused(&app.delete(&target).send().await, 401);

    let answer = app.delete(&target).by(&BOB).send().await;
    assert_eq!((answer.status, answer.bytes.len()), (204, 0));
    assert!(answer.header("x-iam-trace-id").is_some());
    refused(&app.get("/v3/auth/domains").by(&BOB).send().await, 401);
    refused(&app.get(&target).by(&ALICE).send().await, 404);
    refused(&app.delete(&target).by(&ALICE).send().await, 404);
}
