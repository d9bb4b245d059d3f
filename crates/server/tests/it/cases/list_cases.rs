//! `ListCases`. What `search_key` and `app_key` find stands in `search.rs`.

use crate::support::TestApp;
use crate::support::cases::{CASES, STATUSES, assert_refused, column, consultation, fault};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use serde_json::json;

const NONE: [&str; 0] = [];

#[tokio::test]
async fn every_field_is_there_in_both_languages() {
    let test = TestApp::start().await;
    let id = test.case_of(&BOB, &fault("无法登录")).await;
    let page = test.list(&BOB, "").await;
    let expected = json!({"total_count": 1, "incident_info_list": [{
        "incident_id": id, "xcustomer_id": test.user_id(&BOB).await, "xcustomer_name": "bob",
        "customer_id": test.account_id(&BOB).await, "status": 0, "business_type_name": "Cannot log in to the server",
        "incident_type_name": "Fault", "product_category_name": "Elastic Cloud Server",
        "dc_name": page["incident_info_list"][0]["dc_name"], "simple_description": "无法登录",
        "create_time": "2026-01-05T09:30:15Z", "label_list": [],
    }]});
    assert_eq!(page, expected);
    let zh = test.get(CASES).by(&BOB).send().await.ok()["incident_info_list"][0].clone();
    assert_eq!((&zh["incident_type_name"], &zh["product_category_name"]), (&json!("故障"), &json!("弹性云服务器")));
    test.accept(&id).await;
    test.advance_seconds(5);
    test.reply(&id, "Use the key.", "solution").await.ok();
    let solved = test.list(&BOB, "").await["incident_info_list"][0].clone();
    assert_eq!((&solved["resolution"], &solved["status"]), (&json!("Use the key."), &json!(2)));
    assert_eq!(solved["confirmed_time"], "2026-01-05T09:30:20Z");
}

#[tokio::test]
async fn each_sees_what_is_theirs() {
    let test = TestApp::start().await;
    let (a, b, c) = (test.case(&ALICE).await, test.case(&BOB).await, test.case(&CAROL).await);
    let m = test.case(&MALLORY).await;
    assert_eq!(test.ids(&ALICE, "").await, [c.clone(), b.clone(), a], "newest first");
    assert_eq!(test.ids(&BOB, "").await, [b.as_str()]);
    assert_eq!(test.ids(&MALLORY, "").await, [m.as_str()]);
    assert_eq!(test.ids(&BOB, &format!("incident_id={c}")).await, NONE);
    assert_eq!(test.ids(&ALICE, &format!("incident_id={m}")).await, NONE);
    let staff = test.get(CASES).by(&ERIN).english().send().await;
    assert_refused(&staff, 403, "OSM.01010002", "");
    let group = test.group_of_operators().await;
    assert_eq!(test.ids(&CAROL, &format!("group_id={group}")).await, [c.clone(), b.clone()]);
    assert_eq!(test.ids(&ALICE, &format!("group_id={group}")).await, [c.clone(), b.clone()]);
    assert_eq!(test.ids(&CAROL, &format!("group_id={group}&status=0&limit=100")).await, [c.clone(), b]);
    assert_eq!(test.ids(&CAROL, "group_id=").await, [c]);
    let no_role = test.get(&format!("{CASES}?group_id={group}")).by(&BOB).english().send().await;
    assert_refused(&no_role, 403, "OSM.01010002", "");
    for by in [&MALLORY, &CAROL, &ALICE] {
        let unknown = test.get(&format!("{CASES}?group_id=0123456789abcdef0123456789abcdef")).by(by).english();
        assert_refused(&unknown.send().await, 403, "OSM.01010002", "");
    }
    let foreign = test.get(&format!("{CASES}?group_id={group}")).by(&MALLORY).english().send().await;
    assert_refused(&foreign, 403, "OSM.01010002", "");
}

#[tokio::test]
async fn status_alone_or_several() {
    let test = TestApp::start().await;
    let mut ids = Vec::new();
    for status in STATUSES {
        ids.push(test.case_in(status).await);
    }
    for (status, id) in STATUSES.iter().zip(&ids) {
        let expected: &[String] = if *status == 13 { &[] } else { std::slice::from_ref(id) };
        assert_eq!(test.ids(&BOB, &format!("status={status}")).await, expected);
        assert_eq!(test.ids(&BOB, &format!("incident_status={status}")).await, expected);
    }
    assert_eq!(test.ids(&BOB, "").await.len(), 8);
    assert_eq!(test.ids(&BOB, "incident_status=0,1").await, [ids[1].clone(), ids[0].clone()]);
    assert_eq!(test.ids(&BOB, "incident_status=1,%200,1,13").await, [ids[1].clone(), ids[0].clone()]);
    assert_eq!(test.ids(&BOB, "status=0&incident_status=1").await, [ids[1].clone(), ids[0].clone()]);
    assert_eq!(test.ids(&BOB, "incident_status=").await.len(), 8);
    assert_eq!(test.ids(&BOB, "status=7").await, NONE);
    assert_eq!(test.ids(&BOB, "status=30").await, NONE);
    for query in ["status=31", "status=-1", "incident_status=x", "incident_status=1;2", "incident_status=1.5"] {
        let answer = test.get(&format!("{CASES}?{query}")).by(&BOB).english().send().await;
        assert_refused(&answer, 400, "OSM.01010001", "status");
    }
    let long = format!("{CASES}?incident_status={}", "1,".repeat(17));
    assert_refused(&test.get(&long).by(&BOB).english().send().await, 400, "OSM.01010001", "incident_status");
}

