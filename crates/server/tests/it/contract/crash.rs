//! What was answered survives the process: a server under load is killed at a random moment, again and again on one file.
//! Every case and message that it had answered is there, and no case is there by half. SQLite, on every run;
//! `CRASH_ROUNDS` sets the number of kills.

use crate::support::people::ALICE;
use crate::support::process::{Client, Home};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const CASES: &str = "/v2/servicerequest/cases";
/// Connections that write.
const LANES: usize = 8;
/// A kill comes within this time.
const WITHIN_MS: u64 = 700;

/// What was answered: the description of each case, and the messages that were added to it.
type Answered = BTreeMap<String, (String, Vec<String>)>;

/// Submits cases and writes to them until the connection breaks.
async fn write(address: SocketAddr, problem: String, name: String, answered: Arc<Mutex<Answered>>) {
    let Ok(mut client) = Client::connect(address).await else { return };
    for i in 0.. {
        let description = format!("{name} {i}");
        let source = counterfoil::cases::SOURCE_ID;
        let body = json!({"business_type_id": problem, "simple_description": description, "source_id": source});
        let Ok((status, json)) = client.signed(&ALICE, "POST", CASES, body.to_string().into_bytes()).await else {
            return;
        };
        assert_eq!(status, 200, "{json}");
        let id = json["incident_id"].as_str().unwrap().to_owned();
        answered.lock().unwrap().insert(id.clone(), (description, Vec::new()));
        for j in 0..2 {
            let content = format!("{name} {i} {j}");
            let body = json!({"message": {"content": content}}).to_string().into_bytes();
            let Ok((status, json)) = client.signed(&ALICE, "POST", &format!("{CASES}/{id}/message"), body).await else {
                return;
            };
            assert_eq!(status, 200, "{json}");
            answered.lock().unwrap().get_mut(&id).unwrap().1.push(content);
        }
    }
}

/// Everything that was answered is there.
async fn read(address: SocketAddr, answered: &Answered) {
    let mut client = Client::connect(address).await.unwrap();
    for (id, (description, messages)) in answered {
        let target = format!("{CASES}/{id}/messages?limit=100");
        let (status, json) = client.signed(&ALICE, "GET", &target, Vec::new()).await.unwrap();
        assert_eq!(status, 200, "answered and lost: {id} {description}: {json}");
        let list = json["message_list"].as_array().unwrap();
        let there: Vec<&str> = list.iter().map(|message| message["content"].as_str().unwrap()).collect();
        for content in messages.iter().chain([description]) {
            assert!(there.contains(&content.as_str()), "answered and lost: {content} of {id}");
        }
        // At most the one message whose answer did not come.
        assert!(there.len() <= messages.len() + 2, "{id}: {there:?}");
    }
}

#[expect(clippy::disallowed_methods, reason = "the test run is configured by its environment")]
fn rounds() -> usize {
    std::env::var("CRASH_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_a_kill() {
    let home = Home::on_sqlite().await;
    let problem = {
        let app = home.open().await;
        let catalog = app.catalog.snapshot(&app.store).await.unwrap();
        let has_required = |id: &str| catalog.extra_params_for(id).iter().any(|param| param.required);
        let mut questions = catalog.problem_types().filter(|item| item.kind.code() == 0);
        questions.find(|item| !has_required(&item.id)).unwrap().id.clone()
    };
    let mut total = 0;
    let mut before = Answered::new();
    for round in 0..rounds() {
        let node = home.serve().await;
        read(node.address, &before).await;
        let answered = Arc::new(Mutex::new(Answered::new()));
        let lanes: Vec<_> = (0..LANES)
            .map(|lane| {
                let (problem, name, answered) = (problem.clone(), format!("{round}-{lane}"), Arc::clone(&answered));
                tokio::spawn(write(node.address, problem, name, answered))
            })
            .collect();
        // The bits of a random id.
        let moment = Duration::from_millis(50 + uuid::Uuid::new_v4().as_u64_pair().1 % WITHIN_MS);
        tokio::time::sleep(moment).await;
        node.kill().await;
        for lane in lanes {
            lane.await.unwrap();
        }
        before = std::mem::take(&mut answered.lock().unwrap());
        let messages: usize = before.values().map(|(_, messages)| messages.len()).sum();
        println!("round {round}: killed after {moment:?} with {} cases and {messages} messages answered", before.len());
        total += before.len();
        // This one may be the first to open the file after the kill.
        home.run(&["check"]).await;
    }
    assert!(total > rounds(), "the server answered before it was killed: {total}");
    let node = home.serve().await;
    read(node.address, &before).await;
    let (_, json) = node.get(&ALICE, &format!("{CASES}?limit=0")).await;
    assert!(json["total_count"].as_u64().unwrap() >= total as u64, "{json} of {total}");
    assert!(node.stop().await);
}
