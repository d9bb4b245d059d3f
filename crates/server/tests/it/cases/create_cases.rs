//! `CreateCases`.

use crate::support::cases::{CASES, SOURCE, assert_refused, consultation, fault};
use crate::support::people::{ALICE, BOB, ERIN, MALLORY};
use crate::support::{Answer, TestApp};
use serde_json::{Value, json};

/// A body with one field changed.
fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

async fn submit(test: &TestApp, body: &Value) -> Answer {
    test.submit(body).by(&BOB).english().send().await
}

#[tokio::test]
async fn a_case_is_whole_from_the_first_moment() {
    let test = TestApp::start().await;
    let answer = submit(&test, &fault("Cannot log in")).await.ok();
    assert_eq!(answer.as_object().unwrap().keys().collect::<Vec<_>>(), ["incident_id"]);
    let id = answer["incident_id"].as_str().unwrap();
    assert!(id.starts_with("TT20260105") && id.len() == 18, "{id}");
    let detail = test.detail(&BOB, id).await;
    assert_eq!(detail["status"], 0);
    assert_eq!(detail["message_list"][0]["content"], "Cannot log in");
    assert_eq!(detail["message_list"][0]["is_first_message"], 1);
    assert_eq!(test.log(id).await, [0]);
    assert_eq!(test.number("SELECT COUNT(*) FROM events WHERE kind = 'case.created'").await, 1);
    assert_eq!(test.ids(&BOB, "status=0").await, [id]);
    assert_eq!(test.ids(&BOB, "search_key=log").await, [id]);
    test.assert_sound().await;
}

#[tokio::test]
async fn the_documented_example_works_with_real_ids() {
    let test = TestApp::start().await;
    let body = json!({
        "incident_sub_type_id": "compute", "product_category_id": "ecs", "business_type_id": "ecs.usage",
        "region_id": "cn-north-1", "simple_description": "test", "source_id": SOURCE, "remind_time": "09:00-18:00",
        "accessory_ids": [],
    });
    submit(&test, &body).await.ok();
    // What the SDK does not set comes as null, or empty.
    let mut nulls = consultation("test");
    for field in ["region_id", "severity_id", "remind_mobile", "accessory_ids", "extends_map", "extension_map"] {
        nulls[field] = Value::Null;
    }
    submit(&test, &nulls).await.ok();
    let mut empty = consultation("test");
    for field in ["region_id", "severity_id", "remind_mobile", "remind_mail", "remind_time", "area_code", "project_id"]
    {
        empty[field] = "".into();
    }
    submit(&test, &empty).await.ok();
}

#[tokio::test]
async fn what_is_mandatory_is_named() {
    let test = TestApp::start().await;
    for field in ["business_type_id", "simple_description", "source_id"] {
        let mut body = consultation("x");
        body.as_object_mut().unwrap().remove(field);
        assert_refused(&submit(&test, &body).await, 400, "OSM.01010001", field);
        body[field] = Value::Null;
        assert_refused(&submit(&test, &body).await, 400, "OSM.0001", field);
        body[field] = json!(7);
        assert_refused(&submit(&test, &body).await, 400, "OSM.0001", field);
        body[field] = "".into();
        assert_refused(&submit(&test, &body).await, 400, "OSM.01010001", field);
    }
    assert_refused(&submit(&test, &consultation(" \n\t")).await, 400, "OSM.01010001", "simple_description");
    let mut no_region = fault("x");
    no_region.as_object_mut().unwrap().remove("region_id");
    assert_refused(&submit(&test, &no_region).await, 400, "OSM.01010001", "region_id");
    submit(&test, &consultation("a question needs no region")).await.ok();
    assert_eq!(test.list(&BOB, "").await["total_count"], 1, "nothing of a refused case is left");
    test.assert_sound().await;
}

