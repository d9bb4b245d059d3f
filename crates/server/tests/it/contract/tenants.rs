//! Another account's ids answer exactly like ids that nothing has.
//!
//! Which requests that are follows from the table of routes (ids in paths) and from `operations.json` and [`MORE`] (ids in
//! queries and bodies). Each is sent by an outsider with a real id of another account and with one of the same form that
//! does not exist, and the two answers must be the same; and by the owner, for whom they must differ, so that the test is
//! known to ask for something.

use super::boundaries::{Documented, Param, Set, documented};
use super::{Draft, Fixtures, operation, placeholders, upload};
use crate::support::people::{ALICE, ERIN, MALLORY};
use crate::support::{Answer, Person, TestApp};
use counterfoil::routes::{self, Operation, Permission};
use serde_json::{Value, json};

/// Names of parameters that are ids of an account.
const ID_PARAMS: &[&str] = &[
    "group_id",
    "incident_id",
    "relation_id",
    "x_customer_id",
    "accessory_ids",
    "message.accessory_ids",
    "project_id",
];

/// Parameters of these names that belong to no account, or that nothing is looked up by.
const NO_LOOK_UP: &[(&str, &str, &str)] = &[("CreateCases", "project_id", "kept as a note; not looked up")];

/// Ids in operations that `operations.json` does not describe.
const MORE: &[(&str, &str, &str)] = &[
    ("ListUsers", "query", "domain_id"),
    ("ListProjects", "query", "domain_id"),
    ("ListProjects", "query", "parent_id"),
    ("ListGroups", "query", "domain_id"),
    ("ListAccessKeys", "query", "user_id"),
    ("CreateAccessKey", "body", "credential.user_id"),
];

/// Paths whose ids are no account's own, or that are for people who work for all accounts.
const NOT_OF_AN_ACCOUNT: &[(&str, &str)] = &[
    ("ShowConfiguration", "a public key"),
    ("DownloadSignedAccessory", "the signature is the permission; its own tests change each part of it"),
    ("ShowDeskCase", "staff sees the cases of all accounts"),
    ("AcceptCase", "staff works for all accounts"),
    ("ReplyToCase", "staff works for all accounts; its accessory_ids have a test below"),
    ("AddCaseNote", "staff works for all accounts"),
    ("PauseCase", "staff works for all accounts"),
    ("ResumeCase", "staff works for all accounts"),
    ("InvalidateCase", "staff works for all accounts"),
    ("DownloadDeskAccessories", "staff reads the files of all cases; free ones have a test below"),
    ("DeleteDeskAccessories", "staff deletes free files only; they have a test below"),
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

/// What an id parameter is set to.
fn value_of(name: &str, ids: &Fixtures) -> Value {
    if name == "message.accessory_ids" {
        return json!([ids.reply_id]);
    }
    match name.rsplit('.').next().unwrap() {
        "group_id" => json!(ids.group_id),
        "incident_id" => json!(ids.case_id),
        "relation_id" => json!(ids.message_id),
        "x_customer_id" | "user_id" => json!(ids.user_id),
        "accessory_ids" => json!([ids.free_id]),
        "project_id" => json!(ids.project_id),
        "domain_id" | "parent_id" => json!(ids.account_id),
        other => panic!("{other} is not known as an id"),
    }
}

/// One place of an id in one operation; the path when `param` is none.
struct Place {
    operation: Operation,
    param: Option<Param>,
}

impl Place {
    /// The request of somebody who has `own`, about `ids`.
    async fn draft(&self, app: &TestApp, own: &Fixtures, ids: &Fixtures) -> Draft {
        let Some(param) = &self.param else {
            let mut draft = Draft::good(app, &self.operation, ids).await;
            if self.operation.id == "UpdateCases" {
                draft.query = vec![("action_id".to_owned(), "press".to_owned())];
                draft.body = json!({});
            }
            return draft;
        };
        let mut draft = Draft::good(app, &self.operation, own).await;
        if (self.operation.id, param.name.as_str()) == ("ShowDownloadAccessoryUrl", "relation_id") {
            draft.query = vec![("relation_type".to_owned(), "MESSAGE".to_owned())];
        }
        draft.set(param, &Set::To(value_of(&param.name, ids)));
        draft
    }

    fn name(&self) -> String {
        format!("{} {}", self.operation.id, self.param.as_ref().map_or("path", |param| &param.name))
    }
}

fn places(app: &TestApp) -> Vec<Place> {
    let mut out = Vec::new();
    for operation in routes::operations(&app.app) {
        let is_exempt = NOT_OF_AN_ACCOUNT.iter().any(|(id, _)| *id == operation.id);
        if !placeholders(operation.path).is_empty() && !is_exempt {
            out.push(Place { operation, param: None });
        }
    }
    for Documented { id, params, .. } in documented() {
        for param in params {
            let looks_up = !NO_LOOK_UP.iter().any(|(op, name, _)| *op == id && *name == param.name);
            if ID_PARAMS.contains(&param.name.as_str()) && looks_up {
                out.push(Place { operation: operation(app, &id), param: Some(param) });
            }
        }
    }
    for (id, place, name) in MORE {
        out.push(Place { operation: operation(app, id), param: Some(Param::of(place, name)) });
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
    let places = places(&app);
    assert!(places.len() > 35, "{} places", places.len());
    for place in places {
        let own = Fixtures::make(&app, &MALLORY).await;
        let real = Fixtures::make(&app, &ALICE).await;
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
        let operation = operation(&app, id);
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
        ("x-domain-id", &real.account_id, &nothing.account_id),
        ("x-project-id", &real.project_id, &nothing.project_id),
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
        let id = |ids: &Fixtures| if kind == "domain" { ids.account_id.clone() } else { ids.project_id.clone() };
        let theirs = scoped(&MALLORY, json!({kind: {"id": id(&real)}})).await;
        assert_eq!(theirs, scoped(&MALLORY, json!({kind: {"id": id(&nothing)}})).await, "{kind}");
        assert_ne!(theirs.0, 201, "{kind}");
        assert_eq!(scoped(&ALICE, json!({kind: {"id": id(&real)}})).await.0, 201, "{kind}");
    }
}

#[tokio::test]
async fn what_is_not_tested_here_is_not_of_an_account() {
    let app = TestApp::start().await;
    for (id, reason) in NOT_OF_AN_ACCOUNT {
        let operation = operation(&app, id);
        let is_desk = operation.path.starts_with("/desk/") && matches!(operation.permission, Permission::Staff(_));
        assert!(is_desk || operation.permission == Permission::Anyone, "{id}: {reason}");
    }
}
