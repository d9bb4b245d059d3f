//! Verified contacts.

use super::super::{Draft, Fixtures, NOTHING};
use super::{Area, CUSTOMER, ParamReasons, Permissions};
use crate::support::{Person, TestApp};
use serde_json::{Value, json};

/// A contact that nobody has verified.
const MAIL: &str = "somebody@elsewhere.example";

pub struct Part;

impl Area for Part {
    const PERMISSIONS: Permissions =
        &[(CUSTOMER, &["CheckNeedVerify", "SendVerifyCodes", "CheckVerifyCodes", "ListHasVerifiedContacts"])];
    const NO_LOOK_UP: ParamReasons = &[
        ("CheckVerifyCodes", "x_customer_id", "not used: a code is checked for who calls"),
        ("CheckVerifyCodes", "customer_id", "not used: a code is checked for who calls"),
    ];

    async fn fixtures(app: &TestApp, owner: &Person, ids: &mut Fixtures) {
        // Another one each time: a contact gets one code a minute.
        let number = app.number("SELECT COUNT(*) FROM verified_contacts").await;
        let id = app.verify(owner, &format!("contact-{number}@elsewhere.example")).await;
        ids.put("verified_id", &id);
    }

    fn nothing(ids: &mut Fixtures) {
        ids.put("verified_id", NOTHING);
    }

    async fn fill(draft: &mut Draft, _: &TestApp, operation: &str, _: &Fixtures) {
        match operation {
            "CheckNeedVerify" => {
                draft.query("contact_value", MAIL);
                draft.query("contact_way", "1");
            }
            "SendVerifyCodes" => draft.body = json!({"contact_value": MAIL, "contact_way": 1, "area_code": "86"}),
            "CheckVerifyCodes" => {
                draft.body =
                    json!({"contact_value": MAIL, "contact_way": 1, "area_code": "86", "verify_code": "123456"});
            }
            _ => {}
        }
    }

    fn id_value(operation: &str, param: &str, ids: &Fixtures) -> Option<Value> {
        ((operation, param) == ("ListHasVerifiedContacts", "verified_id")).then(|| json!(ids.get("verified_id")))
    }
}