#[tokio::test]
async fn ids_must_be_the_catalogue_s_and_fit_together() {
    let test = TestApp::start().await;
    for (field, value, code) in [
        ("business_type_id", "ecs.no-such", "OSM.01010001"),
        ("product_category_id", "bms", "OSM.01010001"),
        ("incident_sub_type_id", "storage", "OSM.01010001"),
        ("region_id", "mars-1", "OSM.01010001"),
        ("source_id", "0", "OSM.01010001"),
        ("area_code", "99999", "OSM.01010001"),
    ] {
        let answer = submit(&test, &with(fault("x"), field, value.into())).await;
        assert_refused(&answer, 400, code, field);
    }
    let answer = submit(&test, &with(fault("x"), "severity_id", "no-such".into())).await;
    assert_refused(&answer, 400, "OSM.01010006", "Severity Id does not exist");
    let zh = test.submit(&with(fault("x"), "region_id", "mars-1".into())).by(&BOB).send().await;
    assert_refused(&zh, 400, "OSM.01010001", "region_id：须为 ListRegions 返回的区域");
}

#[tokio::test]
async fn contacts_are_checked() {
    let test = TestApp::start().await;
    for (field, bad) in [
        ("remind_mobile", "call me"),
        ("remind_mobile", "1234"),
        ("remind_mail", "bob"),
        ("remind_mail", "bob@acme.example\r\nBcc: x@y.zz"),
        ("remind_time", "1"),
        ("remind_time", "9:00-18:00"),
        ("remind_time", "18:00-18:00"),
    ] {
        let answer = submit(&test, &with(fault("x"), field, bad.into())).await;
        assert_refused(&answer, 400, "OSM.01010001", field);
    }
    for (field, good) in [("remind_time", "0"), ("remind_time", "22:00-06:00"), ("area_code", "+86")] {
        submit(&test, &with(fault("x"), field, good.into())).await.ok();
    }
    for name in ["x-phone-verifiedid", "x-email-verifiedid"] {
        for (value, good) in [("v", true), (&*"v".repeat(32), true), (&*"v".repeat(33), false), ("", false)] {
            let answer = test.submit(&fault("x")).header(name, value).by(&BOB).english().send().await;
            assert_eq!(answer.status == 200, good, "{name}: {value}");
            assert!(good || answer.message().contains(name), "{}", answer.message());
        }
    }
}

#[tokio::test]
async fn extra_parameters_are_those_of_the_problem_type() {
    let test = TestApp::start().await;
    for (params, field) in [
        (json!({}), "extends_map.instance_id"),
        (json!({"instance_id": ""}), "extends_map.instance_id"),
        (json!({"instance_id": "x".repeat(65)}), "extends_map.instance_id"),
        (json!({"instance_id": "i", "login_port": 0}), "extends_map.login_port"),
        (json!({"instance_id": "i", "login_port": "abc"}), "extends_map.login_port"),
        (json!({"instance_id": "i", "login_port": 1e300}), "extends_map.login_port"),
        (json!({"instance_id": "i", "os": "beos"}), "extends_map.os"),
        (json!({"instance_id": ["i"]}), "extends_map.instance_id"),
        (json!({"instance_id": "i", "nobody_knows": "x"}), "extends_map.nobody_knows"),
        (json!({"instance_id": "i", "project_id": 5}), "extends_map.project_id"),
        (json!({"instance_id": "i", "project_id": "x".repeat(256)}), "extends_map.project_id"),
    ] {
        let answer = submit(&test, &with(fault("x"), "extends_map", params)).await;
        assert_refused(&answer, 400, "OSM.01010001", field);
        assert!(!answer.message().contains("xxxxx"), "values are not repeated: {}", answer.message());
    }
    let good = json!({"instance_id": "i-2", "login_port": 3389, "os": "windows", "project_id": "blue"});
    let id = test.case_of(&BOB, &with(fault("x"), "extends_map", good)).await;
    let shown = test.detail(&BOB, &id).await["extends_map"].clone();
    assert_eq!(shown, json!({"instance_id": "i-2", "os": "windows", "login_port": "3389", "project_id": "blue"}));
    let evil = json!({"\u{7}\n": "x"});
    let answer = submit(&test, &with(fault("x"), "extends_map", evil)).await;
    assert_refused(&answer, 400, "OSM.01010001", "extends_map.");
    assert!(!answer.message().contains(char::is_control));
}

