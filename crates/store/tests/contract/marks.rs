//! Two stores on one database hear of each other's changes.

use crate::support::{Database, add, eventually};
use counterfoil_store::{Result, Topic, Tx};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_change_on_one_node_is_heard_on_the_other_within_a_second() {
    let database = Database::fresh().await;
    let (here, there) = (database.open().await, database.open().await);
    for topic in [Topic::Identity, Topic::Catalog] {
        let (own, others) = (here.generation(topic), there.generation(topic));
        let changed = here.write(async move |tx: &mut Tx| -> Result<()> {
            tx.mark(topic);
            Ok(())
        });
        changed.await.unwrap();
        assert!(here.generation(topic) > own, "the own change is known with the answer");
        let asked = Instant::now();
        there.moved_since(topic, others, Duration::from_secs(5)).await;
        assert!(asked.elapsed() < Duration::from_secs(1), "{topic:?} took {:?}", asked.elapsed());
        assert!(there.generation(topic) > others);
    }
}

#[tokio::test]
async fn a_failed_unit_marks_nothing() {
    let database = Database::fresh().await;
    let store = database.open().await;
    // What the store itself hears when it starts to listen is over once it has answered a while.
    settle(&store).await;
    let before = store.generation(Topic::Identity);
    let failed = store.write(async |tx: &mut Tx| -> Result<()> {
        tx.mark(Topic::Identity);
        add(tx, "a", 1).await?;
        add(tx, "a", 1).await
    });
    failed.await.unwrap_err();
    settle(&store).await;
    assert_eq!(store.generation(Topic::Identity), before);
}

async fn settle(store: &counterfoil_store::Store) {
    let mut last = u64::MAX;
    let mut same_since = Instant::now();
    eventually("the generation stays", async || {
        let now = store.generation(Topic::Identity);
        if now != last {
            (last, same_since) = (now, Instant::now());
        }
        same_since.elapsed() > Duration::from_millis(700)
    })
    .await;
}

#[tokio::test]
async fn a_worker_that_asks_first_misses_nothing() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let seen = store.generation(Topic::Jobs);
    let queued = store.write(async |tx: &mut Tx| -> Result<()> {
        tx.mark(Topic::Jobs);
        Ok(())
    });
    queued.await.unwrap();
    let asked = Instant::now();
    store.moved_since(Topic::Jobs, seen, Duration::from_secs(5)).await;
    assert!(asked.elapsed() < Duration::from_secs(1));
}
