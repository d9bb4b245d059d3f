//! What every change writes beside its own rows: jobs, first answers, events, counters, search tokens, settings.

use crate::support::{Database, MIGRATIONS, NOW, add, things};
use counterfoil_store::jobs::{self, Job, LEASE_MICROS, MAX_ATTEMPTS, NewJob, pause_micros};
use counterfoil_store::{
    Engine, Migration, Result, Store, StoreError, Tx, counters, events, idempotency, load_setting, save_setting,
    search, statements, vals,
};
use std::collections::BTreeSet;

const SECOND: i64 = 1_000_000;

async fn enqueue(store: &Store, key: Option<&'static str>, payload: i64, run_at: i64) {
    let unit = async move |tx: &mut Tx| {
        let job =
            NewJob { kind: "mail", key, account_id: Some("acme"), payload: serde_json::json!({"n": payload}), run_at };
        jobs::enqueue(tx, &job, NOW).await
    };
    store.write(unit).await.unwrap();
}

async fn claim(store: &Store, holder: &'static str, limit: i64, now: i64) -> Vec<Job> {
    store.write(async move |tx: &mut Tx| jobs::claim(tx, holder, limit, now).await).await.unwrap()
}

async fn next(store: &Store) -> Option<i64> {
    store.read(async |tx: &mut Tx| jobs::next_run_at(tx).await).await.unwrap()
}

async fn fail(store: &Store, job: &Job, holder: &'static str, now: i64) {
    let job = job.clone();
    store.write(async move |tx: &mut Tx| jobs::fail(tx, &job, holder, "no route", now).await).await.unwrap();
}

async fn finish(store: &Store, job: &Job, holder: &'static str) {
    let job = job.clone();
    store.write(async move |tx: &mut Tx| jobs::finish(tx, &job, holder).await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_job_is_claimed_by_one_holder() {
    let database = Database::fresh().await;
    let store = database.open().await;
    for i in 0..60 {
        enqueue(&store, None, i, NOW).await;
    }
    enqueue(&store, None, 99, NOW + SECOND).await;
    let holders: Vec<_> = ["one", "two", "three", "four"]
        .into_iter()
        .map(|holder| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                let mut idle = 0;
                while idle < 3 {
                    let claimed = claim(&store, holder, 7, NOW).await;
                    assert!(claimed.len() <= 7);
                    idle = if claimed.is_empty() { idle + 1 } else { 0 };
                    mine.extend(claimed.into_iter().map(|job| job.payload));
                }
                mine
            })
        })
        .collect();
    let mut all = Vec::new();
    for holder in holders {
        all.extend(holder.await.unwrap());
    }
    assert_eq!(all.len(), 60, "nobody got what another had, and nothing before its time");
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 60);
}

#[tokio::test]
async fn a_lease_that_ends_lets_another_take_over() {
    let database = Database::fresh().await;
    let store = database.open().await;
    enqueue(&store, None, 1, NOW).await;
    assert_eq!(next(&store).await, Some(NOW));
    let first = claim(&store, "one", 10, NOW).await.pop().unwrap();
    assert_eq!((first.attempts, first.account_id.as_deref(), first.kind.as_str()), (1, Some("acme"), "mail"));
    assert_eq!(next(&store).await, Some(NOW + LEASE_MICROS), "a worker need not ask again before the lease ends");
    assert!(claim(&store, "two", 10, NOW + LEASE_MICROS - 1).await.is_empty());
    let second = claim(&store, "one", 10, NOW + LEASE_MICROS).await.pop().unwrap();
    assert_eq!((&second.job_id, second.attempts), (&first.job_id, 2));
    // The late one can neither end nor give back what is claimed anew, not even under the same name.
    let held = async |job: &Job| {
        let job = job.clone();
        store.read(async move |tx: &mut Tx| jobs::is_held(tx, &job, "one").await).await
    };
    if store.engine() == Engine::Sqlite {
        assert!(!held(&first).await.unwrap() && held(&second).await.unwrap());
    }
    let inside = {
        let (first, second) = (first.clone(), second.clone());
        store.write(async move |tx: &mut Tx| -> Result<(bool, bool)> {
            Ok((jobs::is_held(tx, &first, "one").await?, jobs::is_held(tx, &second, "one").await?))
        })
    };
    assert_eq!(inside.await.unwrap(), (false, true));
    finish(&store, &first, "one").await;
    fail(&store, &first, "one", NOW).await;
    assert_eq!(next(&store).await, Some(NOW + 2 * LEASE_MICROS));
    finish(&store, &second, "one").await;
    assert_eq!(next(&store).await, None);
}

