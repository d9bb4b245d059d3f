//! Broken bodies and odd characters, on every operation: a 4xx that says why, nothing written, no panic.

use super::{Draft, Fixtures, operation};
use crate::support::people::{ALICE, LEO, OSCAR};
use crate::support::{Answer, Person, TestApp};
use counterfoil::iam::StaffRole;
use counterfoil::routes::{self, Permission};
use counterfoil_store::{Result, Tx, catalogue};
use std::collections::{BTreeMap, BTreeSet};

/// How many rows each table has, but for what only says that somebody called.
async fn rows(app: &TestApp) -> BTreeMap<String, i64> {
    let count = async |tx: &mut Tx| -> Result<BTreeMap<String, i64>> {
        let described = catalogue::describe(tx).await?;
        let tables: BTreeSet<&str> = described
            .iter()
            .filter(|line| !line.contains("index "))
            .filter_map(|line| line.split_once('.').map(|(table, _)| table))
            .collect();
        let mut out = BTreeMap::new();
        for table in tables {
            let found = tx.query_dyn(&format!("SELECT COUNT(*) FROM {table}"), &[]).await?;
            out.insert(table.to_owned(), found[0].get(0)?);
        }
        // Wrong logins are counted, which is their point.
        out.remove("login_failures");
        Ok(out)
    };
    app.app.store.read(count).await.unwrap()
}

/// Who calls an operation.
fn caller(permission: Permission) -> &'static Person {
    match permission {
        Permission::Staff(roles) if roles.contains(&StaffRole::Operator) => &OSCAR,
        Permission::Staff(_) | Permission::Desk(_) => &LEO,
        _ => &ALICE,
    }
}

/// Operations that take a JSON body.
async fn with_bodies(app: &TestApp, ids: &Fixtures) -> Vec<(Draft, &'static str, &'static Person)> {
    let mut out = Vec::new();
    for operation in routes::operations() {
        let draft = Draft::good(app, &operation, ids).await;
        if !draft.body.is_null() {
            out.push((draft, operation.id, caller(operation.permission)));
        }
    }
    assert!(out.len() >= 12, "{}", out.len());
    out
}

/// Refused with one of these statuses, in the form of the path.
#[track_caller]
fn refused(id: &str, what: &str, answer: &Answer, statuses: &[u16]) {
    assert!(statuses.contains(&answer.status), "{id}: {what}: {} {}", answer.status, answer.json);
    assert!(!answer.code().is_empty() && !answer.message().is_empty(), "{id}: {what}: {}", answer.json);
}

