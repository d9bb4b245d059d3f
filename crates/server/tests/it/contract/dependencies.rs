//! Who may use whom, read from the sources: decisions are pure, the wire knows no server, the store knows no ticket, and
//! columns are known in one file. And what the layout promises: a docstring for every module, a handler and a test file
//! with the name of the operation.

use counterfoil::routes;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every `.rs` file below a folder of this crate, or of another one.
pub fn sources(root: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                out.push(path);
            }
        }
    }
    let mut out = Vec::new();
    walk(&folder(root), &mut out);
    assert!(!out.is_empty(), "{root}");
    out.sort();
    out
}

fn folder(root: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(root)
}

/// A file as it is named in messages.
fn shown(path: &Path) -> String {
    let workspace = folder("../..").canonicalize().unwrap();
    let path = path.canonicalize().unwrap();
    path.strip_prefix(workspace).unwrap().display().to_string()
}

/// The path of a file's module.
pub fn module_of(file: &Path, root: &str, name: &str) -> String {
    let inside = file.strip_prefix(folder(root)).unwrap().with_extension("");
    let parts = inside.iter().map(|part| part.to_str().unwrap()).filter(|part| *part != "mod" && *part != "lib");
    [name].into_iter().chain(parts).collect::<Vec<_>>().join("::")
}

/// The code of a file without remarks and without its unit tests.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let code = text.split("\n#[cfg(test)]\nmod tests").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Fails for every file in which one of the words stands, as a name by itself.
fn forbid(files: &[PathBuf], words: &[&str]) {
    let mut findings = Vec::new();
    for file in files {
        let code = code(file);
        for word in words {
            let is_name = |c: char| c.is_alphanumeric() || c == '_';
            let stands = code.match_indices(word).any(|(at, _)| {
                let before = code[..at].chars().next_back().is_some_and(is_name);
                let after = code[at + word.len()..].chars().next().is_some_and(is_name);
                !before && !after
            });
            if stands {
                findings.push(format!("{} uses {word}", shown(file)));
            }
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

fn is_named(path: &Path, name: &str) -> bool {
    path.file_name().is_some_and(|file| file == name)
}

#[test]
fn decisions_are_pure() {
    let rules: Vec<_> = sources("src").into_iter().filter(|path| is_named(path, "rules.rs")).collect();
    assert!(rules.len() >= 3, "{rules:?}");
    forbid(&rules, &["axum", "tokio", "counterfoil_store", "Tx", "App", "sql", "async", "http", "Clock"]);
}

#[test]
fn the_wire_knows_no_server() {
    let server = ["axum", "tokio", "counterfoil_store", "counterfoil::", "rusqlite", "tokio_postgres", "hyper"];
    forbid(&sources("../wire/src"), &server);
}

#[test]
fn the_store_knows_no_ticket() {
    let server = ["axum", "counterfoil::", "counterfoil_wire", "hyper", "http", "cases", "CaseId", "incident"];
    forbid(&sources("../store/src"), &server);
}

#[test]
fn columns_are_known_in_one_file() {
    let mut findings = Vec::new();
    // Where another folder's statements are used: the list of all of them, and commands that administer accounts, users
    // and keys as one piece with the identity service.
    let may =
        |file: &str, owner: &str| file.ends_with("src/schema.rs") || (owner == "iam" && file.contains("src/cli/"));
    let files = sources("src");
    // Every folder that has statements of its own, so that none has to be thought of here.
    let owners: BTreeSet<String> = files
        .iter()
        .filter_map(|file| {
            let name = shown(file);
            let (folder, rest) = name.split("src/").nth(1)?.split_once('/')?;
            (rest == "sql.rs" || rest.starts_with("sql/")).then(|| folder.to_owned())
        })
        .collect();
    assert!(owners.len() > 15, "{owners:?}");
    for file in files {
        let name = shown(&file);
        let inside = name.split("src/").nth(1).unwrap();
        let own_folder = inside.split('/').next().unwrap();
        let code = code(&file);
        for owner in &owners {
            // Either written out, or picked out of a list such as `iam::{self, sql}`.
            let uses = code.contains(&format!("{owner}::sql")) || picks_sql(&code, owner);
            if uses && own_folder != owner.as_str() && !may(&name, owner) {
                findings.push(format!("{name} uses {owner}::sql"));
            }
        }
        let is_sql = is_named(&file, "sql.rs") || inside.contains("/sql/");
        let writes_sql = ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "]
            .iter()
            .any(|start| code.contains(&format!("\"{start}")));
        // The vault and the check are one file each: their statements stand in them.
        let is_whole = ["vault.rs", "cli/check.rs"].contains(&inside);
        if writes_sql && !is_sql && !is_whole {
            findings.push(format!("{name} holds SQL"));
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// Whether a `use` picks `sql` out of a folder's list of names.
fn picks_sql(code: &str, owner: &str) -> bool {
    code.split(&format!("{owner}::{{")).skip(1).any(|list| {
        let list = list.split(';').next().unwrap_or_default();
        list.split([',', '{', '}']).map(str::trim).any(|name| name == "sql" || name.starts_with("sql::"))
    })
}

#[test]
fn every_module_says_what_it_is() {
    let roots =
        ["src", "tests/it", "../store/src", "../store/tests", "../wire/src", "../wire/tests", "../../xtask/src"];
    let mut findings = Vec::new();
    for root in roots.into_iter().chain(["../../bench/src"]) {
        for file in sources(root) {
            let text = std::fs::read_to_string(&file).unwrap();
            let lines = text.lines().take_while(|line| line.starts_with("//!")).count();
            let most = if root.ends_with("src") { 15 } else { 20 };
            if lines == 0 || lines > most {
                findings.push(format!("{}: {lines} lines of //! at its start", shown(&file)));
            }
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

fn snake_case(id: &str) -> String {
    let mut out = String::new();
    for (i, c) in id.chars().enumerate() {
        if c.is_ascii_uppercase() && i > 0 {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[test]
fn every_operation_has_its_name_everywhere() {
    let table = std::fs::read_to_string(folder("src/routes.rs")).unwrap();
    let tests = sources("tests/it");
    let mut findings = Vec::new();
    for operation in routes::operations() {
        let name = snake_case(operation.id);
        let lines: Vec<_> = table.lines().filter(|line| line.contains(&format!("\"{}\"", operation.id))).collect();
        assert_eq!(lines.len(), 1, "{} stands in one line of routes.rs", operation.id);
        let handler = lines[0].trim_end().trim_end_matches(");").rsplit([':', ' ']).next().unwrap();
        if handler != name && !SHARED_HANDLERS.contains(&(operation.id, handler)) {
            findings.push(format!("{}: its handler is {handler}, not {name}", operation.id));
        }
        if !tests.iter().any(|path| is_named(path, &format!("{name}.rs"))) {
            findings.push(format!("{}: there is no tests/it/**/{name}.rs", operation.id));
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

/// Operations that share another one's handler, because they are the same but for who calls.
const SHARED_HANDLERS: &[(&str, &str)] = &[("DeleteDeskAccessories", "delete_accessories")];
