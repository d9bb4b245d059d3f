//! `ConfirmAuthorizations`.

use super::{AUTHORIZATIONS, DAY, NOTHING};
use crate::support::cases::{assert_refused, column};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use crate::support::{Person, TestApp};
use counterfoil_wire::time::Micros;
use serde_json::{Value, json};

/// A key for nothing, in the form of OpenSSH.
pub const ED25519: &str = include_str!("keys/ed25519");
/// The same with a passphrase.
pub const WITH_PASSPHRASE: &str = include_str!("keys/with_passphrase");

fn ms(at: Micros) -> i64 {
    at.0 / 1000
}

#[tokio::test]
async fn a_day_is_given_and_all_that_follows_is_written() {
    let test = TestApp::start().await;
    let (case, id) = test.authorized().await;
    let shown = test.authorization(&BOB, &id).await.ok();
    assert_eq!(shown["auth_effective_time"], "2026-01-05T09:30:15Z");
    assert_eq!(shown["auth_expire_time"], "2026-01-06T09:30:15Z");
    assert_eq!(test.log(&case).await, [0, 1, 73]);
    let logs = test.read_case(&BOB, &case, "/operate-logs").await.ok()["incident_operate_log_list"].clone();
    assert_eq!((&logs[2]["operator_type"], &logs[2]["operator_name"]), (&json!(0), &json!("bob")));
    assert_eq!(test.authorization_events().await, ["authorization.requested", "authorization.confirmed"]);
    assert_eq!(test.kept_logins().await, 2);
    test.assert_sound().await;
}

#[tokio::test]
async fn a_window_of_at_most_a_week_can_be_chosen() {
    let test = TestApp::start().await;
    let now = test.app.clock.now();
    let at = |seconds: i64| json!(ms(now.plus_seconds(seconds)));
    let (_, id) = test.requested("console_credential").await;
    for (from, to, field) in [
        (
            Value::Null,
            at(7 * DAY + 1),
            "auth_expire_time: a time in the future is allowed, after the beginning and at most 7 days",
        ),
        (Value::Null, at(0), "auth_expire_time"),
        (at(DAY), at(DAY), "auth_expire_time"),
        (at(7 * DAY + 1), Value::Null, "auth_effective_time: a time within 7 days"),
        (json!(-1), Value::Null, "auth_effective_time: a whole number from 0"),
        (Value::Null, json!(-1), "auth_expire_time"),
    ] {
        let body = json!({"auth_effective_time": from, "auth_expire_time": to});
        assert_refused(&test.confirm(&BOB, &id, &body).await, 400, "OSM.01010001", field);
    }
    let body = json!({"auth_effective_time": at(DAY), "auth_expire_time": at(8 * DAY)});
    test.confirm(&BOB, &id, &body).await.ok();
    let shown = test.authorization(&BOB, &id).await.ok();
    assert_eq!(shown["auth_effective_time"], "2026-01-06T09:30:15Z");
    assert_eq!(shown["auth_expire_time"], "2026-01-13T09:30:15Z");
}

#[tokio::test]
async fn the_operator_sets_the_usual_and_the_longest_time() {
    let test = TestApp::start_with(|config| {
        config.authorizations.default_seconds = 3600;
        config.authorizations.longest_seconds = 7200;
    })
    .await;
    let (_, id) = test.requested("console_credential").await;
    let late = json!({"auth_expire_time": ms(test.app.clock.now().plus_seconds(7201))});
    assert_refused(&test.confirm(&BOB, &id, &late).await, 400, "OSM.01010001", "auth_expire_time");
    test.confirm(&BOB, &id, &json!({})).await.ok();
    assert_eq!(test.authorization(&BOB, &id).await.ok()["auth_expire_time"], "2026-01-05T10:30:15Z");
}

#[tokio::test]
async fn each_kind_takes_what_it_needs() {
    let test = TestApp::start().await;
    for (access, account, secret) in [
        ("ssh_key", "root", ED25519),
        ("rdp", "Administrator", "pass word ü"),
        ("sftp", "ftp", "x"),
        ("vnc", "", "12345678"),
    ] {
        let (_, id) = test.requested(access).await;
        let body = json!({"auth_detail_list": test.logins(&id, account, secret).await});
        test.confirm(&BOB, &id, &body).await.ok();
        assert_eq!(test.authorization_status(&id).await, 1, "{access}");
    }
    let (_, id) = test.requested("confidential").await;
    let line = test.lines(&id).await[0];
    let body = json!({"auth_detail_list": [{"auth_detail_id": line, "password": "the vault code\nis 4711"}]});
    test.confirm(&BOB, &id, &body).await.ok();
    let (_, id) = test.requested("console_credential").await;
    test.confirm(&BOB, &id, &json!({})).await.ok();
    assert_eq!(test.kept_logins().await, 9);
    test.assert_sound().await;
}

