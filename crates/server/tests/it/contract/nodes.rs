//! Two servers over one database: what the command line changes is seen by both within a second.
//!
//! On PostgreSQL these are nodes; on the embedded database two processes share the data folder of one machine, as they do
//! for a moment while a server is replaced.

use crate::support::Person;
use crate::support::people::{ALICE, BOB, CAROL};
use crate::support::process::{Home, Node};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const LIMITS: &str = "/v2/servicerequest/config/limits";
/// Within which time a change is seen everywhere.
const SOON: Duration = Duration::from_secs(1);

/// Waits until both nodes answer so.
async fn both(nodes: &[Node; 2], what: &str, person: &Person, target: &str, is_there: impl Fn(u16, &Value) -> bool) {
    let changed = Instant::now();
    for node in nodes {
        loop {
            let asked = Instant::now();
            let (status, json) = node.get(person, target).await;
            if is_there(status, &json) {
                break;
            }
            assert!(asked < changed + SOON, "{what}: after {:?} still {status} {json}", changed.elapsed());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    println!("{what}: seen after {:?}", changed.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_are_seen_by_every_node() {
    let home = Home::new().await;
    let nodes = [home.serve().await, home.serve().await];
    // Everybody is known to both, so that what they remember has to go.
    for person in [&ALICE, &BOB, &CAROL] {
        both(&nodes, "known", person, LIMITS, |status, _| status == 200).await;
    }
    home.run(&["user", "disable", "--account", "acme", "--name", "bob"]).await;
    both(&nodes, "a disabled user", &BOB, LIMITS, |status, _| status == 401).await;
    home.run(&["user", "enable", "--account", "acme", "--name", "bob"]).await;
    both(&nodes, "an enabled user", &BOB, LIMITS, |status, _| status == 200).await;
    home.run(&["access-key", "disable", CAROL.access]).await;
    both(&nodes, "a revoked key", &CAROL, LIMITS, |status, _| status == 401).await;
    home.run(&["account", "disable", "other"]).await;
    both(&nodes, "another account", &ALICE, LIMITS, |status, _| status == 200).await;

    let file = home.folder().join("catalog.toml");
    let path = file.to_str().unwrap();
    home.run(&["catalog", "export", path]).await;
    let text = std::fs::read_to_string(&file).unwrap();
    let line = text.lines().find(|line| line.starts_with("case_cc_email_max_count")).unwrap();
    std::fs::write(&file, text.replace(line, "case_cc_email_max_count = 7")).unwrap();
    both(&nodes, "the old catalogue", &ALICE, LIMITS, |_, json| json["config"]["create_case_ccemail_max_count"] != 7)
        .await;
    home.run(&["catalog", "import", path]).await;
    both(&nodes, "a new catalogue", &ALICE, LIMITS, |_, json| json["config"]["create_case_ccemail_max_count"] == 7)
        .await;

    for node in nodes {
        assert!(node.stop().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_share_the_work() {
    let home = Home::new().await;
    let nodes = [home.serve().await, home.serve().await];
    let body = {
        let app = home.open().await;
        let catalog = app.catalog.snapshot(&app.store).await.unwrap();
        let has_required = |id: &str| catalog.extra_params_for(id).iter().any(|param| param.required);
        let item = catalog.problem_types().find(|item| item.kind.code() == 0 && !has_required(&item.id)).unwrap();
        let source = counterfoil::cases::SOURCE_ID;
        json!({"business_type_id": item.id, "simple_description": "slow", "source_id": source}).to_string()
    };
    let lanes = (0..4).map(|lane| {
        let (address, body) = (nodes[lane % 2].address, body.clone());
        tokio::spawn(async move {
            let mut client = crate::support::process::Client::connect(address).await.unwrap();
            for _ in 0..25 {
                let target = "/v2/servicerequest/cases";
                let (status, json) = client.signed(&ALICE, "POST", target, body.clone().into_bytes()).await.unwrap();
                assert_eq!(status, 200, "{json}");
            }
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
    for node in &nodes {
        let (_, json) = node.get(&ALICE, "/v2/servicerequest/cases?limit=1").await;
        assert_eq!(json["total_count"], 100);
    }
    home.run(&["check"]).await;
}
