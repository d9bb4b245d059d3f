//! Migrations go forward only, and what this program does not know is left alone.

use crate::support::{Database, MIGRATIONS, NOW, SAMPLE, add, things};
use counterfoil_store::{Engine, Migration, Result, Store, StoreError, Tx, migrate, statements};

statements! {
    APPLIED = "SELECT version, name, applied_at FROM schema_migrations ORDER BY version";
}

const MORE: Migration = Migration { version: 9001, name: "more", sql: "CREATE TABLE more (a BIGINT NOT NULL);\n" };

async fn applied(store: &Store) -> Vec<(i64, String, i64)> {
    let list = async |tx: &mut Tx| -> Result<Vec<_>> {
        tx.query(&APPLIED, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    };
    store.read(list).await.unwrap()
}

#[tokio::test]
async fn new_ones_are_added_to_what_is_there() {
    let database = Database::fresh().await;
    let store = database.open().await;
    store.write(async |tx: &mut Tx| add(tx, "kept", 1).await).await.unwrap();
    store.stopped().await;
    let all = [migrate::PLATFORM, SAMPLE, MORE];
    let store = Store::open(&database.options(), &all, NOW + 5).await.unwrap();
    assert_eq!(
        applied(&store).await,
        [(1, "platform".into(), NOW), (9000, "sample".into(), NOW), (9001, "more".into(), NOW + 5)]
    );
    assert_eq!(things(&store).await, ["kept"]);
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let database = Database::fresh().await;
    let newer = [migrate::PLATFORM, SAMPLE, MORE];
    Store::open(&database.options(), &newer, NOW).await.unwrap().stopped().await;
    let refused = Store::open(&database.options(), MIGRATIONS, NOW).await.err().unwrap();
    assert!(matches!(&refused, StoreError::Unusable(m) if m.contains("newer version")), "{refused:?}");
    let store = Store::open(&database.options(), &newer, NOW).await.unwrap();
    assert_eq!(applied(&store).await.len(), 3);
}

#[tokio::test]
async fn an_edited_migration_is_refused() {
    let database = Database::fresh().await;
    database.open().await.stopped().await;
    let edited = Migration { sql: "CREATE TABLE things (a BIGINT);\n", ..SAMPLE };
    let refused = Store::open(&database.options(), &[migrate::PLATFORM, edited, MORE], NOW).await.err().unwrap();
    assert!(
        matches!(&refused, StoreError::Unusable(m) if m.contains("sample") && m.contains("differs")),
        "{refused:?}"
    );
    assert_eq!(applied(&database.open().await).await.len(), 2);
}

#[tokio::test]
async fn a_failing_migration_leaves_nothing_of_its_batch() {
    let database = Database::fresh().await;
    database.open().await.stopped().await;
    let broken = Migration { version: 9002, name: "broken", sql: "CREATE TABLE half (a BIGINT);\nCREATE TABEL;\n" };
    let refused =
        Store::open(&database.options(), &[migrate::PLATFORM, SAMPLE, MORE, broken], NOW).await.err().unwrap();
    assert!(matches!(&refused, StoreError::Unusable(m) if m.contains("broken")), "{refused:?}");
    let store = database.open().await;
    assert_eq!(applied(&store).await.len(), 2);
}

#[tokio::test]
async fn the_platform_comes_first() {
    let database = Database::fresh().await;
    let refused = Store::open(&database.options(), &[SAMPLE], NOW).await.err().unwrap();
    assert!(matches!(refused, StoreError::Unusable(_)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn several_nodes_may_start_at_once() {
    let database = Database::fresh().await;
    let nodes: Vec<_> = (0..4)
        .map(|_| {
            let options = database.options();
            tokio::spawn(async move { Store::open(&options, MIGRATIONS, NOW).await })
        })
        .collect();
    let mut stores = Vec::new();
    for node in nodes {
        stores.push(node.await.unwrap().unwrap());
    }
    for (i, store) in stores.iter().enumerate() {
        store.write(async move |tx: &mut Tx| add(tx, &i.to_string(), 1).await).await.unwrap();
    }
    assert_eq!(things(&stores[0]).await.len(), 4);
}

#[test]
fn lines_switch_between_the_engines() {
    let text =
        "CREATE TABLE a (b BLOB);\n-- only: sqlite\nONE;\n-- only: postgres\nTWO;\n-- both\nBOTH;\n-- a remark\n";
    let migration = Migration { version: 1, name: "x", sql: text };
    assert_eq!(migration.text(Engine::Sqlite), "CREATE TABLE a (b BLOB);\nONE;\nBOTH;\n");
    assert_eq!(migration.text(Engine::Postgres), "CREATE TABLE a (b BYTEA);\nTWO;\nBOTH;\n");
}
