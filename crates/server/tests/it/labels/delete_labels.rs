//! `DeleteLabels`.

use super::{LABELS, label, on, put};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use crate::support::{Answer, Person, TestApp};
use futures_util::future::join_all;
use serde_json::json;

async fn delete(test: &TestApp, by: &Person, id: impl std::fmt::Display) -> Answer {
    test.delete(&format!("{LABELS}/{id}")).by(by).english().send().await
}

#[tokio::test]
async fn a_deleted_label_is_on_no_case_any_more() {
    let test = TestApp::start().await;
    let (gone, kept) = (label(&test, &ALICE, "gone").await, label(&test, &ALICE, "kept").await);
    let (bobs, carols) = (test.case(&BOB).await, test.case(&CAROL).await);
    put(&test, &BOB, &bobs, &[gone, kept]).await.ok();
    put(&test, &CAROL, &carols, &[gone]).await.ok();
    let other = label(&test, &MALLORY, "gone").await;
    let theirs = test.case(&MALLORY).await;
    put(&test, &MALLORY, &theirs, &[other]).await.ok();
    assert_eq!(delete(&test, &BOB, gone).await.ok(), json!({}));
    assert_eq!(on(&test, &BOB, &bobs).await, ["kept"]);
    assert_eq!(on(&test, &CAROL, &carols).await, Vec::<String>::new());
    assert_eq!(on(&test, &MALLORY, &theirs).await, ["gone"]);
    assert_eq!(test.ids(&ALICE, &format!("label_id_list={gone}")).await, Vec::<String>::new());
    assert_eq!(test.ids(&ALICE, &format!("label_id_list={kept}")).await, [bobs]);
    assert_eq!(delete(&test, &BOB, gone).await.code(), "OSM.01010039", "gone is gone");
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'label.deleted'").await, 1);
    test.assert_sound().await;
}

#[tokio::test]
async fn unknown_labels_are_refused() {
    let test = TestApp::start().await;
    let id = label(&test, &ALICE, "prod").await;
    assert_refused(&delete(&test, &BOB, 0).await, 404, "OSM.01010039", "This label does not exist.");
    let (foreign, missing) = (delete(&test, &MALLORY, id).await, delete(&test, &MALLORY, 2_147_483_647).await);
    assert_eq!((foreign.status, &foreign.bytes), (missing.status, &missing.bytes));
    for odd in ["label-123", "-1", "2147483648"] {
        assert_refused(&delete(&test, &BOB, odd).await, 400, "OSM.01010001", "label_id");
    }
    assert_refused(&delete(&test, &ERIN, id).await, 403, "OSM.01010002", "");
    assert_eq!(test.number("SELECT COUNT(*) FROM labels").await, 1);
}

#[tokio::test]
async fn deleting_while_others_use_the_label_leaves_nothing_behind() {
    let test = TestApp::start_with(|config| config.database.pool = 8).await;
    let (a, b) = (label(&test, &ALICE, "a").await, label(&test, &ALICE, "b").await);
    let mut cases = Vec::new();
    for _ in 0..8 {
        cases.push(test.case(&BOB).await);
    }
    let uses = cases.iter().map(async |case| {
        let put = put(&test, &BOB, case, &[b, a]).await;
        let moved = test.act(&BOB, case, "cancel").await;
        (put, moved)
    });
    let deletes = [delete(&test, &ALICE, a), delete(&test, &CAROL, a)];
    let (used, deleted) = futures_util::future::join(join_all(uses), join_all(deletes)).await;
    for (put, moved) in &used {
        assert!(put.status == 200 || put.code() == "OSM.01010039", "{put:?}");
        assert_eq!(moved.status, 200, "{moved:?}");
    }
    let done = deleted.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1, "{deleted:?}");
    assert_eq!(test.number(&format!("SELECT COUNT(*) FROM case_labels WHERE label_id = {a}")).await, 0);
    test.assert_sound().await;
}