#[tokio::test]
async fn work_outside_is_claimed_apart() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let queue = async |key: &'static str| {
        let unit = async move |tx: &mut Tx| {
            let payload = serde_json::json!({"n": 1});
            let job = NewJob { kind: "outside", key: Some(key), account_id: None, payload, run_at: NOW };
            jobs::enqueue_outgoing(tx, &job, NOW).await
        };
        store.write(unit).await.unwrap();
    };
    let claim_outside = async |now: i64| -> Vec<Job> {
        store.write(async move |tx: &mut Tx| jobs::claim_outgoing(tx, "two", 8, now).await).await.unwrap()
    };
    enqueue(&store, Some("k"), 1, NOW).await;
    queue("first").await;
    queue("second").await;
    assert_eq!(next(&store).await, Some(NOW));
    let inside = claim(&store, "one", 8, NOW).await;
    assert_eq!(inside.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(), ["mail"]);
    let outside = claim_outside(NOW).await;
    assert_eq!(outside.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(), ["outside", "outside"]);
    assert!(claim_outside(NOW).await.is_empty(), "they are leased");
    // A failed one stays what it is; a buried one is a dead letter at once, with the payload that was left to it.
    fail(&store, &outside[0], "two", NOW).await;
    let buried = outside[1].clone();
    let unit = async move |tx: &mut Tx| jobs::bury(tx, &buried, "two", "no such receiver", "{}", NOW).await;
    store.write(unit).await.unwrap();
    let later = NOW + 2 * LEASE_MICROS;
    assert_eq!(claim(&store, "one", 8, later).await.len(), 1, "the one inside, whose lease has ended");
    let again = claim_outside(later).await;
    assert_eq!((again.len(), again[0].attempts, &again[0].job_id), (1, 2, &outside[0].job_id));
    let dead = store.read(async |tx: &mut Tx| jobs::list_dead(tx, 10).await).await.unwrap();
    assert_eq!((dead.len(), dead[0].1.as_str(), dead[0].0.payload.as_str()), (1, "no such receiver", "{}"));
    // Whoever has lost the job cannot bury it.
    let late = outside[0].clone();
    let unit = async move |tx: &mut Tx| jobs::bury(tx, &late, "two", "late", "{}", NOW).await;
    store.write(unit).await.unwrap();
    assert_eq!(store.read(async |tx: &mut Tx| jobs::list_dead(tx, 10).await).await.unwrap().len(), 1);
}

