//! What customers give: kept sealed, shown by no call, written to no log, erased with the authorization.

use super::{AUTHORIZATIONS, DESK_AUTHORIZATIONS};
use crate::support::TestApp;
use crate::support::people::{ALICE, AMY, BOB, CAROL, ERIN, LEO};
use serde_json::json;

const PASSWORD: &str = "hunter-2-plain";
const ACCOUNT: &str = "account-plain";

/// An authorization with logins that are looked for.
async fn granted(test: &TestApp) -> (String, String) {
    let (case, id) = test.requested("ssh_password").await;
    let body = json!({"auth_detail_list": test.logins(&id, ACCOUNT, PASSWORD).await});
    let call = test.put(&format!("{AUTHORIZATIONS}/{id}")).json(&body).header("Idempotency-Key", "k");
    call.by(&BOB).send().await.ok();
    (case, id)
}

#[tokio::test]
async fn no_call_shows_a_password() {
    let test = TestApp::start().await;
    let group = test.group_of_operators().await;
    let (case, id) = granted(&test).await;
    for (by, group) in [(&BOB, String::new()), (&ALICE, String::new()), (&CAROL, format!("?group_id={group}"))] {
        let mut all = test.get(&format!("{AUTHORIZATIONS}/{id}{group}")).by(by).send().await.ok().to_string();
        assert!(all.contains(ACCOUNT), "the customer sees which account was given");
        all += &test.get(&format!("{AUTHORIZATIONS}{group}")).by(by).send().await.ok().to_string();
        all += &test.read_case(by, &case, &group).await.ok().to_string();
        assert!(!all.contains(PASSWORD), "{}", by.name);
    }
    for by in [&ERIN, &LEO, &AMY] {
        let mut all = test.get(&format!("{DESK_AUTHORIZATIONS}/{id}")).by(by).send().await.ok().to_string();
        assert!(all.contains("\"has_login\":true"), "{all}");
        all += &test.get(DESK_AUTHORIZATIONS).by(by).send().await.ok().to_string();
        all += &test.desk_detail(by, &case).await.to_string();
        assert!(!all.contains(PASSWORD) && !all.contains(ACCOUNT), "{}", by.name);
    }
}

#[tokio::test]
async fn nothing_stands_in_the_database_as_it_is() {
    let test = TestApp::start().await;
    let (case, _) = granted(&test).await;
    assert!(test.database_holds("How do I start").await, "the search works");
    for secret in [PASSWORD, ACCOUNT] {
        assert!(!test.database_holds(secret).await, "{secret}");
    }
    test.act(&BOB, &case, "close").await.ok();
    assert_eq!(test.kept_logins().await, 0);
}

#[tokio::test]
async fn sealed_logins_are_of_this_purpose_alone() {
    let test = TestApp::start().await;
    granted(&test).await;
    let rows = test.rows("SELECT sealed FROM authorization_secrets").await;
    let sealed: Vec<u8> = rows[0].get(0).unwrap();
    assert!(test.app.vault.open("authorization-login", &sealed).is_ok());
    assert!(test.app.vault.open("case-secret", &sealed).is_err());
    assert_ne!(rows[0], rows[1], "the same login twice is not seen to be the same");
}

#[tokio::test]
async fn the_check_of_the_database_finds_what_must_not_be() {
    let test = TestApp::start().await;
    let (case, id) = granted(&test).await;
    test.assert_sound().await;
    for (sql, what) in [
        ("UPDATE authorizations SET status = 5", "logins of authorizations that are not in force"),
        ("UPDATE authorizations SET status = 0", "wrong counters of authorizations"),
        ("UPDATE cases SET status = 3", "open authorizations of ended cases"),
    ] {
        test.write(sql).await;
        let found = counterfoil::cli::check::findings(&test.app.store).await.unwrap();
        assert!(found.iter().any(|(name, count)| *name == what && *count > 0), "{what}: {found:?}");
        test.write("UPDATE authorizations SET status = 1").await;
        test.write("UPDATE cases SET status = 1").await;
    }
    test.assert_sound().await;
    test.act(&BOB, &case, "close").await.ok();
    assert_eq!(test.authorization_status(&id).await, 3);
}
