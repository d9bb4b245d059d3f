//! Every documented operation has all that belongs to one: a route with a permission, a test file, a call through the SDK,
//! an entry in the document, an audit decision.
//!
//! The list of the operations is in the facts: those that are not marked as our own additions.

use super::areas;
use counterfoil::routes;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// How many operations the documented API has.
const DOCUMENTED: usize = 82;

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every file under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// `CreateCases` as `create_cases`.
fn snake(id: &str) -> String {
    let mut out = String::new();
    for letter in id.chars() {
        if letter.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[test]
fn every_documented_operation_has_all_that_belongs_to_one() {
    let routes: BTreeSet<_> = routes::operations().iter().map(|operation| operation.id).collect();
    let tests = files(&root().join("crates/server/tests/it"));
    let names: BTreeSet<_> = tests.iter().filter_map(|path| path.file_stem()?.to_str()).collect();
    let sdk: String = (files(&root().join("tests/sdk")).iter())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    let documented: Vec<_> = areas::described().filter(|operation| !operation.ours).collect();
    assert_eq!(documented.len(), DOCUMENTED);
    let mut findings = Vec::new();
    for operation in documented {
        let id = operation.id.as_str();
        let name = snake(id);
        let has = [
            ("a route", routes.contains(id)),
            ("a test file", names.contains(name.as_str())),
            ("a call through the SDK", [".", "\"", "'"].iter().any(|start| sdk.contains(&format!("{start}{name}")))),
        ];
        findings.extend(has.iter().filter(|(_, has)| !has).map(|(what, _)| format!("{id} has not {what}")));
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