#[tokio::test]
async fn failures_pause_longer_and_end_as_a_dead_letter() {
    assert_eq!((pause_micros(1), pause_micros(2), pause_micros(3)), (5 * SECOND, 10 * SECOND, 20 * SECOND));
    assert_eq!(pause_micros(60), 6 * 3600 * SECOND);
    let database = Database::fresh().await;
    let store = database.open().await;
    enqueue(&store, Some("k"), 1, NOW).await;
    let mut now = NOW;
    for attempt in 1..=MAX_ATTEMPTS {
        let job = claim(&store, "one", 1, now).await.pop().unwrap();
        assert_eq!(job.attempts, attempt);
        fail(&store, &job, "one", now).await;
        if attempt < MAX_ATTEMPTS {
            assert_eq!(next(&store).await, Some(now + pause_micros(attempt)));
            assert!(claim(&store, "two", 1, now + pause_micros(attempt) - 1).await.is_empty());
            now += pause_micros(attempt);
        }
    }
    assert_eq!(next(&store).await, None);
    let dead = store.read(async |tx: &mut Tx| jobs::list_dead(tx, 10).await).await.unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].1.as_str(), dead[0].0.attempts), ("no route", MAX_ATTEMPTS));
    // Asked for again, it starts anew.
    enqueue(&store, Some("k"), 2, now).await;
    assert_eq!(claim(&store, "one", 1, now).await.pop().unwrap().attempts, 1);
    assert!(store.read(async |tx: &mut Tx| jobs::list_dead(tx, 10).await).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_same_key_moves_the_time() {
    let database = Database::fresh().await;
    let store = database.open().await;
    enqueue(&store, Some("case-1"), 1, NOW).await;
    enqueue(&store, Some("case-2"), 2, NOW).await;
    enqueue(&store, Some("case-1"), 3, NOW + SECOND).await;
    let due = claim(&store, "one", 10, NOW).await;
    assert_eq!(due.iter().map(|job| job.key.as_deref()).collect::<Vec<_>>(), [Some("case-2")]);
    let moved = claim(&store, "one", 10, NOW + SECOND).await.pop().unwrap();
    assert_eq!(moved.payload, r#"{"n":3}"#);
    // Queued again while it runs: it runs again, whatever becomes of this run.
    enqueue(&store, Some("case-1"), 4, NOW + SECOND).await;
    finish(&store, &moved, "one").await;
    assert_eq!(claim(&store, "one", 10, NOW + SECOND).await.pop().unwrap().payload, r#"{"n":4}"#);
    store.write(async |tx: &mut Tx| jobs::cancel(tx, "mail", "case-1").await).await.unwrap();
    finish(&store, &due[0], "one").await;
    assert_eq!(next(&store).await, None);
    // Without a key every job is one of its own.
    enqueue(&store, None, 5, NOW).await;
    enqueue(&store, None, 6, NOW).await;
    assert_eq!(claim(&store, "one", 10, NOW).await.len(), 2);
}

const KEY: idempotency::Key<'static> = idempotency::Key { account_id: "acme", caller: "alice", key: "k-1" };

/// What a handler does with an `Idempotency-Key`: the answer, and whether it is the first one again.
async fn once(tx: &mut Tx, thing: &str, now: i64) -> Result<String> {
    if let Some((_, answer)) = idempotency::find(tx, &KEY, now).await? {
        return Ok(answer);
    }
    add(tx, thing, 1).await?;
    if idempotency::save(tx, &KEY, "hash", thing, now).await? { Ok(thing.to_owned()) } else { Err(StoreError::Busy) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_has_one_effect() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let crowd: Vec<_> = (0..32)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move {
                loop {
                    match store.write(async move |tx: &mut Tx| once(tx, &format!("t{i}"), NOW).await).await {
                        Err(StoreError::Busy) => {}
                        other => return other.unwrap(),
                    }
                }
            })
        })
        .collect();
    let mut answers = BTreeSet::new();
    for one in crowd {
        answers.insert(one.await.unwrap());
    }
    let made = things(&store).await;
    assert_eq!(made.len(), 1, "one effect");
    assert_eq!(answers, made.into_iter().collect(), "and everybody got its answer");
    // After a day the key is free, whether or not it was swept.
    let late = NOW + idempotency::KEPT_MICROS;
    let again = store.write(async move |tx: &mut Tx| once(tx, "later", late).await).await.unwrap();
    assert_eq!(again, "later");
    let swept = store.write(async move |tx: &mut Tx| idempotency::forget(tx, late + idempotency::KEPT_MICROS).await);
    assert_eq!(swept.await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_reads_events_on_misses_none() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for i in 0..20 {
                    let unit = async move |tx: &mut Tx| -> Result<()> {
                        for part in 0..2 {
                            let event = events::NewEvent {
                                account_id: "acme",
                                kind: "thing.made",
                                subject: &format!("{writer}-{i}-{part}"),
                                actor: "alice",
                                payload: serde_json::json!({}),
                                at: NOW,
                            };
                            events::append(tx, &event).await?;
                            // Between its events a unit takes its time, so that commits are not in the order of starts.
                            if part == 0 {
                                add(tx, &format!("{writer}-{i}"), 1).await?;
                            }
                        }
                        if i % 5 == 4 { Err(StoreError::NoRow) } else { Ok(()) }
                    };
                    assert_eq!(store.write(unit).await.is_ok(), i % 5 != 4);
                }
            })
        })
        .collect();
    let (mut last, mut seen) = (0, Vec::new());
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let done = writers.iter().all(tokio::task::JoinHandle::is_finished)
            && (seen.len() >= 8 * 16 * 2 || std::time::Instant::now() > deadline);
        let more = store.read(async move |tx: &mut Tx| events::list_after(tx, last, 10).await).await.unwrap();
        for event in &more {
            assert!(event.event_no > last);
            last = event.event_no;
            seen.push(event.subject.clone());
        }
        if done && more.is_empty() {
            break;
        }
    }
    let distinct: BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (8 * 16 * 2, 8 * 16 * 2));
    for pair in seen.chunks(2) {
        let unit = pair[0].strip_suffix("-0").expect("the first event of a unit");
        assert_eq!(pair[1], format!("{unit}-1"), "a unit's events are together");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn counters_add_up() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let crowd: Vec<_> = (0..40)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move {
                let unit = async move |tx: &mut Tx| -> Result<()> {
                    counters::add(tx, "acme", "status", "closed", 1).await?;
                    counters::add(tx, "acme", "status", "open", 1).await?;
                    counters::add(tx, "acme", "status", "net", if i % 2 == 0 { 3 } else { -3 }).await
                };
                store.write(unit).await.unwrap();
            })
        })
        .collect();
    for one in crowd {
        one.await.unwrap();
    }
    let list = store.read(async |tx: &mut Tx| counters::list(tx, "acme", "status").await).await.unwrap();
    assert_eq!(list, [("closed".to_owned(), 40), ("net".to_owned(), 0), ("open".to_owned(), 40)]);
    assert!(store.read(async |tx: &mut Tx| counters::list(tx, "other", "status").await).await.unwrap().is_empty());
}

