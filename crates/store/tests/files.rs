//! The database file: what is refused stays as it was, and what is closed is complete. SQLite only, on every run.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "each test program uses its own part")]
mod support;

use counterfoil_store::{Migration, Result, Store, StoreError, Tx, Url, migrate};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use support::{Database, MIGRATIONS, NOW, add, things};

fn path(database: &Database) -> PathBuf {
    match database.url() {
        Url::Sqlite(path) => path.clone(),
        Url::Postgres(_) => panic!("this is about files"),
    }
}

/// Every file of the folder, with its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|p| (p.clone(), fs::read(p).unwrap()))
        .collect()
}

/// A closed database with some rows in it.
async fn filled() -> Database {
    let database = Database::sqlite();
    let store = database.open().await;
    for i in 0..300 {
        store
            .write(async move |tx: &mut Tx| add(tx, &format!("a thing with a longer name {i}"), i).await)
            .await
            .unwrap();
    }
    store.stopped().await;
    database
}

/// Opening fails with a message that holds `words`, and the folder is as it was.
async fn refused(database: &Database, migrations: &[Migration], words: &str) {
    let path = path(database);
    let before = contents(path.parent().unwrap());
    let answer = Store::open(&database.options(), migrations, NOW).await.err().expect("it is refused");
    assert!(matches!(&answer, StoreError::Unusable(m) if m.contains(words)), "{answer:?} does not say {words:?}");
    let after = contents(path.parent().unwrap());
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert!(before == after, "a refused file was changed");
}

#[tokio::test]
async fn a_closed_store_leaves_one_file() {
    let database = filled().await;
    let path = path(&database);
    assert_eq!(contents(path.parent().unwrap()).keys().collect::<Vec<_>>(), [&path]);
    let store = database.open().await;
    assert_eq!(things(&store).await.len(), 300);
}

#[tokio::test]
async fn a_newer_file_stays_as_it_is() {
    let database = filled().await;
    refused(&database, &[migrate::PLATFORM], "newer version").await;
}

#[tokio::test]
async fn a_newer_file_that_was_not_closed_stays_as_it_is() {
    let database = filled().await;
    let from = path(&database);
    let store = database.open().await;
    store.write(async |tx: &mut Tx| add(tx, "in the log", 1).await).await.unwrap();
    // What a killed process leaves: the file and its log.
    let copy = Database::sqlite();
    let to = path(&copy);
    for suffix in ["", "-wal"] {
        let name = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        fs::copy(name(&from), name(&to)).unwrap();
    }
    let before = contents(to.parent().unwrap());
    let answer = Store::open(&copy.options(), &[migrate::PLATFORM], NOW).await.err().unwrap();
    assert!(matches!(&answer, StoreError::Unusable(m) if m.contains("newer version")), "{answer:?}");
    // Reading the log needs its index beside it; the data itself is untouched.
    let after = contents(to.parent().unwrap());
    assert!(before.iter().all(|(name, bytes)| after.get(name) == Some(bytes)));
    assert_eq!(things(&copy.open().await).await.len(), 301);
}

#[tokio::test]
async fn a_foreign_file_stays_as_it_is() {
    let database = Database::sqlite();
    let other = rusqlite::Connection::open(path(&database)).unwrap();
    other.execute_batch("CREATE TABLE somebody_elses (a); INSERT INTO somebody_elses VALUES (1)").unwrap();
    drop(other);
    refused(&database, MIGRATIONS, "not a Counterfoil database").await;
    fs::write(path(&database), "These are my notes, not a database.\n".repeat(50)).unwrap();
    refused(&database, MIGRATIONS, "not a database file").await;
    fs::write(path(&database), "x").unwrap();
    refused(&database, MIGRATIONS, "not a database file").await;
}

