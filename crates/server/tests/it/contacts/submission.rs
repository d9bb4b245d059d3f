//! What a submission demands of its contacts.

use super::{MAIL, PHONE, another};
use crate::support::cases::{assert_refused, consultation};
use crate::support::people::{ALICE, BOB, CAROL};
use crate::support::{Answer, Person, TestApp};
use serde_json::{Value, json};

fn case(more: &Value) -> Value {
    let mut body = consultation("How?");
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

/// A server whose operator demands verified contacts.
async fn strict() -> TestApp {
    TestApp::start_with(|config| config.contacts.required = true).await
}

async fn submit(test: &TestApp, by: &Person, more: &Value) -> Answer {
    test.submit(&case(more)).by(by).english().send().await
}

#[tokio::test]
async fn without_the_demand_every_contact_is_taken() {
    let test = TestApp::start().await;
    let more = json!({"remind_mail": MAIL, "remind_mobile": PHONE, "verify_code": "123456"});
    let call = test.submit(&case(&more)).header("x-email-verifiedid", "x").header("x-phone-verifiedid", "y");
    call.by(&BOB).send().await.ok();
}

#[tokio::test]
async fn an_unknown_contact_is_refused_and_nothing_is_written() {
    let test = strict().await;
    for (more, words) in [
        (json!({"remind_mail": MAIL}), "remind_mail: this contact has to be verified first"),
        (json!({"remind_mobile": PHONE}), "remind_mobile: this contact has to be verified first"),
        (json!({"remind_mobile": PHONE, "remind_mail": MAIL}), "remind_mobile: "),
    ] {
        assert_refused(&submit(&test, &BOB, &more).await, 400, "OSM.01010010", words);
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM cases").await, 0);
    submit(&test, &BOB, &json!({})).await.ok();
    submit(&test, &BOB, &json!({"remind_mail": "", "remind_mobile": ""})).await.ok();
}

#[tokio::test]
async fn registered_and_verified_contacts_are_taken() {
    let test = strict().await;
    test.register_contact(&ALICE, "alice@acme.example", "0086", "13900139000").await;
    submit(&test, &BOB, &json!({"remind_mail": "alice@acme.example", "remind_mobile": "13900139000"})).await.ok();
    let mail = test.verify(&BOB, MAIL).await;
    let phone = test.verify(&BOB, PHONE).await;
    let both = json!({"remind_mail": MAIL, "remind_mobile": PHONE, "area_code": "86"});
    submit(&test, &BOB, &both).await.ok();
    let with = async |by: &Person, more: &Value, mail: &str, phone: &str| {
        let call = test.submit(&case(more)).header("x-email-verifiedid", mail).header("x-phone-verifiedid", phone);
        call.by(by).english().send().await
    };
    with(&BOB, &both, &mail, &phone).await.ok();
    // An id has to be the one of that contact, and of that user.
    assert_refused(&with(&BOB, &both, &phone, &phone).await, 400, "OSM.01010010", "remind_mail: ");
    assert_refused(&with(&BOB, &both, &mail, &mail).await, 400, "OSM.01010010", "remind_mobile: ");
    assert_refused(&with(&CAROL, &both, &mail, &phone).await, 400, "OSM.01010010", "remind_mobile: ");
    let elsewhere = json!({"remind_mail": "c@elsewhere.example"});
    assert_refused(&with(&BOB, &elsewhere, &mail, &phone).await, 400, "OSM.01010010", "remind_mail: ");
    test.advance_seconds(90 * 24 * 3600);
    assert_refused(&with(&BOB, &both, &mail, &phone).await, 400, "OSM.01010010", "");
}

#[tokio::test]
async fn a_code_may_ride_along() {
    let test = strict().await;
    let code = test.receive_code(&BOB, MAIL).await;
    let more = |code: &str| json!({"remind_mail": MAIL, "verify_code": code});
    assert_refused(&submit(&test, &BOB, &more(&another(&code))).await, 400, "OSM.01010010", "remind_mail: ");
    assert_eq!(test.number("SELECT wrong_guesses FROM contact_codes").await, 1, "a wrong guess counts");
    submit(&test, &BOB, &more(&code)).await.ok();
    submit(&test, &BOB, &json!({"remind_mail": MAIL})).await.ok();
    // With a phone number beside it, the code may be for either.
    let code = test.receive_code(&BOB, PHONE).await;
    submit(&test, &BOB, &json!({"remind_mail": MAIL, "remind_mobile": PHONE, "verify_code": code})).await.ok();
    test.advance_seconds(60);
    let code = test.receive_code(&CAROL, PHONE).await;
    let both = json!({"remind_mail": MAIL, "remind_mobile": PHONE, "verify_code": code});
    assert_refused(&submit(&test, &CAROL, &both).await, 400, "OSM.01010010", "remind_mail: ");
    assert_eq!(test.need(&CAROL, 0, PHONE, "").await.0, 0, "the number is verified all the same");
    test.assert_sound().await;
}

#[tokio::test]
async fn a_change_brings_in_usable_contacts_only() {
    let test = strict().await;
    test.verify(&BOB, MAIL).await;
    let id = test.case_of(&BOB, &case(&json!({"remind_mail": MAIL}))).await;
    let change = async |by: &Person, body: Value| {
        test.put(&format!("/v2/servicerequest/cases/{id}/contact-info")).by(by).english().json(&body).send().await
    };
    let new = json!({"remind_mobile": PHONE, "area_code": "86"});
    assert_refused(
        &change(&BOB, new.clone()).await,
        400,
        "OSM.01010010",
        "remind_mobile: this contact has to be verified",
    );
    test.verify(&BOB, PHONE).await;
    change(&BOB, new).await.ok();
    // What bob has proved stays when the owner changes something else.
    change(&ALICE, json!({"remind_time": "09:00-18:00"})).await.ok();
    let other = json!({"remind_mail": "alice@elsewhere.example"});
    assert_refused(&change(&ALICE, other).await, 400, "OSM.01010010", "remind_mail: ");
}

#[tokio::test]
async fn guessing_through_submissions_ends_as_well() {
    let test = strict().await;
    let code = test.receive_code(&BOB, MAIL).await;
    let wrong = json!({"remind_mail": MAIL, "verify_code": another(&code)});
    for _ in 0..5 {
        assert_refused(&submit(&test, &BOB, &wrong).await, 400, "OSM.01010010", "");
    }
    let right = json!({"remind_mail": MAIL, "verify_code": code});
    assert_refused(&submit(&test, &BOB, &right).await, 400, "OSM.01010010", "");
    let test = TestApp::start_with(|config| {
        config.contacts.required = true;
        config.contacts.daily_guesses = 2;
    })
    .await;
    for _ in 0..2 {
        assert_refused(&submit(&test, &BOB, &wrong).await, 400, "OSM.01010010", "");
    }
    assert_refused(&submit(&test, &BOB, &wrong).await, 429, "OSM.01019006", "");
}
