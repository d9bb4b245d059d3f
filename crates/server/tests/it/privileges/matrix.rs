//! Every cell of the table of rights, walked through the API: who stands in the column does what the row says, to an own
//! case, to a colleague's, and to a colleague's with the common group named.
//!
//! The table is written down here a second time, as the product's documentation has it; `privileges/rules.rs` must agree.

use super::{By, PRIVILEGES};
use crate::support::TestApp;
use crate::support::cases::{CASES, consultation};
use crate::support::people::{ALICE, BOB, CAROL, MALLORY};
use counterfoil::iam::Role;
use counterfoil::privileges::rules::{Standing, TABLE};
use counterfoil::privileges::{Grant, Privilege, Reach, Right};
use serde_json::{Value, json};

/// A right, and for each standing how far it goes.
type Row = (Right, &'static str);

/// The columns of [`EXPECTED`].
const COLUMNS: [Standing; 9] = Standing::ALL;

/// `all`, `own`, `group` or `no`. The owner may name any group; who may act on the whole account needs to name none.
const EXPECTED: [Row; 6] = [
    //                        owner user restricted admin operator createCase export agent agent-for-all
    (Right::Submit, "all all no all no all no no all"),
    (Right::Query, "all own own own own no no own all"),
    (Right::Operate, "all own own own own no no own all"),
    (Right::HandleColleagues, "all no no no group no no no all"),
    (Right::Export, "all no no no no no all no all"),
    (Right::SetPolicy, "all no no no no no no no no"),
];

fn expected(right: Right, standing: Standing) -> Reach {
    let (_, row) = EXPECTED.iter().find(|(known, _)| *known == right).unwrap();
    let at = COLUMNS.iter().position(|known| *known == standing).unwrap();
    match row.split(' ').nth(at).unwrap() {
        "all" => Reach::All,
        "group" => Reach::Group,
        "own" => Reach::Own,
        _ => Reach::No,
    }
}

#[test]
fn the_table_is_what_is_written_here() {
    for (right, row) in TABLE {
        for standing in COLUMNS {
            assert_eq!(row[standing as usize], expected(right, standing), "{right:?} {standing:?}");
        }
    }
}

/// What is done to one case, and in which status that is possible.
struct Deed {
    right: Right,
    method: &'static str,
    suffix: &'static str,
    body: Value,
    status: i64,
}

fn deeds() -> Vec<Deed> {
    let read = |suffix| Deed { right: Right::Query, method: "GET", suffix, body: Value::Null, status: 0 };
    let act = |action, status| Deed { right: Right::Operate, method: "POST", suffix: action, body: json!({}), status };
    let message = json!({"message": {"content": "still so"}});
    vec![
        read(""),
        read("/status"),
        read("/messages"),
        read("/operate-logs"),
        act("/action?action_id=press", 0),
        act("/action?action_id=cancel", 0),
        act("/action?action_id=close", 2),
        act("/action?action_id=delete", 4),
        act("/action?action_id=reopen", 3),
        Deed { right: Right::Operate, method: "POST", suffix: "/message", body: message, status: 17 },
    ]
}

/// One server with somebody in one column.
struct Column {
    test: TestApp,
    standing: Standing,
    by: By,
    group: String,
    /// The roles, privileges and switches of the column are in force.
    is_set: bool,
}

impl Column {
    async fn start(standing: Standing) -> Self {
        let test = TestApp::start().await;
        let (by, group) = match standing {
            Standing::Owner => (By::Key(ALICE), test.group("common", &[], &[ALICE, CAROL]).await),
            Standing::Agent | Standing::AgentForAll => {
                test.delegate(&[], None).await;
                if standing == Standing::Agent {
                    test.grant(Grant::Agency("support".to_owned()), Privilege::CreateCase, true).await;
                }
                (By::Token(test.assume(&MALLORY).await), test.group("common", &[], &[CAROL]).await)
            }
            _ => (By::Key(BOB), test.group("common", &[], &[BOB, CAROL]).await),
        };
        Self { test, standing, by, group: group.to_string(), is_set: false }
    }

    /// Puts the caller into its column, and out of it again so that it can submit what it then acts on.
    async fn set(&mut self, is_set: bool) {
        if self.is_set == is_set {
            return;
        }
        self.is_set = is_set;
        let test = &self.test;
        let bob = || Grant::User("bob".to_owned());
        let agency = || Grant::Agency("support".to_owned());
        match self.standing {
            Standing::Owner | Standing::User | Standing::RestrictedUser => {}
            Standing::TicketAdministrator => self.give(Role::TicketAdministrator).await,
            Standing::TicketGroupOperator => self.give(Role::TicketGroupOperator).await,
            Standing::MayCreate => test.grant(bob(), Privilege::CreateCase, is_set).await,
            Standing::MayExport => test.grant(bob(), Privilege::Export, is_set).await,
            // Without a right to submit, an agent has an own case only from a time when it could.
            Standing::Agent => test.grant(agency(), Privilege::CreateCase, !is_set).await,
            Standing::AgentForAll => test.grant(agency(), Privilege::AssumeCaseAll, is_set).await,
        }
        if !matches!(self.standing, Standing::Owner | Standing::User) {
            test.switch(&ALICE, Privilege::CreateCase, is_set).await.ok();
        }
    }

    /// Gives bob a role, once: it stays when the column is left, and does not hinder submitting.
    async fn give(&self, role: Role) {
        if self.test.number("SELECT COUNT(*) FROM group_roles").await == 0 {
            self.test.group("role", &[role], &[BOB]).await;
        }
    }

    async fn submit(&self) -> (u16, String) {
        let answer = self.by.send(self.test.submit(&consultation("a question"))).await;
        (answer.status, answer.json["incident_id"].as_str().unwrap_or_default().to_owned())
    }

    /// A case of the caller, or of carol, in a status.
    async fn case(&mut self, is_own: bool, status: i64) -> String {
        let id = if is_own {
            if self.standing == Standing::AgentForAll {
                // It can submit as soon as it may do everything.
                self.set(true).await;
            } else {
                self.set(false).await;
            }
            let (answer, id) = self.submit().await;
            assert_eq!(answer, 200, "{:?} submits its own case", self.standing);
            id
        } else {
            self.set(false).await;
            self.test.case(&CAROL).await
        };
        self.set(true).await;
        let test = &self.test;
        match status {
            0 => test.advance_seconds(1801),
            4 => drop(test.act(&ALICE, &id, "cancel").await.ok()),
            2 => {
                test.accept(&id).await;
                test.reply(&id, "Solved.", "solution").await.ok();
            }
            3 => {
                test.accept(&id).await;
                test.act(&ALICE, &id, "close").await.ok();
            }
            _ => {
                test.accept(&id).await;
                test.reply(&id, "Which one?", "pending_feedback").await.ok();
            }
        }
        id
    }

    async fn does(&self, deed: &Deed, id: &str, group: Option<&str>) -> bool {
        let mut target = format!("{CASES}/{id}{}", deed.suffix);
        let mut body = deed.body.clone();
        if let Some(group) = group {
            match deed.method {
                "GET" => target = format!("{target}?group_id={group}"),
                _ => body["group_id"] = group.into(),
            }
        }
        let call = match deed.method {
            "GET" => self.test.get(&target),
            _ => self.test.post(&target).json(&body),
        };
        let answer = self.by.send(call).await;
        let allowed = answer.status == 200;
        let refused = (answer.status, answer.code().as_str()) == (403, "OSM.01010002");
        assert!(allowed || refused, "{:?} {}: {} {}", self.standing, deed.suffix, answer.status, answer.json);
        allowed
    }

    /// The farthest that a right goes in this column, with what the caller is besides.
    fn reach(&self, right: Right) -> Reach {
        // Whoever is granted something, or holds a role, is a user of the account as well.
        let also = match self.standing {
            Standing::TicketAdministrator
            | Standing::TicketGroupOperator
            | Standing::MayCreate
            | Standing::MayExport => Some(Standing::RestrictedUser),
            Standing::AgentForAll => Some(Standing::Agent),
            _ => None,
        };
        let own = expected(right, self.standing);
        also.map_or(own, |also| own.max(expected(right, also)))
    }

    async fn walk(mut self) {
        let standing = self.standing;
        for deed in deeds() {
            let (reach, colleagues) = (self.reach(deed.right), self.reach(Right::HandleColleagues));
            let name = format!("{standing:?} {}", deed.suffix);
            let id = self.case(true, deed.status).await;
            assert_eq!(self.does(&deed, &id, None).await, reach >= Reach::Own, "{name}, its own");
            let id = self.case(false, deed.status).await;
            assert_eq!(self.does(&deed, &id, None).await, reach == Reach::All, "{name}, a colleague's");
            let group = self.group.clone();
            let id = self.case(false, deed.status).await;
            let by_group = colleagues >= Reach::Group;
            assert_eq!(self.does(&deed, &id, Some(&group)).await, by_group, "{name}, a colleague's by the group");
        }
        let (own, carols) = (self.case(true, 0).await, self.case(false, 0).await);
        let listed = self.by.send(self.test.get(&format!("{CASES}?limit=100&status=0"))).await.ok();
        let listed = listed.to_string();
        assert!(listed.contains(&own), "{standing:?} lists its own");
        assert_eq!(listed.contains(&carols), self.reach(Right::Query) == Reach::All, "{standing:?} lists");
        let by_group = self.by.send(self.test.get(&format!("{CASES}?group_id={}&limit=100", self.group))).await;
        assert_eq!(by_group.status == 200, self.reach(Right::HandleColleagues) >= Reach::Group, "{standing:?}");
        assert_eq!(by_group.json.to_string().contains(&carols), by_group.status == 200, "{standing:?}");

        let (status, _) = self.submit().await;
        assert_eq!(status == 200, self.reach(Right::Submit) > Reach::No, "{standing:?} submits: {status}");
        let export = self.test.get(&format!("{CASES}/export?language=en-us&timezone=UTC"));
        let export = self.by.send(export).await;
        assert_eq!(export.status == 200, self.reach(Right::Export) > Reach::No, "{standing:?}: {}", export.json);
        let has_privilege = self.test.has(&self.by, Privilege::Export).await;
        assert_eq!(has_privilege, export.status == 200, "{standing:?} exports");
        let body = json!({"operation": "delete", "privilege": "createCase"});
        let answer = self.by.send(self.test.post(PRIVILEGES).json(&body)).await;
        assert_eq!(answer.status == 200, self.reach(Right::SetPolicy) > Reach::No, "{standing:?}: {}", answer.json);
        self.test.assert_sound().await;
    }
}

#[tokio::test]
async fn every_cell_holds_through_the_api() {
    for standing in COLUMNS {
        Column::start(standing).await.walk().await;
    }
}
