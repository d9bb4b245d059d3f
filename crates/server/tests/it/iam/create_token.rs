//! `POST /v3/auth/tokens`.

use super::{agency, refused};
use crate::support::people::{ALICE, BOB, MALLORY, PASSWORD, SECRET, login, name};
use crate::support::{Answer, Person, TestApp};
use counterfoil::iam::{self, AdminError, NewUser, Role, totp};
use counterfoil_store::Tx;
use secrecy::SecretString;
use serde_json::{Value, json};

async fn create(app: &TestApp, body: &Value) -> Answer {
    app.post("/v3/auth/tokens").english().json(body).send().await
}

/// Switches one-time codes on for somebody.
async fn enrol(app: &TestApp, person: &Person) -> SecretString {
    let enrolment = totp::enrol(&app.app.vault, person.account, person.name);
    let (account_id, user_id) = (app.account_id(person).await, app.user_id(person).await);
    let (sealed, now) = (enrolment.sealed, app.app.clock.now());
    let work = async move |tx: &mut Tx| iam::enrol_totp(tx, &account_id, &user_id, Some(&sealed), now).await;
    app.app.store.write(work).await.unwrap();
    enrolment.secret
}

fn with_code(body: &Value, user_id: &str, code: &str) -> Value {
    let mut body = body.clone();
    body["auth"]["identity"]["methods"] = json!(["password", "totp"]);
    body["auth"]["identity"]["totp"] = json!({"user": {"id": user_id, "passcode": code}});
    body
}

fn assume(agency: &str) -> Value {
    json!({"auth": {"identity": {"methods": ["assume_role"],
        "assume_role": {"agency_name": agency, "domain_name": "acme"}}}})
}

#[tokio::test]
async fn a_password_gives_a_token_for_the_account() {
    let app = TestApp::start().await;
    let answer = create(&app, &login(&ALICE, PASSWORD)).await;
    assert_eq!(answer.status, 201);
    let token = answer.header("x-subject-token").unwrap();
    assert!(token.len() < 1_000 && !String::from_utf8_lossy(&answer.bytes).contains(token));
    assert!(answer.header("x-iam-trace-id").is_some());
    let (account_id, user_id) = (app.account_id(&ALICE).await, app.user_id(&ALICE).await);
    let domain = json!({"id": account_id, "name": "acme"});
    let body = &answer.json["token"];
    assert_eq!(body["domain"], domain);
    assert_eq!(body.get("project"), None);
    assert_eq!(body["user"], json!({"id": user_id, "name": "alice", "password_expires_at": "", "domain": domain}));
    assert_eq!(body["methods"], json!(["password"]));
    assert_eq!(body["issued_at"], "2026-01-05T09:30:15.000000Z");
    assert_eq!(body["expires_at"], "2026-01-06T09:30:15.000000Z");
    assert_eq!(body["roles"][0], json!({"id": "0", "name": "te_admin"}));
    let services = body["catalog"].as_array().unwrap();
    assert_eq!(services[0]["type"], "osm");
    assert_eq!(services[0]["endpoints"][0]["url"], "http://counterfoil.test");
    assert_eq!(services[0]["endpoints"][0]["region"], "*");

    let own = app.get("/v3/auth/domains").token(token).send().await.ok();
    assert_eq!(own["domains"][0]["name"], "acme");
}

#[tokio::test]
async fn the_catalogue_can_be_left_out() {
    let app = TestApp::start().await;
    for (query, length) in [("?nocatalog=1", 0), ("?nocatalog=false", 0), ("?nocatalog=", 2), ("", 2)] {
        let target = format!("/v3/auth/tokens{query}");
        let answer = app.post(&target).json(&login(&ALICE, PASSWORD)).send().await;
        assert_eq!(answer.json["token"]["catalog"].as_array().unwrap().len(), length, "{query}");
    }
}

#[tokio::test]
async fn a_token_is_for_the_account_or_for_a_project() {
    let app = TestApp::start().await;
    let scoped = |scope: Value| {
        let mut body = login(&BOB, PASSWORD);
        body["auth"]["scope"] = scope;
        body
    };
    let account_id = app.account_id(&BOB).await;
    let answer = create(&app, &scoped(json!({"project": {"name": "cn-south-1"}}))).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    let project = answer.json["token"]["project"].clone();
    assert_eq!(project["name"], "cn-south-1");
    assert_eq!(project["domain"], json!({"id": account_id, "name": "acme"}));
    assert_eq!(answer.json["token"].get("domain"), None);
    assert_eq!(answer.json["token"]["roles"], json!([]), "bob holds no role");

    let both = json!({"project": {"id": project["id"]}, "domain": {"name": "acme"}});
    assert_eq!(create(&app, &scoped(both)).await.json["token"]["project"], project, "the project wins");
    for domain in [json!({"name": "acme"}), json!({"id": account_id})] {
        let answer = create(&app, &scoped(json!({"domain": domain}))).await;
        assert_eq!(answer.json["token"]["domain"]["name"], "acme");
    }
    let theirs = app.get("/v3/projects").by(&MALLORY).send().await.ok();
    for scope in [
        json!({"domain": {"name": "other"}}),
        json!({"domain": {"name": "nobody"}}),
        json!({"project": {"name": "eu-west-9"}}),
        json!({"project": {"id": theirs["projects"][0]["id"]}}),
        json!({"project": {"id": "not an id"}}),
        json!({"project": {"name": "cn-south-1", "domain": {"name": "other"}}}),
    ] {
        refused(&create(&app, &scoped(scope)).await, 403);
    }
}

