//! A unit is all or nothing, and no unit can harm another.

use crate::support::{ADD_PART, Database, LOAD_THING, SET_AMOUNT, add, eventually, things};
use counterfoil_store::{Options, Result, Store, StoreError, Tx, vals};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Keeps the writer, or one connection, busy until the answer is dropped. What is queued meanwhile shares a group.
async fn hold(store: &Store) -> (mpsc::Sender<()>, JoinHandle<Result<()>>) {
    let (release, held) = mpsc::channel::<()>();
    let started = Arc::new(AtomicBool::new(false));
    let (store, mark) = (store.clone(), Arc::clone(&started));
    let held = std::sync::Mutex::new(held);
    let task = tokio::spawn(async move {
        store
            .write(async move |_: &mut Tx| -> Result<()> {
                mark.store(true, Ordering::SeqCst);
                let _ = held.lock().unwrap().recv();
                Ok(())
            })
            .await
    });
    eventually("the holding unit runs", async || started.load(Ordering::SeqCst)).await;
    (release, task)
}

/// What unit number `i` of a mixed crowd does.
async fn behave(tx: &mut Tx, i: i64) -> Result<()> {
    add(tx, &format!("thing-{i:03}"), i).await?;
    match i % 8 {
        1 => Err(StoreError::NoRow),
        2 => add(tx, &format!("thing-{i:03}"), i).await,
        3 => panic!("unit {i} panics"),
        4 => {
            tokio::task::yield_now().await;
            Ok(())
        }
        5 => {
            // Swallowed, but the engine has seen it.
            let _ = add(tx, &format!("thing-{i:03}"), i).await;
            Ok(())
        }
        _ => Ok(()),
    }
}

#[tokio::test]
async fn failing_units_leave_nothing_and_disturb_no_neighbour() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let (release, holding) = hold(&store).await;
    let crowd: Vec<_> = (0..200)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move { store.write(async move |tx: &mut Tx| behave(tx, i).await).await })
        })
        .collect();
    tokio::task::yield_now().await;
    drop(release);
    holding.await.unwrap().unwrap();
    let mut expected = Vec::new();
    for (i, unit) in crowd.into_iter().enumerate() {
        let answer = unit.await.unwrap();
        match i % 8 {
            1 => assert!(matches!(answer, Err(StoreError::NoRow)), "{i}: {answer:?}"),
            2 | 5 => assert!(matches!(&answer, Err(StoreError::Unique(n)) if n == "things_pkey"), "{i}: {answer:?}"),
            3 => assert!(matches!(&answer, Err(StoreError::Panicked(m)) if m.contains("panics")), "{i}: {answer:?}"),
            4 => assert!(matches!(answer, Err(StoreError::Waited)), "{i}: {answer:?}"),
            _ => {
                answer.unwrap();
                expected.push(format!("thing-{i:03}"));
            }
        }
    }
    assert_eq!(things(&store).await, expected);
}

#[tokio::test]
async fn a_unit_that_waits_for_something_outside_is_refused() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let sleeps = store
        .write(async |tx: &mut Tx| -> Result<()> {
            add(tx, "before", 1).await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
            add(tx, "after", 1).await
        })
        .await;
    assert!(matches!(sleeps, Err(StoreError::Waited)), "{sleeps:?}");
    let never = store
        .read(async |_: &mut Tx| -> Result<()> {
            std::future::pending::<()>().await;
            Ok(())
        })
        .await;
    assert!(matches!(never, Err(StoreError::Waited)), "{never:?}");
    // What is complete already is not waited for.
    let ready = store.write(async |tx: &mut Tx| -> Result<()> {
        std::future::ready(()).await;
        add(tx, "ready", 1).await
    });
    ready.await.unwrap();
    assert_eq!(things(&store).await, ["ready"]);
}

#[tokio::test]
async fn after_a_failed_statement_every_further_one_fails_too() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let answer = store
        .write(async |tx: &mut Tx| -> Result<()> {
            add(tx, "one", 1).await?;
            assert!(add(tx, "one", 1).await.is_err());
            assert!(matches!(add(tx, "two", 1).await, Err(StoreError::Unique(_))));
            assert!(matches!(tx.query(&LOAD_THING, &vals!["acme", "one"]).await, Err(StoreError::Unique(_))));
            Ok(())
        })
        .await;
    assert!(matches!(answer, Err(StoreError::Unique(_))), "{answer:?}");
    assert!(things(&store).await.is_empty());
}

#[tokio::test]
async fn the_store_outlives_more_panics_than_it_has_connections() {
    let database = Database::fresh().await;
    let store = database.open().await;
    for i in 0..40 {
        let answer = store
            .write(async move |tx: &mut Tx| -> Result<()> {
                add(tx, "lost", i).await?;
                panic!("number {i}");
            })
            .await;
        assert!(matches!(&answer, Err(StoreError::Panicked(text)) if *text == format!("number {i}")), "{answer:?}");
        let answer = store.read(async |_: &mut Tx| -> Result<()> { panic!("reading") }).await;
        assert!(matches!(answer, Err(StoreError::Panicked(_))), "{answer:?}");
    }
    store.write(async |tx: &mut Tx| add(tx, "kept", 1).await).await.unwrap();
    assert_eq!(things(&store).await, ["kept"]);
}

