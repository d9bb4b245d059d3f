//! `GET /openapi.json`, and the same from the command line.

use crate::support::TestApp;
use serde_json::Value;
use std::process::Command;

#[tokio::test]
async fn it_is_served_to_everybody() {
    let app = TestApp::start().await;
    let answer = app.get("/openapi.json").send().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.json["openapi"], "3.1.0");
    assert_eq!(answer.json["info"]["version"], env!("CARGO_PKG_VERSION"));
    let create = &answer.json["paths"]["/v2/servicerequest/cases"]["post"];
    assert_eq!(create["operationId"], "CreateCases");
    assert_eq!(create["x-permission"], "customer");
    let body = &create["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["properties"]["simple_description"]["maxLength"], 1200);
    assert!(body["required"].as_array().unwrap().iter().any(|name| name == "business_type_id"));
    assert_eq!(answer.json["components"]["securitySchemes"]["token"]["name"], "X-Auth-Token");
}

#[tokio::test]
async fn the_command_prints_the_same_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut command = Command::new(env!("CARGO_BIN_EXE_counterfoil"));
    let printed = command.arg("openapi").env("COUNTERFOIL_DATA", &data).current_dir(folder.path()).output().unwrap();
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    let served = TestApp::start().await.get("/openapi.json").send().await;
    assert_eq!(serde_json::from_slice::<Value>(&printed.stdout).unwrap(), served.json);
    assert!(!data.exists());
}
