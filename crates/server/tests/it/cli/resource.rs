//! `counterfoil resource`.

use super::{fails, json};
use serde_json::json;

#[test]
fn a_file_is_imported_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = folder.path().join("resources.toml");
    let path = file.to_str().unwrap();
    json(&data, &["account", "create", "acme"], "");
    std::fs::write(
        &file,
        "[[resource]]\nname = \"web\"\nkind = \"host\"\naddress = \"web.example.com\"\nports = [{ port = 22 }]\n\n\
         [[resource]]\nname = \"db\"\nkind = \"postgres\"\naddress = \"10.0.0.5\"\n",
    )
    .unwrap();
    let import = ["resource", "import", path, "--account", "acme"];
    assert_eq!(json(&data, &import, ""), json!({"added": 2, "changed": 0}));
    assert_eq!(json(&data, &import, ""), json!({"added": 0, "changed": 2}));
    let listed = json(&data, &["resource", "list", "--account", "acme"], "");
    assert_eq!(listed["resources"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&listed["resources"][1]["name"], &listed["resources"][1]["ports"]),
        (&json!("web"), &json!([{"port": 22}]))
    );

    std::fs::write(
        &file,
        "[[resource]]\nname = \"new\"\nkind = \"host\"\naddress = \"10.0.0.6\"\n\n\
         [[resource]]\nname = \"wrong\"\nkind = \"host\"\naddress = \"a b\"\n",
    )
    .unwrap();
    let error = fails(&data, &import, "");
    assert!(error.contains("wrong") && error.contains("resource.address"), "{error}");
    std::fs::write(&file, "[[resource]]\nname = \"new\"\nkind = \"host\"\nadress = \"10.0.0.6\"\n").unwrap();
    assert!(fails(&data, &import, "").contains("adress"), "a misspelt key is told");
    std::fs::write(&file, "").unwrap();
    assert!(fails(&data, &import, "").contains("[[resource]]"));
    assert_eq!(json(&data, &["resource", "list", "--account", "acme"], "")["resources"].as_array().unwrap().len(), 2);

    json(&data, &["resource", "remove", "web", "--account", "acme"], "");
    assert!(fails(&data, &["resource", "remove", "web", "--account", "acme"], "").contains("does not exist"));
    assert_eq!(json(&data, &["resource", "list", "--account", "acme"], "")["resources"].as_array().unwrap().len(), 1);
    assert!(fails(&data, &["resource", "list", "--account", "nobody"], "").contains("nobody"));
    assert!(fails(&data, &["resource", "list", "--account", "provider"], "").contains("reserved"));
}
