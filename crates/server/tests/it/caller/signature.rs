//! `SDK-HMAC-SHA256`, with its traps.

use super::{ROUTE, authorization, denied};
use crate::support::people::{ALICE, BOB, ERIN, MALLORY, SECRET};
use crate::support::{Answer, TestApp};
use counterfoil::iam;
use counterfoil_store::Tx;
use serde_json::json;

async fn send(app: &TestApp, headers: &[(&str, &str)]) -> Answer {
    let mut call = app.get(ROUTE).english();
    for (name, value) in headers {
        call = call.header(name, value);
    }
    call.send().await
}

fn now(app: &TestApp) -> String {
    app.app.clock.now().to_sdk_date()
}

#[tokio::test]
async fn a_signed_request_is_let_in_and_a_changed_one_is_not() {
    let app = TestApp::start().await;
    app.get(&format!("{ROUTE}?a=1&b=%E4%B8%AD%2F+x")).by(&BOB).send().await.ok();
    let good = authorization(&app, "GET", ROUTE, &[], b"");
    let date = now(&app);
    let headers = [("x-sdk-date", date.as_str()), ("authorization", good.as_str())];
    assert_eq!(send(&app, &headers).await.status, 200);
    // The same signature on another target, method or day.
    for call in [app.get(&format!("{ROUTE}?a=1")), app.get("/v3/auth/domains")] {
        let mut call = call.english();
        for (name, value) in headers {
            call = call.header(name, value);
        }
        assert_eq!(call.send().await.status, 401);
    }
    let answer = send(&app, &[("x-sdk-date", "20260105T093016Z"), ("authorization", &good)]).await;
    denied(&answer, "verify aksk signature fail, canonicalRequest:GET|/v2/servicerequest/config/limits/||host:");
    assert!(answer.message().ends_with("|e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    assert!(!answer.message().contains('\n'));
}

#[tokio::test]
async fn the_order_of_repeated_keys_may_be_the_wires_or_sorted() {
    let app = TestApp::start().await;
    // The helper signs in the order of the wire, as the SDKs do with numbers.
    app.get(&format!("{ROUTE}?ids=2&ids=9&ids=10")).by(&BOB).send().await.ok();
    let target = format!("{ROUTE}?z=1&ids=9&ids=10");
    let sorted = authorization(&app, "GET", &target, &[], b"");
    let date = now(&app);
    let answer = app.get(&target).header("x-sdk-date", &date).header("authorization", &sorted).send().await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn the_body_is_part_of_the_signature() {
    let app = TestApp::start().await;
    let id = app.user_id(&BOB).await;
    let body = json!({"credential": {"user_id": id}}).to_string();
    let target = "/v3.0/OS-CREDENTIAL/credentials";
    let signed = authorization(&app, "POST", target, &[("content-type", "application/json")], body.as_bytes());
    let date = now(&app);
    let post = |body: &str| {
        let call = app.post(target).raw("application/json", body.as_bytes().to_vec());
        call.header("x-sdk-date", &date).header("authorization", &signed).send()
    };
    assert_eq!(post(&body.replace("user_id", "user_ie")).await.status, 401);
    assert_eq!(post("").await.status, 401);
    assert_eq!(post(&body).await.status, 201);
}

#[tokio::test]
async fn a_json_body_cannot_be_left_out() {
    let app = TestApp::start().await;
    let id = app.user_id(&BOB).await;
    let body = json!({"credential": {"user_id": id}});
    let call = app.post("/v3.0/OS-CREDENTIAL/credentials").english().json(&body);
    let answer = call.header("x-sdk-content-sha256", "UNSIGNED-PAYLOAD").by(&BOB).send().await;
    assert_eq!(answer.status, 401, "{}", answer.json);
    assert!(answer.message().ends_with("the body must be part of the signature"), "{}", answer.message());
    let wrong = "0".repeat(64);
    let call = app.post("/v3.0/OS-CREDENTIAL/credentials").english().json(&body);
    assert_eq!(call.header("x-sdk-content-sha256", &wrong).by(&BOB).send().await.status, 401);
    let right = counterfoil_wire::signing::sha256_hex(body.to_string().as_bytes());
    let call = app.post("/v3.0/OS-CREDENTIAL/credentials").json(&body);
    assert_eq!(call.header("x-sdk-content-sha256", &right).by(&BOB).send().await.status, 201);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let app = TestApp::start_with(|config| config.limits.body_bytes = 1_000).await;
    for size in [1_000, 1_001] {
        let answer = app.post("/v3.0/OS-CREDENTIAL/credentials").raw("application/json", vec![b' '; size]).by(&BOB);
        assert_eq!(answer.send().await.status, if size > 1_000 { 413 } else { 400 });
    }
}

#[tokio::test]
async fn fifteen_minutes_are_allowed_either_way() {
    let app = TestApp::start().await;
    let start = app.app.clock.now();
    for (seconds, status) in [(0, 200), (900, 200), (-900, 200), (901, 401), (-901, 401)] {
        let date = start.plus_seconds(seconds).to_sdk_date();
        let answer = app.get(ROUTE).english().header("x-sdk-date", &date).by(&BOB).send().await;
        assert_eq!(answer.status, status, "{seconds}");
        if status == 401 {
            denied(&answer, "x-sdk-date is more than 15 minutes from the server's time");
        }
    }
    for date in ["", "2026-01-05T09:30:15Z", "20261305T093015Z"] {
        let authorization = authorization(&app, "GET", ROUTE, &[("x-sdk-date", date)], b"");
        denied(&send(&app, &[("x-sdk-date", date), ("authorization", &authorization)]).await, "x-sdk-date must be");
    }
}

#[tokio::test]
async fn host_and_date_must_be_signed_and_signed_headers_must_be_there() {
    let app = TestApp::start().await;
    let (good, date) = (authorization(&app, "GET", ROUTE, &[], b""), now(&app));
    let swap = |list: &str| good.replace("SignedHeaders=host;x-sdk-date", &format!("SignedHeaders={list}"));
    let send = async |authorization: &str| send(&app, &[("x-sdk-date", &date), ("authorization", authorization)]).await;
    denied(&send(&swap("host")).await, "x-sdk-date must be one of the signed headers");
    denied(&send(&swap("x-sdk-date")).await, "host must be one of the signed headers");
    denied(&send(&swap("host;x-project-id;x-sdk-date")).await, "signed header x-project-id is missing");
    let twice = app.get(ROUTE).english().header("x-sdk-date", &date).header("x-sdk-date", &date);
    denied(&twice.header("authorization", &good).send().await, "signed header x-sdk-date is there more than once");
}

#[tokio::test]
async fn other_algorithms_and_broken_headers_are_refused() {
    let app = TestApp::start().await;
    let (good, date) = (authorization(&app, "GET", ROUTE, &[], b""), now(&app));
    for bad in [
        good.replace("SDK-HMAC-SHA256", "SDK-HMAC-SM3"),
        good.replace("SDK-HMAC-SHA256", "V11-HMAC-SHA256"),
        good.replace("Access=", "Credential="),
        good.replace("Signature=", "Signature=0"),
        "Basic YWxpY2U6c2VjcmV0".to_owned(),
        "SDK-HMAC-SHA256".to_owned(),
        String::new(),
    ] {
        denied(&send(&app, &[("x-sdk-date", &date), ("authorization", &bad)]).await, "");
    }
    let twice = [("x-sdk-date", date.as_str()), ("authorization", &good), ("authorization", &good)];
    denied(&send(&app, &twice).await, "");
}

#[tokio::test]
async fn a_signature_wins_over_a_token() {
    let app = TestApp::start().await;
    let token = app.token(&MALLORY).await;
    let who = app.get("/v5/caller-identity").unsigned_header("x-auth-token", &token).by(&BOB).send().await.ok();
    assert_eq!(who["principal_id"], json!(app.user_id(&BOB).await));
    let call = app.get(ROUTE).english().unsigned_header("x-auth-token", &token).signed(BOB.access, "wrong secret");
    denied(&call.send().await, "verify aksk signature fail");
}

#[tokio::test]
async fn account_and_project_headers_must_name_the_callers_own() {
    let app = TestApp::start().await;
    let own = app.account_id(&BOB).await;
    let projects = app.get("/v3/projects").by(&BOB).send().await.ok();
    let project = projects["projects"][0]["id"].as_str().unwrap().to_owned();
    app.get(ROUTE).header("x-domain-id", own.as_str()).header("x-project-id", &project).by(&BOB).send().await.ok();
    let theirs = app.account_id(&MALLORY).await;
    for (name, value) in [("x-domain-id", theirs.as_str()), ("x-project-id", own.as_str()), ("x-domain-id", "")] {
        let answer = app.get(ROUTE).header(name, value).by(&BOB).send().await;
        assert_eq!((answer.status, answer.code().as_str()), (403, "APIGW.0302"), "{name}");
        let token = app.token(&BOB).await;
        assert_eq!(app.get(ROUTE).header(name, value).token(&token).send().await.status, 403, "{name}");
    }
    // One right value does not hide a wrong one.
    let call = app.get(ROUTE).unsigned_header("x-domain-id", own.as_str()).unsigned_header("x-domain-id", "x");
    assert_eq!(call.by(&BOB).send().await.status, 403);
}

#[tokio::test]
async fn a_key_that_does_not_exist_or_may_not_be_used_looks_the_same() {
    let app = TestApp::start().await;
    app.get(ROUTE).by(&BOB).send().await.ok();
    let unknown = app.get(ROUTE).english().signed("AKNOBODY000000000000", SECRET).send().await;
    denied(&unknown, "Get secretKey failed");
    denied(&app.get(ROUTE).english().signed("lower", SECRET).send().await, "Get secretKey failed");
    let (account_id, user_id) = (app.account_id(&BOB).await, app.user_id(&BOB).await);
    let switch = async |enabled: bool| {
        let (account_id, user_id, now) = (account_id.clone(), user_id.clone(), app.app.clock.now());
        let work = async move |tx: &mut Tx| iam::set_user_enabled(tx, &account_id, &user_id, enabled, now).await;
        app.app.store.write(work).await.unwrap();
    };
    switch(false).await;
    denied(&app.get(ROUTE).english().by(&BOB).send().await, "Get secretKey failed");
    switch(true).await;
    app.get(ROUTE).by(&BOB).send().await.ok();
}

#[tokio::test]
async fn nobody_of_a_disabled_account_is_let_in() {
    let app = TestApp::start().await;
    let (alice, erin) = (app.token(&ALICE).await, app.token(&ERIN).await);
    let now = app.app.clock.now();
    let switch = async |enabled: bool| {
        let work = async move |tx: &mut Tx| -> Result<(), iam::AdminError> {
            let account = iam::load_account(tx, "acme").await?;
            iam::enable_account(tx, &account, enabled, now).await
        };
        app.app.store.write(work).await.unwrap();
    };
    switch(false).await;
    denied(&app.get(ROUTE).english().by(&BOB).send().await, "Get secretKey failed");
    denied(&app.get(ROUTE).english().token(&alice).send().await, "the user does not exist or is disabled");
    app.get(ROUTE).token(&erin).send().await.ok();
    switch(true).await;
    app.get(ROUTE).by(&BOB).send().await.ok();
    let ended = app.get(ROUTE).english().token(&alice).send().await;
    assert_eq!((ended.status, ended.message().as_str()), (401, "The token must be updated"));
    app.get(ROUTE).token(&app.token(&ALICE).await).send().await.ok();
}

#[tokio::test]
async fn six_failures_lock_a_key_for_five_minutes() {
    let app = TestApp::start().await;
    for _ in 0..6 {
        let answer = app.get(ROUTE).english().signed(BOB.access, "wrong secret").send().await;
        denied(&answer, "verify aksk signature fail");
    }
    denied(&app.get(ROUTE).english().by(&BOB).send().await, "AK access failed to reach the limit,forbidden");
    app.get(ROUTE).by(&ALICE).send().await.ok();
    app.advance_seconds(299);
    denied(&app.get(ROUTE).english().by(&BOB).send().await, "AK access failed to reach the limit,forbidden");
    app.advance_seconds(1);
    app.get(ROUTE).by(&BOB).send().await.ok();
}

#[tokio::test]
async fn a_form_is_streamed_past_the_signature() {
    let app = TestApp::start().await;
    let form = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n".as_bytes().to_vec();
    let kind = "multipart/form-data; boundary=x";
    // No route for forms is needed: the guard is passed before the handler refuses the type.
    let target = "/v3.0/OS-CREDENTIAL/credentials";
    let answer = app.post(target).raw(kind, form.clone()).by(&BOB).send().await;
    assert_eq!(answer.status, 415, "{}", answer.json);
    let hash = counterfoil_wire::signing::sha256_hex(&form);
    let hashed = app.post(target).raw(kind, form.clone()).header("x-sdk-content-sha256", &hash).by(&BOB).send().await;
    assert_eq!(hashed.status, 415);
    // Without the declaration in the signature, the body is compared.
    let authorization = authorization(&app, "POST", target, &[("content-type", kind)], b"another body");
    let call = app.post(target).raw(kind, form).header("x-sdk-date", &now(&app));
    let answer = call.header("x-sdk-content-sha256", "UNSIGNED-PAYLOAD").header("authorization", &authorization);
    assert_eq!(answer.send().await.status, 401);
}
