//! Cases in every status, the calls that move them, and what their database holds.

use super::people::{ALICE, BOB, CAROL, ERIN, LEO, MALLORY};
use super::{Answer, Call, Person, TestApp};
use counterfoil::iam::Role;
use counterfoil_store::{Engine, Row, StoreError, Tx, vals};
use serde_json::{Value, json};

/// The collection of cases.
pub const CASES: &str = "/v2/servicerequest/cases";
/// The desk's collection of cases.
pub const DESK: &str = "/desk/v1/cases";
/// An id that no case has.
pub const MISSING_CASE: &str = "TT2026010500000000";
/// The only known value of `source_id`.
pub const SOURCE: &str = "83aeb0f2834c4df49826c781d32a963e";
/// Every status.
pub const STATUSES: [i64; 9] = [0, 1, 2, 3, 4, 5, 12, 13, 17];

/// A question, as small as it may be.
pub fn consultation(text: &str) -> Value {
    json!({"business_type_id": "ecs.usage", "simple_description": text, "source_id": SOURCE})
}

/// A fault with a sensitive parameter, confidential text and contacts.
pub fn fault(text: &str) -> Value {
    json!({
        "incident_sub_type_id": "compute", "product_category_id": "ecs", "business_type_id": "ecs.login-failed",
        "region_id": "cn-north-1", "simple_description": text, "source_id": SOURCE,
        "severity_id": "production-down", "remind_mobile": "13800138000", "remind_mail": "bob@acme.example",
        "remind_time": "09:00-18:00", "area_code": "86",
        "extends_map": {"instance_id": "i-1", "login_password": "hunter-2-plain"},
        "authorization_content": "the vault code is 4711-plain",
    })
}

/// A call on one case of a customer, for checks that every such operation must stand.
pub struct OnCase {
    /// `GET`, `POST`, ...
    pub method: &'static str,
    /// What follows the id in the path, with a query if one is needed.
    pub suffix: &'static str,
    /// The body; null for an operation that has none, which then takes the group in the query.
    pub body: Value,
    /// In which status the call works.
    pub status: i64,
}

impl OnCase {
    async fn send(&self, test: &TestApp, by: &Person, id: &str, group_id: Option<&str>) -> Answer {
        self.call(test, id, group_id).by(by).send().await
    }

    fn call<'a>(&self, test: &'a TestApp, id: &str, group_id: Option<&str>) -> Call<'a> {
        let mut target = format!("{CASES}/{id}{}", self.suffix);
        let mut body = self.body.clone();
        if let Some(group_id) = group_id {
            if self.method == "GET" || body.is_null() {
                let joint = if target.contains('?') { '&' } else { '?' };
                target = format!("{target}{joint}group_id={group_id}");
            } else {
                body["group_id"] = group_id.into();
            }
        }
        let call = test.call(self.method, &target);
        if self.method == "GET" || body.is_null() { call } else { call.json(&body) }
    }
}

