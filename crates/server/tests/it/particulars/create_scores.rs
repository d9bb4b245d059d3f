//! `CreateScores`.

use super::rate;
use crate::support::TestApp;
use crate::support::cases::{OnCase, assert_refused};
use crate::support::people::{ALICE, BOB, ERIN};
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

fn rating(judgement: &str, scores: &[(i64, i64)]) -> Value {
    let list: Vec<_> =
        scores.iter().map(|(id, value)| json!({"satisfaction_id": id, "satisfaction_value": value})).collect();
    json!({"judgement": judgement, "incident_satisfaction_list": list})
}

/// What the detail shows of the rating.
async fn given(test: &TestApp, case: &str) -> (Value, Vec<(i64, i64)>) {
    let detail = test.detail(&BOB, case).await;
    let scores = detail["incident_satisfaction"].as_array().unwrap().iter();
    let pair =
        |score: &Value| (score["satisfaction_id"].as_i64().unwrap(), score["satisfaction_value"].as_i64().unwrap());
    (detail["judgement"].clone(), scores.map(pair).collect())
}

#[tokio::test]
async fn a_completed_case_is_rated() {
    let test = TestApp::start().await;
    let case = test.case_in(3).await;
    assert_eq!(rate(&test, &BOB, &case, rating("很好", &[(1, 5), (3, 4)])).await.ok(), json!({}));
    assert_eq!(given(&test, &case).await, (json!("很好"), vec![(1, 5), (3, 4)]));
    assert_eq!(test.log(&case).await, [0, 1, 3, 5]);
    let detail = test.detail(&BOB, &case).await["incident_satisfaction"][0].clone();
    let expected = json!({"satisfaction_id": 1, "satisfaction_value": 5, "value": 5, "per_value": 1,
        "satisfaction_name": "Speed of response", "sat_category_id": "service"});
    assert_eq!(detail, expected);
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'case.rated'").await, 1);
    test.assert_sound().await;
}

#[tokio::test]
async fn rating_what_is_to_be_confirmed_closes_it() {
    let test = TestApp::start().await;
    let case = test.case_in(2).await;
    rate(&test, &BOB, &case, rating("", &[(2, 0)])).await.ok();
    assert_eq!((test.status(&case).await, test.log(&case).await), (3, vec![0, 1, 18, 3, 5]));
    assert_eq!(given(&test, &case).await, (json!(""), vec![(2, 0)]));
    for status in [0, 1, 4, 5, 12, 17] {
        let other = test.case_in(status).await;
        let answer = rate(&test, &BOB, &other, rating("x", &[])).await;
        assert_refused(&answer, 409, "OSM.01019001", "");
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn a_rating_may_be_changed_for_seven_days() {
    let test = TestApp::start().await;
    let case = test.case_in(3).await;
    // A case may be rated for the first time long after it was closed.
    test.advance_seconds(60 * DAY);
    rate(&test, &BOB, &case, rating("bad", &[(1, 1), (2, 1)])).await.ok();
    test.advance_seconds(7 * DAY);
    rate(&test, &ALICE, &case, rating("good", &[(2, 5)])).await.ok();
    assert_eq!(given(&test, &case).await, (json!("good"), vec![(2, 5)]), "in place of the one before");
    test.advance_seconds(1);
    let late = rate(&test, &BOB, &case, rating("late", &[(2, 1)])).await;
    assert_refused(&late, 409, "OSM.01010014", "can no longer be changed");
    assert_eq!(given(&test, &case).await, (json!("good"), vec![(2, 5)]));
    assert_eq!(test.log(&case).await, [0, 1, 3, 5, 5]);
    test.assert_sound().await;
}

#[tokio::test]
async fn a_rating_that_came_with_closing_counts() {
    let test = TestApp::start_with(|config| config.timers.rating_seconds = 60).await;
    let case = test.case_in(2).await;
    test.act_with(&BOB, &case, "close", &rating("closed", &[(1, 2)])).await.ok();
    rate(&test, &BOB, &case, rating("changed", &[(1, 3)])).await.ok();
    test.advance_seconds(61);
    assert_eq!(rate(&test, &BOB, &case, rating("late", &[(1, 4)])).await.code(), "OSM.01010014");
    // Taken up and closed once more, it may be rated anew.
    test.act(&BOB, &case, "reopen").await.ok();
    test.act_with(&BOB, &case, "close", &rating("again", &[(3, 1)])).await.ok();
    assert_eq!(given(&test, &case).await, (json!("again"), vec![(3, 1)]));
    test.act(&BOB, &case, "reopen").await.ok();
    test.act(&BOB, &case, "close").await.ok();
    assert_eq!(given(&test, &case).await, (json!("again"), vec![(3, 1)]), "closing without a rating keeps it");
}

#[tokio::test]
async fn what_is_no_rating_is_refused() {
    let test = TestApp::start().await;
    let case = test.case_in(3).await;
    let item = "incident_satisfaction_list[0]";
    for (body, code, says) in [
        (json!({"incident_satisfaction_list": []}), "OSM.01010001", "judgement: it is mandatory".to_owned()),
        (json!({"judgement": "x"}), "OSM.01010001", "incident_satisfaction_list: it is mandatory".to_owned()),
        (rating("", &[]), "OSM.01010001", "incident_satisfaction_list: it is mandatory".to_owned()),
        (rating(&"差".repeat(401), &[]), "OSM.01010001", "judgement: 0 to 400".to_owned()),
        (rating("", &[(99, 1)]), "OSM.01010001", format!("{item}.satisfaction_id: a dimension")),
        (rating("", &[(1, 6)]), "OSM.01010001", format!("{item}.satisfaction_value: 0 to 5 in steps of 1")),
        (rating("", &[(1, -1)]), "OSM.01010001", format!("{item}.satisfaction_value: a whole number from 0")),
        (rating("", &[(1, 1), (1, 1)]), "OSM.01010001", "[1].satisfaction_id: each dimension comes once".to_owned()),
        (rating("", &[(1, 1); 101]), "OSM.01010001", "incident_satisfaction_list: 0 to 100 items".to_owned()),
        (json!({"judgement": 1, "incident_satisfaction_list": []}), "OSM.0001", "judgement".to_owned()),
        (json!({"judgement": "", "incident_satisfaction_list": [[1, 1]]}), "OSM.0001", item.to_owned()),
    ] {
        assert_refused(&rate(&test, &BOB, &case, body).await, 400, code, &says);
    }
    assert_eq!(given(&test, &case).await, (json!(""), vec![]));
    assert_eq!(test.number("SELECT COUNT(*) FROM case_ratings").await, 0);
    rate(&test, &BOB, &case, rating(&"👍".repeat(400), &[])).await.ok();
    assert_refused(&rate(&test, &ERIN, &case, rating("x", &[])).await, 403, "OSM.01010002", "");
}

#[tokio::test]
async fn who_may_rate() {
    let test = TestApp::start().await;
    let body = rating("fine", &[(1, 5)]);
    test.assert_guarded(&OnCase { method: "POST", suffix: "/score", body, status: 3 }).await;
}
