//! Another account's ids answer exactly like ids that nothing has.
//!
//! Which requests that are follows from the table of routes (ids in paths) and from the facts (ids in queries and bodies;
//! what is called like an id has to be given a value or a reason). Each is sent by an outsider with a real id of another account and with one of the same form that
//! does not exist, and the two answers must be the same; and by the owner, for whom they must differ, so that the test is
//! known to ask for something.

use super::boundaries::Set;
use super::{Draft, Fixtures, areas, operation, placeholders, upload};
use crate::support::people::{ALICE, ERIN, MALLORY};
use crate::support::{Answer, Person, TestApp};
use counterfoil::openapi::facts::Field;
use counterfoil::routes::{self, Operation, Permission};
use serde_json::{Value, json};

/// Names of ids that belong to the catalogue, which is the same for all accounts.
const CATALOG_IDS: &[&str] = &[
    "business_type_id",
    "businessTypeId",
    "incident_sub_type_id",
    "product_category_id",
    "productCategoryId",
    "region_id",
    "satisfaction_id",
    "sat_category_id",
    "severity_id",
    "source_id",
    "action_id",
];

/// All of an answer but what differs with every request.
fn comparable(answer: &Answer) -> (u16, Value, Vec<u8>) {
    let mut json = answer.json.clone();
    if let Some(object) = json.as_object_mut() {
        object.remove("request_id");
    }
    let bytes = if json.is_null() { answer.bytes.clone() } else { Vec::new() };
    (answer.status, json, bytes)
}

/// What an id parameter is set to; none when it is not known whose id that is.
fn value_of(operation: &str, name: &str, ids: &Fixtures) -> Option<Value> {
    let common = || match name.rsplit('.').next()? {
        "group_id" | "groupId" => Some(json!(ids.group_id)),
        "incident_id" | "incidentId" => Some(json!(ids.case_id)),
        "relation_id" => Some(json!(ids.message_id)),
        "x_customer_id" | "xCustomerId" | "user_id" | "sub_customer_id" => Some(json!(ids.user_id)),
        "accessory_ids" => Some(json!([ids.free_id])),
        "domain_id" | "parent_id" | "customer_id" => Some(json!(ids.account_id)),
        _ => None,
    };
    areas::id_value(operation, name, ids).or_else(common)
}

/// True for a name that an id has.
fn looks_like_an_id(name: &str) -> bool {
    let name = name.trim_end_matches("[]");
    ["_id", "_ids", "_id_list", "Id", "IdList"].iter().any(|end| name.ends_with(end)) || name == "id"
}

/// One place of an id in one operation; the path when `param` is none.
struct Place {
    operation: Operation,
    param: Option<&'static Field>,
}

impl Place {
    /// The request of somebody who has `own`, about `ids`.
    async fn draft(&self, app: &TestApp, own: &Fixtures, ids: &Fixtures) -> Draft {
        let Some(param) = self.param else {
            let mut draft = Draft::good(app, &self.operation, ids).await;
            areas::ask_about(&mut draft, self.operation.id, None);
            return draft;
        };
        let mut draft = Draft::good(app, &self.operation, own).await;
        areas::ask_about(&mut draft, self.operation.id, Some(&param.name));
        let value = value_of(self.operation.id, &param.name, ids).unwrap();
        draft.set(param, &Set::To(value));
        draft
    }

    fn name(&self) -> String {
        format!("{} {}", self.operation.id, self.param.map_or("path", |param| &param.name))
    }
}