#[tokio::test]
async fn a_failed_login_does_not_say_what_was_wrong() {
    let app = TestApp::start().await;
    let mut texts = Vec::new();
    let stranger = Person { name: "zoe", ..ALICE };
    let nowhere = Person { account: "nowhere", ..ALICE };
    for (person, password) in [(ALICE, "wrong password"), (stranger, PASSWORD), (nowhere, PASSWORD), (ALICE, "x")] {
        let answer = create(&app, &login(&person, password)).await;
        refused(&answer, 401);
        assert!(answer.header("x-subject-token").is_none());
        texts.push(answer.json.to_string());
    }
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    assert!(texts[0].contains("The username or password is wrong."));
}

#[tokio::test]
async fn the_account_can_be_named_by_its_id() {
    let app = TestApp::start().await;
    let mut body = login(&ALICE, PASSWORD);
    body["auth"]["identity"]["password"]["user"]["domain"] = json!({"id": app.account_id(&ALICE).await});
    assert_eq!(create(&app, &body).await.status, 201);
    body["auth"]["identity"]["password"]["user"]["domain"] = json!({"id": "nothing"});
    refused(&create(&app, &body).await, 401);
}

#[tokio::test]
async fn five_failures_lock_a_name_for_fifteen_minutes() {
    let app = TestApp::start().await;
    // A name that does not exist is treated alike, so that a lock says nothing.
    for person in [ALICE, Person { name: "zoe", ..ALICE }] {
        for _ in 0..5 {
            refused(&create(&app, &login(&person, "wrong password")).await, 401);
        }
    }
    let locked = create(&app, &login(&ALICE, PASSWORD)).await;
    refused(&locked, 401);
    assert_eq!(locked.message(), "The username or password is wrong.");
    assert_eq!(create(&app, &login(&BOB, PASSWORD)).await.status, 201, "others are not locked");
    let by_id = json!({"id": app.account_id(&ALICE).await});
    let mut body = login(&ALICE, PASSWORD);
    body["auth"]["identity"]["password"]["user"]["domain"] = by_id;
    refused(&create(&app, &body).await, 401);

    app.advance_seconds(899);
    refused(&create(&app, &login(&ALICE, PASSWORD)).await, 401);
    app.advance_seconds(1);
    assert_eq!(create(&app, &login(&ALICE, PASSWORD)).await.status, 201);
}

#[tokio::test]
async fn a_good_login_starts_the_count_again() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        for _ in 0..4 {
            refused(&create(&app, &login(&ALICE, "wrong password")).await, 401);
        }
        assert_eq!(create(&app, &login(&ALICE, PASSWORD)).await.status, 201);
    }
}

#[tokio::test]
async fn a_burst_of_guesses_does_not_pass_the_lock() {
    let app = TestApp::start().await;
    let wrong = login(&ALICE, "wrong password");
    let guesses = (0..40).map(|_| create(&app, &wrong));
    for answer in futures_util::future::join_all(guesses).await {
        refused(&answer, 401);
    }
    refused(&create(&app, &login(&ALICE, PASSWORD)).await, 401);
}

#[tokio::test]
async fn nobody_logs_in_without_a_password_of_his_own() {
    let app = TestApp::start().await;
    let account_id = app.account_id(&ALICE).await;
    let now = app.app.clock.now();
    let work = async move |tx: &mut Tx| -> Result<(), AdminError> {
        let account = iam::load_account(tx, "acme").await?;
        assert_eq!(account.id, account_id);
        iam::create_user(tx, &account, &NewUser::new(name("robot")), now).await.map(drop)
    };
    app.app.store.write(work).await.unwrap();
    let robot = Person { name: "robot", ..ALICE };
    for password in [PASSWORD, " ", "robot"] {
        refused(&create(&app, &login(&robot, password)).await, 401);
    }
}

