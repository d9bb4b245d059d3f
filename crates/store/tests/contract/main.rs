//! What the store promises, as one text that runs on the engine that `TEST_ENGINE` names.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "each test program uses its own part")]
mod support;

mod marks;
mod migrations;
mod platform;
mod statements;
mod units;
mod values;

/// The same once more as behind a transaction-mode pooler, which only PostgreSQL has.
#[test]
fn it_holds_without_prepared_statements() {
    if support::engine() == counterfoil_store::Engine::Sqlite || support::setting("TEST_PREPARED").is_some() {
        return;
    }
    let name = "it_holds_without_prepared_statements";
    let again = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--skip", name])
        .env("TEST_PREPARED", "off")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success(), "{said}\n{}", String::from_utf8_lossy(&again.stderr));
    println!("{said}");
}