#[tokio::test]
async fn by_submitter() {
    let test = TestApp::start().await;
    let (a, b) = (test.case(&ALICE).await, test.case(&BOB).await);
    let (alice, bob) = (test.user_id(&ALICE).await, test.user_id(&BOB).await);
    let mallory = test.user_id(&MALLORY).await;
    assert_eq!(test.ids(&ALICE, &format!("x_customer_id={bob}")).await, [b.as_str()]);
    assert_eq!(test.ids(&ALICE, &format!("x_customer_id={bob}&status=0")).await, [b.as_str()]);
    assert_eq!(test.ids(&ALICE, &format!("x_customer_id={alice}")).await, [a.as_str()]);
    assert_eq!(test.ids(&BOB, &format!("x_customer_id={bob}")).await, [b.as_str()]);
    assert_eq!(test.ids(&BOB, &format!("x_customer_id={alice}")).await, NONE);
    assert_eq!(test.ids(&ALICE, &format!("x_customer_id={mallory}")).await, NONE);
    assert_eq!(test.ids(&ALICE, "x_customer_id=nobody").await, NONE);
    assert_eq!(test.ids(&ALICE, "x_customer_name=bob").await, [b.as_str()]);
    assert_eq!(test.ids(&ALICE, "x_customer_name=bo").await, NONE);
    assert_eq!(test.ids(&BOB, "x_customer_name=alice").await, NONE);
    assert_eq!(test.ids(&ALICE, &format!("incident_id={a}")).await, [a.as_str()]);
    assert_eq!(test.ids(&ALICE, &format!("incident_id={a}&x_customer_name=bob")).await, NONE);
    assert_eq!(test.ids(&ALICE, "incident_id=nothing").await, NONE);
    let group = test.group_of_operators().await;
    assert_eq!(test.ids(&CAROL, &format!("group_id={group}&x_customer_id={bob}")).await, [b]);
    assert_eq!(test.ids(&CAROL, &format!("group_id={group}&x_customer_id={alice}")).await, NONE);
}

#[tokio::test]
async fn times_are_read_in_the_caller_s_zone() {
    let test = TestApp::start().await;
    // 2026-01-05T09:30:15Z is 17:30:15 in GMT+8, the zone without a header.
    let early = test.case(&BOB).await;
    test.advance_seconds(3600);
    let late = test.case(&BOB).await;
    let find = async |query: &str, zone: Option<&str>| {
        let call = test.get(&format!("{CASES}?{}", query.replace(' ', "%20").replace('+', "%2B"))).by(&BOB);
        let call = match zone {
            Some(zone) => test.get(&call_target(query)).header("x-time-zone", zone).by(&BOB),
            None => call,
        };
        let page = call.english().send().await.ok();
        assert_eq!(page["total_count"], page["incident_info_list"].as_array().unwrap().len());
        column(&page["incident_info_list"], "incident_id")
    };
    let both = [late.clone(), early.clone()];
    assert_eq!(find("query_start_time=2026-01-05 17:30:15", None).await, both);
    assert_eq!(find("query_start_time=2026-01-05 17:30:16", None).await, [late.as_str()]);
    assert_eq!(find("query_end_time=2026-01-05 17:30:15", None).await, [early.as_str()]);
    assert_eq!(find("query_end_time=2026-01-05 17:30:14", None).await, NONE);
    assert_eq!(find("query_start_time=2026-01-05 09:30:16", Some("UTC")).await, [late.as_str()]);
    assert_eq!(find("query_start_time=2026-01-05 10:30:16", Some("Europe/Berlin")).await, [late.as_str()]);
    assert_eq!(find("query_start_time=2026-01-05 04:00:16", Some("GMT-05:30")).await, [late.as_str()]);
    assert_eq!(find("query_start_time=2026-01-05&query_end_time=2026-01-06", None).await, both);
    assert_eq!(find("query_end_time=2026-01-05", None).await, NONE, "a date is its midnight");
    assert_eq!(find("query_start_time=2026-01-05T09:30:16Z", None).await, [late.as_str()]);
    assert_eq!(find("query_start_time=2026-01-05T10:30:16+01:00", None).await, [late.as_str()]);
    assert_eq!(find("query_start_time=2027-01-01", None).await, NONE);
    assert_eq!(find("query_start_time=2026-01-06&query_end_time=2026-01-05", None).await, NONE);
    assert_eq!(find("query_start_time=0001-01-01&query_end_time=9999-12-30", None).await, both);
    assert_eq!(find("query_start_time=&query_end_time=", None).await, both);
    for name in ["query_start_time", "query_end_time"] {
        for wrong in [
            "yesterday",
            "2026-13-01",
            "2026-02-30",
            "2026-01-05 25:00:00",
            "05.01.2026",
            "2026-01-05T09:30:15",
            "1767605415",
            "2026-01-05 09:30",
            "2026-01-05 09:30:15.5",
            "'2026-01-05'",
        ] {
            let target = format!("{CASES}?{name}={}", wrong.replace(' ', "%20"));
            let answer = test.get(&target).by(&BOB).english().send().await;
            assert_refused(&answer, 400, "OSM.01010001", &format!("{name}: yyyy-MM-dd HH:mm:ss"));
        }
    }
    let zone = test.get(CASES).header("x-time-zone", "Mars/Base").by(&BOB).english().send().await;
    assert_refused(&zone, 400, "OSM.01010001", "X-Time-Zone");
}

