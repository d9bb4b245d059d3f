//! What only PostgreSQL has: other writers, a network, a server that goes away. Needs `TEST_POSTGRES_URL`; without it each
//! test says that it was left to `make test`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test program uses its own part")]
mod support;

use counterfoil_store::{
    Options, Result, Store, StoreError, Topic, Tx, Url, catalogue, counters, events, statements, vals,
};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};
use support::{Database, LOAD_THING, MIGRATIONS, NOW, SET_AMOUNT, add, eventually, setting, things};
use tokio::sync::{RwLock, RwLockReadGuard};

statements! {
    SERIALIZABLE = "SELECT 1", postgres: "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE";
    SLEEP = "SELECT 1", postgres: "SELECT CAST(pg_sleep(30) AS TEXT)";
    MY_PID = "SELECT 1", postgres: "SELECT pg_backend_pid()";
    END_ME = "SELECT 1", postgres: "SELECT pg_terminate_backend(pg_backend_pid())";
    END_OTHERS = "SELECT 1", postgres: "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    CONNECTIONS = "SELECT 1", postgres: "SELECT count(*) FROM pg_stat_activity WHERE datname = $1";
    OLD_EVENT = "SELECT 1", postgres: "INSERT INTO events VALUES ($1, 'acme', 'restored', '', '', '{}', 0)";
}

/// Held by every test, so that none runs while another restarts the server.
static CLUSTER: RwLock<()> = RwLock::const_new(());

async fn cluster() -> Option<RwLockReadGuard<'static, ()>> {
    if is_there("TEST_POSTGRES_URL") { Some(CLUSTER.read().await) } else { None }
}

fn is_there(name: &str) -> bool {
    let there = setting(name).is_some();
    if !there {
        // Written past the capture of the test runner, to be seen.
        let _ = writeln!(std::io::stderr(), "NOT RUN: {name} is not set; `make test` runs this with its own cluster");
    }
    there
}

/// Runs the rest of the test only with a cluster.
macro_rules! needs_cluster {
    () => {
        let Some(_cluster) = cluster().await else { return };
    };
}

async fn amount(store: &Store, thing: &'static str) -> i64 {
    let load = async move |tx: &mut Tx| tx.query_one(&LOAD_THING, &vals!["acme", thing]).await?.get(0);
    store.read(load).await.unwrap()
}

async fn pid(store: &Store) -> i64 {
    store.write(async |tx: &mut Tx| tx.query_one(&MY_PID, &[]).await?.get(0)).await.unwrap()
}

