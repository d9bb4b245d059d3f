//! `CheckNeedVerify`.

use super::{CODES, MAIL, PHONE};
use crate::support::TestApp;
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};

const DAY: i64 = 24 * 3600;

#[tokio::test]
async fn registered_contacts_of_the_user_and_of_the_owner_need_no_code() {
    let test = TestApp::start().await;
    test.register_contact(&ALICE, "Alice@Acme.example", "0086", "139 0013 9000").await;
    test.register_contact(&BOB, "bob@acme.example", "49", "0301234567").await;
    for (who, way, value, area_code, need) in [
        (BOB, 1, "bob@acme.example", "", 0),
        (BOB, 1, "BOB@acme.example", "86", 0),
        (BOB, 1, "alice@acme.example", "", 0),
        (BOB, 0, "13900139000", "86", 0),
        (BOB, 0, "139-0013-9000", "", 0),
        (BOB, 0, "0301234567", "49", 0),
        (BOB, 0, "0301234567", "86", 1),
        (BOB, 0, "13900139001", "86", 1),
        (BOB, 1, MAIL, "", 1),
        (ALICE, 1, "alice@acme.example", "", 0),
        (ALICE, 1, "bob@acme.example", "", 1),
        (CAROL, 1, "alice@acme.example", "", 0),
        (CAROL, 1, "bob@acme.example", "", 1),
        (MALLORY, 1, "alice@acme.example", "", 1),
        (MALLORY, 0, "13900139000", "86", 1),
    ] {
        assert_eq!(test.need(&who, way, value, area_code).await, (need, None), "{} {value}", who.name);
    }
}

#[tokio::test]
async fn a_verification_lasts_three_months() {
    let test = TestApp::start().await;
    assert_eq!(test.need(&BOB, 1, MAIL, "").await, (1, None));
    test.verify(&BOB, MAIL).await;
    test.verify(&BOB, PHONE).await;
    let until = Some("2026-04-05T09:30:15Z".to_owned());
    assert_eq!(test.need(&BOB, 1, MAIL, "").await, (0, until.clone()));
    assert_eq!(test.need(&BOB, 0, PHONE, "+86").await, (0, until.clone()));
    assert_eq!(test.need(&BOB, 0, PHONE, "49").await, (1, None));
    assert_eq!(test.need(&CAROL, 1, MAIL, "").await, (1, None), "each user verifies");
    test.advance_seconds(90 * DAY - 1);
    assert_eq!(test.need(&BOB, 1, MAIL, "").await, (0, until));
    test.advance_seconds(1);
    assert_eq!(test.need(&BOB, 1, MAIL, "").await, (1, None), "also before the job has run");
    assert_eq!(test.run_due().await, 2);
    assert_eq!(test.number("SELECT COUNT(*) FROM verified_contacts").await, 0);
}

#[tokio::test]
async fn verified_again_it_lasts_from_then_on() {
    let test = TestApp::start().await;
    let first = test.verify(&BOB, MAIL).await;
    test.advance_seconds(60 * DAY);
    assert_eq!(test.verify(&BOB, MAIL).await, first, "the id stays");
    test.advance_seconds(60 * DAY);
    assert_eq!(test.run_due().await, 0);
    assert_eq!(test.need(&BOB, 1, MAIL, "").await.0, 0);
    test.advance_seconds(30 * DAY);
    assert_eq!(test.run_due().await, 1);
    assert_eq!(test.number("SELECT COUNT(*) FROM verified_contacts").await, 0);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let test = TestApp::start().await;
    for (query, words) in [
        ("contact_way=1", "contact_value: it is mandatory"),
        ("contact_value=&contact_way=1", "contact_value: it is mandatory"),
        ("contact_value=a%40b.example", "contact_way: it is mandatory"),
        ("contact_value=a%40b.example&contact_way=2", "contact_way: a whole number from 0 to 1"),
        ("contact_value=a&contact_way=1", "contact_value: a mail address is needed"),
        ("contact_value=a%40b.example&contact_way=0", "contact_value: 5 to 20 digits are needed"),
        ("contact_value=13800138000&contact_way=0&area_code=99999", "area_code: a code of ListAreaCodes is needed"),
        ("contact_value=13800138000&contact_way=0&area_code=99999999999999999", "area_code: 0 to 16 characters"),
    ] {
        let answer = test.get(&format!("{CODES}/need-verify?{query}")).by(&BOB).english().send().await;
        assert_refused(&answer, 400, "OSM.01010001", words);
    }
    let staff = test.get(&format!("{CODES}/need-verify?contact_value=a%40b.example&contact_way=1")).by(&ERIN);
    assert_refused(&staff.english().send().await, 403, "OSM.01010002", "");
}
