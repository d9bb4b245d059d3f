//! Every body and answer spells its fields as documented.
//!
//! `bodies.json` holds one sample of each with every documented field. What a type reads and writes again must be the
//! same: a misspelt, forgotten or wrongly typed field shows as a difference.

#![expect(clippy::unwrap_used, reason = "tests")]

use counterfoil_wire::accessories::*;
use counterfoil_wire::cases::*;
use counterfoil_wire::catalog::*;
use counterfoil_wire::desk::*;
use counterfoil_wire::messages::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

fn round<T: Serialize + DeserializeOwned>(sample: &Value) -> Value {
    let read: T = serde_json::from_value(sample.clone()).unwrap();
    serde_json::to_value(&read).unwrap()
}

#[test]
fn documented_fields_survive() {
    let mut samples: Map<String, Value> = serde_json::from_str(include_str!("bodies.json")).unwrap();
    macro_rules! check {
        ($($name:ident)*) => {$(
            let sample = samples.remove(stringify!($name)).unwrap();
            assert_eq!(round::<$name>(&sample), sample, stringify!($name));
        )*};
    }
    check! {
        CreateCase OperateCase CaseCreated CasePage CaseDetailAnswer CaseStatus CaseCounts OperateLogPage
        CreateMessage MessagePage
        UploadJsonAccessory AccessoryForm AccessoryCreated AccessoryLimits AccessoryUrlList AccessoryAccessUrl
        AreaCodeList CategoryList ExtraParameterList CaseLimits ProblemTypeList ProductList RegionList
        SatisfactionDimensionList SeverityList TemplateList Configuration
    }
    assert!(samples.is_empty(), "not checked: {:?}", samples.keys());
}

#[test]
fn optional_fields_may_be_absent_and_unknown_ones_are_ignored() {
    let body =
        json!({"business_type_id": "b", "simple_description": "d", "source_id": "s", "remind_mail": null, "new": 1});
    let known = json!({"business_type_id": "b", "simple_description": "d", "source_id": "s"});
    assert_eq!(round::<CreateCase>(&body), known);
    assert_eq!(round::<OperateCase>(&json!({"x": []})), json!({}));
    let missing =
        serde_json::from_value::<CreateCase>(json!({"business_type_id": "b", "source_id": "s"})).err().unwrap();
    assert!(missing.to_string().contains("simple_description"), "{missing}");
}

#[test]
fn our_own_fields_have_their_names() {
    let hidden = json!({"content": "", "authorization_content": "secret"});
    assert_eq!(round::<NewMessage>(&hidden), hidden);
    let body =
        json!({"business_type_id": "", "simple_description": "", "source_id": "", "authorization_content": "secret"});
    assert_eq!(round::<CreateCase>(&body), body);
    let reply = json!({"content": "c", "next": "pending_feedback"});
    assert_eq!(round::<DeskReply>(&reply), reply);
    assert!(serde_json::from_value::<DeskReply>(json!({"content": "c", "next": "close"})).is_err());
    assert_eq!(round::<DeskAccept>(&json!({})), json!({}));
    assert_eq!(round::<counterfoil_wire::Done>(&json!({"error_code": ""})), json!({}));
}

#[test]
fn a_desk_detail_is_a_queue_row_and_more() {
    let id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
    let row = json!({
        "case_id": "TT2026010500000042", "account_id": id, "account_name": "acme", "user_id": id, "user_name": "bob",
        "status": 5, "simple_description": "d", "incident_sub_type_id": "c", "incident_sub_type_name": "Compute",
        "product_category_id": "p", "product_category_name": "Server", "business_type_id": "b",
        "business_type_name": "Fault", "case_type": "5", "severity_id": "1", "region_id": "cn-north-1",
        "assignee_id": id, "assignee_name": "erin", "business_ownership": 1, "create_time": "t", "update_time": "t",
    });
    let page = json!({"total_count": 1, "cases": [row]});
    assert_eq!(round::<DeskCasePage>(&page), page);
    let mut detail = row;
    let more = json!({
        "messages": [{
            "message_id": id, "visibility": "note", "type": 1, "replier": id, "replier_name": "erin", "content": "n",
            "create_time": "t", "is_first_message": 0, "accessory_list": [], "authorization_content": "secret",
        }],
        "operate_logs": [{
            "incident_log_id": id, "incident_id": "TT2026010500000042", "operate_type": 20, "operator_type": 1,
            "operate_time": "t", "timestamp_operate_time": "t",
        }],
        "extends_map": {"k": 1}, "contact": {"remind_mail": "bob@example.test"}, "authorization_content": "secret",
        "pause_reason": "waiting for parts", "resume_at": "t",
    });
    detail.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    assert_eq!(round::<DeskCaseDetail>(&detail), detail);
    assert_eq!(serde_json::to_value(Visibility::Note).unwrap(), Visibility::Note.as_str());
    assert_eq!(serde_json::to_value(Visibility::Public).unwrap(), Visibility::Public.as_str());
}
