//! A database opens under its own secret key only.

use super::{fails, json, run};

#[test]
fn another_or_a_missing_key_is_refused_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    json(data, &["account", "create", "acme"], "");
    let file = data.join("secret.key");
    let key = std::fs::read_to_string(&file).unwrap();

    std::fs::write(&file, "ab".repeat(32)).unwrap();
    assert!(fails(data, &["account", "list"], "").contains("is not the one that this database was made with"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "ab".repeat(32));

    std::fs::remove_file(&file).unwrap();
    assert!(fails(data, &["account", "list"], "").contains("this database was made with a secret key"));
    assert!(!file.exists(), "no new key is made for a database that has one");

    std::fs::write(&file, "not a key").unwrap();
    assert!(fails(data, &["account", "list"], "").contains("is not 64 hexadecimal digits"));

    // The variable wins over the file, and its value is never printed.
    let given = run(data, &["account", "list", "--json"], "", &[("COUNTERFOIL_SECRET_KEY", key.trim())]);
    assert!(given.status.success(), "{}", String::from_utf8_lossy(&given.stderr));
    let wrong = "cd".repeat(32);
    let refused = run(data, &["account", "list"], "", &[("COUNTERFOIL_SECRET_KEY", &wrong)]);
    let message = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && message.contains("COUNTERFOIL_SECRET_KEY") && !message.contains(&wrong));
    let help = run(data, &["account", "--help"], "", &[("COUNTERFOIL_SECRET_KEY", &wrong)]);
    assert!(!String::from_utf8_lossy(&help.stdout).contains(&wrong));
    std::fs::write(&file, key).unwrap();
    json(data, &["account", "list"], "");
}