impl TestApp {
    /// The request that submits a case.
    pub fn submit(&self, body: &Value) -> Call<'_> {
        self.post(CASES).json(body)
    }

    /// A new question; its id.
    pub async fn case(&self, by: &Person) -> String {
        self.case_of(by, &consultation("How do I start?")).await
    }

    /// A new case from a body; its id.
    pub async fn case_of(&self, by: &Person, body: &Value) -> String {
        self.submit(body).by(by).send().await.ok()["incident_id"].as_str().unwrap().to_owned()
    }

    /// A question of bob's that was brought to a status.
    pub async fn case_in(&self, status: i64) -> String {
        let id = self.case(&BOB).await;
        self.bring(&id, status).await;
        id
    }

    /// Brings a new case of bob's to a status.
    pub async fn bring(&self, id: &str, status: i64) {
        if !matches!(status, 0 | 4 | 13) {
            self.accept(id).await;
        }
        match status {
            2 => drop(self.reply(id, "Solved.", "solution").await.ok()),
            3 => drop(self.act(&BOB, id, "close").await.ok()),
            4 => drop(self.act(&BOB, id, "cancel").await.ok()),
            5 => drop(self.desk(&ERIN, id, "pause", &json!({"reason": "waiting for parts"})).await.ok()),
            12 => drop(self.desk(&LEO, id, "invalid", &json!({"reason": "not a request"})).await.ok()),
            13 => {
                self.act(&BOB, id, "cancel").await.ok();
                self.act(&BOB, id, "delete").await.ok();
            }
            17 => drop(self.reply(id, "Which server?", "pending_feedback").await.ok()),
            _ => {}
        }
    }

    /// Erin takes a case.
    pub async fn accept(&self, id: &str) {
        self.desk(&ERIN, id, "accept", &json!({})).await.ok();
    }

    /// Erin writes to the customer.
    pub async fn reply(&self, id: &str, content: &str, next: &str) -> Answer {
        self.desk(&ERIN, id, "reply", &json!({"content": content, "next": next})).await
    }

    /// One of the desk's calls on a case.
    pub async fn desk(&self, by: &Person, id: &str, action: &str, body: &Value) -> Answer {
        self.post(&format!("{DESK}/{id}/{action}")).json(body).by(by).english().send().await
    }

    /// An action of a customer on a case.
    pub async fn act(&self, by: &Person, id: &str, action: &str) -> Answer {
        self.act_with(by, id, action, &json!({})).await
    }

    /// An action of a customer with a body.
    pub async fn act_with(&self, by: &Person, id: &str, action: &str, body: &Value) -> Answer {
        self.post(&format!("{CASES}/{id}/action?action_id={action}")).json(body).by(by).english().send().await
    }

    /// A customer writes to a case.
    pub async fn say(&self, by: &Person, id: &str, content: &str) -> Answer {
        let body = json!({"message": {"content": content}});
        self.post(&format!("{CASES}/{id}/message")).json(&body).by(by).english().send().await
    }

    /// What somebody reads of a case: `suffix` is empty, or `/messages` and the like.
    pub async fn read_case(&self, by: &Person, id: &str, suffix: &str) -> Answer {
        self.get(&format!("{CASES}/{id}{suffix}")).by(by).english().send().await
    }

    /// The detail of a case.
    pub async fn detail(&self, by: &Person, id: &str) -> Value {
        self.read_case(by, id, "").await.ok()["incident_detail_info"].clone()
    }

    /// The desk's detail of a case.
    pub async fn desk_detail(&self, by: &Person, id: &str) -> Value {
        self.get(&format!("{DESK}/{id}")).by(by).english().send().await.ok()
    }

    /// Where a case stands, as staff sees it.
    pub async fn status(&self, id: &str) -> i64 {
        self.desk_detail(&LEO, id).await["status"].as_i64().unwrap()
    }

    /// The types in the operate log of a case, oldest first.
    pub async fn log(&self, id: &str) -> Vec<i64> {
        let detail = self.desk_detail(&LEO, id).await;
        let logs = detail["operate_logs"].as_array().unwrap();
        logs.iter().map(|log| log["operate_type"].as_i64().unwrap()).collect()
    }

    /// The page of cases that a query finds.
    pub async fn list(&self, by: &Person, query: &str) -> Value {
        self.get(&format!("{CASES}?{query}")).by(by).english().send().await.ok()
    }

    /// The ids on the page that a query finds; the total must be their number.
    pub async fn ids(&self, by: &Person, query: &str) -> Vec<String> {
        let page = self.list(by, query).await;
        let cases = page["incident_info_list"].as_array().unwrap();
        assert_eq!(page["total_count"], cases.len(), "{query}");
        cases.iter().map(|case| case["incident_id"].as_str().unwrap().to_owned()).collect()
    }

    /// Carries out what is due.
    pub async fn run_due(&self) -> usize {
        counterfoil::jobs::run_due(&self.app, "test").await.unwrap()
    }

    /// Fails when the database is not sound: half cases, wrong counters, kept secrets.
    pub async fn assert_sound(&self) {
        let found = counterfoil::cli::check::findings(&self.app.store).await.unwrap();
        let wrong: Vec<_> = found.iter().filter(|(_, count)| *count != 0).collect();
        assert!(wrong.is_empty() && !found.is_empty(), "{wrong:?}");
    }

    /// Rows of the database.
    pub async fn rows(&self, sql: &str) -> Vec<Row> {
        let sql = sql.to_owned();
        let work = async move |tx: &mut Tx| -> Result<Vec<Row>, StoreError> { tx.query_dyn(&sql, &vals![]).await };
        self.app.store.read(work).await.unwrap()
    }

    /// Changes the database behind the server's back.
    pub async fn write(&self, sql: &str) {
        let sql = sql.to_owned();
        let work = async move |tx: &mut Tx| -> Result<(), StoreError> { tx.query_dyn(&sql, &vals![]).await.map(drop) };
        self.app.store.write(work).await.unwrap();
    }

    /// A number out of the database.
    pub async fn number(&self, sql: &str) -> i64 {
        self.rows(sql).await[0].get(0).unwrap()
    }

    /// Whether a text stands anywhere in the database as it is.
    pub async fn database_holds(&self, text: &str) -> bool {
        if self.app.store.engine() == Engine::Sqlite {
            let holds = |name: &str| {
                let bytes = std::fs::read(self.app.config.data.join(name)).unwrap_or_default();
                bytes.windows(text.len()).any(|window| window == text.as_bytes())
            };
            return holds("counterfoil.db") || holds("counterfoil.db-wal");
        }
        let hex = text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let tables = "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = 'public'";
        for table in self.rows(tables).await {
            let table: String = table.get(0).unwrap();
            let sql = format!(
                "SELECT COUNT(*) FROM {table} t WHERE CAST(t AS TEXT) LIKE '%{text}%' OR CAST(t AS TEXT) LIKE '%{hex}%'"
            );
            if self.number(&sql).await > 0 {
                return true;
            }
        }
        false
    }

    /// Checks who may make a call: the submitter, the owner, and a group operator who names a common group; a missing
    /// case and another account's are told alike.
    pub async fn assert_guarded(&self, call: &OnCase) {
        let name = format!("{} {}", call.method, call.suffix);
        let (operators, readers) = (self.group_of_operators().await, self.group("readers", &[], &[BOB, CAROL]).await);
        let (operators, readers) = (operators.as_str(), readers.as_str());
        let answer = async |by: &Person, group: Option<&str>| {
            let id = self.case_in(call.status).await;
            let answer = call.send(self, by, &id, group).await;
            (answer.status, answer.code())
        };
        let (allowed, hidden) = ((200, String::new()), (404, "OSM.01010015".to_owned()));
        let refused = (403, "OSM.01010002".to_owned());
        assert_eq!(answer(&BOB, None).await, allowed, "{name}");
        assert_eq!(answer(&ALICE, None).await, allowed, "{name}");
        assert_eq!(answer(&ALICE, Some(operators)).await, allowed, "{name}");
        assert_eq!(answer(&CAROL, Some(operators)).await, allowed, "{name}");
        let empty = answer(&CAROL, Some("")).await;
        assert!(empty == refused || empty == (400, "OSM.01010001".to_owned()), "{name}: {empty:?}");
        assert_eq!(answer(&CAROL, None).await, refused, "{name}");
        assert_eq!(answer(&CAROL, Some(readers)).await, allowed, "the role comes from any group: {name}");
        assert_eq!(answer(&BOB, Some("00000000000000000000000000000000")).await, refused, "{name}");
        assert_eq!(answer(&ALICE, Some("00000000000000000000000000000000")).await, refused, "{name}");
        assert_eq!(answer(&ERIN, None).await, refused, "{name}");
        for group in [None, Some(operators)] {
            let foreign = call.send(self, &MALLORY, &self.case_in(call.status).await, group).await;
            let missing = call.send(self, &MALLORY, MISSING_CASE, group).await;
            assert_eq!((foreign.status, foreign.code()), hidden, "{name}");
            assert_eq!((missing.status, missing.code()), hidden, "{name}");
            assert_eq!(foreign.bytes, missing.bytes, "{name}");
        }
        // By token, because what is no UTF-8 cannot be signed.
        let token = self.token(&BOB).await;
        for odd in ["x", "TT20260105", "%E2%98%83", "%ff", "..%2f", "%00", &"9".repeat(32)] {
            let answer = call.call(self, odd, None).token(&token).send().await;
            assert_eq!((answer.status, answer.code()), hidden, "{name} {odd}");
        }
        let deleted = self.case_in(13).await;
        if call.suffix != "/status" {
            let answer = call.send(self, &BOB, &deleted, None).await;
            assert_eq!((answer.status, answer.code()), hidden, "{name}");
        }
        self.assert_sound().await;
    }

    /// A group of bob and carol, of which carol is an operator by another group.
    pub async fn group_of_operators(&self) -> String {
        self.group("operators-role", &[Role::TicketGroupOperator], &[CAROL]).await;
        self.group("friends", &[], &[BOB, CAROL]).await.to_string()
    }
}

/// A member without the role must not act through a group: for the operations that read.
pub async fn assert_role_is_needed(test: &TestApp, suffix: &str) {
    let group = test.group("plain", &[], &[BOB, CAROL]).await;
    let id = test.case(&BOB).await;
    let joint = if suffix.contains('?') { '&' } else { '?' };
    let answer = test.read_case(&CAROL, &id, &format!("{suffix}{joint}group_id={group}")).await;
    assert_eq!((answer.status, answer.code().as_str()), (403, "OSM.01010002"));
}

/// The texts of one field of all rows.
pub fn column(rows: &Value, field: &str) -> Vec<String> {
    rows.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap_or_default().to_owned()).collect()
}

/// The answer must be this error.
#[track_caller]
pub fn assert_refused(answer: &Answer, status: u16, code: &str, words: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{}", answer.json);
    assert!(answer.message().contains(words), "{}", answer.message());
}