/// A store with one connection, and no task of its own that would use it.
async fn with_one_connection(database: &Database) -> Store {
    database.open_with(Options { pool: 1, ..database.options() }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_deadlock_is_tried_again_until_both_succeed() {
    needs_cluster!();
    let database = Database::postgres().await;
    let store = database.open().await;
    for thing in ["left", "right"] {
        store.write(async move |tx: &mut Tx| add(tx, thing, 0).await).await.unwrap();
    }
    let (meeting, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
    let crosswise = |first: &'static str, second: &'static str| {
        let (store, meeting, runs) = (store.clone(), Arc::clone(&meeting), Arc::clone(&runs));
        tokio::spawn(async move {
            let unit = async move |tx: &mut Tx| -> Result<()> {
                tx.execute(&SET_AMOUNT, &vals!["acme", first, 1]).await?;
                if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                    meeting.wait();
                }
                tx.execute(&SET_AMOUNT, &vals!["acme", second, 1]).await?;
                Ok(())
            };
            store.write(unit).await
        })
    };
    let (one, other) = (crosswise("left", "right"), crosswise("right", "left"));
    one.await.unwrap().unwrap();
    other.await.unwrap().unwrap();
    assert!(runs.load(Ordering::SeqCst) >= 3, "they were in each other's way");
    assert_eq!((amount(&store, "left").await, amount(&store, "right").await), (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_serialization_failure_is_tried_again_until_both_succeed() {
    needs_cluster!();
    let database = Database::postgres().await;
    let store = database.open().await;
    let (meeting, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
    let count_and_add = |thing: &'static str| {
        let (store, meeting, runs) = (store.clone(), Arc::clone(&meeting), Arc::clone(&runs));
        tokio::spawn(async move {
            let unit = async move |tx: &mut Tx| -> Result<()> {
                tx.execute(&SERIALIZABLE, &[]).await?;
                let there = tx.query(&support::LIST_THINGS, &vals!["acme"]).await?.len();
                if runs.fetch_add(1, Ordering::SeqCst) < 2 {
                    meeting.wait();
                }
                add(tx, thing, there as i64).await
            };
            store.write(unit).await
        })
    };
    let (one, other) = (count_and_add("a"), count_and_add("b"));
    one.await.unwrap().unwrap();
    other.await.unwrap().unwrap();
    assert!(runs.load(Ordering::SeqCst) >= 3, "they were in each other's way");
    assert_eq!(amount(&store, "a").await + amount(&store, "b").await, 1, "one saw the other");
}

#[tokio::test]
async fn retries_are_bounded() {
    needs_cluster!();
    let database = Database::postgres().await;
    let store = database.open().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&runs);
    let answer = store
        .write(async move |tx: &mut Tx| -> Result<()> {
            count.fetch_add(1, Ordering::SeqCst);
            tx.query(&END_ME, &[]).await.map(drop)
        })
        .await;
    assert!(matches!(answer, Err(StoreError::Unavailable { in_doubt: false, .. })), "{answer:?}");
    assert_eq!(runs.load(Ordering::SeqCst), 8);
    store.write(async |tx: &mut Tx| add(tx, "after", 1).await).await.unwrap();
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended() {
    needs_cluster!();
    let database = Database::postgres().await;
    let store = database.open_with(Options { statement_timeout_ms: 200, ..database.options() }).await;
    let started = Instant::now();
    for _ in 0..2 {
        let answer = store.write(async |tx: &mut Tx| tx.query(&SLEEP, &[]).await).await;
        assert!(matches!(answer, Err(StoreError::Timeout)), "{answer:?}");
        let answer = store.read(async |tx: &mut Tx| tx.query_dyn(SLEEP.postgres, &[]).await).await;
        assert!(matches!(answer, Err(StoreError::Timeout)), "{answer:?}");
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_sound_connection_is_used_again_and_a_doubtful_one_is_not() {
    needs_cluster!();
    let database = Database::postgres().await;
    let store = with_one_connection(&database).await;
    let first = pid(&store).await;
    store.write(async |tx: &mut Tx| add(tx, "a", 1).await).await.unwrap();
    store.write(async |tx: &mut Tx| add(tx, "a", 1).await).await.unwrap_err();
    store.write(async |_: &mut Tx| Err::<(), _>(StoreError::NoRow)).await.unwrap_err();
    store.read(async |tx: &mut Tx| add(tx, "b", 1).await).await.unwrap_err();
    let waited = store
        .write(async |_: &mut Tx| -> Result<()> {
            tokio::task::yield_now().await;
            Ok(())
        })
        .await;
    assert!(matches!(waited, Err(StoreError::Waited)), "{waited:?}");
    assert_eq!(pid(&store).await, first, "after success and after every clean failure");

    let panicked = store.write(async |tx: &mut Tx| -> Result<()> {
        add(tx, "c", 1).await?;
        panic!("in the middle")
    });
    assert!(matches!(panicked.await, Err(StoreError::Panicked(_))));
    let second = pid(&store).await;
    assert_ne!(second, first, "after a panic");

    let lost = store.write(async |tx: &mut Tx| tx.query(&END_ME, &[]).await).await;
    assert!(matches!(lost, Err(StoreError::Unavailable { .. })), "{lost:?}");
    assert_ne!(pid(&store).await, second, "after the server ended it");
    assert_eq!(things(&store).await, ["a"]);
}

#[tokio::test]
async fn a_call_that_is_given_up_spoils_its_unit() {
    needs_cluster!();
    let database = Database::postgres().await;
    let store = with_one_connection(&database).await;
    let started = Instant::now();
    for goes_on in [false, true] {
        let answer = store
            .write(async move |tx: &mut Tx| -> Result<()> {
                add(tx, "a", 1).await?;
                {
                    let mut call = std::pin::pin!(tx.query(&SLEEP, &[]));
                    let mut context = Context::from_waker(Waker::noop());
                    let polled = call.as_mut().poll(&mut context);
                    assert!(polled.is_pending());
                }
                if goes_on {
                    assert!(matches!(add(tx, "b", 1).await, Err(StoreError::Waited)));
                }
                Ok(())
            })
            .await;
        assert!(matches!(answer, Err(StoreError::Waited)), "{answer:?}");
    }
    store.write(async |tx: &mut Tx| add(tx, "next", 1).await).await.unwrap();
    assert_eq!(things(&store).await, ["next"]);
    assert!(started.elapsed() < Duration::from_secs(10), "nobody waits for the end of the call");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn events_wait_for_older_units_of_their_own_database_only() {
    needs_cluster!();
    let (database, stranger) = (Database::postgres().await, Database::postgres().await);
    let (store, elsewhere) = (database.open().await, stranger.open().await);
    let list = async |tx: &mut Tx| -> Result<Vec<String>> {
        Ok(events::list_after(tx, 0, 10).await?.into_iter().map(|event| event.subject).collect())
    };
    let append = async |tx: &mut Tx, subject: &str| {
        let payload = serde_json::json!({});
        let event = events::NewEvent { account_id: "acme", kind: "new", subject, actor: "", payload, at: NOW };
        events::append(tx, &event).await
    };
    // A unit that has written and then takes its time, in either database.
    let hold = async |store: &Store, subject: &'static str| {
        let (release, held) = std::sync::mpsc::channel::<()>();
        let (started, start) = std::sync::mpsc::channel::<()>();
        let (store, held) = (store.clone(), std::sync::Mutex::new(held));
        let unit = async move |tx: &mut Tx| -> Result<()> {
            append(tx, subject).await?;
            let _ = started.send(());
            let _ = held.lock().unwrap().recv();
            Ok(())
        };
        let task = tokio::spawn(async move { store.write(unit).await });
        tokio::task::spawn_blocking(move || start.recv()).await.unwrap().unwrap();
        (release, task)
    };
    let (release_stranger, slow_stranger) = hold(&elsewhere, "stranger").await;
    store.write(async move |tx: &mut Tx| append(tx, "first").await).await.unwrap();
    eventually("a stranger's unit holds nothing up", async || store.read(list).await.unwrap() == ["first"]).await;
    let (release, slow) = hold(&store, "slow").await;
    store.write(async move |tx: &mut Tx| append(tx, "quick").await).await.unwrap();
    assert_eq!(store.read(list).await.unwrap(), ["first"], "the quick one would be seen before the slow one");
    drop(release);
    slow.await.unwrap().unwrap();
    eventually("both are seen", async || store.read(list).await.unwrap() == ["first", "slow", "quick"]).await;
    drop(release_stranger);
    slow_stranger.await.unwrap().unwrap();
}

#[tokio::test]
async fn lost_connections_are_replaced_unseen() {
    needs_cluster!();
    let database = Database::postgres().await;
    let store = database.open().await;
    for round in 0..5 {
        let crowd: Vec<_> = (0..8)
            .map(|i| {
                let store = store.clone();
                let unit = async move |tx: &mut Tx| add(tx, &format!("{round}-{i}"), 1).await;
                tokio::spawn(async move { store.write(unit).await })
            })
            .collect();
        for one in crowd {
            one.await.unwrap().unwrap();
        }
        store.read(async |tx: &mut Tx| tx.query(&END_OTHERS, &[]).await).await.unwrap();
    }
    assert_eq!(things(&store).await.len(), 40);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn announcements_arrive_at_once() {
    needs_cluster!();
    let database = Database::postgres().await;
    let (here, there) = (database.open().await, database.open().await);
    // Events are announced only: nothing else would tell the other node.
    let announce = async |tx: &mut Tx| -> Result<()> {
        tx.mark(Topic::Events);
        Ok(())
    };
    eventually("the other node listens", async || {
        let seen = there.generation(Topic::Events);
        here.write(announce).await.unwrap();
        there.moved_since(Topic::Events, seen, Duration::from_millis(100)).await;
        there.generation(Topic::Events) != seen
    })
    .await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut worst = Duration::ZERO;
    for _ in 0..20 {
        let seen = there.generation(Topic::Events);
        here.write(announce).await.unwrap();
        let asked = Instant::now();
        there.moved_since(Topic::Events, seen, Duration::from_secs(5)).await;
        assert_ne!(there.generation(Topic::Events), seen);
        worst = worst.max(asked.elapsed());
    }
    println!("slowest announcement: {worst:?}");
    assert!(worst < Duration::from_millis(500), "{worst:?}");
}

#[tokio::test]
async fn a_store_that_is_gone_leaves_no_connection() {
    needs_cluster!();
    let database = Database::postgres().await;
    let Url::Postgres(url) = database.url() else { panic!("this is about PostgreSQL") };
    let name = url.rsplit_once('/').unwrap().1.to_owned();
    let watching = Database::postgres().await;
    let watcher = watching.open().await;
    let connections = async || -> i64 {
        let name = name.clone();
        let count = async move |tx: &mut Tx| tx.query_one(&CONNECTIONS, &vals![name.as_str()]).await?.get(0);
        watcher.read(count).await.unwrap()
    };
    let store = database.open().await;
    store.write(async |tx: &mut Tx| add(tx, "a", 1).await).await.unwrap();
    eventually("pool and listener are connected", async || connections().await >= 2).await;
    drop(store);
    eventually("all connections are closed", async || connections().await == 0).await;
}

#[tokio::test]
async fn both_engines_have_the_same_tables() {
    needs_cluster!();
    let (small, large) = (Database::sqlite(), Database::postgres().await);
    let describe = async |tx: &mut Tx| catalogue::describe(tx).await;
    let on_sqlite = small.open().await.read(describe).await.unwrap();
    let on_postgres = large.open().await.read(describe).await.unwrap();
    assert!(on_sqlite.len() > 50, "{}", on_sqlite.len());
    assert_eq!(on_sqlite, on_postgres);
    for line in [
        "counters.scope text not null key 2",
        "events.event_no bigint not null key 1",
        "jobs.account_id text",
        "things.data bytea",
        "things.ratio double precision",
        "unique index jobs_one_per_key on jobs (kind, job_key)",
        "index jobs_due on jobs (state, run_at)",
    ] {
        assert!(on_sqlite.iter().any(|there| there == line), "{line} is not in {on_sqlite:#?}");
    }
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_refused_before_it_is_sent() {
    needs_cluster!();
    let database = Database::postgres().await;
    let store = database.open().await;
    // Eight letters would be taken for a number.
    let amount = vals!["acme", "a", "8letters", None::<f64>, None::<&str>, None::<Vec<u8>>];
    let answer = store.write(async move |tx: &mut Tx| tx.execute(&support::ADD_THING, &amount).await).await;
    assert!(matches!(answer, Err(StoreError::Engine(_))), "{answer:?}");
    let note = vals!["acme", "a", 1, None::<f64>, 7, None::<Vec<u8>>];
    let answer = store.write(async move |tx: &mut Tx| tx.execute(&support::ADD_THING, &note).await).await;
    assert!(matches!(answer, Err(StoreError::Engine(_))), "{answer:?}");
}

#[tokio::test]
async fn events_go_on_above_what_was_restored() {
    needs_cluster!();
    let database = Database::postgres().await;
    let store = database.open().await;
    let restored: i64 = 1 << 50;
    store.write(async move |tx: &mut Tx| tx.execute(&OLD_EVENT, &vals![restored]).await).await.unwrap();
    let list = async |tx: &mut Tx| -> Result<Vec<i64>> {
        Ok(events::list_after(tx, 0, 10).await?.iter().map(|event| event.event_no).collect())
    };
    let again = database.open().await;
    for node in [&store, &again] {
        let append = async |tx: &mut Tx| {
            let payload = serde_json::json!({});
            let event = events::NewEvent { account_id: "acme", kind: "new", subject: "", actor: "", payload, at: NOW };
            events::append(tx, &event).await
        };
        node.write(append).await.unwrap();
    }
    eventually("three events", async || again.read(list).await.unwrap().len() == 3).await;
    let numbers = again.read(list).await.unwrap();
    assert_eq!(numbers[0], restored);
    assert!(numbers[1] > restored && numbers[2] > numbers[1], "{numbers:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said() {
    let url = "postgres://somebody@127.0.0.1:1/nothing".to_owned();
    let answer = Store::open(&Options::new(Url::Postgres(url)), MIGRATIONS, NOW).await.err().unwrap();
    assert!(matches!(&answer, StoreError::Unusable(m) if m.contains("cannot be reached")), "{answer:?}");
    let url = Url::Postgres("postgres://[".to_owned());
    let answer = Store::open(&Options::new(url), MIGRATIONS, NOW).await.err().unwrap();
    assert!(matches!(&answer, StoreError::Unusable(m) if m.contains("cannot be read")), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_pool_recovers_when_the_server_restarts() {
    if !(is_there("TEST_POSTGRES_URL") && is_there("TEST_POSTGRES_CTL")) {
        return;
    }
    let _alone = CLUSTER.write().await;
    let database = Database::postgres().await;
    let (store, other) = (database.open().await, database.open().await);
    let stop = Arc::new(AtomicUsize::new(0));
    let lanes: Vec<_> = (0..8)
        .map(|lane| {
            let (store, stop) = (store.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                let mut kept = Vec::new();
                let mut refused = 0;
                for i in 0.. {
                    if stop.load(Ordering::SeqCst) == 1 {
                        break;
                    }
                    let name = format!("{lane}-{i:06}");
                    let unit = {
                        let name = name.clone();
                        async move |tx: &mut Tx| -> Result<()> {
                            add(tx, &name, i).await?;
                            counters::add(tx, "acme", "lane", &lane.to_string(), 1).await
                        }
                    };
                    match store.write(unit).await {
                        Ok(()) => kept.push(name),
                        Err(StoreError::Unavailable { .. } | StoreError::Busy) => {
                            refused += 1;
                            tokio::time::sleep(Duration::from_millis(10)).await;
                        }
                        Err(e) => panic!("{e:?}"),
                    }
                }
                (kept, refused)
            })
        })
        .collect();
    eventually("writes go on", async || things(&store).await.len() > 50).await;
    let ctl = setting("TEST_POSTGRES_CTL").unwrap();
    let restart = move || std::process::Command::new(ctl).arg("restart").status().unwrap();
    assert!(tokio::task::spawn_blocking(restart).await.unwrap().success());
    let here = store.clone();
    eventually("the pool answers", async || here.write(async |tx: &mut Tx| add(tx, "after", 1).await).await.is_ok())
        .await;
    let before = things(&store).await.len();
    eventually("writes go on after the restart", async || things(&store).await.len() > before + 50).await;
    stop.store(1, Ordering::SeqCst);
    let mut kept = vec!["after".to_owned()];
    let mut refused = 0;
    for lane in lanes {
        let (more, failed) = lane.await.unwrap();
        kept.extend(more);
        refused += failed;
    }
    let there = things(&store).await;
    println!("{} writes answered, {refused} refused around the restart", kept.len());
    assert!(kept.iter().all(|name| there.binary_search(name).is_ok()), "an answered write is gone");
    let counted = store.read(async |tx: &mut Tx| counters::list(tx, "acme", "lane").await).await.unwrap();
    let counted: i64 = counted.iter().map(|(_, amount)| amount).sum();
    assert_eq!(usize::try_from(counted).unwrap() + 1, there.len(), "no half unit");
    // Announcements come through again.
    eventually("the other node listens again", async || {
        let seen = other.generation(Topic::Jobs);
        let announce = async |tx: &mut Tx| -> Result<()> {
            tx.mark(Topic::Jobs);
            Ok(())
        };
        store.write(announce).await.unwrap();
        other.moved_since(Topic::Jobs, seen, Duration::from_millis(100)).await;
        other.generation(Topic::Jobs) != seen
    })
    .await;
}