#[tokio::test]
async fn lengths_count_characters() {
    let test = TestApp::start().await;
    for letter in ["x", "é", "工", "🎫", "👩‍👩‍👧‍👦"] {
        let most = 1200 / letter.chars().count();
        let text = letter.repeat(most);
        let id = test.case_of(&BOB, &consultation(&text)).await;
        assert_eq!(test.detail(&BOB, &id).await["simple_description"], text, "{letter}");
        assert_eq!(test.detail(&BOB, &id).await["message_list"][0]["content"], text, "{letter}");
        let answer = submit(&test, &consultation(&letter.repeat(most + 1))).await;
        assert_refused(&answer, 400, "OSM.01010001", "simple_description: 0 to 1200 characters are allowed");
    }
    let secret = "密".repeat(400);
    submit(&test, &with(consultation("x"), "authorization_content", secret.into())).await.ok();
    let answer = submit(&test, &with(consultation("x"), "authorization_content", "密".repeat(401).into())).await;
    assert_refused(&answer, 400, "OSM.01010001", "authorization_content");
    test.assert_sound().await;
}

#[tokio::test]
async fn broken_bodies_are_told_where() {
    let test = TestApp::start().await;
    let raw =
        async |body: &[u8]| test.post(CASES).raw("application/json", body.to_vec()).by(&BOB).english().send().await;
    let nested = format!("{{\"extension_map\":{}{}}}", "{\"a\":".repeat(5000), "1".to_owned() + &"}".repeat(5000));
    for (body, words) in [
        (&b""[..], "line 1 column 0"),
        (b"{", "line 1 column 1"),
        (b"[]", "object"),
        (b"null", "body"),
        (b"\"text\"", "body"),
        (b"{\"simple_description\": \"\xff\"}", "UTF-8 (at byte 24)"),
        (b"{\"simple_description\": \"\xed\xa0\x80\"}", "UTF-8"),
        (b"{\"simple_description\": \"\\ud800\"}", "line 1"),
        (b"{\"simple_description\": \"a\nb\"}", "line 2"),
        (b"{\"simple_description\": \"a\", \"simple_description\": \"b\"}", "duplicate field `simple_description`"),
        (b"{\"simple_description\": 1e999}", "number out of range"),
        (b"{\"simple_description\": 1e99}", "simple_description"),
        (nested.as_bytes(), "recursion limit"),
        ("[".repeat(200_000).as_bytes(), "OSM.0001"),
    ] {
        let answer = raw(body).await;
        let text = format!("{} {}", answer.code(), answer.message());
        assert_eq!((answer.status, answer.code().as_str()), (400, "OSM.0001"), "{text}");
        assert!(text.contains(words), "{text}");
    }
    let nul = format!(
        "{{\"business_type_id\":\"ecs.usage\",\"simple_description\":\"a\\u0000b\",\"source_id\":\"{SOURCE}\"}}"
    );
    assert_refused(&raw(nul.as_bytes()).await, 400, "OSM.01010001", "NUL");
    let form = test.post(CASES).raw("application/x-www-form-urlencoded", b"a=b".to_vec()).by(&BOB).send().await;
    assert_refused(&form, 415, "OSM.01019005", "");
    assert_eq!(test.list(&ALICE, "").await["total_count"], 0);
}

