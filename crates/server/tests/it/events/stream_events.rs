//! `StreamEvents`.

use super::*;
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use counterfoil_store::Tx;

const STORY: [&str; 8] = [
    "case.created",
    "case.accepted",
    "message.written",
    "case.feedback_requested",
    "message.written",
    "case.message_added",
    "case.closed",
    "case.deleted",
];

/// Everything that happens to a case of bob's, with a note in between.
async fn story(caller: &mut Caller) -> String {
    let id = caller.submit(&BOB).await;
    caller.desk(&ERIN, &id, "accept", &json!({})).await;
    caller.desk(&ERIN, &id, "note", &json!({"content": "between us"})).await;
    caller.desk(&ERIN, &id, "reply", &json!({"content": "Which one?", "next": "pending_feedback"})).await;
    caller.say(&BOB, &id, "this one").await;
    for action in ["close", "delete"] {
        caller.post(&BOB, &format!("{}/{id}/action?action_id={action}", cases::CASES), &json!({})).await;
    }
    id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_node_tells_those_who_may_see_it() {
    let home = Home::new().await;
    let nodes = [home.serve().await, home.serve().await];
    let mut caller = Caller::new(&nodes[0]).await;
    for node in &nodes {
        let address = node.address;
        let mut bob = follow(address, &BOB, None).await;
        let mut alice = follow(address, &ALICE, None).await;
        let mut carol = follow(address, &CAROL, None).await;
        let mut mallory = follow(address, &MALLORY, None).await;
        let id = caller.submit(&BOB).await;
        caller.desk(&ERIN, &id, "accept", &json!({})).await;
        caller.desk(&ERIN, &id, "note", &json!({"content": "between us"})).await;
        caller.desk(&ERIN, &id, "reply", &json!({"content": "Which one?", "next": "pending_feedback"})).await;
        for follower in [&mut bob, &mut alice] {
            let told = follower.take(4).await;
            let kinds: Vec<&str> = told.iter().map(|told| told.kind.as_str()).collect();
            assert_eq!(kinds, &STORY[..4]);
            assert_eq!(told[2].data["details"]["type"], 1);
            assert_eq!(told[3].data["details"], json!({"from": 1, "to": 17}));
            assert!(told.iter().all(|told| told.data["case_id"] == id));
            assert!(!format!("{told:?}").contains("Which one?"), "a stream tells that, not what, was written");
        }
        // The next that the others hear of is their own.
        for (person, follower) in [(&CAROL, &mut carol), (&MALLORY, &mut mallory)] {
            let own = caller.submit(person).await;
            assert_eq!(follower.kinds(&own, 1).await, ["case.created"]);
        }
    }
    for node in nodes {
        assert!(node.stop().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_goes_on_anywhere_after_what_was_seen_last() {
    let home = Home::new().await;
    let nodes = [home.serve().await, home.serve().await];
    let mut caller = Caller::new(&nodes[0]).await;
    let mut bob = follow(nodes[0].address, &BOB, None).await;
    let id = caller.submit(&BOB).await;
    assert_eq!(bob.kinds(&id, 1).await, ["case.created"]);
    let seen = bob.position;
    drop(bob);
    for i in 0..3 {
        caller.say(&BOB, &id, &i.to_string()).await;
    }
    let mut again = follow(nodes[1].address, &BOB, Some(seen)).await;
    let pair = ["message.written", "case.message_added"];
    assert_eq!(again.kinds(&id, 6).await, [pair, pair, pair].concat());
    caller.say(&BOB, &id, "and on").await;
    assert_eq!(again.kinds(&id, 2).await, pair, "nothing twice where the table ends and the ring begins");
    let mut from_the_start = follow(nodes[1].address, &BOB, Some(0)).await;
    assert_eq!(from_the_start.kinds(&id, 9).await[0], "case.created");
    caller.post(&BOB, &format!("{}/{id}/action?action_id=cancel", cases::CASES), &json!({})).await;
    assert_eq!(again.kinds(&id, 1).await, ["case.canceled"]);
    caller.post(&BOB, &format!("{}/{id}/action?action_id=delete", cases::CASES), &json!({})).await;
    assert_eq!(again.kinds(&id, 1).await, ["case.deleted"]);
    let mut later = follow(nodes[0].address, &BOB, Some(0)).await;
    assert_eq!(later.kinds(&id, 1).await, ["case.deleted"], "of a deleted case nothing else is told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_story_is_told_once() {
    let home = Home::new().await;
    let node = home.serve().await;
    let mut bob = follow(node.address, &BOB, None).await;
    let mut caller = Caller::new(&node).await;
    let id = story(&mut caller).await;
    // Events of a case that is deleted by the time they are read are left out.
    let mut kinds = Vec::new();
    while kinds.last().map(String::as_str) != Some("case.deleted") {
        kinds.extend(bob.kinds(&id, 1).await);
    }
    let mut story = STORY.iter();
    assert!(kinds.iter().all(|kind| story.any(|known| known == kind)), "{kinds:?}");
    assert!(node.stop().await);
    assert_eq!(bob.end().await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_on_two_nodes_leave_no_gap() {
    let home = Home::new().await;
    let nodes = [home.serve().await, home.serve().await];
    let mut followers = [follow(nodes[0].address, &ALICE, None).await, follow(nodes[1].address, &ALICE, None).await];
    let lanes = (0..4).map(|lane| {
        let address = nodes[lane % 2].address;
        tokio::spawn(async move {
            let mut caller = Caller(Client::connect(address).await.unwrap());
            for _ in 0..25 {
                caller.submit(&BOB).await;
            }
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
    let [first, second] = &mut followers;
    let first = first.take(100).await;
    assert_eq!(first, second.take(100).await);
    let cases: std::collections::BTreeSet<_> = first.iter().map(|told| told.data["case_id"].to_string()).collect();
    assert_eq!(cases.len(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_seen_through_groups_follows_the_groups() {
    let home = Home::new().await;
    let node = home.serve().await;
    let mut caller = Caller::new(&node).await;
    let mut carol = follow(node.address, &CAROL, None).await;
    caller.submit(&BOB).await;
    home.run(&["group", "create", "--account", "acme", "--name", "friends", "--role", "ticket_group_operator"]).await;
    for name in ["bob", "carol"] {
        home.run(&["group", "add", "--account", "acme", "--group", "friends", "--user", name]).await;
    }
    // The change is known everywhere within a second; until then cases of bob's are not told.
    let mut submitted = Vec::new();
    let told = loop {
        submitted.push(caller.submit(&BOB).await);
        if let Ok(told) = tokio::time::timeout(Duration::from_millis(300), carol.next()).await {
            break told.unwrap();
        }
        assert!(submitted.len() < 60, "carol is never told");
    };
    assert!(submitted.iter().any(|id| told.data["case_id"] == id.as_str()));
    home.run(&["group", "remove", "--account", "acme", "--group", "friends", "--user", "carol"]).await;
    for round in 0.. {
        caller.submit(&BOB).await;
        let own = caller.submit(&CAROL).await;
        let mut others = 0;
        while carol.next().await.unwrap().data["case_id"] != own.as_str() {
            others += 1;
        }
        if others == 0 {
            break;
        }
        assert!(round < 200, "carol is told for ever");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_with_its_login() {
    let home = Home::new().await;
    configure(&home, "[login]\ntoken_seconds = 3\n[events]\nheartbeat_seconds = 1");
    let node = home.serve().await;
    let token = token(&node, &ALICE).await;
    let stream = TcpStream::connect(node.address).await.unwrap();
    let (status, by_token) = ask(stream, Proof::Token(&token), None).await;
    assert_eq!(status, 200);
    let bob = follow(node.address, &BOB, None).await;
    let carol = follow(node.address, &CAROL, None).await;
    let mut alice = follow(node.address, &ALICE, None).await;
    home.run(&["user", "disable", "--account", "acme", "--name", "bob"]).await;
    assert_eq!(bob.end().await, []);
    home.run(&["access-key", "disable", CAROL.access]).await;
    assert_eq!(carol.end().await, []);
    assert_eq!(by_token.unwrap().end().await, [], "the token has expired");
    let stream = TcpStream::connect(node.address).await.unwrap();
    assert_eq!(ask(stream, Proof::Token(&token), None).await.0, 401);
    let own = Caller::new(&node).await.submit(&ALICE).await;
    assert_eq!(alice.kinds(&own, 1).await, ["case.created"], "hers goes on");
    assert!(alice.heartbeats > 0);
    assert!(node.stop().await);
    assert_eq!(alice.end().await, [], "a server that stops ends its streams");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_are_limited() {
    let home = Home::new().await;
    configure(&home, "[events]\nstreams = 3\nstreams_per_user = 2");
    let node = home.serve().await;
    let connect = async || TcpStream::connect(node.address).await.unwrap();
    let first = follow(node.address, &BOB, None).await;
    let _second = follow(node.address, &BOB, None).await;
    assert_eq!(ask(connect().await, Proof::Key(&BOB), None).await.0, 429);
    let _alices = follow(node.address, &ALICE, None).await;
    assert_eq!(ask(connect().await, Proof::Key(&CAROL), None).await.0, 503);
    drop(first);
    let freed = async {
        while ask(connect().await, Proof::Key(&CAROL), None).await.0 != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, freed).await.expect("a stream that ended makes room");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_is_cut() {
    let home = Home::new().await;
    configure(&home, "[events]\nstreams_per_user = 1\nheartbeat_seconds = 1\n[limits]\nwrite_seconds = 2");
    let node = home.serve().await;
    let id = Caller::new(&node).await.submit(&BOB).await;
    // More than any socket holds.
    let app = home.open().await;
    let account_id = {
        let work = async |tx: &mut Tx| counterfoil::iam::load_account(tx, "acme").await;
        app.store.read(work).await.unwrap().id
    };
    let fill = async move |tx: &mut Tx| -> Result<(), counterfoil_store::StoreError> {
        let payload = json!({"text": "x".repeat(16_000)});
        for _ in 0..1500 {
            let event = counterfoil_store::events::NewEvent {
                account_id: account_id.as_str(),
                kind: "case.urged",
                subject: &id,
                actor: "system",
                payload: payload.clone(),
                at: 0,
            };
            counterfoil_store::events::append(tx, &event).await?;
        }
        Ok(())
    };
    app.store.write(fill).await.unwrap();
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let (status, stalled) = ask(socket.connect(node.address).await.unwrap(), Proof::Key(&BOB), Some(0)).await;
    assert_eq!(status, 200);
    let connect = async || TcpStream::connect(node.address).await.unwrap();
    assert_eq!(ask(connect().await, Proof::Key(&BOB), None).await.0, 429, "it is still there");
    let cut = async {
        while ask(connect().await, Proof::Key(&BOB), None).await.0 != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, cut).await.expect("it is cut");
    assert!(stalled.unwrap().end().await.len() < 1500, "the rest never came");
    // Who reads, however late it began, gets all.
    let mut all = follow(node.address, &ALICE, Some(0)).await;
    all.take(1501).await;
}

#[tokio::test]
async fn who_may_and_from_where() {
    let test = TestApp::start().await;
    test.app.events.close();
    let answer = test.get(EVENTS).by(&BOB).send().await;
    assert_eq!((answer.status, answer.bytes.as_slice()), (200, &b"retry: 3000\n\n"[..]));
    assert_eq!(test.get(EVENTS).send().await.status, 401);
    assert_refused(&test.get(EVENTS).by(&ERIN).english().send().await, 403, "OSM.01010002", "");
    let newest = test.number("SELECT COALESCE(MAX(event_no), 0) FROM events").await;
    for bad in ["x", "-1", "1.5", "99999999999999999999", "9223372036854775807"] {
        let answer = test.get(EVENTS).header("last-event-id", bad).by(&BOB).english().send().await;
        assert_refused(&answer, 400, "OSM.01010001", "Last-Event-ID: the id of an event of this service");
    }
    for good in [String::new(), "0".to_owned(), newest.to_string()] {
        assert_eq!(test.get(EVENTS).header("last-event-id", &good).by(&BOB).send().await.status, 200, "{good}");
    }
    assert_eq!(test.app.events.count(), 0, "refused and ended ones hold no place");
}
