//! Every statement prepares on the engine of this run, every shape of the case list runs, and both engines have the same
//! schema: the one in `schema.txt`.

use crate::support::TestApp;
use counterfoil::cases::{self, Filter};
use counterfoil::schema;
use counterfoil_store::{Engine, Result, Tx, catalogue};
use counterfoil_wire::ids::{AccountId, UserId};
use counterfoil_wire::time::Micros;
use std::collections::BTreeSet;

#[tokio::test]
async fn every_statement_prepares() {
    let app = TestApp::start().await;
    let is_postgres = app.app.store.engine() == Engine::Postgres;
    let statements = schema::statements();
    let names: BTreeSet<_> = statements.iter().map(|stmt| stmt.name).collect();
    assert_eq!(names.len(), statements.len(), "a statement is listed twice");
    for stmt in statements {
        let parameters = app.app.store.write(async move |tx: &mut Tx| tx.prepare(stmt).await).await;
        let parameters = parameters.unwrap_or_else(|e| panic!("{}: {e}", stmt.name));
        let (mark, text) = if is_postgres { ('$', stmt.postgres) } else { ('?', stmt.sqlite) };
        assert_eq!(parameters, highest(text, mark), "{}", stmt.name);
    }
}

/// The highest number behind a mark in a text.
fn highest(sql: &str, mark: char) -> usize {
    let number = |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0);
    sql.split(mark).skip(1).map(number).max().unwrap_or(0)
}

/// Every `statements!` of the sources is in the list that the test above prepares.
#[tokio::test]
async fn no_statement_is_left_out_of_the_list() {
    let listed: BTreeSet<String> = schema::statements().iter().map(|stmt| stmt.name.to_owned()).collect();
    for (root, name) in [("src", "counterfoil"), ("../store/src", "counterfoil_store")] {
        for file in super::dependencies::sources(root) {
            let text = std::fs::read_to_string(&file).unwrap();
            let Some((_, block)) = text.split_once("statements! {\n") else { continue };
            if file.ends_with("stmt.rs") {
                continue;
            }
            let (block, _) = block.split_once("\n}\n").unwrap();
            let module = super::dependencies::module_of(&file, root, name);
            let names = block.lines().filter_map(|line| {
                let (constant, _) = line.strip_prefix("    ")?.split_once(" = ")?;
                let is_constant = constant.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
                (is_constant && !constant.is_empty()).then(|| format!("{module}::{constant}"))
            });
            for name in names {
                assert!(listed.contains(&name), "{name} is not in schema::statements()");
            }
        }
    }
}

/// What each field of a filter may be, as a digit of a number with mixed bases.
fn shape(mut number: usize) -> Filter {
    let mut pick = |choices: usize| {
        let picked = number % choices;
        number /= choices;
        picked
    };
    let account = AccountId::random(Micros(1));
    let user = UserId::random(Micros(2));
    let text = |yes: usize| (yes == 1).then(|| "x".to_owned());
    let keyword = ["disk full", "磁盘", "磁盘已满", "TT2026010500000001", "a"];
    Filter {
        account_id: (pick(2) == 1).then_some(account),
        user_id: (pick(2) == 1).then_some(user),
        group_id: text(pick(2)),
        statuses: [vec![], vec![1], vec![0, 13]][pick(3)].clone(),
        case_ids: [vec![], vec!["x".to_owned()], vec!["x".to_owned(), "y".to_owned()]][pick(3)].clone(),
        user_name: text(pick(2)),
        from: (pick(2) == 1).then_some(Micros(3)),
        to: (pick(2) == 1).then_some(Micros(4)),
        assignee_id: [None, Some(String::new()), Some("x".to_owned())][pick(3)].clone(),
        sub_type_id: text(pick(2)),
        label_ids: [vec![], vec![7], vec![7, 8, 9]][pick(3)].clone(),
        product_id: text(pick(2)),
        problem_id: text(pick(2)),
        source_ids: [vec![], vec!["x".to_owned()], vec!["x".to_owned(), "y".to_owned()]][pick(3)].clone(),
        with_notes: pick(2) == 1,
        keywords: keyword[..pick(3) * 2].iter().map(ToString::to_string).collect(),
    }
}

#[tokio::test]
async fn every_shape_of_the_case_list_runs() {
    let app = TestApp::start().await;
    let shapes = 2_usize.pow(10) * 3_usize.pow(6);
    // A step that shares no factor with the number of shapes: each choice meets each other one.
    let run = app.app.store.read(async move |tx: &mut Tx| -> Result<usize> {
        let mut count = 0;
        for number in (0..shapes).step_by(347).chain([shapes - 1]) {
            let filter = shape(number);
            let found = cases::list(tx, &filter, 10, 0).await;
            found.unwrap_or_else(|e| panic!("{filter:?}: {e}"));
            let counted = cases::count(tx, &filter).await;
            counted.unwrap_or_else(|e| panic!("{filter:?}: {e}"));
            let below = cases::list_below(tx, &filter, i64::MAX, 10).await;
            below.unwrap_or_else(|e| panic!("{filter:?}: {e}"));
            cases::of_numbers(tx, &filter, &[1, 2]).await.unwrap_or_else(|e| panic!("{filter:?}: {e}"));
            count += 1;
        }
        Ok(count)
    });
    assert!(run.await.unwrap() > 300);
}

#[tokio::test]
async fn both_engines_have_the_same_schema() {
    let app = TestApp::start().await;
    let described = app.app.store.read(async |tx: &mut Tx| catalogue::describe(tx).await).await.unwrap();
    // The words of the search are kept by the engines in their own ways; their tables are not compared.
    let lines: Vec<String> =
        described.into_iter().filter(|line| !is_of_the_search_engine(line)).map(without_key_of_search).collect();
    let expected: Vec<String> = include_str!("schema.txt").lines().map(str::to_owned).collect();
    let (found, wanted): (BTreeSet<_>, BTreeSet<_>) = (lines.iter().collect(), expected.iter().collect());
    let more: Vec<_> = found.difference(&wanted).map(|line| format!("+{line}")).collect();
    let less: Vec<_> = wanted.difference(&found).map(|line| format!("-{line}")).collect();
    assert!(
        more.is_empty() && less.is_empty(),
        "the schema is not the one in schema.txt; if the change is meant, write it there:\n{}",
        [less, more].concat().join("\n")
    );
}

/// The number of a document is the key by itself where the words stand in a table of their own.
fn without_key_of_search(line: String) -> String {
    if line.starts_with("search_docs.") { line.split(" key ").next().unwrap_or_default().to_owned() } else { line }
}

fn is_of_the_search_engine(line: &str) -> bool {
    ["search_docs.", "index search_docs_tokens "].iter().any(|start| line.starts_with(start))
}