#[tokio::test]
async fn odd_values_that_are_allowed_come_back_as_they_were() {
    let test = TestApp::start().await;
    let text = "line 1\r\nline 2\ttab \u{1}\u{1b}[31m \u{202e}right \u{feff}'; DROP TABLE cases; -- <script>";
    let extension = json!({"n": 1.5, "big": 1e300, "deep": {"a": [null, true, {"b": "工"}]}});
    let id = test.case_of(&BOB, &with(consultation(text), "extension_map", extension)).await;
    assert_eq!(test.detail(&BOB, &id).await["simple_description"], text);
    let big = json!({"k": "v".repeat(65_527)});
    submit(&test, &with(consultation("x"), "extension_map", big)).await.ok();
    let big = json!({"k": "v".repeat(65_530)});
    assert_refused(&submit(&test, &with(consultation("x"), "extension_map", big)).await, 400, "OSM.01010001", "65536");
    let project = with(consultation("x"), "project_id", "a\u{7}b".into());
    assert_refused(&submit(&test, &project).await, 400, "OSM.01010001", "project_id: control characters");
    test.assert_sound().await;
}

#[tokio::test]
async fn files_are_the_caller_s_and_used_once() {
    let test = TestApp::start().await;
    let upload = async |name: &str| {
        let body = json!({"accessory_name": name, "accessory_from": "incident", "accessory_data": "aGVsbG8="});
        let call = test.post("/v2/servicerequest/accessorys/json-format-content").json(&body);
        call.by(&BOB).send().await.ok()["accessory_id"].as_str().unwrap().to_owned()
    };
    let file = upload("a.txt").await;
    let body = with(consultation("see the file"), "accessory_ids", json!([file]));
    let foreign = test.submit(&body).by(&MALLORY).english().send().await;
    assert_refused(&foreign, 400, "OSM.01010001", "accessory_ids");
    let id = test.case_of(&BOB, &body).await;
    let first = test.detail(&BOB, &id).await["message_list"][0].clone();
    assert_eq!(first["accessory_list"], json!([{"accessory_id": file, "file_actual_name": "a.txt"}]));
    assert_refused(&submit(&test, &body).await, 400, "OSM.01010001", "accessory_ids");
    for ids in [json!(["x"]), json!(["00000000000000000000000000000000"]), json!([""]), json!(vec!["x"; 33])] {
        let answer = submit(&test, &with(consultation("x"), "accessory_ids", ids)).await;
        assert_refused(&answer, 400, "OSM.01010001", "accessory_ids");
    }
    assert_eq!(test.list(&ALICE, "").await["total_count"], 1);
    assert_eq!(test.list(&MALLORY, "").await["total_count"], 0);
    test.assert_sound().await;
}

#[tokio::test]
async fn staff_and_strangers_do_not_submit() {
    let test = TestApp::start().await;
    let staff = test.submit(&consultation("x")).by(&ERIN).english().send().await;
    assert_refused(&staff, 403, "OSM.01010002", "No operation permission");
    assert_eq!(test.submit(&consultation("x")).send().await.status, 401);
    let id = test.submit(&consultation("by token")).token(&test.token(&BOB).await).send().await.ok();
    assert_eq!(test.ids(&BOB, "").await, [id["incident_id"].as_str().unwrap()]);
}

#[tokio::test]
async fn business_errors_may_answer_200() {
    let test = TestApp::start_with(|config| {
        config.api.business_errors = counterfoil::config::BusinessErrors::Always200;
    })
    .await;
    let answer = submit(&test, &with(fault("x"), "severity_id", "no-such".into())).await;
    assert_refused(&answer, 200, "OSM.01010006", "Severity Id does not exist");
    assert_refused(&submit(&test, &consultation("")).await, 200, "OSM.01010001", "simple_description");
    let malformed = test.post(CASES).raw("application/json", b"{".to_vec()).by(&BOB).english().send().await;
    assert_refused(&malformed, 400, "OSM.0001", "line 1");
    assert_eq!(test.submit(&consultation("x")).send().await.status, 401);
    let id = test.case(&BOB).await;
    assert_refused(&test.act(&BOB, &id, "close").await, 200, "OSM.01019001", "status");
    let press = test.act(&BOB, &id, "press").await;
    assert_refused(&press, 200, "OSM.01010023", "moments ago");
    assert_eq!(press.header("retry-after"), Some("1800"));
}