#[tokio::test]
async fn broken_bodies_are_refused_and_write_nothing() {
    let app = TestApp::start().await;
    let ids = Fixtures::make(&app, &ALICE).await;
    let before = rows(&app).await;
    for (draft, id, person) in with_bodies(&app, &ids).await {
        let good = draft.body.to_string();
        // A body without a field has none to repeat or to nest.
        if good == "{}" {
            continue;
        }
        let (first_key, _) = draft.body.as_object().unwrap().iter().next().unwrap();
        let twice = format!("{{\"{first_key}\":{0},{1}", draft.body[first_key], &good[1..]);
        let nested = |open: &str, close: &str| {
            format!("{{\"{first_key}\":{}{}}}", open.repeat(50_000), close.repeat(50_000)).into_bytes()
        };
        let unclosed = &good[..good.len() - 1];
        let mut not_utf8 = good.clone().into_bytes();
        let at = not_utf8.len() - 2;
        not_utf8[at] = 0xff;
        let broken: Vec<(&str, Vec<u8>)> = vec![
            ("empty", Vec::new()),
            ("blank", b" \n".to_vec()),
            ("null", b"null".to_vec()),
            ("a list", b"[]".to_vec()),
            ("a list of the fields", format!("[{}]", draft.body[first_key]).into_bytes()),
            ("a text", b"\"text\"".to_vec()),
            ("a number", b"12".to_vec()),
            ("100,000 brackets", "[".repeat(100_000).into_bytes()),
            ("100,000 brackets as a value", nested("[", "]")),
            ("100,000 objects as a value", nested("{\"a\":", "}")),
            ("not UTF-8", not_utf8),
            ("a byte order mark", [b"\xef\xbb\xbf", good.as_bytes()].concat()),
            ("UTF-16", good.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            ("a key twice", twice.into_bytes()),
            ("more behind it", format!("{good} x").into_bytes()),
            ("twice", format!("{good}{good}").into_bytes()),
            ("not closed", unclosed.as_bytes().to_vec()),
            ("NUL behind it", format!("{good}\0").into_bytes()),
            ("a raw line break in a text", good.replacen("\":\"", "\":\"\n", 1).into_bytes()),
        ];
        for (what, bytes) in broken {
            if what == "a raw line break in a text" && bytes == good.as_bytes() {
                continue;
            }
            // A request for a temporary key without a body is answered as one without a login.
            let answer = draft.call(&app).by(person).with_body("application/json", bytes).send().await;
            refused(id, what, &answer, &[400]);
        }
        let answer = draft.call(&app).by(person).with_body("text/plain", good.clone().into_bytes()).send().await;
        refused(id, "another type", &answer, &[415]);
        let answer = draft.call(&app).by(person).with_body("application/xml", b"<a/>".to_vec()).send().await;
        refused(id, "XML", &answer, &[415]);
        // An upload in JSON may be as large as the largest file.
        let limit = app.app.config.body_limit(id).max(13 << 20);
        let large = format!("{{\"x\":\"{}\",{}", "x".repeat(limit), &good[1..]);
        let answer = draft.call(&app).by(person).with_body("application/json", large.into_bytes()).send().await;
        refused(id, "13 MB", &answer, &[413]);
        if answer.json.get("error").is_none() {
            assert_eq!(answer.code(), "APIGW.0201", "{id}");
        }
    }
    assert_eq!(rows(&app).await, before);
}

#[tokio::test]
async fn odd_characters_in_paths_and_queries_are_refused() {
    let app = TestApp::start().await;
    let ids = Fixtures::make(&app, &ALICE).await;
    let before = rows(&app).await;
    let mut tokens = BTreeMap::new();
    for person in [&ALICE, &LEO, &OSCAR] {
        tokens.insert(person.name, app.token(person).await);
    }
    for operation in routes::operations() {
        let person = caller(operation.permission);
        let good = Draft::good(&app, &operation, &ids).await;
        let odd = [
            "%00",
            "a%00b",
            "%0a",
            "%0d%0ax-header:1",
            "%7f",
            "%c2%85",
            "%ff",
            "%e2%80%ae",
            "%f0%9f%92%be",
            "..%2f..",
            "%25",
        ];
        if !good.ids.is_empty() {
            for text in odd {
                let mut draft = good.clone();
                let (name, _) = draft.ids.remove(0);
                draft.path = draft.path.replace(&format!("{{{name}}}"), text);
                // What is no UTF-8 can not be signed.
                let answer = draft.call(&app).token(&tokens[person.name]).send().await;
                refused(operation.id, &format!("{text} in the path"), &answer, &[400, 403, 404]);
            }
        }
        for text in ["%00", "a%00b", "%ff", "%e4%b8", "%zz", "%"] {
            // A name that no operation knows: what cannot be read is refused all the same.
            let target = good.target();
            let mark = if target.contains('?') { '&' } else { '?' };
            for query in [format!("odd={text}"), format!("{text}=1")] {
                let target = format!("{target}{mark}{query}");
                let answer = Draft { path: target, ids: Vec::new(), query: Vec::new(), ..good.clone() };
                let answer = answer.call(&app).token(&tokens[person.name]).send().await;
                assert!(answer.status < 500, "{}: {query}: {} {}", operation.id, answer.status, answer.json);
            }
        }
        let long = Draft { query: vec![("odd".to_owned(), "x".repeat(40_000))], ..good.clone() };
        let answer = long.send(&app, person).await;
        refused(operation.id, "40,000 characters", &answer, &[414]);
    }
    let after = rows(&app).await;
    let same = |table: &str| assert_eq!(after[table], before[table], "{table}");
    ["accounts", "users", "user_groups", "projects"].into_iter().for_each(same);
}

#[tokio::test]
async fn control_characters_in_ids_are_refused() {
    let app = TestApp::start().await;
    let ids = Fixtures::make(&app, &ALICE).await;
    for (id, names) in [
        (
            "CreateCases",
            &[
                "business_type_id",
                "product_category_id",
                "incident_sub_type_id",
                "region_id",
                "source_id",
                "project_id",
                "severity_id",
                "remind_mobile",
                "remind_mail",
                "remind_time",
                "area_code",
                "verify_code",
            ][..],
        ),
        ("UpdateCases", &["group_id"]),
        ("CreateMessages", &["group_id"]),
        ("UploadJsonAccessories", &["accessory_name", "accessory_from", "accessory_data"]),
        ("CreateAccessKey", &["credential.user_id", "credential.description"]),
    ] {
        let operation = operation(id);
        for name in names {
            for odd in ["\0", "a\0b", "a\nb", "\u{7f}", "\u{85}", "a\tb"] {
                let mut draft = Draft::good(&app, &operation, &ids).await;
                let place = name.split('.').fold(&mut draft.body, |at, part| &mut at[part]);
                *place = odd.into();
                let answer = draft.send(&app, &ALICE).await;
                refused(id, &format!("{odd:?} in {name}"), &answer, &[400, 403, 404]);
            }
        }
    }
    for (id, names) in [
        (
            "ListCases",
            &[
                "app_key",
                "incident_id",
                "x_customer_id",
                "x_customer_name",
                "group_id",
                "search_key",
                "incident_status",
                "query_start_time",
                "status",
                "limit",
            ][..],
        ),
        ("ListCaseCounts", &["business_type_id", "product_category_id"]),
        ("ListMessages", &["group_id"]),
        ("ListProductCategories", &["product_category_name"]),
        ("ListAccessoryAccessUrls", &["accessory_ids"]),
    ] {
        let operation = operation(id);
        for name in names {
            for odd in ["\0", "a\0b", "a\nb", "\u{7f}", "\u{85}"] {
                let mut draft = Draft::good(&app, &operation, &ids).await;
                draft.query.retain(|(known, _)| known != name);
                draft.query.push(((*name).to_owned(), odd.to_owned()));
                let answer = draft.send(&app, &ALICE).await;
                refused(id, &format!("{odd:?} in {name}"), &answer, &[400]);
            }
        }
    }
}
