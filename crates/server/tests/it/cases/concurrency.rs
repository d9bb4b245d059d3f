//! Many at once on one case: exactly the allowed transitions happen, and the log tells the same story.

use crate::support::cases::consultation;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, LEO};
use crate::support::{Answer, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};

/// What an entry of the log does to a status; none where it could not have happened.
fn replay(status: i64, operate_type: i64) -> Option<i64> {
    Some(match (status, operate_type) {
        (0, 1) | (5, 21) | (17, 85) | (2, 16) | (3, 22) => 1,
        (0, 4) => 4,
        (0 | 1, 2) => status,
        (1, 17) => 17,
        (1 | 17, 18) => 2,
        (1 | 2 | 5 | 17, 3) => 3,
        (1, 20) => 5,
        (0 | 1, 12) => 12,
        (3 | 4 | 12, 13) => 13,
        _ => return None,
    })
}

/// The status to which the log of a case leads.
async fn told(test: &TestApp, id: &str) -> i64 {
    let log = test.log(id).await;
    assert_eq!(log[0], 0, "{log:?}");
    log[1..].iter().fold(0, |status, entry| replay(status, *entry).unwrap_or_else(|| panic!("{entry} in {log:?}")))
}

/// One action of somebody on a case.
async fn call(test: &TestApp, id: &str, group: &str, action: &'static str) -> (&'static str, Answer) {
    let in_group = json!({"group_id": group, "message": {"content": "and me"}});
    let answer = match action {
        "message" => test.say(&BOB, id, "hello").await,
        "group message" => {
            let target = format!("/v2/servicerequest/cases/{id}/message");
            test.post(&target).json(&in_group).by(&CAROL).send().await
        }
        "accept" => test.desk(&ERIN, id, "accept", &json!({})).await,
        "accept too" => test.desk(&LEO, id, "accept", &json!({})).await,
        "pause" => test.desk(&ERIN, id, "pause", &json!({"reason": "r"})).await,
        "resume" => test.desk(&ERIN, id, "resume", &json!({})).await,
        "invalid" => test.desk(&LEO, id, "invalid", &json!({"reason": "r"})).await,
        "note" => test.desk(&LEO, id, "note", &json!({"content": "n"})).await,
        "processing" | "pending_feedback" | "solution" => test.reply(id, "so", action).await,
        "cancel by alice" => test.act(&ALICE, id, "cancel").await,
        "close by carol" => test.act_with(&CAROL, id, "close", &json!({"group_id": group})).await,
        _ => test.act(&BOB, id, action).await,
    };
    (action, answer)
}