#[tokio::test]
async fn every_line_needs_a_login_that_can_be_one() {
    let test = TestApp::start().await;
    let (_, passwords) = test.requested("ssh_password").await;
    let (_, keys) = test.requested("ssh_key").await;
    let (_, vnc) = test.requested("vnc").await;
    let (_, text) = test.requested("confidential").await;
    let (_, console) = test.requested("console_credential").await;
    let lines = test.lines(&passwords).await;
    let foreign = test.lines(&keys).await[0];
    let login = |id: i64| json!({"auth_detail_id": id, "account": "root", "password": "x"});
    let changed = |key: &str, value: Value| {
        let mut body = json!([login(lines[0]), login(lines[1])]);
        body[1][key] = value;
        body
    };
    let seven: Value = (0..7).map(login).collect();
    let with_key = async |key: &str| test.logins(&keys, "root", key).await;
    let long_key = format!("{ED25519}{}", "x".repeat(8192));
    for (id, list, field) in [
        (&passwords, Value::Null, "auth_detail_list: every resource line"),
        (&passwords, json!([]), "auth_detail_list: every resource line"),
        (&passwords, json!([login(lines[0])]), "auth_detail_list: every resource line"),
        (&passwords, json!([login(lines[0]), login(lines[0])]), "auth_detail_list[1].auth_detail_id"),
        (&passwords, json!([login(lines[0]), login(foreign)]), "auth_detail_list[1].auth_detail_id"),
        (&passwords, seven, "auth_detail_list: 0 to 6 items"),
        (
            &passwords,
            json!([{"account": "root", "password": "x"}]),
            "auth_detail_list[0].auth_detail_id: it is mandatory",
        ),
        (&passwords, changed("account", json!("")), "auth_detail_list[1].account: it is mandatory"),
        (&passwords, changed("account", json!(" ")), "auth_detail_list[1].account"),
        (&passwords, changed("account", json!("a\nb")), "auth_detail_list[1].account"),
        (&passwords, changed("account", json!("x".repeat(65))), "auth_detail_list[1].account"),
        (&passwords, changed("password", Value::Null), "auth_detail_list[1].password: it is mandatory"),
        (&passwords, changed("password", json!("a\nb")), "auth_detail_list[1].password"),
        (&passwords, changed("password", json!("x".repeat(8193))), "auth_detail_list[1].password"),
        (&passwords, changed("port", json!(0)), "auth_detail_list[1].port"),
        (&passwords, changed("port", json!(65_536)), "auth_detail_list[1].port"),
        (&keys, with_key("not a key").await, "auth_detail_list[0].password: a private key"),
        (&keys, with_key(WITH_PASSPHRASE).await, "auth_detail_list[0].password: a private key"),
        (&keys, with_key(&ED25519[..100]).await, "auth_detail_list[0].password: a private key"),
        (&keys, with_key(&long_key).await, "auth_detail_list[0].password: 0 to 8192"),
        (&vnc, test.logins(&vnc, "", "").await, "auth_detail_list[0].password"),
        (&text, json!([]), "auth_detail_list: every resource line"),
        (
            &console,
            json!([login(test.lines(&console).await[0])]),
            "auth_detail_list: this kind of access takes no logins",
        ),
    ] {
        let answer = test.confirm(&BOB, id, &json!({"auth_detail_list": list})).await;
        assert_refused(&answer, 400, "OSM.01010001", field);
        assert!(!answer.message().contains("OPENSSH"), "{}", answer.message());
    }
    for id in [&passwords, &keys, &vnc, &text, &console] {
        assert_eq!(test.authorization_status(id).await, 0);
    }
    assert_eq!(test.kept_logins().await, 0);
    let answer = test.confirm(&BOB, &passwords, &json!({"auth_detail_list": [[lines[0], 1, "a", "b"]]})).await;
    assert_refused(&answer, 400, "OSM.0001", "auth_detail_list[0]");
    test.assert_sound().await;
}

