//! `CheckVerifyCodes`.

use super::{CODES, MAIL, PHONE, another, with_code};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use serde_json::json;

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn the_right_code_verifies_once() {
    let test = TestApp::start().await;
    for value in [MAIL, PHONE] {
        let code = test.receive_code(&BOB, value).await;
        assert_eq!(test.enter_code(&BOB, value, &code).await.ok(), json!({}));
        assert_refused(&test.enter_code(&BOB, value, &code).await, 400, "OSM.01010010", "Verification not passed");
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM verified_contacts").await, 2);
    for text in ["elsewhere.example", PHONE] {
        assert!(!test.database_holds(text).await, "{text} is readable in the database");
    }
    let events = test.rows("SELECT payload, actor FROM events WHERE kind = 'contact.verified' ORDER BY event_no").await;
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].get::<String>(0).unwrap(), "{\"contact_way\":1}");
    assert_eq!(events[0].get::<String>(1).unwrap(), test.user_id(&BOB).await.as_str());
    // A code that was used does not make the next one come any sooner.
    assert_refused(&test.send_code(&BOB, MAIL).await, 429, "OSM.01010024", "");
}

#[tokio::test]
async fn the_fifth_wrong_guess_ends_a_code() {
    let test = TestApp::start().await;
    let code = test.receive_code(&BOB, MAIL).await;
    let wrong = another(&code);
    for _ in 0..4 {
        assert_refused(&test.enter_code(&BOB, MAIL, &wrong).await, 400, "OSM.01010010", "");
    }
    test.enter_code(&BOB, MAIL, &code).await.ok();
    test.advance_seconds(60);
    let code = test.receive_code(&BOB, MAIL).await;
    let wrong = another(&code);
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(test.enter_code(&BOB, MAIL, &wrong).await.json);
    }
    answers.push(test.enter_code(&BOB, MAIL, &code).await.json);
    let nothing_sent = test.enter_code(&BOB, "c@elsewhere.example", &code).await;
    assert_refused(&nothing_sent, 400, "OSM.01010010", "");
    answers.push(nothing_sent.json);
    answers.dedup();
    assert_eq!(answers.len(), 1, "nothing tells why: {answers:?}");
}

#[tokio::test]
async fn a_code_is_valid_for_five_minutes_and_until_the_next() {
    let test = TestApp::start().await;
    let code = test.receive_code(&BOB, MAIL).await;
    test.advance_seconds(300);
    assert_refused(&test.enter_code(&BOB, MAIL, &code).await, 400, "OSM.01010010", "");
    let first = test.receive_code(&BOB, MAIL).await;
    test.advance_seconds(60);
    let mut second = test.receive_code(&BOB, MAIL).await;
    while second == first {
        test.advance_seconds(60);
        second = test.receive_code(&BOB, MAIL).await;
    }
    assert_refused(&test.enter_code(&BOB, MAIL, &first).await, 400, "OSM.01010010", "");
    test.advance_seconds(299);
    test.enter_code(&BOB, MAIL, &second).await.ok();
}

#[tokio::test]
async fn a_code_is_for_who_asked_and_for_its_contact() {
    let test = TestApp::start().await;
    let code = test.receive_code(&BOB, MAIL).await;
    for other in [ALICE, CAROL, MALLORY] {
        assert_refused(&test.enter_code(&other, MAIL, &code).await, 400, "OSM.01010010", "");
    }
    assert_refused(&test.enter_code(&BOB, PHONE, &code).await, 400, "OSM.01010010", "");
    assert_refused(&test.enter_code(&ERIN, MAIL, &code).await, 403, "OSM.01010002", "");
    // Ids of others in the body mean nothing.
    let mut body = with_code("Bob@Elsewhere.Example", &code);
    body["customer_id"] = test.account_id(&MALLORY).await.as_str().into();
    body["x_customer_id"] = test.user_id(&MALLORY).await.as_str().into();
    test.post(CODES).by(&BOB).json(&body).send().await.ok();
    let user = test.user_id(&BOB).await;
    assert_eq!(test.number(&format!("SELECT COUNT(*) FROM verified_contacts WHERE user_id = '{user}'")).await, 1);
}

