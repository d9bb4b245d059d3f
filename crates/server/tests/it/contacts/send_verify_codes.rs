//! `SendVerifyCodes`.

use super::{CODES, MAIL, PHONE, code_in, contact};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use counterfoil::config::{MailTransport, SmsTransport};
use serde_json::json;

#[tokio::test]
async fn a_code_goes_to_the_contact_and_nowhere_else() {
    let test = TestApp::start().await;
    let by_mail = test.receive_code(&BOB, MAIL).await;
    let by_phone = test.receive_code(&BOB, PHONE).await;
    let chinese = test.post(&format!("{CODES}/send")).by(&CAROL).json(&contact("13900139000")).send().await;
    chinese.ok();
    test.run_due().await;
    let sent = test.outbox();
    let mail = sent.iter().find(|text| text.contains("Subject:")).unwrap();
    assert!(mail.contains("To: bob@elsewhere.example\r\n") && mail.contains("valid for 5 minutes"), "{mail}");
    assert!(mail.contains("Subject: Confirm your mail address for service tickets\r\n"), "{mail}");
    let sms = sent.iter().find(|text| text.contains("+8613800138000")).unwrap();
    assert!(sms.contains("is your code to confirm this number"), "{sms}");
    let sms = sent.iter().find(|text| text.contains("+8613900139000")).unwrap();
    assert!(sms.contains("5 分钟内有效"), "{sms}");
    let third = code_in(sms);
    for code in [&by_mail, &by_phone, &third] {
        for (table, column) in
            [("jobs", "payload"), ("jobs", "last_error"), ("events", "payload"), ("idempotency", "answer")]
        {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} LIKE '%{code}%'");
            assert_eq!(test.number(&sql).await, 0, "{table}.{column}");
        }
    }
    for text in ["elsewhere.example", PHONE, "13900139000", "your verification code"] {
        assert!(!test.database_holds(text).await, "{text} is readable in the database");
    }
    let events = test.rows("SELECT payload FROM events WHERE kind = 'contact.code_sent' ORDER BY event_no").await;
    let said: Vec<String> = events.iter().map(|row| row.get(0).unwrap()).collect();
    assert_eq!(said, ["{\"contact_way\":1}", "{\"contact_way\":0}", "{\"contact_way\":0}"]);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs WHERE kind IN ('mail.send', 'sms.send')").await, 0);
}

#[tokio::test]
async fn what_waits_to_be_sent_is_sealed() {
    let test = TestApp::start().await;
    test.send_code(&BOB, MAIL).await.ok();
    let rows = test.rows("SELECT payload, state, account_id FROM jobs WHERE kind = 'mail.send'").await;
    let payload: String = rows[0].get(0).unwrap();
    assert!(payload.starts_with("{\"sealed\":\"") && !payload.contains("elsewhere"), "{payload}");
    assert_eq!(rows[0].get::<String>(1).unwrap(), "outgoing");
    assert_eq!(rows[0].get::<String>(2).unwrap(), test.account_id(&BOB).await.as_str());
    assert!(!test.database_holds("elsewhere.example").await);
}

#[tokio::test]
async fn a_contact_gets_one_code_a_minute() {
    let test = TestApp::start().await;
    test.send_code(&BOB, MAIL).await.ok();
    let again = test.send_code(&BOB, "BOB@elsewhere.example").await;
    assert_refused(&again, 429, "OSM.01010024", "resent too frequently");
    assert_eq!(again.header("retry-after"), Some("60"));
    test.advance_seconds(59);
    let colleague = test.send_code(&ALICE, MAIL).await;
    assert_refused(&colleague, 429, "OSM.01010024", "");
    assert_eq!(colleague.header("retry-after"), Some("1"));
    test.send_code(&MALLORY, MAIL).await.ok();
    test.send_code(&BOB, PHONE).await.ok();
    test.advance_seconds(1);
    test.send_code(&BOB, MAIL).await.ok();
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs WHERE kind = 'mail.send'").await, 3);
}