#[tokio::test]
async fn an_agency_must_be_the_accounts_own_and_hold() {
    let test = TestApp::start().await;
    let (_, id) = test.requested("console_agency").await;
    let (ended, holds) = (test.agency("ended", Some(60)).await, test.agency("holds", None).await);
    let foreign = test.agency_of(&MALLORY, &BOB, "foreign", None).await;
    test.advance_seconds(60);
    for (agency, words) in [
        (Value::Null, "agency_id: it is mandatory"),
        (json!(""), "agency_id: it is mandatory"),
        (json!("x"), "agency_id: an agency of this account"),
        (json!(NOTHING), "agency_id: an agency of this account"),
        (json!(ended), "agency_id: an agency of this account"),
        (json!(foreign), "agency_id: an agency of this account"),
        (json!("x".repeat(65)), "agency_id: 0 to 64"),
    ] {
        let answer = test.confirm(&BOB, &id, &json!({"agency_id": agency})).await;
        assert_refused(&answer, 400, "OSM.01010001", words);
    }
    test.confirm(&BOB, &id, &json!({"agency_id": holds})).await.ok();
    let (_, other) = test.requested("console_credential").await;
    let answer = test.confirm(&BOB, &other, &json!({"agency_id": holds})).await;
    assert_refused(&answer, 400, "OSM.01010001", "agency_id: this kind of access takes no agency");
}

#[tokio::test]
async fn only_a_request_can_be_confirmed() {
    let test = TestApp::start().await;
    for status in [1, 2, 3, 4, 5] {
        let (_, id) = test.authorization_in(status).await;
        let body = json!({"auth_detail_list": test.logins(&id, "root", "x").await});
        let answer = test.confirm(&BOB, &id, &body).await;
        match status {
            // The case has ended with it.
            3 => assert_refused(&answer, 409, "OSM.01010018", "not in its present status"),
            _ => assert_refused(&answer, 409, "OSM.01010018", "Auth operate type not support"),
        }
        assert_eq!(test.authorization_status(&id).await, status);
    }
    test.assert_sound().await;
}

#[tokio::test]
async fn who_may() {
    let test = TestApp::start().await;
    let (friends, readers) = (test.group_of_operators().await, test.group("readers", &[], &[BOB, CAROL]).await);
    let confirm = async |by: &Person, group: Value| {
        let (_, id) = test.requested("console_credential").await;
        let answer = test.confirm(by, &id, &json!({"group_id": group})).await;
        (answer.status, answer.code())
    };
    let (allowed, refused) = ((200, String::new()), (403, "OSM.01010002".to_owned()));
    assert_eq!(confirm(&BOB, Value::Null).await, allowed);
    assert_eq!(confirm(&ALICE, Value::Null).await, allowed);
    assert_eq!(confirm(&CAROL, json!(friends)).await, allowed);
    assert_eq!(confirm(&CAROL, json!(readers)).await, allowed, "the role comes from any group");
    assert_eq!(confirm(&CAROL, Value::Null).await, refused);
    assert_eq!(confirm(&CAROL, json!("")).await, refused);
    assert_eq!(confirm(&BOB, json!(NOTHING)).await, refused);
    assert_eq!(confirm(&ERIN, Value::Null).await, refused);
    // The reference's example has the group in the query.
    let (_, id) = test.requested("console_credential").await;
    let call = test.put(&format!("{AUTHORIZATIONS}/{id}?group_id={friends}")).json(&json!({}));
    call.by(&CAROL).send().await.ok();
    let (_, id) = test.requested("console_credential").await;
    let foreign = test.confirm(&MALLORY, &id, &json!({})).await;
    let missing = test.confirm(&MALLORY, NOTHING, &json!({})).await;
    assert_refused(&foreign, 404, "OSM.01019070", "");
    assert_eq!(foreign.bytes, missing.bytes);
    assert_eq!(test.authorization_status(&id).await, 0);
}

#[tokio::test]
async fn a_repeated_confirmation_with_a_key_is_one() {
    let test = TestApp::start().await;
    let (case, id) = test.requested("ssh_password").await;
    let body = json!({"auth_detail_list": test.logins(&id, "root", "hunter-2-plain").await});
    for _ in 0..2 {
        let call = test.put(&format!("{AUTHORIZATIONS}/{id}")).json(&body).header("Idempotency-Key", "k").by(&BOB);
        call.send().await.ok();
    }
    assert_eq!(test.log(&case).await, [0, 1, 73]);
    assert_eq!(test.kept_logins().await, 2);
}

#[tokio::test]
async fn of_two_answers_at_once_one_counts() {
    let test = TestApp::start().await;
    for _ in 0..5 {
        let (_, id) = test.requested("console_credential").await;
        let (empty, reason) = (json!({}), json!({"reject_reason": "no"}));
        let (yes, no) =
            tokio::join!(test.confirm(&BOB, &id, &empty), test.update_authorization(&ALICE, &id, "reject", &reason));
        let statuses = [yes.status, no.status];
        assert!(statuses.contains(&200) && statuses.contains(&409), "{statuses:?}");
        let status = test.authorization_status(&id).await;
        assert_eq!(status, if yes.status == 200 { 1 } else { 2 });
    }
    let list = test.get(AUTHORIZATIONS).by(&BOB).send().await.ok();
    assert_eq!(column(&list["incident_auth_list"], "id").len(), 5);
    test.assert_sound().await;
}