fn places() -> Vec<Place> {
    let mut out = Vec::new();
    let constants = areas::all();
    for operation in routes::operations() {
        let is_exempt = constants.iter().flat_map(|area| area.not_of_an_account).any(|(id, _)| *id == operation.id);
        if !placeholders(operation.path).is_empty() && !is_exempt {
            out.push(Place { operation, param: None });
        }
        let Some(described) = areas::described().find(|described| described.id == operation.id) else { continue };
        for param in described.params.iter().filter(|param| ["query", "body"].contains(&param.r#in.as_str())) {
            let last = param.name.rsplit('.').next().unwrap();
            let is_none = constants
                .iter()
                .flat_map(|area| area.no_look_up)
                .any(|(id, name, _)| *id == operation.id && *name == param.name);
            // An item of a list is tried with the list.
            if is_exempt || is_none || CATALOG_IDS.contains(&last) || last.ends_with("[]") || !looks_like_an_id(last) {
                continue;
            }
            let known = value_of(operation.id, &param.name, &Fixtures::nothing()).is_some();
            assert!(known, "{} {}: whose id is it? See areas/", operation.id, param.name);
            out.push(Place { operation, param: Some(param) });
        }
    }
    // Deleting her key leaves the owner without one.
    out.sort_by_key(|place| place.operation.id == "DeleteAccessKey");
    out
}

#[tokio::test]
async fn another_accounts_id_answers_like_a_missing_one() {
    let app = TestApp::start().await;
    let nothing = Fixtures::nothing();
    let mut findings = Vec::new();
    let places = places();
    assert!(places.len() > 35, "{} places", places.len());
    for place in places {
        let own = Fixtures::make_for(&app, &MALLORY, place.operation.id).await;
        let real = Fixtures::make_for(&app, &ALICE, place.operation.id).await;
        let real_to_mallory = place.draft(&app, &own, &real).await.send(&app, &MALLORY).await;
        let none_to_mallory = place.draft(&app, &own, &nothing).await.send(&app, &MALLORY).await;
        let (a, b) = (comparable(&real_to_mallory), comparable(&none_to_mallory));
        if a != b {
            findings.push(format!("{}: another account's {a:?}, a missing one {b:?}", place.name()));
        }
        let none_to_alice = place.draft(&app, &real, &nothing).await.send(&app, &ALICE).await;
        let real_to_alice = place.draft(&app, &real, &real).await.send(&app, &ALICE).await;
        let (c, d) = (comparable(&real_to_alice), comparable(&none_to_alice));
        if c == d {
            findings.push(format!("{}: the owner's own and a missing one both {c:?}: nothing is tested", place.name()));
        }
        for answer in [real_to_mallory, none_to_mallory, none_to_alice, real_to_alice] {
            if answer.status >= 500 || answer.status == 401 {
                findings.push(format!("{}: {} {}", place.name(), answer.status, answer.json));
            }
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[tokio::test]
async fn free_files_of_a_customer_are_nothing_to_staff() {
    let app = TestApp::start().await;
    let (real, nothing) = (Fixtures::make(&app, &ALICE).await, Fixtures::nothing());
    let accept = format!("/desk/v1/cases/{}/accept", real.case_id);
    app.post(&accept).by(&ERIN).json(&json!({})).send().await.ok();
    for id in ["DownloadDeskAccessories", "DeleteDeskAccessories", "ReplyToCase"] {
        let own = upload(&app, &ERIN, "message").await;
        let operation = operation(id);
        let ask = async |file: &str| {
            let mut draft = Draft::good(&app, &operation, &real).await;
            for place in draft.ids.iter_mut().filter(|(name, _)| name == "accessory_id") {
                place.1 = file.to_owned();
            }
            if id == "ReplyToCase" {
                draft.body["accessory_ids"] = json!([file]);
            }
            comparable(&draft.send(&app, &ERIN).await)
        };
        let (foreign, missing, hers) = (ask(&real.reply_id).await, ask(&nothing.free_id).await, ask(&own).await);
        assert_eq!(foreign, missing, "{id}");
        assert_eq!(hers.0, 200, "{id}: {hers:?}");
    }
}

#[tokio::test]
async fn a_login_can_not_name_another_account() {
    let app = TestApp::start().await;
    let (real, nothing) = (Fixtures::make(&app, &ALICE).await, Fixtures::nothing());
    for (header, theirs, none) in [
        ("x-domain-id", real.account_id.as_str(), nothing.account_id.as_str()),
        ("x-project-id", real.get("project_id"), nothing.get("project_id")),
    ] {
        let ask = async |person: &Person, id: &str| {
            comparable(&app.get("/v2/servicerequest/cases").header(header, id).by(person).send().await)
        };
        assert_eq!(ask(&MALLORY, theirs).await, ask(&MALLORY, none).await, "{header}");
        assert_ne!(ask(&ALICE, theirs).await, ask(&ALICE, none).await, "{header}");
    }
    let scoped = async |person: &Person, scope: Value| {
        let mut body = crate::support::people::login(person, crate::support::people::PASSWORD);
        body["auth"]["scope"] = scope;
        let answer = app.post("/v3/auth/tokens").json(&body).send().await;
        let (status, _, _) = comparable(&answer);
        (status, answer.message())
    };
    for kind in ["domain", "project"] {
        let id =
            |ids: &Fixtures| if kind == "domain" { ids.account_id.clone() } else { ids.get("project_id").to_owned() };
        let theirs = scoped(&MALLORY, json!({kind: {"id": id(&real)}})).await;
        assert_eq!(theirs, scoped(&MALLORY, json!({kind: {"id": id(&nothing)}})).await, "{kind}");
        assert_ne!(theirs.0, 201, "{kind}");
        assert_eq!(scoped(&ALICE, json!({kind: {"id": id(&real)}})).await.0, 201, "{kind}");
    }
}

#[test]
fn what_is_not_tested_here_is_not_of_an_account() {
    for (id, reason) in areas::all().into_iter().flat_map(|area| area.not_of_an_account) {
        let operation = operation(id);
        let is_desk = (operation.path.starts_with("/desk/") || operation.path.starts_with("/admin/"))
            && matches!(operation.permission, Permission::Staff(_));
        assert!(is_desk || operation.permission == Permission::Anyone, "{id}: {reason}");
    }
}
