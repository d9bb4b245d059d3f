//! `agreement`.

use super::{fails, json, run};
use serde_json::json;

#[test]
fn an_operator_publishes_translates_and_withdraws() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    let list = || json(data, &["agreement", "list"], "")["agreements"].as_array().unwrap().clone();
    assert_eq!(list().len(), 6, "three kinds in two languages");
    assert!(list().iter().all(|text| text["mandatory"] == false && text["is_valid"] == true));
    let (zh, en) = (data.join("zh.txt"), data.join("en.txt"));
    std::fs::write(&zh, "工单规则").unwrap();
    std::fs::write(&en, "Rules of cases").unwrap();
    let (zh, en) = (zh.to_str().unwrap(), en.to_str().unwrap());
    let publish = ["agreement", "publish", "--kind", "0", "--lang", "zh-cn", "--file", zh, "--mandatory"];
    let done = json(data, &publish, "");
    assert_eq!((&done["kind"], &done["version"]), (&json!("new-case"), &json!(2)));
    assert_eq!(done["agreements"], json!([{"agreement_id": "7", "lang": "zh-cn"}]));
    let translate = ["agreement", "publish", "--kind", "new-case", "--lang", "en", "--file", en, "--version", "2"];
    assert_eq!(json(data, &translate, "")["agreements"][0]["agreement_id"], "8");
    let both = [
        "agreement",
        "publish",
        "--kind",
        "authorization",
        "--lang",
        "zh-cn",
        "--file",
        zh,
        "--name",
        "授权",
        "--lang",
        "en-us",
        "--file",
        en,
        "--name",
        "Letter",
        "--valid-from",
        "2999-01-01",
    ];
    assert_eq!(json(data, &both, "")["version"], 2);
    let texts = list();
    let of = |id: &str| texts.iter().find(|text| text["agreement_id"] == id).unwrap().clone();
    assert_eq!((&of("7")["mandatory"], &of("8")["mandatory"]), (&json!(true), &json!(true)));
    assert_eq!((&of("10")["name"], &of("10")["is_valid"]), (&json!("Letter"), &json!(false)));
    assert_eq!(of("10")["valid_from"], "2999-01-01T00:00:00Z");
    json(data, &["agreement", "withdraw", "--kind", "0", "--version", "2"], "");
    assert_eq!(list().iter().filter(|text| text["is_valid"] == true).count(), 6);
    let shown = run(data, &["agreement", "list"], "", &[]);
    assert!(String::from_utf8(shown.stdout).unwrap().contains("8  new-case version 2  en-us  mandatory"));

    for (args, words) in [
        (&["publish", "--kind", "9", "--lang", "zh", "--file", zh][..], "invalid value"),
        (&["publish", "--kind", "0", "--lang", "fr", "--file", zh], "invalid value"),
        (&["publish", "--kind", "0", "--lang", "zh", "--lang", "en", "--file", zh], "each --lang goes with one --file"),
        (&["publish", "--kind", "0", "--lang", "zh", "--file", "/nowhere"], "cannot read /nowhere"),
        (&["publish", "--kind", "0", "--lang", "zh", "--file", "/dev/null"], "a text has 1 to 1000000 characters"),
        (&["publish", "--kind", "0", "--lang", "zh", "--file", zh, "--name", " "], "a title has 1 to 128 characters"),
        (
            &["publish", "--kind", "0", "--lang", "zh", "--file", zh, "--version", "2"],
            "there is a text in zh-cn already",
        ),
        (&["publish", "--kind", "0", "--lang", "zh", "--file", zh, "--version", "9"], "there is no version 9"),
        (&["publish", "--kind", "0", "--lang", "zh", "--file", zh, "--valid-from", "soon"], "RFC 3339 is needed"),
        (
            &["publish", "--kind", "0", "--lang", "zh", "--file", zh, "--valid-to", "2001-01-01"],
            "ends before it begins",
        ),
        (&["withdraw", "--kind", "0", "--version", "2"], "there is no version 2"),
        (&["signatures", "--account", "nobody"], "there is no account named"),
    ] {
        let message = fails(data, &[&["agreement"], args].concat(), "");
        assert!(message.contains(words), "{args:?}: {message}");
    }
    json(data, &["account", "create", "acme"], "");
    assert_eq!(json(data, &["agreement", "signatures", "--account", "acme"], ""), json!({"signatures": []}));
}
