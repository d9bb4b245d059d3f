//! A start that cannot work says why in one line, ends with a status other than 0, and leaves every byte as it was.

use crate::support::SECRET_KEY;
use crate::support::process::{Home, finish};
use counterfoil_store::{Engine, Tx};
use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Every file below a folder with its content, and every folder.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(contents(&path));
            out.insert(path, None);
        } else {
            let bytes = std::fs::read(&path).unwrap();
            out.insert(path, Some(bytes));
        }
    }
    out
}

/// Runs a command that must fail with a message that holds each of these words, and change nothing.
async fn refuses(home: &Home, command: Command, words: &[&str]) {
    let before = contents(&home.config.data);
    let output = finish(command).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{said}");
    assert_eq!(output.status.code(), Some(1), "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.len() == 1 && said.starts_with("counterfoil: "), "one line that says why: {said}");
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
    assert!(output.stdout.is_empty());
    let after = contents(&home.config.data);
    let names = |files: &BTreeMap<PathBuf, Option<Vec<u8>>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after), "files came or went");
    assert!(before == after, "a file was changed");
}

fn serve(home: &Home) -> Command {
    home.command(&["serve", "--listen", "127.0.0.1:0"])
}

fn database(home: &Home) -> PathBuf {
    home.config.data.join("counterfoil.db")
}

#[tokio::test]
async fn damaged_database_files_are_refused() {
    type Damage = fn(&mut Vec<u8>);
    let damages: &[(&str, Damage)] = &[
        ("the header is gone", |file| file[..16].fill(0)),
        ("the schema's page is garbage", |file| file[100..4096].fill(0xa5)),
        ("pages are garbage", |file| file[8192..65_536].fill(0xa5)),
        ("the second half is gone", |file| file.truncate(file.len() / 2)),
        ("only a little is left", |file| file.truncate(50)),
        ("it is a text", |file| *file = b"not a database at all, but long enough to be looked at\n".repeat(99)),
    ];
    for (what, damage) in damages {
        let home = Home::on_sqlite().await;
        let mut file = std::fs::read(database(&home)).unwrap();
        damage(&mut file);
        std::fs::write(database(&home), file).unwrap();
        println!("{what}");
        refuses(&home, serve(&home), &["counterfoil.db"]).await;
        refuses(&home, home.command(&["check"]), &["counterfoil.db"]).await;
    }
}

#[tokio::test]
async fn a_foreign_database_file_is_refused() {
    let home = Home::on_sqlite().await;
    let mut file = std::fs::read(database(&home)).unwrap();
    // Where a database file says whose it is.
    file[68..72].copy_from_slice(b"ELSE");
    std::fs::write(database(&home), file).unwrap();
    refuses(&home, serve(&home), &["counterfoil.db", "not a Counterfoil database"]).await;
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let home = Home::new().await;
    let app = home.open().await;
    let is_sqlite = app.store.engine() == Engine::Sqlite;
    let newer = async |tx: &mut Tx| {
        let sql = "INSERT INTO schema_migrations (version, name, checksum, applied_at) VALUES (9999, 'later', '', 0)";
        tx.query_dyn(sql, &[]).await.map(drop)
    };
    app.store.write(newer).await.unwrap();
    let store = app.store.clone();
    drop(app);
    store.stopped().await;
    let words = ["newer version", "9999", "nothing was changed"];
    refuses(&home, serve(&home), &words).await;
    refuses(&home, home.command(&["account", "list"]), &words).await;
    assert!(!is_sqlite || database(&home).exists());
}

#[tokio::test]
async fn a_wrong_or_missing_secret_key_is_refused() {
    let home = Home::new().await;
    let mut wrong = serve(&home);
    wrong.env("COUNTERFOIL_SECRET_KEY", SECRET_KEY.replace('0', "f"));
    refuses(&home, wrong, &["secret key", "not the one", "nothing was changed"]).await;
    let mut missing = serve(&home);
    missing.env_remove("COUNTERFOIL_SECRET_KEY");
    refuses(&home, missing, &["secret key", "nothing was changed"]).await;
    let mut broken = serve(&home);
    broken.env("COUNTERFOIL_SECRET_KEY", "not 64 digits");
    refuses(&home, broken, &["COUNTERFOIL_SECRET_KEY", "64 hexadecimal digits"]).await;
    std::fs::write(home.config.data.join("secret.key"), SECRET_KEY.replace('0', "f")).unwrap();
    let mut wrong_file = serve(&home);
    wrong_file.env_remove("COUNTERFOIL_SECRET_KEY");
    refuses(&home, wrong_file, &["secret.key", "not the one", "nothing was changed"]).await;
    assert!(home.serve().await.stop().await, "with the right one it starts");
}

