//! `ShowSignedLatestPublishedAgreement`.

use super::AGREEMENTS;
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, ERIN, MALLORY};
use counterfoil::agreements::Kind;

#[tokio::test]
async fn a_signature_is_of_one_user_one_kind_and_one_version() {
    let test = TestApp::start().await;
    let (_, ids) = test.publish_now(Kind::NewCase, false).await;
    test.sign(&BOB, ids[0]).await.ok();
    assert!(test.has_signed(&BOB, "0").await, "whichever language was signed");
    for (who, agreement_type) in [(ALICE, "0"), (MALLORY, "0"), (BOB, "1"), (BOB, "2"), (BOB, "5"), (BOB, "x")] {
        assert!(!test.has_signed(&who, agreement_type).await, "{} {agreement_type}", who.name);
    }
    let target = format!("{AGREEMENTS}/signed-latest");
    assert_eq!(test.get(&target).by(&BOB).send().await.ok()["is_signed_latest"], true, "0 is the type without one");
    test.publish_now(Kind::NewCase, false).await;
    assert!(!test.has_signed(&BOB, "0").await, "a new version asks again");
    test.withdraw(Kind::NewCase, 3).await.unwrap();
    assert!(test.has_signed(&BOB, "0").await);
    let staff = test.get(&target).by(&ERIN).english().send().await;
    assert_refused(&staff, 403, "OSM.01010002", "");
    let long = test.get(&format!("{target}?agreement_type={}", "1".repeat(33))).by(&BOB).english().send().await;
    assert_refused(&long, 400, "OSM.01010001", "agreement_type: 1 to 32 characters are allowed");
}
