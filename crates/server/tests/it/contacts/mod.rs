//! Codes for contacts, and what a verified contact is good for.

mod check_need_verify;
mod check_verify_codes;
mod list_has_verified_contacts;
mod send_verify_codes;
mod submission;

use crate::support::people::name;
use crate::support::{Answer, Person, TestApp};
use counterfoil::iam::{self, AdminError, NewUser};
use counterfoil_store::Tx;
use serde_json::{Value, json};

/// The collection of codes.
pub const CODES: &str = "/v2/servicerequest/verifycodes";
/// A mail address that nobody has registered.
pub const MAIL: &str = "bob@elsewhere.example";
/// A phone number that nobody has registered.
pub const PHONE: &str = "13800138000";

/// A contact as requests name it: a mail address, or a number in China.
pub fn contact(value: &str) -> Value {
    json!({"contact_value": value, "contact_way": i64::from(value.contains('@')), "area_code": "86"})
}

/// The same with a code.
pub fn with_code(value: &str, code: &str) -> Value {
    let mut body = contact(value);
    body["verify_code"] = code.into();
    body
}

/// A code that is not `code`.
pub fn another(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

impl TestApp {
    /// Asks for a code.
    pub async fn send_code(&self, by: &Person, value: &str) -> Answer {
        self.post(&format!("{CODES}/send")).by(by).english().json(&contact(value)).send().await
    }

    /// Enters a code.
    pub async fn enter_code(&self, by: &Person, value: &str, code: &str) -> Answer {
        self.post(CODES).by(by).english().json(&with_code(value, code)).send().await
    }

    /// Has a code sent to a contact, and reads it there.
    pub async fn receive_code(&self, by: &Person, value: &str) -> String {
        let known = self.outbox();
        assert_eq!(self.send_code(by, value).await.ok(), json!({}));
        assert_eq!(self.run_due().await, 1);
        let new: Vec<_> = self.outbox().into_iter().filter(|text| !known.contains(text)).collect();
        assert_eq!(new.len(), 1, "{new:?}");
        code_in(&new[0])
    }

    /// Verifies a contact; its id.
    pub async fn verify(&self, by: &Person, value: &str) -> String {
        let code = self.receive_code(by, value).await;
        assert_eq!(self.enter_code(by, value, &code).await.ok(), json!({}));
        let target = format!("{CODES}/has-verified?contact_value={}", value.replace('@', "%40"));
        let page = self.get(&target).by(by).send().await.ok();
        page["contact_list"][0]["verified_id"].as_str().unwrap().to_owned()
    }

    /// The texts of everything that was sent.
    pub fn outbox(&self) -> Vec<String> {
        let Ok(files) = std::fs::read_dir(self.app.config.outbox_folder()) else { return Vec::new() };
        files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
    }

    /// Whether somebody's contact needs a code, and until when it does not.
    pub async fn need(&self, by: &Person, way: i64, value: &str, area_code: &str) -> (i64, Option<String>) {
        let value = value.replace('@', "%40").replace(' ', "%20");
        let target = format!("{CODES}/need-verify?contact_way={way}&contact_value={value}&area_code={area_code}");
        let answer = self.get(&target).by(by).send().await.ok();
        (answer["need_verify_code"].as_i64().unwrap(), answer["expire_time"].as_str().map(str::to_owned))
    }

    /// A user of acme with registered contacts.
    pub async fn registered_user(&self, user: &str, mail: &str, area_code: &str, phone: &str) {
        let new = NewUser::new(name(user)).email(&self.app.vault, Some(mail));
        let new = new.phone(&self.app.vault, Some(area_code), Some(phone));
        let now = self.app.clock.now();
        let unit = async move |tx: &mut Tx| -> Result<(), AdminError> {
            let account = iam::load_account(tx, "acme").await?;
            iam::create_user(tx, &account, &new, now).await.map(drop)
        };
        self.app.store.write(unit).await.unwrap();
    }

    /// Gives somebody registered contacts.
    pub async fn register_contact(&self, person: &Person, mail: &str, area_code: &str, phone: &str) {
        self.registered_user("template", mail, area_code, phone).await;
        let user = self.user_id(person).await;
        let sql = format!(
            "UPDATE users SET email = t.email, phone = t.phone, area_code = t.area_code \
             FROM (SELECT * FROM users WHERE name = 'template') t WHERE users.user_id = '{user}'"
        );
        let unit = async move |tx: &mut Tx| tx.query_dyn(&sql, &[]).await.map(drop);
        self.app.store.write(unit).await.unwrap();
        let unit =
            async move |tx: &mut Tx| tx.query_dyn("DELETE FROM users WHERE name = 'template'", &[]).await.map(drop);
        self.app.store.write(unit).await.unwrap();
    }
}

/// The six digits in a message.
pub fn code_in(message: &str) -> String {
    let text = message.split_once("\"text\":").or_else(|| message.split_once("\r\n\r\n")).unwrap().1;
    let digits: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|part| part.len() == 6).collect();
    assert_eq!(digits.len(), 1, "{message}");
    digits[0].to_owned()
}
