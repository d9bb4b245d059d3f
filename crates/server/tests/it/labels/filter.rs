//! Cases by label in `ListCases`: what is found, how much of it, and that both follow what happens to the cases.

use super::{label, put, take};
use crate::support::TestApp;
use crate::support::cases::{CASES, assert_refused, column, consultation};
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};
use counterfoil::cases::{self, Filter};
use counterfoil_store::{Engine, Tx};

const NONE: [&str; 0] = [];

#[tokio::test]
async fn cases_with_all_of_the_labels_newest_first() {
    let test = TestApp::start().await;
    let (a, b) = (label(&test, &ALICE, "a").await, label(&test, &ALICE, "b").await);
    let (one, two, three) = (test.case(&BOB).await, test.case(&CAROL).await, test.case(&BOB).await);
    test.case(&BOB).await;
    for (case, ids) in [(&one, &[a][..]), (&two, &[a, b]), (&three, &[b, a])] {
        put(&test, &ALICE, case, ids).await.ok();
    }
    let find = async |query: String| test.ids(&ALICE, &query).await;
    assert_eq!(find(format!("label_id_list={a}")).await, [three.clone(), two.clone(), one.clone()]);
    assert_eq!(find(format!("label_id_list={b}")).await, [three.clone(), two.clone()]);
    assert_eq!(find(format!("label_id_list={a},{b}")).await, [three.clone(), two.clone()]);
    assert_eq!(find(format!("label_id_list={b}&label_id_list={a}&label_id_list={a}")).await.len(), 2);
    // Of a user alone, by owner and by the user.
    let bob = test.user_id(&BOB).await;
    assert_eq!(find(format!("label_id_list={a}&x_customer_id={bob}")).await, [three.clone(), one.clone()]);
    assert_eq!(test.ids(&BOB, &format!("label_id_list={a}")).await, [three.clone(), one.clone()]);
    assert_eq!(test.ids(&CAROL, &format!("label_id_list={a},{b}")).await, [two.as_str()]);
    let group = test.group_of_operators().await;
    assert_eq!(test.ids(&CAROL, &format!("label_id_list={b}&group_id={group}")).await, [three.clone(), two.clone()]);
    // With everything else that can be asked for.
    assert_eq!(find(format!("label_id_list={a}&x_customer_name=carol")).await, [two.as_str()]);
    assert_eq!(find(format!("label_id_list={a}&incident_id={one}")).await, [one.as_str()]);
    assert_eq!(find(format!("label_id_list={b}&incident_id={one}")).await, NONE);
    assert_eq!(find(format!("label_id_list={a}&query_start_time=2027-01-01")).await, NONE);
    assert_eq!(find(format!("label_id_list={a}&query_end_time=2027-01-01")).await.len(), 3);
}

#[tokio::test]
async fn what_is_no_label_of_the_account_finds_nothing() {
    let test = TestApp::start().await;
    let (mine, theirs) = (label(&test, &ALICE, "a").await, label(&test, &MALLORY, "a").await);
    let (case, foreign) = (test.case(&BOB).await, test.case(&MALLORY).await);
    put(&test, &BOB, &case, &[mine]).await.ok();
    put(&test, &MALLORY, &foreign, &[theirs]).await.ok();
    for ids in [theirs.to_string(), "0".to_owned(), "label".to_owned(), format!("{mine},{theirs}"), "-1".to_owned()] {
        assert_eq!(test.ids(&BOB, &format!("label_id_list={ids}")).await, NONE, "{ids}");
    }
    assert_eq!(test.ids(&MALLORY, &format!("label_id_list={mine}")).await, NONE);
    let ask = async |ids: &str| test.get(&format!("{CASES}?label_id_list={ids}")).by(&BOB).english().send().await;
    assert_refused(&ask("1,2,3,4,5,6").await, 400, "OSM.01010001", "label_id_list: 0 to 5 items");
    assert_refused(&ask(&"1".repeat(11)).await, 400, "OSM.01010001", "label_id_list");
    assert_eq!(ask("").await.ok()["total_count"], 1);
}

