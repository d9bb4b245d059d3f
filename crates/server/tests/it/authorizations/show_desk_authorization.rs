//! `ShowDeskAuthorization`.

use super::{DESK_AUTHORIZATIONS, NOTHING};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, AMY, BOB, CATHY, ERIN, LEO, OSCAR};
use serde_json::json;

#[tokio::test]
async fn resources_are_shown_without_logins() {
    let test = TestApp::start().await;
    let (_, id) = test.requested("ssh_password").await;
    let lines = test.lines(&id).await;
    let target = format!("{DESK_AUTHORIZATIONS}/{id}");
    let expected = |has_login: bool| {
        json!([
            {"id": lines[0], "type": 1, "address": "198.51.100.7", "port": 22, "instance_id": "i-7",
                "instance_name": "web-7", "region_id": "cn-north-1", "has_login": has_login},
            {"id": lines[1], "type": 1, "address": "db.acme.example", "port": 2222,
                "instance_name": "db.acme.example", "has_login": has_login},
        ])
    };
    let before = test.get(&target).by(&ERIN).english().send().await.ok();
    assert_eq!((&before["resources"], &before["engineer_name"]), (&expected(false), &json!("erin")));
    let body = json!({"auth_detail_list": test.logins(&id, "root", "x").await});
    test.confirm(&BOB, &id, &body).await.ok();
    for by in [&ERIN, &LEO, &AMY] {
        let shown = test.get(&target).by(by).english().send().await.ok();
        assert_eq!((&shown["resources"], &shown["status"]), (&expected(true), &json!(1)));
    }
    test.update_authorization(&BOB, &id, "cancel", &json!({})).await.ok();
    assert_eq!(test.get(&target).by(&ERIN).send().await.ok()["resources"], expected(false));
}

#[tokio::test]
async fn who_may() {
    let test = TestApp::start().await;
    let (_, id) = test.requested("rdp").await;
    for person in [ALICE, BOB, CATHY, OSCAR] {
        let answer = test.get(&format!("{DESK_AUTHORIZATIONS}/{id}")).by(&person).english().send().await;
        assert_refused(&answer, 403, "OSM.01010002", "");
    }
    for odd in [NOTHING, "x"] {
        let answer = test.get(&format!("{DESK_AUTHORIZATIONS}/{odd}")).by(&ERIN).english().send().await;
        assert_refused(&answer, 404, "OSM.01019070", "This authorization does not exist");
    }
    assert_eq!(test.get(&format!("{DESK_AUTHORIZATIONS}/{id}")).send().await.status, 401);
}
