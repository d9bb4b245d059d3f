//! Details of checks.

use super::listeners::{Manner, closed, listen};
use super::{ITEMS, start, start_with};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, CAROL, MALLORY};
use serde_json::{Value, json};

async fn looked(test: &TestApp) -> String {
    let ports = json!([{"port": listen(Manner::Says(b"SSH-2.0-\x1b[31mx\r\n".to_vec())).await, "protocol": "ssh"}]);
    test.register(&ALICE, &json!({"name": "a good one", "kind": "host", "address": "127.0.0.1", "ports": ports})).await;
    let ports = json!([{"port": closed().await, "protocol": "ssh"}]);
    test.register(&ALICE, &json!({"name": "a worse one", "kind": "host", "address": "127.0.0.1", "ports": ports}))
        .await;
    let job_id = test.started(&ALICE, 4, &json!({})).await;
    test.run_due().await;
    job_id
}

async fn chosen(test: &TestApp, body: &Value) -> Vec<String> {
    let answer = test.post(ITEMS).by(&ALICE).json(body).send().await.ok();
    answer["item_results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["check_id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn checks_are_chosen_by_text_or_list() {
    let test = start().await;
    let job_id = looked(&test).await;
    let all = ["name_resolves", "address_answers", "ports_open"];
    assert_eq!(chosen(&test, &json!({"job_id": job_id})).await, [all, all].concat(), "of both hosts");
    assert_eq!(chosen(&test, &json!({})).await.len(), 6, "of the newest diagnosis");
    let two = ["address_answers", "ports_open"];
    for ids in [json!("ports_open, address_answers"), json!(["ports_open", "address_answers"])] {
        assert_eq!(chosen(&test, &json!({"job_id": job_id, "item_ids": ids})).await, [two, two].concat());
    }
    assert!(chosen(&test, &json!({"job_id": job_id, "item_ids": "nothing"})).await.is_empty());
}

#[tokio::test]
async fn advice_comes_in_both_languages_with_a_link() {
    let test = start_with(|config| {
        config.diagnosis.help_url = "https://help.example/{lang}/{check}#{finding}".to_owned();
    })
    .await;
    looked(&test).await;
    let read = async |english: bool| {
        let call = test.post(ITEMS).by(&ALICE).json(&json!({"item_ids": "ports_open"}));
        let call = if english { call.english() } else { call };
        call.send().await.ok()["item_results"][1].clone()
    };
    let english = read(true).await;
    assert_eq!((&english["status"], &english["level"]), (&json!(3), &json!(4)));
    assert_eq!((&english["check_name"], &english["check_name_en"]), (&json!("TCP端口"), &json!("TCP ports are open")));
    assert!(english["suggestion"].as_str().unwrap().starts_with("Nobody listens on the port."));
    assert_eq!(english["suggestion_url"], "https://help.example/en-us/ports_open#port_closed");
    assert!(english["response"].as_str().unwrap().ends_with(": refused"));
    let chinese = read(false).await;
    assert!(chinese["suggestion"].as_str().unwrap().starts_with("端口没有被监听"));
    assert_eq!(chinese["suggestion_url"], "https://help.example/zh-cn/ports_open#port_closed");
}

#[tokio::test]
async fn what_machines_answer_is_shown_in_printable_characters() {
    let test = start().await;
    let ports = json!([{"port": listen(Manner::Says(b"SSH-2.0-\x1b[31m<b>x\r\n".to_vec())).await, "protocol": "ssh"}]);
    let items =
        test.look(&ALICE, 3, &json!({"name": "odd", "kind": "host", "address": "127.0.0.1", "ports": ports})).await;
    let (level, response) = super::of(&items, "ssh_greets");
    assert_eq!(level, 3);
    assert!(response.ends_with("SSH-2.0-\\x1b[31m<b>x"), "{response}");
}

#[tokio::test]
async fn others_diagnoses_and_wrong_input_are_refused() {
    let test = start().await;
    let job_id = looked(&test).await;
    let body = json!({"job_id": job_id});
    assert_refused(&test.post(ITEMS).by(&CAROL).json(&body).send().await, 403, "OSM.01010002", "");
    assert_refused(&test.post(ITEMS).by(&MALLORY).json(&body).send().await, 404, "OSM.01019080", "");
    for (body, code, field) in [
        (json!({"item_ids": ""}), "OSM.01010001", "item_ids"),
        (json!({"item_ids": "x".repeat(101)}), "OSM.01010001", "item_ids"),
        (json!({"item_ids": []}), "OSM.01010001", "item_ids"),
        (json!({"item_ids": vec!["x"; 101]}), "OSM.01010001", "item_ids"),
        (json!({"item_ids": 1}), "OSM.0001", "item_ids"),
        (json!({"item_ids": [1]}), "OSM.0001", "item_ids[0]"),
        (json!({"job_id": 1}), "OSM.0001", "job_id"),
    ] {
        assert_refused(&test.post(ITEMS).by(&ALICE).json(&body).send().await, 400, code, field);
    }
}