#[tokio::test]
async fn a_damaged_file_stays_as_it_is() {
    let whole = filled().await;
    let bytes = fs::read(path(&whole)).unwrap();
    let size = bytes.len();
    assert!(size > 40_000, "{size}");
    let damage = |from: usize, length: usize, with: u8| {
        let mut bytes = bytes.clone();
        bytes[from..(from + length).min(size)].fill(with);
        bytes
    };
    for (what, damaged) in [
        ("cut in half", bytes[..size / 2].to_vec()),
        ("cut after its head", bytes[..100].to_vec()),
        ("zeros at the start", damage(0, 512, 0)),
        ("the schema overwritten", damage(100, 3000, 0xA5)),
        ("a page overwritten", damage(size - 8 * 4096, 4096, 0xFF)),
        ("a page zeroed", damage(size - 8 * 4096, 4096, 0)),
    ] {
        let database = Database::sqlite();
        fs::write(path(&database), damaged).unwrap();
        println!("{what}");
        refused(&database, MIGRATIONS, "").await;
    }
}

#[tokio::test]
async fn an_empty_file_is_a_fresh_one() {
    let database = Database::sqlite();
    fs::write(path(&database), "").unwrap();
    assert!(things(&database.open().await).await.is_empty());
}

#[tokio::test]
async fn a_path_that_cannot_be_written_is_said() {
    let database = Database::sqlite();
    let folder = path(&database).parent().unwrap().to_owned();
    let open = async |path: PathBuf| {
        let options = counterfoil_store::Options::new(Url::Sqlite(path.clone()));
        let answer = Store::open(&options, MIGRATIONS, NOW).await.err().expect("it is refused");
        assert!(matches!(&answer, StoreError::Unusable(_)), "{answer:?}");
        answer.to_string()
    };
    assert!(open(folder.join("missing").join("counterfoil.db")).await.contains("does not exist"));
    fs::write(folder.join("file"), "").unwrap();
    assert!(open(folder.join("file").join("counterfoil.db")).await.contains("does not exist"));
    fs::create_dir(folder.join("counterfoil.db")).unwrap();
    assert!(open(folder.join("counterfoil.db")).await.contains("counterfoil.db"));
    assert_eq!(contents_of_folders(&folder), ["counterfoil.db", "file"]);
    // Not even root can make files here.
    assert!(open(PathBuf::from("/proc/counterfoil.db")).await.contains("/proc/counterfoil.db"));
}

fn contents_of_folders(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_without_write_permission_is_said() {
    use std::os::unix::fs::PermissionsExt;
    let database = filled().await;
    let folder = path(&database).parent().unwrap().to_owned();
    let set = |folder_mode: u32, file_mode: u32| {
        fs::set_permissions(path(&database), fs::Permissions::from_mode(file_mode)).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(folder_mode)).unwrap();
    };
    // Permissions do not bind root, so the attempt is made by another user.
    for (folder_mode, file_mode) in [(0o555, 0o666), (0o777, 0o444)] {
        set(folder_mode, file_mode);
        let before = contents(&folder);
        let said = as_nobody("attempt", path(&database).to_str().unwrap());
        assert!(said.contains("REFUSED") && said.contains("counterfoil.db"), "{said}");
        assert!(before == contents(&folder), "a refused folder was changed");
    }
    set(0o755, 0o644);
}

/// Runs the ignored test `name` of this program as a user without rights.
#[cfg(unix)]
fn as_nobody(name: &str, argument: &str) -> String {
    use std::os::unix::process::CommandExt;
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let mut command = std::process::Command::new(program);
    command.args(["--ignored", "--exact", name, "--nocapture"]).env("TEST_ARGUMENT", argument);
    if fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0) {
        command.uid(65534).gid(65534);
    }
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

#[tokio::test]
#[ignore = "run by another test in a process of its own"]
async fn attempt() {
    let url = Url::Sqlite(support::setting("TEST_ARGUMENT").unwrap().into());
    match Store::open(&counterfoil_store::Options::new(url), MIGRATIONS, NOW).await {
        Ok(_) => println!("OPENED"),
        Err(e) => println!("REFUSED {e}"),
    }
}

#[tokio::test]
async fn everything_accepted_before_the_last_handle_went_is_written() {
    let database = Database::sqlite();
    let store = database.open().await;
    let crowd: Vec<_> = (0..500)
        .map(|i| {
            let store = store.clone();
            tokio::spawn(async move {
                store.write(async move |tx: &mut Tx| -> Result<()> { add(tx, &format!("{i}"), i).await }).await
            })
        })
        .collect();
    tokio::task::yield_now().await;
    store.stopped().await;
    for one in crowd {
        one.await.unwrap().unwrap();
    }
    assert_eq!(things(&database.open().await).await.len(), 500);
}
