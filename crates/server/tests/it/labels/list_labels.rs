//! `ListLabels`.

use super::{LABELS, create, label, names};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, ERIN, MALLORY};
use serde_json::{Value, json};

async fn list(test: &TestApp, query: &str) -> Value {
    test.get(&format!("{LABELS}?{query}")).by(&BOB).english().send().await.ok()
}

#[tokio::test]
async fn the_labels_of_the_account_oldest_first() {
    let test = TestApp::start().await;
    assert_eq!(list(&test, "").await, json!({"total_count": 0, "label_list": []}));
    let first = label(&test, &ALICE, "生产环境").await;
    let second = create(&test, &BOB, "prod", "#FF0000").await.ok()["label_id"].clone();
    label(&test, &MALLORY, "theirs").await;
    let expected = json!({"total_count": 2, "label_list": [
        {"label_id": first, "name": "生产环境", "color": "#0a0B0c"},
        {"label_id": second, "name": "prod", "color": "#FF0000"},
    ]});
    assert_eq!(list(&test, "").await, expected);
    assert_eq!(test.get(LABELS).by(&ALICE).send().await.ok(), expected, "in either language");
}

#[tokio::test]
async fn by_a_part_of_the_name_and_by_id() {
    let test = TestApp::start().await;
    for name in ["Production", "pre-prod", "测试环境", "100%"] {
        label(&test, &ALICE, name).await;
    }
    let find = async |query: &str| names(&list(&test, query).await["label_list"]);
    assert_eq!(find("name=PROD").await, ["Production", "pre-prod"]);
    assert_eq!(find("name=%E6%B5%8B%E8%AF%95").await, ["测试环境"]);
    assert_eq!(find("name=%25").await, ["100%"], "a sign is a sign");
    assert_eq!(find("name=_").await, Vec::<String>::new());
    assert_eq!(find("name=").await.len(), 4);
    let id = list(&test, "name=pre").await["label_list"][0]["label_id"].as_i64().unwrap();
    assert_eq!(find(&format!("label_id={id}")).await, ["pre-prod"]);
    assert_eq!(find(&format!("label_id={id}&name=Production")).await, Vec::<String>::new());
    assert_eq!(find("label_id=0").await, Vec::<String>::new());
}

#[tokio::test]
async fn pages_are_ten_and_follow_each_other() {
    let test = TestApp::start().await;
    let all: Vec<String> = (0..12).map(|i| format!("label {i:02}")).collect();
    for name in &all {
        label(&test, &ALICE, name).await;
    }
    let page = async |query: &str| {
        let page = list(&test, query).await;
        assert_eq!(page["total_count"], 12, "{query}");
        names(&page["label_list"])
    };
    assert_eq!(page("").await, all[..10]);
    assert_eq!(page("offset=10").await, all[10..]);
    assert_eq!(page("offset=3&limit=4").await, all[3..7]);
    assert_eq!(page("limit=100").await, all);
    assert_eq!(page("limit=0").await, Vec::<String>::new());
    assert_eq!(page("offset=2147483647").await, Vec::<String>::new());
    for query in ["limit=101", "limit=-1", "offset=-1", "offset=2147483648", "label_id=-1", "label_id=2147483648"] {
        let answer = test.get(&format!("{LABELS}?{query}")).by(&BOB).english().send().await;
        assert_refused(&answer, 400, "OSM.01010001", query.split('=').next().unwrap());
    }
    let word = test.get(&format!("{LABELS}?label_id=label-123")).by(&BOB).english().send().await;
    assert_refused(&word, 400, "OSM.0001", "label_id");
    let long = test.get(&format!("{LABELS}?name={}", "a".repeat(65))).by(&BOB).english().send().await;
    assert_refused(&long, 400, "OSM.01010001", "name");
}

#[tokio::test]
async fn customers_alone_have_labels() {
    let test = TestApp::start().await;
    assert_refused(&test.get(LABELS).by(&ERIN).english().send().await, 403, "OSM.01010002", "");
    assert_eq!(test.get(LABELS).send().await.status, 401);
}