#[tokio::test]
async fn a_users_guesses_end_for_the_day() {
    let test = TestApp::start_with(|config| config.contacts.daily_guesses = 7).await;
    let code = test.receive_code(&BOB, MAIL).await;
    for at in 0..7 {
        let value = format!("guess-{at}@elsewhere.example");
        assert_refused(&test.enter_code(&BOB, &value, "000000").await, 400, "OSM.01010010", "");
    }
    let answer = test.enter_code(&BOB, MAIL, &code).await;
    assert_refused(&answer, 429, "OSM.01019006", "Too many requests");
    assert_eq!(answer.header("retry-after"), Some((6 * 3600 + 29 * 60 + 45).to_string().as_str()));
    assert_refused(&test.enter_code(&CAROL, MAIL, &code).await, 400, "OSM.01010010", "");
    test.advance_seconds(DAY);
    let code = test.receive_code(&BOB, MAIL).await;
    test.enter_code(&BOB, MAIL, &code).await.ok();
}

#[tokio::test]
async fn a_repeated_request_guesses_once() {
    let test = TestApp::start().await;
    let code = test.receive_code(&BOB, MAIL).await;
    let enter = async |key: &str, code: &str| {
        let body = with_code(MAIL, code);
        test.post(CODES).header("idempotency-key", key).by(&BOB).english().json(&body).send().await
    };
    for _ in 0..6 {
        assert_refused(&enter("wrong", &another(&code)).await, 400, "OSM.01010010", "");
    }
    assert_eq!(test.number("SELECT wrong_guesses FROM contact_codes").await, 1);
    enter("right", &code).await.ok();
    enter("right", &code).await.ok();
}

#[tokio::test]
async fn guesses_at_once_all_count() {
    let test = TestApp::start().await;
    let code = test.receive_code(&BOB, MAIL).await;
    let wrong = another(&code);
    let guess = async || test.enter_code(&BOB, MAIL, &wrong).await.status;
    let statuses = tokio::join!(guess(), guess(), guess(), guess(), guess(), guess());
    assert_eq!(statuses, (400, 400, 400, 400, 400, 400));
    assert_eq!(test.number("SELECT wrong_guesses FROM contact_codes").await, 5);
    assert_refused(&test.enter_code(&BOB, MAIL, &code).await, 400, "OSM.01010010", "");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let test = TestApp::start().await;
    let with = |field: &str, value: serde_json::Value| {
        let mut body = with_code(MAIL, "123456");
        body[field] = value;
        body
    };
    for (body, code, words) in [
        (with("verify_code", json!("12345")), "OSM.01010001", "verify_code: 6 to 6 characters"),
        (with("verify_code", json!("1234567")), "OSM.01010001", "verify_code: 6 to 6 characters"),
        (with("verify_code", json!(123_456)), "OSM.0001", "verify_code: "),
        (with("contact_value", json!("")), "OSM.01010001", "contact_value: it is mandatory"),
        (with("contact_value", json!("x")), "OSM.01010001", "contact_value: a mail address is needed"),
        (with("contact_way", json!(-1)), "OSM.01010001", "contact_way: a whole number from 0 to 1"),
        (with("customer_id", json!("x".repeat(65))), "OSM.01010001", "customer_id: 0 to 64 characters"),
        (with("x_customer_id", json!("x".repeat(65))), "OSM.01010001", "x_customer_id: 0 to 64 characters"),
        (json!({}), "OSM.01010001", "verify_code: it is mandatory"),
    ] {
        let answer = test.post(CODES).by(&BOB).english().json(&body).send().await;
        assert_refused(&answer, 400, code, words);
    }
    for odd in ["12345६", "      ", "１２３４５６"] {
        assert_refused(&test.enter_code(&BOB, MAIL, odd).await, 400, "OSM.01010010", "");
    }
}

#[tokio::test]
async fn codes_and_counts_that_mean_nothing_any_more_are_swept() {
    let test = TestApp::start().await;
    test.send_code(&BOB, MAIL).await.ok();
    test.enter_code(&BOB, MAIL, "000000").await;
    test.advance_seconds(DAY);
    counterfoil::contacts::sweep(&test.app).await.unwrap();
    assert_eq!(test.number("SELECT COUNT(*) FROM contact_codes").await, 1);
    test.advance_seconds(DAY + 1);
    counterfoil::contacts::sweep(&test.app).await.unwrap();
    assert_eq!(test.number("SELECT COUNT(*) FROM contact_codes").await, 0);
    assert_eq!(test.number("SELECT COUNT(*) FROM contact_counts").await, 0);
}