fn call_target(query: &str) -> String {
    format!("{CASES}?{}", query.replace(' ', "%20"))
}

#[tokio::test]
async fn pages_are_ten_and_follow_each_other() {
    let test = TestApp::start().await;
    let mut ids = Vec::new();
    for i in 0..12 {
        ids.insert(0, test.case_of(&BOB, &consultation(&format!("case {i}"))).await);
    }
    let page = async |query: &str| {
        let page = test.list(&BOB, query).await;
        assert_eq!(page["total_count"], 12, "{query}");
        column(&page["incident_info_list"], "incident_id")
    };
    assert_eq!(page("").await, ids[..10]);
    assert_eq!(page("offset=10").await, ids[10..]);
    assert_eq!(page("offset=0&limit=5").await, ids[..5]);
    assert_eq!(page("offset=5&limit=5&search_key=case").await, ids[5..10]);
    assert_eq!(page("limit=100").await, ids);
    assert_eq!(page("limit=0").await, NONE);
    assert_eq!(page("limit=0&search_key=case").await, NONE);
    assert_eq!(page("offset=65535").await, NONE);
    assert_eq!(page("limit=&offset=").await, ids[..10]);
    for query in ["limit=101", "limit=-1", "offset=-1", "offset=65536", "limit=1e3", "limit=18446744073709551617"] {
        let answer = test.get(&format!("{CASES}?{query}")).by(&BOB).english().send().await;
        assert_refused(&answer, 400, "OSM.01010001", "a whole number from 0 to");
    }
}

#[tokio::test]
async fn odd_queries() {
    let test = TestApp::start().await;
    test.case(&BOB).await;
    let ask = async |query: &str| test.get(&format!("{CASES}?{query}")).by(&BOB).english().send().await;
    assert_refused(&ask("x_customer_name=a%00b").await, 400, "OSM.01010001", "x_customer_name");
    assert_refused(&ask("incident_id=a%0ab").await, 400, "OSM.01010001", "incident_id: control characters");
    assert_refused(&ask("search_key=a%07b").await, 400, "OSM.01010001", "search_key: control characters");
    // By token, because what is no UTF-8 cannot be signed.
    let token = test.token(&BOB).await;
    let odd = test.get(&format!("{CASES}?x_customer_name=%ff%fe")).token(&token).english().send().await;
    assert_refused(&odd, 400, "OSM.0001", "x_customer_name");
    for (name, most) in [("app_key", 64), ("incident_id", 32), ("x_customer_id", 64), ("x_customer_name", 64)] {
        let at = ask(&format!("{name}={}", "%F0%9F%8E%AB".repeat(most))).await;
        assert_eq!(at.status, 200, "{name}");
        let above = ask(&format!("{name}={}", "%F0%9F%8E%AB".repeat(most + 1))).await;
        assert_refused(&above, 400, "OSM.01010001", name);
    }
    assert_eq!(ask("no_such_parameter=1").await.ok()["total_count"], 1);
    let injected = ask("x_customer_name=%27%20OR%201%3D1%20--&search_key=%22%20OR%20%22").await.ok();
    assert_eq!(injected["total_count"], 0);
    assert_refused(&ask("label_id_list=1,2,3,4,5,6").await, 400, "OSM.01010001", "label_id_list");
}
