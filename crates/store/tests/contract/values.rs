//! Values go in and come out the same, whatever their type.

use crate::support::{ADD_THING, Database, LOAD_THING, add};
use counterfoil_store::{Result, Row, StoreError, Tx, Val, statements, vals};

statements! {
    REPEATED = "SELECT thing_id, CASE WHEN amount = $2 THEN 1 ELSE 0 END FROM things \
        WHERE account_id = $1 AND (amount = $2 OR ($2 = 7 AND thing_id <> $1)) ORDER BY $3 - amount, thing_id";
    DOLLAR = "SELECT '$', 'a$b', thing_id FROM things WHERE thing_id = $1";
    BACKWARDS = "SELECT CAST($2 AS TEXT), CAST($1 AS TEXT)";
}

async fn round_trip(values: [Val; 4]) -> Row {
    let database = Database::fresh().await;
    let store = database.open().await;
    let write = values.clone();
    store
        .write(async move |tx: &mut Tx| -> Result<()> {
            let mut args = vals!["acme", "it"].to_vec();
            args.extend(write.iter().cloned());
            tx.execute(&ADD_THING, &args).await.map(drop)
        })
        .await
        .unwrap();
    let row = store.read(async |tx: &mut Tx| tx.query_one(&LOAD_THING, &vals!["acme", "it"]).await).await.unwrap();
    assert_eq!(row.values(), values);
    row
}

#[tokio::test]
async fn every_type_comes_back_as_it_went_in() {
    let text = "Ünïcode 云服务器 🦀 \u{10FFFF} 'quotes\" \\ \r\n\t %_ $1 ?1".to_owned();
    let blob: Vec<u8> = (0..=255).collect();
    let row =
        round_trip([Val::Int(i64::MIN), Val::Real(-0.1 + 0.3), Val::Text(text.clone()), Val::Blob(blob.clone())]).await;
    assert_eq!(row.get::<i64>(0).unwrap(), i64::MIN);
    assert_eq!(row.get::<Option<String>>(2).unwrap(), Some(text));
    assert_eq!(row.get::<Vec<u8>>(3).unwrap(), blob);
    assert!(row.get::<String>(0).is_err() && row.get::<i64>(9).is_err());
}

#[tokio::test]
async fn bounds_and_empty_values_are_not_null() {
    round_trip([Val::Int(i64::MAX), Val::Real(f64::MAX), Val::Text(String::new()), Val::Blob(Vec::new())]).await;
}

#[tokio::test]
async fn nulls_come_back_as_none() {
    let row = round_trip([Val::Null, Val::Null, Val::Null, Val::Null]).await;
    assert_eq!(row.get::<Option<i64>>(0).unwrap(), None);
    assert_eq!(row.get::<Option<String>>(2).unwrap(), None);
    assert!(row.get::<i64>(0).is_err());
}

#[tokio::test]
async fn placeholders_are_bound_by_number() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let (repeated, dollar, backwards, dynamic) = store
        .write(async |tx: &mut Tx| -> Result<_> {
            add(tx, "a", 1).await?;
            add(tx, "b", 2).await?;
            let repeated = tx.query(&REPEATED, &vals!["acme", 2, 10]).await?;
            let dollar = tx.query_one(&DOLLAR, &vals!["a"]).await?;
            let backwards = tx.query_one(&BACKWARDS, &vals!["first", "second"]).await?;
            let text = "SELECT thing_id, '$' FROM things WHERE thing_id = $2 AND account_id = $1 AND $2 <> $1";
            Ok((repeated, dollar, backwards, tx.query_dyn(text, &vals!["acme", "b"]).await?))
        })
        .await
        .unwrap();
    assert_eq!(repeated.iter().map(|row| row.get::<String>(0).unwrap()).collect::<Vec<_>>(), ["b"]);
    assert_eq!(dollar.values(), vals!["$", "a$b", "a"]);
    assert_eq!(backwards.values(), vals!["second", "first"]);
    assert_eq!(dynamic[0].values(), vals!["b", "$"]);
}

#[tokio::test]
async fn what_cannot_be_stored_everywhere_is_stored_nowhere() {
    let database = Database::fresh().await;
    let store = database.open().await;
    let nul = store.write(async |tx: &mut Tx| add(tx, "nul \0 in it", 1).await).await;
    assert!(matches!(nul, Err(StoreError::Engine(_))), "{nul:?}");
    let missing = store.read(async |tx: &mut Tx| tx.query(&LOAD_THING, &vals!["acme"]).await).await;
    assert!(matches!(missing, Err(StoreError::Engine(_))), "{missing:?}");
    let none = store.read(async |tx: &mut Tx| tx.query_one(&LOAD_THING, &vals!["acme", "none"]).await).await;
    assert!(matches!(none, Err(StoreError::NoRow)), "{none:?}");
}