#[tokio::test]
async fn a_full_queue_answers_busy() {
    let database = Database::fresh().await;
    let store = database.open_with(Options { queue: 4, pool: 1, ..database.options() }).await;
    let (release, holding) = hold(&store).await;
    let crowd: Vec<_> = (0..20)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(
                async move { store.write(async move |tx: &mut Tx| add(tx, &format!("{i:02}"), i).await).await },
            )
        })
        .collect();
    tokio::task::yield_now().await;
    // The refused ones are answered while the writer is still held.
    eventually("units are refused", async || crowd.iter().filter(|unit| unit.is_finished()).count() >= 16).await;
    drop(release);
    holding.await.unwrap().unwrap();
    let mut written = 0;
    for unit in crowd {
        match unit.await.unwrap() {
            Ok(()) => written += 1,
            Err(e) => assert!(matches!(e, StoreError::Busy), "{e:?}"),
        }
    }
    // On PostgreSQL the store itself may have been waiting for the one connection.
    assert!((3..=4).contains(&written), "{written}");
    assert_eq!(things(&store).await.len(), written);
}

#[tokio::test]
async fn a_violation_names_the_index() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let noted = async |tx: &mut Tx, thing: &'static str| {
        tx.execute(&crate::support::ADD_THING, &vals!["acme", thing, 1, 0.5, "same", vec![1_u8]]).await.map(drop)
    };
    store.write(async move |tx: &mut Tx| noted(tx, "a").await).await.unwrap();
    let by_index = store.write(async move |tx: &mut Tx| noted(tx, "b").await).await;
    assert!(matches!(&by_index, Err(StoreError::Unique(name)) if name == "things_one_note"), "{by_index:?}");
    let by_key = store.write(async |tx: &mut Tx| add(tx, "a", 1).await).await;
    assert!(matches!(&by_key, Err(StoreError::Unique(name)) if name == "things_pkey"), "{by_key:?}");
    let part = async |tx: &mut Tx| tx.execute(&ADD_PART, &vals![5, "a"]).await;
    store.write(part).await.unwrap();
    let by_number = store.write(part).await;
    assert!(matches!(&by_number, Err(StoreError::Unique(name)) if name == "parts_pkey"), "{by_number:?}");
}

#[tokio::test]
async fn a_reading_unit_cannot_write() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let answer = store.read(async |tx: &mut Tx| add(tx, "sneaked in", 1).await).await;
    assert!(matches!(answer, Err(StoreError::Unavailable { in_doubt: false, .. })), "{answer:?}");
    assert!(things(&store).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_never_sees_half_of_a_change() {
    let database = Database::fresh().await;
    let store = database.open().await;
    store
        .write(async |tx: &mut Tx| -> Result<()> {
            add(tx, "left", 0).await?;
            add(tx, "right", 0).await
        })
        .await
        .unwrap();
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                for i in 0..100_i64 {
                    let moved = store.write(async move |tx: &mut Tx| -> Result<()> {
                        tx.execute(&SET_AMOUNT, &vals!["acme", "left", i + writer]).await?;
                        tx.execute(&SET_AMOUNT, &vals!["acme", "right", -i - writer]).await?;
                        Ok(())
                    });
                    moved.await.unwrap();
                }
            })
        })
        .collect();
    let mut seen = std::collections::HashSet::new();
    while writers.iter().any(|writer| !writer.is_finished()) {
        let look = store.read(async |tx: &mut Tx| -> Result<(i64, i64)> {
            let left = tx.query_one(&LOAD_THING, &vals!["acme", "left"]).await?.get(0)?;
            let right = tx.query_one(&LOAD_THING, &vals!["acme", "right"]).await?.get(0)?;
            Ok((left, right))
        });
        let (left, right) = look.await.unwrap();
        assert_eq!(left + right, 0, "half of a change: {left} and {right}");
        seen.insert(left);
    }
    assert!(seen.len() > 3, "the readers saw the data move: {}", seen.len());
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn an_abandoned_request_does_not_stop_its_unit() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let (release, holding) = hold(&store).await;
    let abandoned = tokio::spawn({
        let store = store.clone();
        async move { store.write(async |tx: &mut Tx| add(tx, "abandoned", 1).await).await }
    });
    tokio::task::yield_now().await;
    if store.engine() == counterfoil_store::Engine::Postgres {
        // There it may still have been waiting for its connection; once it has one it goes on by itself.
        let waiter = store.clone();
        eventually("the unit is done", async || !things(&waiter).await.is_empty()).await;
    }
    abandoned.abort();
    drop(release);
    holding.await.unwrap().unwrap();
    eventually("the unit is done", async || things(&store).await == ["abandoned"]).await;
}
