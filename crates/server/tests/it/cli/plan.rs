//! `plan`.

use super::{fails, json, run};
use serde_json::json;

#[test]
fn plans_are_listed_exported_imported_and_assigned() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let account = json(data, &["account", "create", "acme"], "");
    let list = json(data, &["plan", "list"], "");
    assert_eq!(list["default_plan"], "unrestricted");
    let ids: Vec<_> = list["plans"].as_array().unwrap().iter().map(|plan| plan["plan_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["unrestricted", "basic", "developer", "business", "enterprise-on-ramp", "enterprise"]);
    let business = json(data, &["plan", "show", "business"], "");
    assert_eq!(business["severities"]["production-down"], json!({"minutes": 60, "calendar": "around-the-clock"}));
    assert_eq!((&business["name"]["en"], &business["bought"]), (&json!("Business"), &json!(true)));

    let file = data.join("plans.toml");
    let path = file.to_str().unwrap();
    json(data, &["plan", "export", path], "");
    let text = std::fs::read_to_string(&file).unwrap();
    let own = "\n[plans.own]\nname = { zh = \"自有\", en = \"Own\" }\nbought = true\nfaults = true\n\
        every_severity = true\nquotas = { all = { monthly = 30, pack = 10 } }\n";
    std::fs::write(&file, format!("{text}{own}")).unwrap();
    assert_eq!(json(data, &["plan", "import", path], "")["plans"], 7);

    let assign =
        ["plan", "assign", "--account", "acme", "--plan", "own", "--from", "2026-01-01", "--until", "2999-01-01"];
    let assigned = json(data, &assign, "");
    assert_eq!(assigned["domain_id"], account["domain_id"]);
    // Midnight in GMT+8, where months begin as well.
    assert_eq!(assigned["starts_at"], "2025-12-31T16:00:00Z");
    let pack = json(data, &["plan", "pack", "add", "--account", "acme", "--quota", "all", "--count", "2"], "");
    assert_eq!((&pack["cases"], &pack["plan_id"]), (&json!(20), &json!("own")));
    let shown = json(data, &["plan", "show", "--account", "acme"], "");
    assert_eq!((&shown["plan_id"], &shown["month"]), (&json!("own"), &pack["month"]));
    assert_eq!(shown["quotas"], json!([{"quota_id": "all", "monthly": 30, "extra": 20, "used": 0}]));
    let packs = json(data, &["plan", "pack", "list", "--account", "acme"], "");
    assert_eq!((&packs["packs"][0]["cases"], &packs["packs"][0]["month"]), (&json!(20), &pack["month"]));
    json(data, &["plan", "end", "--account", "acme"], "");
    let shown = json(data, &["plan", "show", "--account", "acme"], "");
    assert_eq!((&shown["plan_id"], &shown["quotas"]), (&json!("unrestricted"), &json!([])));
    let text = run(data, &["plan", "list"], "", &[]);
    assert!(String::from_utf8(text.stdout).unwrap().contains("business  商业级 / Business"));
}

#[test]
fn mistakes_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    json(data, &["account", "create", "acme"], "");
    let file = data.join("wrong.toml");
    std::fs::write(&file, "format = 1\n[plans.x]\nname = 1\n").unwrap();
    let wrong = file.to_str().unwrap();
    let assign = |plan: &'static str, from: &'static str| {
        ["plan", "assign", "--account", "acme", "--plan", plan, "--from", from]
    };
    let pack = |month: &'static str| ["plan", "pack", "add", "--account", "acme", "--quota", "all", "--month", month];
    for (args, text) in [
        (&["plan", "show", "nothing"][..], "there is no plan \"nothing\""),
        (&["plan", "show", "--account", "nobody"], "there is no account named \"nobody\""),
        (&["plan", "import", wrong], "nothing was changed"),
        (&["plan", "import", "/no/such/file"], "cannot read"),
        (&assign("nothing", "2026-01-01"), "there is no plan \"nothing\""),
        (&assign("basic", "yesterday"), "\"yesterday\" is no time"),
        (&["plan", "end", "--account", "acme"], "no plan is assigned"),
        (&pack("2020-01"), "is no month, or a past one"),
        (&pack("soon"), "is no month, or a past one"),
        (&pack("2999-01"), "sells no ticket packs"),
    ] {
        let message = fails(data, args, "");
        assert!(message.contains(text), "{args:?}: {message}");
    }
}
