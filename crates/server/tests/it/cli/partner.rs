//! `partner`.

use super::{fails, json};
use serde_json::json;

#[test]
fn partners_are_made_linked_and_described() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path();
    for account in ["acme", "reseller", "isv"] {
        json(data, &["account", "create", account], "");
    }
    json(data, &["user", "create", "--account", "reseller", "--name", "pete"], "");
    let made = json(data, &["partner", "create", "--account", "reseller", "--zone", "GMT+09:00"], "");
    assert_eq!(made["name"], "reseller");
    json(data, &["partner", "create", "--account", "isv", "--kind", "isv"], "");
    json(data, &["partner", "link", "--customer", "acme", "--partner", "reseller"], "");
    let staff = ["partner", "staff", "--account", "reseller", "--user", "pete"];
    assert_eq!(json(data, &staff, "")["changed"], true);
    assert_eq!(json(data, &staff, "")["changed"], false);
    json(data, &["partner", "category", "--account", "reseller", "--id", "compute"], "");
    json(data, &["partner", "commodity", "--account", "isv", "--id", "goods-1"], "");
    let hours = ["partner", "service-info", "--account", "reseller", "--days", "7", "--hours", "00:00-24:00"];
    json(data, &hours, "");
    json(data, &["partner", "allow", "--account", "reseller", "--deny"], "");
    let list = json(data, &["partner", "list"], "");
    let expected = json!({
        "partner_id": made["partner_id"], "name": "reseller", "kind": "reseller", "allowed": false,
        "zone": "GMT+08:00", "days": "7", "hours": "00:00-24:00", "customers": ["acme"], "staff": ["pete"],
        "categories": ["compute"], "commodities": [],
    });
    assert_eq!(list["partners"][1], expected);
    assert_eq!(list["partners"][0]["commodities"], json!(["goods-1"]));

    for (args, text) in [
        (&["partner", "create", "--account", "reseller"][..], "is a partner already"),
        (&["partner", "create", "--account", "provider"], "is the provider's own"),
        (&["partner", "create", "--account", "acme", "--days", "8"], "days are 1 to 7"),
        (&["partner", "create", "--account", "acme", "--hours", "9-18"], "hours are a window"),
        (&["partner", "create", "--account", "acme", "--zone", "Mars"], "a zone has at most 10 characters"),
        (&["partner", "link", "--customer", "acme", "--partner", "acme"], "is not a partner"),
        (&["partner", "link", "--customer", "reseller", "--partner", "reseller"], "can not be linked to itself"),
        (&["partner", "unlink", "--customer", "isv"], "has no partner"),
        (&["partner", "staff", "--account", "reseller", "--user", "nobody"], "there is no user named"),
        (&["partner", "category", "--account", "reseller", "--id", "none"], "the catalogue has no category"),
        (&["partner", "commodity", "--account", "reseller", "--id", "x"], "is no ISV"),
        (&["partner", "commodity", "--account", "isv", "--id", "goods-1"], "is sold by somebody already"),
    ] {
        let message = fails(data, args, "");
        assert!(message.contains(text), "{args:?}: {message}");
    }
    json(data, &["partner", "unlink", "--customer", "acme"], "");
    json(data, &["partner", "staff", "--account", "reseller", "--user", "pete", "--remove"], "");
    json(data, &["partner", "category", "--account", "reseller", "--id", "compute", "--remove"], "");
    json(data, &["partner", "commodity", "--account", "isv", "--id", "goods-1", "--remove"], "");
    let left = json(data, &["partner", "list"], "");
    let partner = &left["partners"][1];
    for field in ["customers", "staff", "categories", "commodities"] {
        assert_eq!(partner[field], json!([]), "{field}");
    }
}
