//! The recording interface: who may open a session, and that nothing can be changed afterwards without being seen.

use super::{broken_at, close, command, file, open, opened, transfer};
use crate::support::TestApp;
use crate::support::people::{BOB, ERIN, LEO};
use counterfoil::error::Code;
use secrecy::ExposeSecret;
use serde_json::json;

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn the_recorder_gets_what_it_needs_and_leaves_an_event() {
    let test = TestApp::start().await;
    let (_, id) = test.authorized().await;
    let lines = test.lines(&id).await;
    let opened = open(&test, &ERIN, &id, lines[1]).await.unwrap_or_else(|e| panic!("{e}"));
    assert_eq!((opened.host.as_str(), opened.port), ("db.acme.example", 2222));
    assert_eq!((opened.account.as_str(), opened.secret.expose_secret()), ("root", "hunter-2-plain"));
    assert_eq!((opened.until.to_wire().as_str(), opened.host_key), ("2026-01-06T09:30:15Z", None));
    assert_eq!((opened.session.detail_id, opened.session.session_id), (lines[1], 1));
    assert_eq!(test.authorization_events().await.last().unwrap(), "authorization.session_opened");
    let sql = "SELECT actor, payload FROM events WHERE kind = 'authorization.session_opened'";
    let row = test.rows(sql).await.remove(0);
    assert_eq!(row.get::<String>(0).unwrap(), test.user_id(&ERIN).await.to_string());
    assert!(!row.get::<String>(1).unwrap().contains("plain"));
}

#[tokio::test]
async fn only_under_an_authorization_in_force_and_by_the_handler() {
    let test = TestApp::start().await;
    for status in [0, 2, 3, 4, 5] {
        let (_, id) = test.authorization_in(status).await;
        let line = test.lines(&id).await[0];
        let refused = open(&test, &ERIN, &id, line).await.err().unwrap();
        assert_eq!(refused.code(), Code::AuthorizationState, "{status}");
    }
    let (_, id) = test.authorized().await;
    let line = test.lines(&id).await[0];
    assert_eq!(open(&test, &LEO, &id, line).await.err().unwrap().code(), Code::NoPermission);
    assert_eq!(open(&test, &BOB, &id, line).await.err().unwrap().code(), Code::NoPermission);
    assert_eq!(open(&test, &ERIN, &id, 1).await.err().unwrap().code(), Code::NoSuchAuthorization);
    let (_, other) = test.authorized().await;
    assert_eq!(open(&test, &ERIN, &other, line).await.err().unwrap().code(), Code::NoSuchAuthorization);
    test.advance_seconds(DAY - 1);
    assert!(open(&test, &ERIN, &id, line).await.is_ok());
    // Also before the timer has seen it.
    test.advance_seconds(1);
    assert_eq!(open(&test, &ERIN, &id, line).await.err().unwrap().code(), Code::AuthorizationState);
}

#[tokio::test]
async fn not_before_its_time_and_not_for_what_is_no_host() {
    let test = TestApp::start().await;
    let (_, id) = test.requested("ssh_password").await;
    let begins = test.app.clock.now().plus_seconds(600).0 / 1000;
    let body = json!({"auth_detail_list": test.logins(&id, "root", "x").await, "auth_effective_time": begins});
    test.confirm(&BOB, &id, &body).await.ok();
    let line = test.lines(&id).await[0];
    assert_eq!(open(&test, &ERIN, &id, line).await.err().unwrap().code(), Code::AuthorizationState);
    test.advance_seconds(600);
    assert!(open(&test, &ERIN, &id, line).await.is_ok());
    let (_, console) = test.requested("console_credential").await;
    test.confirm(&BOB, &console, &json!({})).await.ok();
    let line = test.lines(&console).await[0];
    assert_eq!(open(&test, &ERIN, &console, line).await.err().unwrap().code(), Code::AuthorizationState);
}

#[tokio::test]
async fn a_closed_session_takes_nothing_more() {
    let test = TestApp::start().await;
    let (_, id) = test.authorized().await;
    let session = opened(&test, &id).await;
    command(&test, &session, "ls").await.unwrap();
    close(&test, &session).await.unwrap();
    for refused in [
        command(&test, &session, "ls").await,
        transfer(&test, &session, &file("x", 1)).await,
        close(&test, &session).await,
    ] {
        assert_eq!(refused.unwrap_err().code(), Code::NoSuchSession);
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM bastion_entries").await, 3);
    let never = counterfoil::bastion::SessionKey { session_id: 9, ..session };
    assert_eq!(command(&test, &never, "ls").await.unwrap_err().code(), Code::NoSuchSession);
}

#[tokio::test]
async fn every_change_of_a_recording_is_seen() {
    let test = TestApp::start().await;
    let (_, id) = test.authorized().await;
    let session = opened(&test, &id).await;
    for text in ["ls", "cat /etc/passwd", "exit"] {
        command(&test, &session, text).await.unwrap();
    }
    transfer(&test, &session, &file("system.log", 1)).await.unwrap();
    close(&test, &session).await.unwrap();
    assert_eq!(broken_at(&test, &session).await, None);
    for (change, undo, at) in [
        (
            "UPDATE bastion_entries SET body = REPLACE(body, 'passwd', 'shadow') WHERE entry_no = 3",
            "UPDATE bastion_entries SET body = REPLACE(body, 'shadow', 'passwd') WHERE entry_no = 3",
            3,
        ),
        (
            "UPDATE bastion_entries SET at = at + 1 WHERE entry_no = 2",
            "UPDATE bastion_entries SET at = at - 1 WHERE entry_no = 2",
            2,
        ),
        (
            "UPDATE bastion_entries SET kind = 'transfer' WHERE entry_no = 4",
            "UPDATE bastion_entries SET kind = 'command' WHERE entry_no = 4",
            4,
        ),
        (
            "UPDATE bastion_entries SET entry_no = 103 WHERE entry_no = 3",
            "UPDATE bastion_entries SET entry_no = 3 WHERE entry_no = 103",
            3,
        ),
        ("UPDATE bastion_sessions SET entries = entries + 1", "UPDATE bastion_sessions SET entries = entries - 1", 7),
    ] {
        test.write(change).await;
        assert_eq!(broken_at(&test, &session).await, Some(at), "{change}");
        test.write(undo).await;
        assert_eq!(broken_at(&test, &session).await, None, "{undo}");
    }
    // What stood at the end is missed as well.
    test.write("DELETE FROM bastion_entries WHERE entry_no = 6").await;
    assert_eq!(broken_at(&test, &session).await, Some(6));
}

#[tokio::test]
async fn entries_that_come_at_once_stand_one_after_another() {
    let test = TestApp::start().await;
    let (_, id) = test.authorized().await;
    let session = opened(&test, &id).await;
    let texts: Vec<String> = (0..20).map(|at| format!("echo {at}")).collect();
    let all = texts.iter().map(|text| command(&test, &session, text));
    for done in futures_util::future::join_all(all).await {
        done.unwrap();
    }
    assert_eq!(test.number("SELECT commands FROM bastion_sessions").await, 20);
    assert_eq!(broken_at(&test, &session).await, None);
}