#[tokio::test]
async fn totals_follow_the_status() {
    let test = TestApp::start().await;
    let id = label(&test, &ALICE, "a").await;
    let case = test.case(&BOB).await;
    put(&test, &BOB, &case, &[id]).await.ok();
    let at = async |status: i64| {
        for other in [0, 1, 2, 3, 17] {
            let expected = usize::from(other == status);
            assert_eq!(test.ids(&BOB, &format!("label_id_list={id}&status={other}")).await.len(), expected);
            assert_eq!(test.ids(&ALICE, &format!("label_id_list={id}&status={other}")).await.len(), expected);
        }
        assert_eq!(test.ids(&BOB, &format!("label_id_list={id}&incident_status=0,1,2,3,17")).await.len(), 1);
        assert_eq!(test.ids(&BOB, &format!("label_id_list={id}")).await.len(), 1);
        test.assert_sound().await;
    };
    at(0).await;
    test.accept(&case).await;
    at(1).await;
    test.reply(&case, "Which?", "pending_feedback").await.ok();
    at(17).await;
    test.say(&BOB, &case, "This one.").await.ok();
    at(1).await;
    test.reply(&case, "Done.", "solution").await.ok();
    test.advance_seconds(7 * 24 * 3600);
    test.run_due().await;
    at(3).await;
    test.act(&BOB, &case, "delete").await.ok();
    assert_eq!(test.ids(&BOB, &format!("label_id_list={id}")).await, NONE);
    assert_eq!(test.ids(&BOB, &format!("label_id_list={id}&status=13")).await, NONE);
    assert_eq!(test.number("SELECT COUNT(*) FROM case_labels").await, 0, "a deleted case has no label");
    test.assert_sound().await;
}

#[tokio::test]
async fn pages_and_totals_of_many() {
    let test = TestApp::start().await;
    let (a, b) = (label(&test, &ALICE, "a").await, label(&test, &ALICE, "b").await);
    let mut with_a = Vec::new();
    for i in 0..15 {
        let id = test.case_of(&BOB, &consultation(&format!("case {i}"))).await;
        if i % 5 != 0 {
            put(&test, &BOB, &id, &[a, b][..=usize::from(i % 2 == 0)]).await.ok();
            with_a.insert(0, id);
        }
    }
    let page = async |query: &str, total: usize| {
        let page = test.list(&BOB, query).await;
        assert_eq!(page["total_count"], total, "{query}");
        column(&page["incident_info_list"], "incident_id")
    };
    assert_eq!(page(&format!("label_id_list={a}"), 12).await, with_a[..10]);
    assert_eq!(page(&format!("label_id_list={a}&offset=10"), 12).await, with_a[10..]);
    assert_eq!(page(&format!("label_id_list={a}&limit=0"), 12).await, NONE);
    assert_eq!(page(&format!("label_id_list={a}&search_key=case&limit=5&offset=2"), 12).await, with_a[2..7]);
    assert_eq!(page(&format!("label_id_list={a},{b}&limit=3"), 6).await.len(), 3);
    take(&test, &BOB, &with_a[0], &[a]).await.ok();
    assert_eq!(page(&format!("label_id_list={a}"), 11).await, with_a[1..11]);
}

/// On the embedded database the plan is fixed: the list goes along the label's index and sorts nothing.
#[tokio::test]
async fn the_list_goes_along_the_index() {
    let test = TestApp::start().await;
    if test.app.store.engine() != Engine::Sqlite {
        return;
    }
    let account_id = Some(test.account_id(&ALICE).await);
    let user_id = Some(test.user_id(&BOB).await);
    let base = Filter { account_id, label_ids: vec![7], ..Filter::default() };
    let more = Filter { label_ids: vec![7, 8, 9], ..base.clone() };
    let of_user = Filter { user_id, ..base.clone() };
    let in_status = Filter { statuses: vec![1], ..base.clone() };
    for (filter, index) in [
        (base, "autoindex_case_labels_1"),
        (more, "autoindex_case_labels_1"),
        (of_user, "by_user"),
        (in_status, "by_status"),
    ] {
        let (sql, args) = cases::list_statement(&filter, false, 10, 0);
        let explained = async move |tx: &mut Tx| tx.query_dyn(&format!("EXPLAIN QUERY PLAN {sql}"), &args).await;
        let rows = test.app.store.read(explained).await.unwrap();
        let steps: Vec<String> = rows.iter().map(|row| row.get(3).unwrap()).collect();
        assert!(steps[0].contains(index) && steps.last().unwrap().contains("case_no=?"), "{steps:?}");
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE") || step.contains("SCAN")), "{steps:?}");
    }
}
