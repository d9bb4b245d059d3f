//! `ShowCaseDetail`.

use crate::support::TestApp;
use crate::support::cases::{OnCase, assert_role_is_needed, fault};
use crate::support::people::{ALICE, BOB, ERIN};
use serde_json::{Value, json};

#[tokio::test]
async fn every_field_is_there_in_both_languages() {
    let test = TestApp::start().await;
    let id = test.case_of(&BOB, &fault("无法登录 server")).await;
    let (account_id, user_id) = (test.account_id(&BOB).await, test.user_id(&BOB).await);
    let mut en = test.detail(&BOB, &id).await;
    let message_id = en["message_list"][0]["message_id"].take();
    assert_eq!(message_id.as_str().unwrap().len(), 32);
    let mut expected = json!({
        "incident_id": id, "xcustomer_id": user_id, "xcustomer_name": "bob", "customer_id": account_id, "status": 0,
        "judgement": "", "business_type_name": "Cannot log in to the server", "incident_type_name": "Fault",
        "dc_name": en["dc_name"], "simple_description": "无法登录 server", "source_name": "Ticket API",
        "create_time": "2026-01-05T09:30:15Z",
        "message_list": [{
            "message_id": null, "type": 0, "replier": user_id, "replier_name": "bob", "content": "无法登录 server",
            "create_time": "2026-01-05T09:30:15Z", "is_first_message": 1, "accessory_list": [],
        }],
        "incident_satisfaction": [], "severity_name": "Production system unavailable", "business_ownership": 0,
        "ext_info": {
            "area_code": "86", "remind_mobile": "13800138000", "remind_mail": "bob@acme.example",
            "remind_time": "09:00-18:00",
        },
        "authorization_content": "the vault code is 4711-plain",
        "extends_map": {"instance_id": "i-1", "login_password": "hunter-2-plain"}, "label_list": [],
    });
    assert_eq!(en, expected);
    assert!(en["dc_name"].as_str().unwrap().contains("Beijing"), "{}", en["dc_name"]);
    let zh = test.get(&format!("/v2/servicerequest/cases/{id}")).by(&BOB).send().await.ok();
    let mut zh = zh["incident_detail_info"].clone();
    zh["message_list"][0]["message_id"].take();
    for (field, value) in [
        ("business_type_name", "无法登录服务器"),
        ("incident_type_name", "故障"),
        ("source_name", "工单API"),
        ("severity_name", "生产系统不可用"),
    ] {
        expected[field] = value.into();
    }
    expected["dc_name"] = zh["dc_name"].clone();
    assert_eq!(zh, expected);
    assert!(zh["dc_name"].as_str().unwrap().contains("北京"), "{}", zh["dc_name"]);
}

#[tokio::test]
async fn what_happened_shows() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    test.accept(&id).await;
    test.advance_seconds(60);
    test.reply(&id, "Turn it on.", "solution").await.ok();
    let solved = test.detail(&BOB, &id).await;
    assert_eq!((&solved["status"], &solved["resolve_time"]), (&json!(2), &json!(1_767_605_475_000_i64)));
    let said = &solved["message_list"][1];
    assert_eq!((&said["type"], &said["content"]), (&json!(1), &json!("Turn it on.")));
    assert_eq!(said["replier"], test.user_id(&ERIN).await.as_str());
    assert_eq!(test.list(&BOB, "").await["incident_info_list"][0]["resolution"], "Turn it on.");
    // Not solved after all: the time and the text of the solution are gone.
    test.say(&BOB, &id, "It is on.").await.ok();
    let unsolved = test.detail(&BOB, &id).await;
    assert_eq!((&unsolved["status"], &unsolved["resolve_time"]), (&json!(1), &Value::Null));
    let listed = test.list(&BOB, "").await["incident_info_list"][0].clone();
    assert_eq!((&listed["resolution"], &listed["confirmed_time"]), (&Value::Null, &Value::Null));
    test.reply(&id, "Plug it in.", "solution").await.ok();
    let rating = json!({"judgement": "好", "incident_satisfaction_list": [
        {"satisfaction_id": 2, "satisfaction_value": 5}, {"satisfaction_id": 1, "satisfaction_value": 0}]});
    test.act_with(&BOB, &id, "close", &rating).await.ok();
    let closed = test.detail(&BOB, &id).await;
    assert_eq!((&closed["status"], &closed["judgement"]), (&json!(3), &json!("好")));
    assert_eq!(
        closed["incident_satisfaction"],
        json!([
            {"satisfaction_id": 1, "satisfaction_value": 0, "value": 5, "satisfaction_name": "Speed of response",
             "per_value": 1, "sat_category_id": "service"},
            {"satisfaction_id": 2, "satisfaction_value": 5, "value": 5, "satisfaction_name": "Courtesy",
             "per_value": 1, "sat_category_id": "service"},
        ])
    );
    assert_eq!(closed["ext_info"], json!({"remind_time": "0"}));
}

#[tokio::test]
async fn the_first_hundred_messages_are_in_it() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    for i in 1..=101 {
        test.say(&BOB, &id, &format!("message {i}")).await.ok();
    }
    let detail = test.detail(&BOB, &id).await;
    let messages = detail["message_list"].as_array().unwrap();
    assert_eq!(messages.len(), 100);
    for (i, message) in messages.iter().enumerate().skip(1) {
        assert_eq!(message["content"], format!("message {i}"));
    }
}

#[tokio::test]
async fn who_may_see_it() {
    let test = TestApp::start().await;
    assert_role_is_needed(&test, "").await;
    test.assert_guarded(&OnCase { method: "GET", suffix: "", body: json!({}), status: 1 }).await;
    let id = test.case(&ALICE).await;
    assert_eq!(test.read_case(&BOB, &id, "").await.code(), "OSM.01010002");
    let long = "x".repeat(65);
    assert_eq!(test.read_case(&BOB, &id, &format!("?group_id={long}")).await.code(), "OSM.01010001");
}
