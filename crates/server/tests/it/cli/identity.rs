//! `account`, `user`, `access-key`, `group`, `staff` and `agency`.

use super::{fails, json, run};
use crate::support::TestApp;
use crate::support::people::{BOB, SECRET};
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn an_account_its_owner_and_a_key_are_made_in_three_commands() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let account = json(data, &["account", "create", "acme"], "");
    assert_eq!(account["name"], "acme");
    let create = ["user", "create", "--account", "acme", "--name", "alice", "--password-stdin"];
    let user = json(data, &create, "a long password\n");
    assert_eq!((&user["name"], &user["domain_id"]), (&json!("alice"), &account["domain_id"]));
    assert_eq!(user["is_owner"], true, "the first user is the owner");
    let bob = ["user", "create", "--account", "acme", "--name", "bob", "--role", "ticket_administrator"];
    assert_eq!(json(data, &bob, "")["is_owner"], false);
    let key = json(data, &["access-key", "create", "--account", "acme", "--user", "alice"], "");
    assert_eq!((key["access"].as_str().unwrap().len(), key["secret"].as_str().unwrap().len()), (20, 40));
    let keys = json(data, &["access-key", "list", "--account", "acme", "--user", "alice"], "");
    assert_eq!(keys["access_keys"][0]["access"], key["access"]);
    assert_eq!(keys["access_keys"][0].get("secret"), None);
    let users = json(data, &["user", "list", "--account", "acme"], "");
    let row = |at: usize, name: &str| users["users"][at][name].clone();
    assert_eq!((row(0, "name"), row(0, "has_password")), (json!("alice"), json!(true)));
    assert_eq!((row(1, "name"), row(1, "has_password")), (json!("bob"), json!(false)));
    let accounts = json(data, &["account", "list"], "");
    assert_eq!(accounts["accounts"].as_array().unwrap().len(), 2, "acme and the provider");

    let text = run(data, &["user", "create", "--account", "acme", "--name", "carol"], "", &[]);
    assert!(String::from_utf8(text.stdout).unwrap().contains("it has no password"));
}

#[test]
fn an_owner_can_be_named_first() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let account = json(data, &["account", "create", "acme", "--owner", "olga"], "");
    let bob = json(data, &["user", "create", "--account", "acme", "--name", "bob"], "");
    assert_eq!(bob["is_owner"], false, "another one was named");
    let create = ["user", "create", "--account", "acme", "--name", "olga", "--password-stdin"];
    let olga = json(data, &create, "a long password");
    assert_eq!((&olga["user_id"], &olga["is_owner"]), (&account["owner"]["user_id"], &json!(true)));
    assert!(fails(data, &create, "a long password").contains("user \"olga\" exists already"));
}

#[test]
fn mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    json(data, &["account", "create", "acme"], "");
    let user = |name: &'static str| ["user", "create", "--account", "acme", "--name", name, "--password-stdin"];
    for (args, stdin, text) in [
        (&["account", "create", "acme"][..], "", "account \"acme\" exists already"),
        (&["account", "create", "provider"], "", "use \"staff create\""),
        (&["account", "create", "a/b"], "", "a name has 1 to 64"),
        (&["account", "disable", "nobody"], "", "there is no account named \"nobody\""),
        (&user("alice"), "short\n", "a password has 8 to 128 characters; standard input has 5"),
        (&user("alice"), &"x".repeat(600), "a password has 8 to 128 characters"),
        (&user("alice"), "with\ttab inside", "no control characters"),
        (&["user", "create", "--account", "nobody", "--name", "x"], "", "there is no account named"),
        (&["user", "create", "--account", "provider", "--name", "x"], "", "use \"staff create\""),
        (&["user", "disable", "--account", "acme", "--name", "x"], "", "there is no user named"),
        (&["access-key", "create", "--account", "acme", "--user", "x"], "", "there is no user named"),
        (&["access-key", "disable", "AKNOBODY000000000000"], "", "there is no access key named"),
        (&["group", "add", "--account", "acme", "--group", "x", "--user", "x"], "", "there is no group named"),
        (&["group", "create", "--account", "acme", "--name", "x", "--role", "king"], "", "invalid value"),
        (&["staff", "create", "--name", "erin", "--role", "king"], "", "invalid value"),
        (&["agency", "create", "--account", "acme", "--name", "x", "--trusted", "x"], "", "there is no account named"),
    ] {
        let message = fails(data, args, stdin);
        assert!(message.contains(text), "{args:?}: {message}");
    }
}