#[tokio::test]
async fn a_user_with_one_time_codes_needs_one() {
    let app = TestApp::start().await;
    let before = app.token(&ALICE).await;
    let secret = enrol(&app, &ALICE).await;
    let code = |app: &TestApp| totp::code(&secret, app.app.clock.now()).unwrap();
    let (id, plain) = (app.user_id(&ALICE).await, login(&ALICE, PASSWORD));
    refused(&app.get("/v3/auth/domains").token(&before).send().await, 401);

    let answer = create(&app, &plain).await;
    refused(&answer, 401);
    assert_eq!(answer.message(), "A verification code is required.");
    let good = code(&app);
    let bad = if good == "000000" { "000001" } else { "000000" };
    refused(&create(&app, &with_code(&plain, id.as_str(), bad)).await, 401);
    refused(&create(&app, &with_code(&plain, app.user_id(&BOB).await.as_str(), &good)).await, 401);
    refused(&create(&app, &with_code(&login(&ALICE, "wrong password"), id.as_str(), &good)).await, 401);

    let answer = create(&app, &with_code(&plain, id.as_str(), &good)).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    assert_eq!(answer.json["token"]["methods"], json!(["password", "totp"]));
    refused(&create(&app, &with_code(&plain, id.as_str(), &good)).await, 401);
    app.advance_seconds(30);
    assert_eq!(create(&app, &with_code(&plain, id.as_str(), &code(&app))).await.status, 201);
    app.advance_seconds(30);
    // The code of the step before is older than the last one that was used.
    refused(&create(&app, &with_code(&plain, id.as_str(), &good)).await, 401);
    // Bob has no codes, so none can be right.
    let bob = with_code(&login(&BOB, PASSWORD), app.user_id(&BOB).await.as_str(), &code(&app));
    refused(&create(&app, &bob).await, 401);
}

#[tokio::test]
async fn guessing_codes_locks_too() {
    let app = TestApp::start().await;
    let secret = enrol(&app, &ALICE).await;
    let good = totp::code(&secret, app.app.clock.now()).unwrap();
    let bad = if good == "000000" { "000001" } else { "000000" };
    let (id, plain) = (app.user_id(&ALICE).await, login(&ALICE, PASSWORD));
    for _ in 0..5 {
        refused(&create(&app, &with_code(&plain, id.as_str(), bad)).await, 401);
    }
    refused(&create(&app, &with_code(&plain, id.as_str(), &good)).await, 401);
}

