//! `ListOrderIncident`: the rules of `ListCases` under names in camel case.

use crate::support::TestApp;
use crate::support::cases::{assert_refused, column, consultation, fault};
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY, Person};
use serde_json::{Value, json};

const PATH: &str = "/osm/incidentservice/api/v1/queryincident";
const NONE: [&str; 0] = [];

async fn page(test: &TestApp, by: &Person, query: &str) -> Value {
    test.get(&format!("{PATH}?{query}")).by(by).english().send().await.ok()
}

/// The ids that a query finds; the total must be their number.
async fn ids(test: &TestApp, by: &Person, query: &str) -> Vec<String> {
    let page = page(test, by, query).await;
    let ids = column(&page["incidentInfoList"], "incidentId");
    assert_eq!(page["totalCount"], ids.len(), "{query}");
    ids
}

#[tokio::test]
async fn every_field_is_there_in_both_languages() {
    let test = TestApp::start().await;
    let id = test.case_of(&BOB, &fault("无法登录")).await;
    let page = page(&test, &BOB, "").await;
    let expected = json!({"totalCount": 1, "incidentInfoList": [{
        "incidentId": id, "type": 5, "businessTypeName": "Cannot log in to the server", "incidentTypeName": "Fault",
        "customerId": test.account_id(&BOB).await, "xcustomerId": test.user_id(&BOB).await, "xcustomerName": "bob",
        "dcName": page["incidentInfoList"][0]["dcName"], "simpleDescribe": "无法登录", "status": 0,
        "createTime": "2026-01-05T09:30:15Z", "gray": false, "labelList": [],
    }]});
    assert_eq!(page, expected);
    assert_ne!(page["incidentInfoList"][0]["dcName"], "");
    let zh = test.get(PATH).by(&BOB).send().await.ok();
    assert_eq!(zh["incidentInfoList"][0]["incidentTypeName"], "故障");
    assert_eq!(zh["incidentInfoList"][0]["businessTypeName"], "无法登录服务器");
}

#[tokio::test]
async fn each_filter_is_that_of_the_newer_list() {
    let test = TestApp::start().await;
    let early = test.case_of(&ALICE, &consultation("磁盘 is full")).await;
    test.advance_seconds(3600);
    let late = test.case_of(&BOB, &fault("cannot log in")).await;
    test.act(&BOB, &late, "cancel").await.ok();
    let (alice, bob) = (test.user_id(&ALICE).await, test.user_id(&BOB).await);
    let both = [late.clone(), early.clone()];
    let (early, late) = ([early], [late]);
    assert_eq!(ids(&test, &ALICE, "version=v1").await, both);
    for (query, found) in [
        ("searchKey=full", &early[..]),
        ("searchKey=full&searchKey=磁盘", &early),
        ("searchKey=full&searchKey=log", &[]),
        ("appKey=cannot", &late),
        (&format!("appKey={}", early[0]), &early),
        (&format!("incidentId={}", late[0]), &late),
        ("status=4", &late),
        ("incidentStatus=4,12", &late),
        ("status=0&incidentStatus=4", &both),
        ("status=13", &[]),
        ("xCustomerName=alice", &early),
        (&format!("xCustomerId={bob}"), &late),
        ("productCategoryId=ecs", &both),
        ("productCategoryId=bms", &[]),
        ("businessTypeId=ecs.login-failed", &late),
        ("businessTypeId=ecs.login-failed&productCategoryId=bms", &[]),
        // The zone of a request without X-Time-Zone is GMT+8.
        ("queryStartTime=2026-01-05 18:00:00", &late),
        ("queryEndTime=2026-01-05 17:30:15", &early),
        ("labelIdList=1&labelIdList=2", &[]),
    ] {
        let query = query.replace(' ', "%20").replace("磁盘", "%E7%A3%81%E7%9B%98");
        assert_eq!(ids(&test, &ALICE, &query).await, found, "{query}");
    }
    assert_eq!(ids(&test, &BOB, "").await, late, "a user sees the own");
    assert_eq!(ids(&test, &BOB, &format!("xCustomerId={alice}")).await, NONE);
    assert_eq!(ids(&test, &MALLORY, "").await, NONE);
    assert_eq!(ids(&test, &MALLORY, &format!("incidentId={}", late[0])).await, NONE);
    let group = test.group_of_operators().await;
    assert_eq!(ids(&test, &CAROL, &format!("groupId={group}")).await, late);
}

#[tokio::test]
async fn pages_are_counted_from_one() {
    let test = TestApp::start().await;
    let mut newest_first = Vec::new();
    for _ in 0..12 {
        newest_first.insert(0, test.case(&BOB).await);
    }
    let on = async |query: &str| {
        let page = page(&test, &BOB, query).await;
        assert_eq!(page["totalCount"], 12);
        column(&page["incidentInfoList"], "incidentId")
    };
    assert_eq!(on("").await, newest_first[..10]);
    assert_eq!(on("pageNo=1&pageSize=5").await, newest_first[..5]);
    assert_eq!(on("pageNo=3&pageSize=5").await, newest_first[10..]);
    assert_eq!(on("pageNo=2").await, newest_first[10..]);
    assert_eq!(on("pageNo=65535&pageSize=100").await, NONE);
}

#[tokio::test]
async fn what_is_out_of_bounds_is_named() {
    let test = TestApp::start().await;
    let long = "x".repeat(65);
    for (name, value) in [
        ("pageNo", "0"),
        ("pageNo", "65536"),
        ("pageSize", "0"),
        ("pageSize", "101"),
        ("status", "31"),
        ("incidentStatus", "x"),
        ("queryStartTime", "yesterday"),
        ("queryEndTime", "2026-13-01"),
        ("searchKey", "a,b,c,d"),
        ("searchKey", &long),
        ("labelIdList", "1,2,3,4,5,6"),
        ("appKey", &long),
        ("groupId", &long),
        ("incidentId", &long),
        ("businessTypeId", &long),
        ("productCategoryId", &long),
        ("xCustomerId", &long),
        ("xCustomerName", &long),
        ("version", &long),
    ] {
        let answer = test.get(&format!("{PATH}?{name}={value}")).by(&BOB).english().send().await;
        assert_refused(&answer, 400, "OSM.01010001", name);
    }
    let unknown = format!("{PATH}?groupId=0123456789abcdef0123456789abcdef");
    for by in [&MALLORY, &CAROL, &ALICE] {
        assert_refused(&test.get(&unknown).by(by).english().send().await, 403, "OSM.01010002", "");
    }
    assert_refused(&test.get(PATH).by(&ERIN).english().send().await, 403, "OSM.01010002", "");
    assert_eq!(test.get(PATH).send().await.status, 401);
}

#[tokio::test]
async fn labels_stand_there_by_their_older_names() {
    let test = TestApp::start().await;
    let id = test.case(&BOB).await;
    test.case(&BOB).await;
    let body = json!({"name": "生产", "color": "#00FF00"});
    let label = test.post("/v2/servicerequest/labels").json(&body).by(&BOB).send().await.ok()["label_id"].clone();
    let put = format!("/v2/servicerequest/cases/{id}/labels?label_ids={label}");
    test.post(&put).by(&BOB).send().await.ok();
    let query = format!("labelIdList={label}");
    assert_eq!(ids(&test, &BOB, &query).await, [id.as_str()]);
    let found = page(&test, &BOB, &query).await;
    let expected = json!([{"labelId": label.to_string(), "name": "生产", "color": "#00FF00"}]);
    assert_eq!(found["incidentInfoList"][0]["labelList"], expected);
}