/// Migrating is a change too: an older database with another key is refused before its schema is touched.
#[tokio::test]
async fn a_wrong_secret_key_is_refused_before_an_older_database_is_migrated() {
    let home = Home::new().await;
    let app = home.open().await;
    let older = async |tx: &mut Tx| {
        let newest = "(SELECT MAX(version) FROM schema_migrations)";
        tx.query_dyn(&format!("DELETE FROM schema_migrations WHERE version = {newest}"), &[]).await.map(drop)
    };
    app.store.write(older).await.unwrap();
    let store = app.store.clone();
    drop(app);
    store.stopped().await;
    let mut wrong = serve(&home);
    wrong.env("COUNTERFOIL_SECRET_KEY", SECRET_KEY.replace('0', "f"));
    refuses(&home, wrong, &["secret key", "not the one", "nothing was changed"]).await;
    // With the right one the migration is tried, and fails here because its tables are there already.
    refuses(&home, serve(&home), &["schema migration"]).await;
}

/// The command as somebody who may not do everything. Root does: then another user has to run it.
fn as_somebody(home: &Home, args: &[&str]) -> Option<Command> {
    if home.folder().metadata().unwrap().uid() != 0 {
        return Some(home.command(args));
    }
    let setpriv = ["/usr/bin/setpriv", "/bin/setpriv"].into_iter().find(|path| Path::new(path).exists())?;
    // That user may not come to where the binary was built.
    let program = home.folder().join("program");
    std::fs::copy(env!("CARGO_BIN_EXE_counterfoil"), &program).unwrap();
    let plain = home.command_of(&program, args);
    let plain = plain.as_std();
    let mut command = Command::new(setpriv);
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(plain.get_program()).args(plain.get_args());
    command.env_clear();
    for (name, value) in plain.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).kill_on_drop(true);
    Some(command)
}

fn allow(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn a_folder_without_write_permission_is_refused() {
    const SERVE: &[&str] = &["serve", "--listen", "127.0.0.1:0"];
    // New data, data that is there, and a database file that may only be read.
    for (what, is_new, folder_mode, file_mode) in
        [("new", true, 0o555, 0), ("there", false, 0o555, 0o666), ("read-only file", false, 0o777, 0o444)]
    {
        let home = if is_new { Home::empty() } else { Home::on_sqlite().await };
        let Some(command) = as_somebody(&home, SERVE) else {
            println!("NOT TESTED: there is no setpriv to run the server as somebody who may not write");
            return;
        };
        if !is_new {
            allow(&database(&home), file_mode);
        }
        allow(home.folder(), 0o755);
        allow(&home.config.data, folder_mode);
        println!("{what}");
        let named = home.config.data.to_str().unwrap();
        refuses(&home, command, &[named]).await;
        allow(&home.config.data, 0o755);
    }
    // A folder that would have to be made in one that may not be written.
    let home = Home::empty();
    let Some(mut command) = as_somebody(&home, SERVE) else { return };
    command.env("COUNTERFOIL_DATA", home.config.data.join("below"));
    allow(home.folder(), 0o755);
    allow(&home.config.data, 0o555);
    refuses(&home, command, &["data folder", "below"]).await;
}

#[tokio::test]
async fn a_port_in_use_is_refused_before_anything_is_made() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let home = Home::empty();
    let words = ["cannot listen", &*address, "in use"];
    refuses(&home, home.command(&["serve", "--listen", &address]), &words).await;
    refuses(&home, home.command(&["demo", "--listen", &address]), &words).await;
    refuses(&home, home.command(&["serve", "--listen", "nowhere"]), &["cannot listen", "nowhere"]).await;
}

#[tokio::test]
async fn what_is_not_known_is_refused() {
    let home = Home::empty();
    for (text, words) in [
        ("listn = \"127.0.0.1:1\"\n", &["counterfoil.toml", "listn"][..]),
        ("[limits]\nbody_byte = 1\n", &["counterfoil.toml", "body_byte"]),
        ("[api]\nbusiness_errors = \"sometimes\"\n", &["counterfoil.toml", "sometimes"]),
        ("[login]\ntoken_seconds = \"long\"\n", &["counterfoil.toml", "token_seconds"]),
        ("[login]\ntoken_seconds = 0\n", &["login.token_seconds"]),
        ("secret_key = \"00\"\n", &["counterfoil.toml", "secret_key"]),
        ("[log]\nfilter = \"==\"\n", &["log.filter"]),
        ("not toml", &["counterfoil.toml"]),
    ] {
        let file = home.folder().join("counterfoil.toml");
        std::fs::write(&file, text).unwrap();
        let output = finish(home.command(&["serve", "--listen", "127.0.0.1:0"])).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}: {said}");
        for word in words {
            assert!(said.contains(word), "{text}: {word:?} is not in: {said}");
        }
    }
    std::fs::remove_file(home.folder().join("counterfoil.toml")).unwrap();
    let output = finish(home.command(&["serve", "--config", "/nowhere/counterfoil.toml"])).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && said.contains("/nowhere/counterfoil.toml"), "{said}");
    for args in [&["serve", "--lisen", "127.0.0.1:0"][..], &["sevre"], &["account", "create"], &["serve", "more"]] {
        let output = finish(home.command(args)).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.starts_with("error: ") && said.contains("Usage"), "{said}");
    }
    assert!(contents(&home.config.data).is_empty(), "nothing was made");
}

#[tokio::test]
async fn a_server_that_is_told_to_stop_stops() {
    let home = Home::new().await;
    assert!(home.serve().await.stop().await);
}