#[test]
fn groups_staff_agencies_and_codes_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    json(data, &["account", "create", "acme"], "");
    json(data, &["account", "create", "other"], "");
    json(data, &["user", "create", "--account", "acme", "--name", "alice"], "");
    let create = ["group", "create", "--account", "acme", "--name", "ops", "--role", "ticket_group_operator"];
    let group = json(data, &create, "");
    let member = ["--account", "acme", "--group", "ops", "--user", "alice"];
    assert_eq!(json(data, &[&["group", "add"][..], &member].concat(), "")["group_id"], group["group_id"]);
    let groups = json(data, &["group", "list", "--account", "acme"], "");
    assert_eq!(groups["groups"][0]["roles"], json!(["ticket_group_operator"]));
    json(data, &[&["group", "remove"][..], &member].concat(), "");
    assert!(fails(data, &[&["group", "remove"][..], &member].concat(), "").contains("there is no member"));

    let staff = json(data, &["staff", "create", "--name", "erin", "--role", "engineer"], "");
    assert_eq!(staff["role"], "engineer");
    let list = json(data, &["user", "list", "--account", "provider"], "");
    assert_eq!((&list["users"][0]["name"], &list["users"][0]["staff_role"]), (&json!("erin"), &json!("engineer")));

    let agency = ["agency", "create", "--account", "acme", "--name", "help", "--trusted", "other", "--days", "3"];
    json(data, &agency, "");
    assert_eq!(json(data, &["agency", "list", "--account", "acme"], "")["agencies"][0]["name"], "help");
    let list = ["privilege", "list", "--account", "acme"];
    let change = |what: &'static str, privilege: &'static str, holder: [&'static str; 2]| {
        [&["privilege", what, "--account", "acme", "--privilege", privilege][..], &holder].concat()
    };
    for (privilege, holder) in
        [("export", ["--user", "alice"]), ("createCase", ["--group", "ops"]), ("assumeCaseAll", ["--agency", "help"])]
    {
        assert_eq!(json(data, &change("grant", privilege, holder), "")["changed"], true);
        assert_eq!(json(data, &change("grant", privilege, holder), "")["changed"], false, "it is granted already");
    }
    let grants = json(data, &list, "");
    let shown: Vec<_> = grants["grants"].as_array().unwrap().iter().map(|g| (&g["kind"], &g["name"])).collect();
    assert_eq!(shown.len(), 3);
    assert!(shown.contains(&(&json!("group"), &json!("ops"))) && shown.contains(&(&json!("agency"), &json!("help"))));
    json(data, &change("revoke", "export", ["--user", "alice"]), "");
    assert_eq!(json(data, &list, "")["grants"].as_array().unwrap().len(), 2);
    for (args, text) in [
        (change("grant", "assumeCaseAll", ["--user", "alice"]), "assumeCaseAll is for agencies"),
        (change("grant", "all", ["--user", "alice"]), "privileges are export, createCase, assumeCaseAll"),
        (change("grant", "export", ["--user", "nobody"]), "there is no user named"),
        (change("grant", "export", ["--agency", "nobody"]), "there is no agency named"),
    ] {
        assert!(fails(data, &args, "").contains(text), "{args:?}");
    }
    json(data, &["agency", "delete", "--account", "acme", "--name", "help"], "");
    assert_eq!(json(data, &list, "")["grants"].as_array().unwrap().len(), 1, "what the agency held is gone with it");
    assert_eq!(json(data, &["agency", "list", "--account", "acme"], "")["agencies"], json!([]));

    let which = ["--account", "acme", "--name", "alice"];
    let codes = json(data, &[&["user", "totp", "enable"][..], &which].concat(), "");
    assert_eq!(codes["secret"].as_str().unwrap().len(), 32);
    assert!(codes["url"].as_str().unwrap().starts_with("otpauth://totp/"));
    assert_eq!(json(data, &["user", "list", "--account", "acme"], "")["users"][0]["has_totp"], true);
    json(data, &[&["user", "totp", "disable"][..], &which].concat(), "");
}

#[tokio::test]
async fn a_running_server_sees_a_change_at_once() {
    let app = TestApp::start().await;
    if app.app.store.engine() == counterfoil_store::Engine::Postgres {
        // The same rule between two processes on PostgreSQL is a test of the store.
        return;
    }
    let data = app.app.config.data.clone();
    let key = ("COUNTERFOIL_SECRET_KEY", crate::support::SECRET_KEY);
    let change = async |args: &'static [&'static str], stdin: &'static str| {
        let data = data.clone();
        let output = tokio::task::spawn_blocking(move || run(&data, args, stdin, &[key])).await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let becomes = async |access: &str, status: u16| {
        // Nodes look five times a second; the rest is for a busy machine.
        let deadline = Instant::now() + Duration::from_secs(3);
        while app.get("/v3/auth/domains").signed(access, SECRET).send().await.status != status {
            assert!(Instant::now() < deadline, "{access} is not {status} in time");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    becomes(BOB.access, 200).await;
    change(&["user", "disable", "--account", "acme", "--name", "bob"], "").await;
    becomes(BOB.access, 401).await;
    change(&["user", "enable", "--account", "acme", "--name", "bob"], "").await;
    becomes(BOB.access, 200).await;
    change(&["access-key", "disable", "--account", "acme", "--user", "bob", BOB.access], "").await;
    becomes(BOB.access, 401).await;
    let access = "AKEXAMPLE0BOB0000002";
    becomes(access, 401).await;
    change(&["access-key", "create", "--account", "acme", "--user", "bob", "--access", "AKEXAMPLE0BOB0000002"], SECRET)
        .await;
    becomes(access, 200).await;
    change(&["access-key", "delete", "AKEXAMPLE0BOB0000002"], "").await;
    becomes(access, 401).await;
}
