//! `ListHasVerifiedContacts`.

use super::{CODES, MAIL, PHONE};
use crate::support::cases::assert_refused;
use crate::support::people::{ALICE, BOB, CAROL, ERIN, MALLORY};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

const DAY: i64 = 24 * 3600;

impl TestApp {
    async fn verified(&self, by: &Person, query: &str) -> Value {
        self.get(&format!("{CODES}/has-verified?{query}")).by(by).english().send().await.ok()
    }

    /// The values on a page; the count must be their number.
    async fn values(&self, by: &Person, query: &str) -> Vec<String> {
        let page = self.verified(by, query).await;
        let list = page["contact_list"].as_array().unwrap();
        assert_eq!(page["count"], list.len(), "{query}");
        list.iter().map(|contact| contact["contact_value"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn a_list_is_the_callers_and_the_owners_is_the_accounts() {
    let test = TestApp::start().await;
    assert_eq!(test.verified(&BOB, "").await, json!({"count": 0, "contact_list": []}));
    let mail = test.verify(&BOB, MAIL).await;
    test.advance_seconds(60);
    let phone = test.verify(&BOB, PHONE).await;
    test.advance_seconds(60);
    test.verify(&CAROL, "carol@elsewhere.example").await;
    assert_eq!(
        test.verified(&BOB, "").await,
        json!({"count": 2, "contact_list": [
            {"contact_way": 0, "contact_value": PHONE, "area_code": "86", "verified_id": phone},
            {"contact_way": 1, "contact_value": MAIL, "verified_id": mail},
        ]})
    );
    assert_eq!(test.values(&ALICE, "").await, ["carol@elsewhere.example", PHONE, MAIL]);
    assert_eq!(test.values(&MALLORY, "").await, Vec::<String>::new());
    let (bob, carol) = (test.user_id(&BOB).await, test.user_id(&CAROL).await);
    let (acme, other) = (test.account_id(&BOB).await, test.account_id(&MALLORY).await);
    assert_eq!(test.values(&ALICE, &format!("sub_customer_id={carol}")).await, ["carol@elsewhere.example"]);
    assert_eq!(test.values(&BOB, &format!("sub_customer_id={bob}&customer_id={acme}")).await, [PHONE, MAIL]);
    assert_eq!(test.values(&BOB, &format!("sub_customer_id={carol}")).await, Vec::<String>::new());
    assert_eq!(test.values(&ALICE, &format!("customer_id={other}")).await, Vec::<String>::new());
    assert_eq!(test.values(&MALLORY, &format!("customer_id={acme}")).await, Vec::<String>::new());
    assert_eq!(test.values(&MALLORY, &format!("sub_customer_id={bob}")).await, Vec::<String>::new());
    assert_eq!(test.values(&MALLORY, &format!("verified_id={mail}")).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_filter_takes_away_what_does_not_fit() {
    let test = TestApp::start().await;
    let mail = test.verify(&BOB, MAIL).await;
    test.advance_seconds(DAY);
    test.verify(&BOB, PHONE).await;
    for (query, expected) in [
        ("contact_way=0", vec![PHONE]),
        ("contact_way=1", vec![MAIL]),
        ("area_code=86", vec![PHONE]),
        ("area_code=%2B86", vec![PHONE]),
        ("area_code=49", vec![]),
        ("contact_value=bob%40elsewhere.example", vec![MAIL]),
        ("contact_value=BOB%40elsewhere.example", vec![MAIL]),
        ("contact_value=138-0013-8000", vec![PHONE]),
        ("contact_value=1380013800", vec![]),
        ("contact_value=elsewhere", vec![]),
        (&format!("verified_id={mail}"), vec![MAIL]),
        ("verified_id=x", vec![]),
        ("contact_way=0&contact_value=bob%40elsewhere.example", vec![]),
        // The first ends on April 5 at 09:30:15 UTC, the second a day later.
        ("expired_time=2026-04-05%2017:30:14", vec![PHONE, MAIL]),
        ("expired_time=2026-04-05%2017:30:15", vec![PHONE]),
        ("expired_time=2026-04-06%2017:30:15", vec![]),
        ("expired_time=2001-01-01%2000:00:00", vec![PHONE, MAIL]),
    ] {
        assert_eq!(test.values(&BOB, query).await, expected, "{query}");
    }
    test.advance_seconds(89 * DAY);
    assert_eq!(test.values(&BOB, "").await, [PHONE], "what has ended is not listed");
}

#[tokio::test]
async fn pages_begin_at_the_beginning() {
    let test = TestApp::start_with(|config| config.contacts.daily_codes_of_user = 100).await;
    for at in 0..12 {
        test.verify(&BOB, &format!("b{at:02}@elsewhere.example")).await;
        test.advance_seconds(1);
    }
    let page = async |query: &str| {
        let page = test.verified(&BOB, query).await;
        assert_eq!(page["count"], 12);
        let list = page["contact_list"].as_array().unwrap();
        list.iter().map(|c| c["contact_value"].as_str().unwrap()[1..3].parse::<i64>().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(page("").await, (2..12).rev().collect::<Vec<_>>(), "nothing is skipped, ten are shown");
    assert_eq!(page("offset=1&limit=2").await, [10, 9]);
    assert_eq!(page("offset=11").await, [0]);
    assert_eq!(page("offset=12").await, Vec::<i64>::new());
    assert_eq!(page("limit=0").await, Vec::<i64>::new());
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let test = TestApp::start().await;
    for (query, words) in [
        ("contact_way=2", "contact_way: a whole number from 0 to 1"),
        ("offset=-1", "offset: a whole number from 0 to 65535"),
        ("limit=101", "limit: a whole number from 0 to 100"),
        ("expired_time=soon", "expired_time: yyyy-MM-dd HH:mm:ss"),
        (&format!("verified_id={}", "x".repeat(65)), "verified_id: 0 to 64 characters"),
        (&format!("contact_value={}", "x".repeat(65)), "contact_value: 0 to 64 characters"),
        (&format!("customer_id={}", "x".repeat(65)), "customer_id: 0 to 64 characters"),
        (&format!("sub_customer_id={}", "x".repeat(65)), "sub_customer_id: 0 to 64 characters"),
        (&format!("area_code={}", "8".repeat(17)), "area_code: 0 to 16 characters"),
    ] {
        let answer = test.get(&format!("{CODES}/has-verified?{query}")).by(&BOB).english().send().await;
        assert_refused(&answer, 400, "OSM.01010001", words);
    }
    let staff = test.get(&format!("{CODES}/has-verified")).by(&ERIN).english().send().await;
    assert_refused(&staff, 403, "OSM.01010002", "");
}
