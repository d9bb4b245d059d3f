//! `ListFeedbacks`.

use super::{DESK, brief};
use crate::support::TestApp;
use crate::support::cases::{assert_refused, column};
use crate::support::people::{ALICE, AMY, BOB, CATHY, ERIN, LEO, MALLORY, OSCAR};
use serde_json::json;

#[tokio::test]
async fn leads_and_auditors_see_the_reports_of_all_accounts() {
    let test = TestApp::start().await;
    let mut ids = Vec::new();
    for (by, kind) in [(&BOB, "spam"), (&MALLORY, "fraud"), (&ALICE, "spam")] {
        ids.insert(0, brief(&test, by, kind).await);
    }
    let page = async |query: &str| test.get(&format!("{DESK}?{query}")).by(&LEO).english().send().await.ok();
    let all = page("").await;
    assert_eq!((column(&all["feedbacks"], "feedback_id"), &all["total_count"]), (ids.clone(), &json!(3)));
    let expected = json!({
        "feedback_id": ids[1], "account_id": test.account_id(&MALLORY).await, "account_name": "other",
        "user_id": test.user_id(&MALLORY).await, "user_name": "mallory", "type": "fraud", "title": "ECS",
        "create_time": "2026-01-05T09:30:15Z",
    });
    assert_eq!(all["feedbacks"][1], expected);
    let spam = page("type=spam").await;
    assert_eq!(
        (column(&spam["feedbacks"], "feedback_id"), &spam["total_count"]),
        (vec![ids[0].clone(), ids[2].clone()], &json!(2))
    );
    let second = page("limit=1&offset=1").await;
    assert_eq!(
        (column(&second["feedbacks"], "feedback_id"), &second["total_count"]),
        (vec![ids[1].clone()], &json!(3))
    );
    assert_eq!(page("limit=0").await, json!({"total_count": 3, "feedbacks": []}));
    assert_eq!(page("type=attack").await["total_count"], 0);
    assert_eq!(test.get(DESK).by(&AMY).send().await.ok()["total_count"], 3);
    for other in [ALICE, BOB, ERIN, CATHY, OSCAR] {
        assert_refused(&test.get(DESK).by(&other).english().send().await, 403, "OSM.01010002", "");
    }
    for (query, code) in [("limit=101", "OSM.01010001"), ("offset=-1", "OSM.01010001"), ("type=x", "OSM.01010016")] {
        let answer = test.get(&format!("{DESK}?{query}")).by(&LEO).english().send().await;
        assert_refused(&answer, 400, code, query.split('=').next().unwrap());
    }
}
