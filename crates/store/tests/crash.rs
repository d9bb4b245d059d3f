//! What was answered survives the process. A child writes under load and is killed at a random moment, again and again
//! on one file: every write that it had reported is there, and no unit is there by half. SQLite, on every run;
//! `CRASH_ROUNDS` sets the number of kills.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test program uses its own part")]
mod support;

use counterfoil_store::{Result, Store, StoreError, Tx, Url, counters, events, statements, vals};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;
use support::{Database, MIGRATIONS, NOW, add, setting, things};

statements! {
    LIST_PARTS = "SELECT part_id, thing_id FROM parts ORDER BY part_id";
    ADD_PARTS = "INSERT INTO parts (part_id, thing_id) VALUES ($1, $3), ($2, $3)";
    CHECK = "PRAGMA integrity_check";
}

/// One unit over four tables. Every seventh fails after it has written all of them.
async fn write_all(tx: &mut Tx, round: i64, i: i64) -> Result<()> {
    let thing = name(round, i);
    add(tx, &thing, i).await?;
    let part = (round * 1_000_000 + i) * 2;
    tx.execute(&ADD_PARTS, &vals![part, part + 1, thing.as_str()]).await?;
    counters::add(tx, "acme", "things", "made", 1).await?;
    let payload = serde_json::json!({"padding": "x".repeat(700)});
    let event =
        events::NewEvent { account_id: "acme", kind: "made", subject: &thing, actor: "alice", payload, at: NOW };
    events::append(tx, &event).await?;
    if i % 7 == 6 { Err(StoreError::NoRow) } else { Ok(()) }
}

fn name(round: i64, i: i64) -> String {
    format!("{round:04}-{i:07}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by another test in a process of its own"]
async fn child() {
    let url = Url::Sqlite(setting("TEST_ARGUMENT").unwrap().into());
    let round: i64 = setting("TEST_ROUND").unwrap().parse().unwrap();
    let store = Store::open(&counterfoil_store::Options::new(url), MIGRATIONS, NOW).await.unwrap();
    println!("OPEN");
    for lane in 0..16 {
        let store = store.clone();
        tokio::spawn(async move {
            for i in (lane..).step_by(16) {
                let answer = store.write(async move |tx: &mut Tx| write_all(tx, round, i).await).await;
                assert_eq!(answer.is_ok(), i % 7 != 6, "{answer:?}");
                let mut out = std::io::stdout().lock();
                writeln!(out, "{} {}", if answer.is_ok() { "KEPT" } else { "UNDONE" }, name(round, i)).unwrap();
                out.flush().unwrap();
            }
        });
    }
    std::future::pending::<()>().await;
}

/// Starts the child, kills it after `moment`, and answers what it had reported as kept and as undone.
fn run_and_kill(path: &str, round: usize, moment: Duration) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "child", "--nocapture"])
        .env("TEST_ARGUMENT", path)
        .env("TEST_ROUND", round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let opened = lines.by_ref().map_while(std::result::Result::ok).any(|line| line.ends_with("OPEN"));
    assert!(opened, "the child ended before it was killed: {:?}", child.wait());
    let killer = std::thread::spawn(move || {
        std::thread::sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap()
    });
    let (mut kept, mut undone) = (BTreeSet::new(), BTreeSet::new());
    for line in lines.map_while(std::result::Result::ok) {
        match line.split_once(' ') {
            // The kill may cut the last line short.
            Some(("KEPT", name)) if name.len() == 12 => kept.insert(name.to_owned()),
            Some(("UNDONE", name)) if name.len() == 12 => undone.insert(name.to_owned()),
            _ => false,
        };
    }
    let ended = killer.join().unwrap();
    assert!(!ended.success() && ended.code().is_none(), "the child was killed and did not fail by itself: {ended:?}");
    (kept, undone)
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let rounds: usize = setting("CRASH_ROUNDS").map_or(6, |n| n.parse().unwrap());
    let database = Database::sqlite();
    let Url::Sqlite(path) = database.url().clone() else { panic!("this is about files") };
    let path = path.to_str().unwrap().to_owned();
    let (mut kept, mut undone) = (BTreeSet::new(), BTreeSet::new());
    for round in 0..rounds {
        let moment = Duration::from_micros(rand_micros(400_000));
        let (path, before) = (path.clone(), kept.len());
        let (more, failed) = tokio::task::spawn_blocking(move || run_and_kill(&path, round, moment)).await.unwrap();
        kept.extend(more);
        undone.extend(failed);
        println!("round {round}: killed after {moment:?} with {} writes answered", kept.len() - before);
        check(&database, &kept, &undone).await;
    }
    assert!(kept.len() > rounds, "the child wrote before it was killed: {}", kept.len());
}

/// A random number below `limit`: the bits of a random id.
fn rand_micros(limit: u64) -> u64 {
    uuid::Uuid::new_v4().as_u64_pair().1 % limit
}

async fn check(database: &Database, kept: &BTreeSet<String>, undone: &BTreeSet<String>) {
    let store = database.open().await;
    let there: BTreeSet<String> = things(&store).await.into_iter().collect();
    let lost: Vec<_> = kept.difference(&there).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
    let back: Vec<_> = undone.intersection(&there).collect();
    assert!(back.is_empty(), "refused and there: {back:?}");
    let read = store.read(async |tx: &mut Tx| -> Result<_> {
        let parts = tx.query(&LIST_PARTS, &[]).await?;
        let made = counters::list(tx, "acme", "things").await?;
        Ok((parts, made, events::list_after(tx, 0, i64::MAX).await?, tx.query_one(&CHECK, &[]).await?))
    });
    let (parts, made, events, whole) = read.await.unwrap();
    assert_eq!(whole.get::<String>(0).unwrap(), "ok");
    let of_parts: Vec<String> = parts.iter().map(|row| row.get(1).unwrap()).collect();
    assert_eq!(of_parts.len(), there.len() * 2, "each thing has both its parts");
    assert_eq!(of_parts.into_iter().collect::<BTreeSet<_>>(), there);
    let of_events: Vec<String> = events.into_iter().map(|event| event.subject).collect();
    assert_eq!(of_events.len(), there.len(), "each thing has its event");
    assert_eq!(of_events.into_iter().collect::<BTreeSet<_>>(), there);
    let counted = made.first().map_or(0, |(_, amount)| *amount);
    assert_eq!(usize::try_from(counted).unwrap(), there.len(), "the counter counted each thing");
    store.stopped().await;
}