#[tokio::test]
async fn a_days_codes_are_used_up() {
    let test = TestApp::start_with(|config| config.contacts.daily_codes_of_user = 12).await;
    for _ in 0..10 {
        test.send_code(&BOB, MAIL).await.ok();
        test.advance_seconds(60);
    }
    let answer = test.send_code(&BOB, MAIL).await;
    assert_refused(&answer, 429, "OSM.01010036", "used up");
    // The service's day ends at 16:00 UTC; ten minutes of it are gone.
    assert_eq!(answer.header("retry-after"), Some((6 * 3600 + 29 * 60 + 45 - 600).to_string().as_str()));
    assert_refused(&test.send_code(&CAROL, MAIL).await, 429, "OSM.01010036", "");
    test.send_code(&BOB, "b@elsewhere.example").await.ok();
    test.send_code(&BOB, "c@elsewhere.example").await.ok();
    assert_refused(&test.send_code(&BOB, "d@elsewhere.example").await, 429, "OSM.01010036", "");
    test.send_code(&CAROL, "d@elsewhere.example").await.ok();
    test.advance_seconds(6 * 3600 + 29 * 60 + 45 - 600);
    test.send_code(&BOB, MAIL).await.ok();
    test.send_code(&BOB, "d@elsewhere.example").await.ok();
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_written() {
    let test = TestApp::start().await;
    let with = |field: &str, value: serde_json::Value| {
        let mut body = contact(MAIL);
        body[field] = value;
        body
    };
    for (body, code, words) in [
        (with("contact_value", json!("")), "OSM.01010001", "contact_value: it is mandatory"),
        (with("contact_value", json!("nobody")), "OSM.01010001", "contact_value: a mail address is needed"),
        (with("contact_value", json!("a@b.example\r\nBcc: c@d.example")), "OSM.01010001", "contact_value: "),
        (with("contact_value", json!("a".repeat(65))), "OSM.01010001", "contact_value: 0 to 64 characters"),
        (with("contact_way", json!(2)), "OSM.01010001", "contact_way: a whole number from 0 to 1"),
        (with("contact_way", json!(0)), "OSM.01010001", "contact_value: 5 to 20 digits are needed"),
        (with("contact_way", json!("1")), "OSM.0001", "contact_way: "),
        (with("area_code", json!(null)), "OSM.0001", "area_code: "),
        (with("area_code", json!("8".repeat(17))), "OSM.01010001", "area_code: 0 to 16 characters"),
        (json!({"contact_value": MAIL, "contact_way": 1}), "OSM.01010001", "area_code: it is mandatory"),
        (
            json!({"contact_value": PHONE, "contact_way": 0, "area_code": "99999"}),
            "OSM.01010001",
            "area_code: a code of",
        ),
        (json!({"contact_value": PHONE, "contact_way": 0, "area_code": "8x6"}), "OSM.01010001", "area_code: a code of"),
    ] {
        let answer = test.post(&format!("{CODES}/send")).by(&BOB).english().json(&body).send().await;
        assert_refused(&answer, 400, code, words);
    }
    assert_refused(&test.send_code(&ERIN, MAIL).await, 403, "OSM.01010002", "");
    for table in ["contact_codes", "contact_counts", "jobs", "events"] {
        assert_eq!(test.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
    for area_code in ["", "86", "+86", "0086"] {
        let body = json!({"contact_value": PHONE, "contact_way": 0, "area_code": area_code});
        test.post(&format!("{CODES}/send")).by(&BOB).json(&body).send().await.ok();
        test.advance_seconds(60);
    }
}

#[tokio::test]
async fn a_way_that_is_not_set_up_says_so() {
    let test = TestApp::start_with(|config| {
        config.mail.transport = MailTransport::None;
        config.sms.transport = SmsTransport::None;
    })
    .await;
    for value in [MAIL, PHONE] {
        assert_refused(&test.send_code(&BOB, value).await, 503, "OSM.01019031", "has not set up this way of sending");
    }
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 0);
    assert_eq!(test.number("SELECT COUNT(*) FROM contact_codes").await, 0);
}

#[tokio::test]
async fn one_key_sends_one_code() {
    let test = TestApp::start().await;
    let send = async || {
        test.post(&format!("{CODES}/send")).header("idempotency-key", "k-1").by(&BOB).json(&contact(MAIL)).send().await
    };
    send().await.ok();
    send().await.ok();
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 1);
    assert_eq!(test.number("SELECT amount FROM contact_counts WHERE subject LIKE 'codes of %'").await, 1);
}

#[tokio::test]
async fn of_many_requests_at_once_one_sends() {
    let test = TestApp::start().await;
    let send = async |by| test.send_code(by, MAIL).await.status;
    let (a, b, c, d) = tokio::join!(send(&BOB), send(&CAROL), send(&BOB), send(&ALICE));
    let mut statuses = [a, b, c, d];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 429, 429, 429]);
    assert_eq!(test.number("SELECT COUNT(*) FROM jobs").await, 1);
}