statements! {
    ADD_TEXT = "INSERT INTO texts (text_id, tokens) VALUES ($1, $2)",
        postgres: "INSERT INTO texts (text_id, tokens) VALUES ($1, array_to_tsvector(string_to_array($2, ' ')))";
    FIND_TEXT = "SELECT text_id FROM texts WHERE texts MATCH $1 ORDER BY text_id",
        postgres: "SELECT text_id FROM texts WHERE tokens @@ CAST(CAST($1 AS TEXT) AS tsquery) ORDER BY text_id";
}

const TEXTS: Migration = Migration {
    version: 9003,
    name: "texts",
    sql: "-- only: sqlite\n\
          CREATE VIRTUAL TABLE texts USING fts5(text_id UNINDEXED, tokens, tokenize = 'ascii', detail = 'none');\n\
          -- only: postgres\n\
          CREATE TABLE texts (text_id TEXT NOT NULL PRIMARY KEY, tokens tsvector NOT NULL);\n\
          CREATE INDEX texts_by_token ON texts USING gin (tokens);\n",
};

#[tokio::test]
async fn the_same_query_finds_the_same_texts() {
    let database = Database::fresh().await;
    let migrations = [MIGRATIONS, &[TEXTS]].concat();
    let store = Store::open(&database.options(), &migrations, NOW).await.unwrap();
    let texts = [
        ("1", "我的ECS云服务器无法连接"),
        ("2", "ＥＣＳ Restart fails: it's \"broken\" & 100% (née Café)"),
        ("3", "数据库 RDS 连接超时 \u{20000}\u{2CEB0} データベース"),
        ("4", "TT2026010512345678 and and not or 'x'"),
        ("5", ""),
        ("6", "Привет мир ½ ① ﬁle İstanbul 𝔘nicode"),
    ];
    for (id, text) in texts {
        let stored = search::stored(text);
        let unit = async move |tx: &mut Tx| tx.execute(&ADD_TEXT, &vals![id, stored.as_str()]).await;
        store.write(unit).await.unwrap();
    }
    let engine = store.engine();
    for (keyword, expected) in [
        ("ecs", "12"),
        ("云服务", "1"),
        ("云", "1"),
        ("连接", "13"),
        ("连接 rds", "3"),
        ("务云", ""),
        ("CAFE", "2"),
        ("it's", "2"),
        ("and not or", "4"),
        ("tt2026010512345678", "4"),
        ("TT20260105", ""),
        ("\u{2CEB0}", "3"),
        ("\u{20000}\u{2CEB0}", "3"),
        ("データ", "3"),
        ("привет МИР", "6"),
        ("file", "6"),
        ("istanbul unicode 1", "6"),
        ("nothing", ""),
    ] {
        let query = search::query_text(keyword, engine).unwrap();
        let find = async move |tx: &mut Tx| -> Result<String> {
            let rows = tx.query(&FIND_TEXT, &vals![query.as_str()]).await?;
            rows.iter().map(|row| row.get::<String>(0)).collect()
        };
        assert_eq!(store.read(find).await.unwrap(), expected, "{keyword}");
    }
    assert_eq!(search::query_text("\"' & !", engine), None);
}

#[tokio::test]
async fn a_setting_is_what_was_saved_last() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let unit = async |tx: &mut Tx| -> Result<_> {
        let before = load_setting(tx, "check").await?;
        save_setting(tx, "check", "one").await?;
        save_setting(tx, "check", "two").await?;
        Ok((before, load_setting(tx, "check").await?))
    };
    assert_eq!(store.write(unit).await.unwrap(), (None, Some("two".to_owned())));
}
