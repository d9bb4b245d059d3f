//! What engineers did on granted hosts: recorded through the interface that a recorder uses, read by customers.

mod list_history_operate_logs;
mod list_history_sessions;
mod list_transport_histories;
mod recording;

use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use crate::support::{Answer, Person, TestApp};
use counterfoil::bastion::rules::{Direction, Transfer};
use counterfoil::bastion::{self, Opened, SessionKey};
use counterfoil::caller::{Caller, StaffRole};
use counterfoil::error::Error;
use counterfoil_store::Tx;
use counterfoil_wire::ids::AuthorizationId;
use counterfoil_wire::lang::Lang;
use counterfoil_wire::time::TimeZone;
use serde_json::Value;

/// Somebody of the staff, as a recorder knows them.
pub async fn engineer(test: &TestApp, person: &Person) -> Caller {
    Caller {
        account_id: test.account_id(person).await,
        account_name: "provider".into(),
        user_id: test.user_id(person).await,
        user_name: person.name.into(),
        is_owner: false,
        roles: counterfoil::iam::Roles::default(),
        rights: counterfoil::privileges::Rights::default(),
        staff: Some(StaffRole::Engineer),
        groups: [].into(),
        is_partner_staff: false,
        agent: None,
        agent_name: None,
        lang: Lang::EnUs,
        zone: TimeZone::default(),
        request_id: "0".into(),
    }
}

/// Opens a session of an engineer on a resource line.
pub async fn open(test: &TestApp, person: &Person, authorization: &str, line: i64) -> Result<Opened, Error> {
    let (app, caller) = (test.app.clone(), engineer(test, person).await);
    let id = AuthorizationId::parse(authorization).unwrap();
    let work = async move |tx: &mut Tx| bastion::open_session(tx, &app, &caller, &id, line).await;
    test.app.store.write(work).await
}

/// Erin opens a session on the first host; the session.
pub async fn opened(test: &TestApp, authorization: &str) -> SessionKey {
    let line = test.lines(authorization).await[0];
    open(test, &ERIN, authorization, line).await.unwrap_or_else(|e| panic!("{e}")).session
}

/// Records a command now.
pub async fn command(test: &TestApp, session: &SessionKey, text: &str) -> Result<(), Error> {
    let (session, text, now) = (session.clone(), text.to_owned(), test.app.clock.now());
    let work = async move |tx: &mut Tx| bastion::record_command(tx, &session, &text, now).await;
    test.app.store.write(work).await
}

/// Records a file that was moved, now.
pub async fn transfer(test: &TestApp, session: &SessionKey, transfer: &Transfer) -> Result<(), Error> {
    let (session, transfer, now) = (session.clone(), transfer.clone(), test.app.clock.now());
    let work = async move |tx: &mut Tx| bastion::record_transfer(tx, &session, &transfer, now).await;
    test.app.store.write(work).await
}

/// Closes a session now.
pub async fn close(test: &TestApp, session: &SessionKey) -> Result<(), Error> {
    let (session, now) = (session.clone(), test.app.clock.now());
    let work = async move |tx: &mut Tx| bastion::close_session(tx, &session, "the engineer left", now).await;
    test.app.store.write(work).await
}

/// The first entry of a session that is not as it was written.
pub async fn broken_at(test: &TestApp, session: &SessionKey) -> Option<i64> {
    let session = session.clone();
    let work = async move |tx: &mut Tx| bastion::verify(tx, &session).await;
    test.app.store.read(work).await.unwrap()
}

/// A file of a size.
pub fn file(name: &str, size_bytes: u64) -> Transfer {
    Transfer {
        direction: Direction::Download,
        file_name: name.to_owned(),
        from_path: format!("/var/log/{name}"),
        to_path: format!("/recordings/{name}"),
        size_bytes,
        duration_ms: 61_500,
        succeeded: true,
    }
}

/// The path of a resource line's lists.
fn target(authorization: &str, line: i64, rest: &str) -> String {
    format!("/v2/servicerequest/authorizations/{authorization}/authorization-details/{line}/{rest}")
}

/// What somebody reads of a resource line.
async fn read(test: &TestApp, by: &Person, authorization: &str, line: i64, rest: &str) -> Answer {
    test.get(&target(authorization, line, rest)).by(by).english().send().await
}

/// Who reads a list, and which bounds it holds.
async fn assert_guarded(test: &TestApp, rest: &str) {
    let (case, id) = test.authorized().await;
    let session = opened(test, &id).await;
    let line = session.detail_id;
    let friends = test.group_of_operators().await;
    let in_group = format!("{rest}?group_id={friends}");
    for (by, rest) in [(&BOB, rest), (&ALICE, rest), (&CAROL, in_group.as_str()), (&ALICE, in_group.as_str())] {
        assert_eq!(read(test, by, &id, line, rest).await.status, 200, "{}", by.name);
    }
    for (by, rest) in
        [(&CAROL, rest), (&ERIN, rest), (&BOB, format!("{rest}?group_id=00000000000000000000000000000000").as_str())]
    {
        assert_refused(&read(test, by, &id, line, rest).await, 403, "OSM.01010002", "");
    }
    let foreign = read(test, &MALLORY, &id, line, rest).await;
    let missing = read(test, &MALLORY, "00000000000000000000000000000000", line, rest).await;
    assert_refused(&foreign, 404, "OSM.01019070", "");
    assert_eq!(foreign.bytes, missing.bytes);
    // A line of another authorization, also of the own one.
    let (_, other) = test.authorized().await;
    let crossed = read(test, &BOB, &other, line, rest).await;
    assert_refused(&crossed, 404, "OSM.01019070", "");
    assert_refused(&read(test, &BOB, &id, 1, rest).await, 404, "OSM.01019070", "");
    assert_refused(&read(test, &BOB, &id, -1, rest).await, 400, "OSM.01010001", "authorization_detail_id");
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("offset=-1", "offset"),
        ("offset=65536", "offset"),
        (&*format!("group_id={}", "x".repeat(65)), "group_id"),
    ] {
        let answer = read(test, &BOB, &id, line, &format!("{rest}?{query}")).await;
        assert_refused(&answer, 400, "OSM.01010001", field);
    }
    if rest != "history-sessions" {
        let kind = rest.rsplit('/').next().unwrap();
        assert_refused(&read(test, &BOB, &id, line, &format!("sessions/2/{kind}")).await, 404, "OSM.01019077", "");
        let below = read(test, &BOB, &id, line, &format!("sessions/-1/{kind}")).await;
        assert_refused(&below, 400, "OSM.01010001", "session_id");
        for sort in ["-1", "2"] {
            let answer = read(test, &BOB, &id, line, &format!("{rest}?sort={sort}")).await;
            assert_refused(&answer, 400, "OSM.01010001", "sort");
        }
    }
    assert_eq!(test.get(&target(&id, line, rest)).send().await.status, 401);
    // It stays readable when the authorization has ended, until the case is deleted.
    test.act(&BOB, &case, "close").await.ok();
    assert_eq!(read(test, &BOB, &id, line, rest).await.status, 200);
    test.act(&BOB, &case, "delete").await.ok();
    assert_refused(&read(test, &BOB, &id, line, rest).await, 404, "OSM.01019070", "");
}

/// The texts of one field.
fn texts(list: &Value, field: &str) -> Vec<String> {
    crate::support::cases::column(list, field)
}