async fn storm(actions: &[&'static str], times: usize) {
    let test = TestApp::start_with(|config| config.database.pool = 8).await;
    let group = test.group_of_operators().await;
    let id = test.case(&BOB).await;
    // Everybody may urge from now on, once.
    test.advance_seconds(1810);
    let (other, id) = (test.another_node(2_000_000).await, id.as_str());
    let nodes = [&test, &other];
    let answers = join_all(
        actions.iter().cycle().take(times).enumerate().map(|(i, action)| call(nodes[i / 3 % 2], id, &group, action)),
    )
    .await;
    let test = &test;
    for (action, answer) in &answers {
        let known = match answer.status {
            200 => true,
            409 => answer.code() == "OSM.01019001",
            404 => answer.code() == "OSM.01010015",
            429 => *action == "press" && answer.code() == "OSM.01010004",
            _ => false,
        };
        assert!(known, "{action}: {} {}", answer.status, answer.json);
    }
    let done = |names: &[&str]| {
        answers.iter().filter(|(action, answer)| answer.status == 200 && names.contains(action)).count()
    };
    assert_eq!(told(test, id).await, test.status(id).await);
    let log = test.log(id).await;
    let logged = |types: &[i64]| log.iter().filter(|entry| types.contains(entry)).count();
    for (names, types) in [
        (&["accept", "accept too"][..], &[1][..]),
        (&["press"], &[2]),
        (&["close", "close by carol"], &[3]),
        (&["cancel", "cancel by alice"], &[4]),
        (&["invalid"], &[12]),
        (&["delete"], &[13]),
        (&["pending_feedback"], &[17]),
        (&["solution"], &[18]),
        (&["pause"], &[20]),
        (&["resume"], &[21]),
        (&["reopen"], &[22]),
    ] {
        assert_eq!(done(names), logged(types), "{names:?} {log:?}");
    }
    assert!(done(&["message", "group message"]) >= logged(&[85, 16]));
    let detail = test.desk_detail(&LEO, id).await;
    let written = detail["messages"].as_array().unwrap();
    let kind = |visibility: &str| written.iter().filter(|message| message["visibility"] == visibility).count();
    let messages = ["message", "group message", "processing", "pending_feedback", "solution"];
    assert_eq!(kind("public"), done(&messages) + 1);
    assert_eq!(kind("note"), done(&["note"]));
    // The events tell the same story as the answers.
    let events = test.number("SELECT COUNT(*) FROM events WHERE kind LIKE 'case.%'").await;
    let answered = answers.iter().filter(|(_, answer)| answer.status == 200).count() + 1;
    assert_eq!(usize::try_from(events).unwrap(), answered);
    test.assert_sound().await;
}

#[tokio::test]
async fn two_hundred_actions_on_a_new_case() {
    let actions = [
        "close",
        "cancel",
        "accept",
        "message",
        "press",
        "cancel by alice",
        "accept too",
        "group message",
        "close by carol",
        "note",
    ];
    storm(&actions, 200).await;
}

#[tokio::test]
async fn two_hundred_actions_of_every_kind() {
    let actions = [
        "accept",
        "message",
        "pending_feedback",
        "group message",
        "solution",
        "message",
        "pause",
        "resume",
        "note",
        "press",
        "processing",
        "solution",
        "close",
        "reopen",
        "accept too",
        "invalid",
        "pending_feedback",
        "close by carol",
        "delete",
        "reopen",
    ];
    storm(&actions, 200).await;
}

#[tokio::test]
async fn many_cases_at_once_are_all_counted() {
    let test = TestApp::start_with(|config| config.database.pool = 8).await;
    let people = [&ALICE, &BOB, &CAROL];
    let bodies: Vec<Value> = (0..60).map(|i| consultation(&format!("case number {i}"))).collect();
    let calls = bodies.iter().enumerate().map(|(i, body)| test.submit(body).by(people[i % 3]).send());
    let mut ids: Vec<String> = join_all(calls)
        .await
        .into_iter()
        .map(|answer| answer.ok()["incident_id"].as_str().unwrap().to_owned())
        .collect();
    let moves = ids.iter().enumerate().map(async |(i, id)| match i % 3 {
        0 => test.accept(id).await,
        1 => drop(test.act(&ALICE, id, "cancel").await.ok()),
        _ => drop(test.desk(&LEO, id, "invalid", &json!({"reason": "r"})).await.ok()),
    });
    join_all(moves).await;
    let mut listed = Vec::new();
    for offset in [0, 25, 50, 75] {
        let page = test.list(&ALICE, &format!("limit=25&offset={offset}")).await;
        assert_eq!(page["total_count"], 60);
        listed.extend(crate::support::cases::column(&page["incident_info_list"], "incident_id"));
    }
    ids.sort();
    listed.sort();
    assert_eq!(listed, ids);
    for (status, by) in [(1, &ALICE), (4, &BOB), (12, &CAROL)] {
        assert_eq!(test.list(by, &format!("status={status}")).await["total_count"], 20);
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn nodes_whose_clocks_differ_tell_one_story() {
    let early = TestApp::start().await;
    let late = early.another_node(5_000_000).await;
    let id = early.case(&BOB).await;
    late.accept(&id).await;
    early.reply(&id, "1", "pending_feedback").await.ok();
    late.say(&BOB, &id, "2").await.ok();
    late.desk(&LEO, &id, "note", &json!({"content": "3"})).await.ok();
    early.say(&BOB, &id, "4").await.ok();
    late.reply(&id, "5", "solution").await.ok();
    late.act(&BOB, &id, "close").await.ok();
    early.act(&BOB, &id, "reopen").await.ok();
    late.act(&BOB, &id, "close").await.ok();
    assert_eq!(early.log(&id).await, [0, 1, 17, 85, 18, 3, 22, 3]);
    let messages = late.desk_detail(&LEO, &id).await["messages"].clone();
    let said = ["How do I start?", "1", "2", "3", "4", "5"];
    assert_eq!(crate::support::cases::column(&messages, "content"), said);
    early.assert_sound().await;
}