#[tokio::test]
async fn a_token_gives_another_that_ends_with_it() {
    let app = TestApp::start().await;
    let first = app.token(&BOB).await;
    app.advance_seconds(3_600);
    let body = json!({"auth": {"identity": {"methods": ["token"], "token": {"id": first}},
        "scope": {"project": {"name": "cn-south-1"}}}});
    let answer = create(&app, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    assert_eq!(answer.json["token"]["methods"], json!(["token"]));
    assert_eq!(answer.json["token"]["expires_at"], "2026-01-06T09:30:15.000000Z");
    assert_eq!(answer.json["token"]["user"]["name"], "bob");
    for bad in ["", "nonsense", &first[..first.len() - 1]] {
        let body = json!({"auth": {"identity": {"methods": ["token"], "token": {"id": bad}}}});
        refused(&create(&app, &body).await, if bad.is_empty() { 400 } else { 401 });
    }
    app.advance_seconds(82_800);
    let late = create(&app, &body).await;
    refused(&late, 401);
    assert_eq!(late.message(), "The token must be updated");
}

#[tokio::test]
async fn an_agency_is_used_by_the_account_that_it_trusts() {
    let app = TestApp::start().await;
    let agency_id = agency(&app, &[Role::TicketAdministrator], None).await;
    let token = app.token(&MALLORY).await;
    let answer = app.post("/v3/auth/tokens").token(&token).json(&assume("support")).send().await;
    assert_eq!(answer.status, 201, "{}", answer.json);
    let body = &answer.json["token"];
    assert_eq!(body["methods"], json!(["assume_role"]));
    assert_eq!(body["domain"]["name"], "acme");
    assert_eq!((&body["user"]["name"], &body["user"]["id"]), (&json!("other/support"), &json!(agency_id)));
    assert_eq!(body["assumed_by"]["user"]["name"], "mallory");
    assert_eq!(body["roles"], json!([{"id": "0", "name": "ticket_administrator"}]));

    let assumed = answer.header("x-subject-token").unwrap().to_owned();
    let who = app.get("/v5/caller-identity").token(&assumed).send().await.ok();
    assert_eq!(who["account_id"], json!(app.account_id(&ALICE).await));
    assert!(who["principal_urn"].as_str().unwrap().contains(":agency:"));
    // It manages nothing, and cannot be passed on.
    refused(&app.get("/v3/users").token(&assumed).send().await, 403);
    refused(&app.post("/v3/auth/tokens").token(&assumed).json(&assume("support")).send().await, 403);

    // A signed request can assume a role as well.
    let signed = app.post("/v3/auth/tokens").json(&assume("support")).by(&MALLORY).send().await;
    assert_eq!(signed.status, 201, "{}", signed.json);

    let work = async move |tx: &mut Tx| -> Result<(), AdminError> {
        let acme = iam::load_account(tx, "acme").await?;
        iam::end_agency(tx, &acme.id, "support").await
    };
    app.app.store.write(work).await.unwrap();
    refused(&app.get("/v5/caller-identity").token(&assumed).send().await, 401);
}

#[tokio::test]
async fn an_agency_is_not_used_by_anybody_else() {
    let app = TestApp::start().await;
    agency(&app, &[], Some(600)).await;
    refused(&create(&app, &assume("support")).await, 401);
    let bad = app.post("/v3/auth/tokens").token("nonsense").json(&assume("support")).send().await;
    refused(&bad, 401);
    let (alice, bob) = (app.token(&ALICE).await, app.token(&BOB).await);
    refused(&app.post("/v3/auth/tokens").token(&alice).json(&assume("support")).send().await, 403);
    refused(&app.post("/v3/auth/tokens").token(&bob).json(&assume("support")).send().await, 403);
    let mallory = app.token(&MALLORY).await;
    refused(&app.post("/v3/auth/tokens").token(&mallory).json(&assume("nothing")).send().await, 403);

    let answer = app.post("/v3/auth/tokens").token(&mallory).json(&assume("support")).send().await;
    assert_eq!(answer.json["token"]["expires_at"], "2026-01-05T09:40:15.000000Z", "no longer than the agency");
    let assumed = answer.header("x-subject-token").unwrap().to_owned();
    app.advance_seconds(600);
    refused(&app.get("/v5/caller-identity").token(&assumed).send().await, 401);
    refused(&app.post("/v3/auth/tokens").token(&mallory).json(&assume("support")).send().await, 403);
}

#[tokio::test]
async fn wrong_bodies_are_named() {
    let app = TestApp::start().await;
    let change = |path: &[&str], value: Value| {
        let mut body = login(&ALICE, PASSWORD);
        let mut at = &mut body;
        for key in path {
            at = &mut at[*key];
        }
        *at = value;
        body
    };
    let user = ["auth", "identity", "password", "user"];
    let long = "x".repeat(129);
    for (body, field) in [
        (json!({}), "auth"),
        (json!({"auth": {}}), "auth.identity"),
        (json!({"auth": {"identity": {"methods": ["password"]}}}), "auth.identity.password"),
        (change(&["auth", "identity", "methods"], json!([])), "auth.identity.methods"),
        (change(&["auth", "identity", "methods"], json!(["saml2"])), "auth.identity.methods"),
        (change(&["auth", "identity", "methods"], json!(["password", "token"])), "auth.identity.methods"),
        (change(&["auth", "identity", "methods"], json!(["password", "totp"])), "auth.identity.totp"),
        (change(&["auth", "identity", "methods"], json!(["token"])), "auth.identity.token"),
        (change(&["auth", "identity", "methods"], json!(["assume_role"])), "auth.identity.assume_role"),
        (change(&[&user[..], &["name"]].concat(), json!("")), "user.name"),
        (change(&[&user[..], &["name"]].concat(), json!(7)), "user.name"),
        (change(&[&user[..], &["password"]].concat(), json!(long)), "user.password"),
        (change(&[&user[..], &["domain"]].concat(), json!({})), "user.domain.name"),
        (change(&["auth", "scope"], json!({"project": {}})), "auth.scope.project.name"),
        (change(&["auth", "scope"], json!({"domain": {}})), "auth.scope.domain.name"),
    ] {
        let answer = create(&app, &body).await;
        refused(&answer, 400);
        assert!(answer.message().contains(field), "{field}: {}", answer.message());
    }
    let broken = app.post("/v3/auth/tokens").raw("application/json", b"{\"auth\":".to_vec()).send().await;
    refused(&broken, 400);
    let charset = "application/json;charset=utf8";
    let good = app.post("/v3/auth/tokens").raw(charset, login(&ALICE, PASSWORD).to_string().into_bytes()).send().await;
    assert_eq!(good.status, 201);
}

#[tokio::test]
async fn a_stale_token_does_not_hinder_a_login() {
    let app = TestApp::start().await;
    let answer = app.post("/v3/auth/tokens").token("nonsense").json(&login(&ALICE, PASSWORD)).send().await;
    assert_eq!(answer.status, 201);
    let answer = app.post("/v3/auth/tokens").json(&login(&ALICE, PASSWORD)).signed("AKNOBODY000000000000", SECRET);
    assert_eq!(answer.send().await.status, 201);
}
