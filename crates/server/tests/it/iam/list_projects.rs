//! `GET /v3/projects`.

use super::{column, needs_a_login, refused};
use crate::support::TestApp;
use crate::support::people::{BOB, MALLORY};
use serde_json::json;

#[tokio::test]
async fn a_project_is_found_by_the_name_of_its_region() {
    let app = TestApp::start().await;
    let id = app.account_id(&BOB).await;
    let answer = app.get("/v3/projects?name=cn-south-1").by(&BOB).send().await.ok();
    let project = &answer["projects"][0];
    assert_eq!(project["name"], "cn-south-1");
    assert_eq!((project["domain_id"].as_str(), project["parent_id"].as_str()), (Some(id.as_str()), Some(id.as_str())));
    assert_eq!((&project["enabled"], &project["is_domain"]), (&json!(true), &json!(false)));
    let links = json!({"self": "http://counterfoil.test/v3/projects", "previous": null, "next": null});
    assert_eq!(answer["links"], links);

    for (query, names) in [
        (String::new(), vec!["cn-south-1"]),
        (format!("?domain_id={id}&parent_id={id}&enabled=true&is_domain=false"), vec!["cn-south-1"]),
        ("?name=eu-west-9".to_owned(), vec![]),
        ("?enabled=false".to_owned(), vec![]),
        ("?is_domain=true".to_owned(), vec![]),
        (format!("?parent_id={}", app.account_id(&MALLORY).await), vec![]),
    ] {
        let answer = app.get(&format!("/v3/projects{query}")).by(&BOB).send().await.ok();
        assert_eq!(column(&answer["projects"], "name"), names, "{query}");
    }
}

#[tokio::test]
async fn lists_are_paged() {
    let app = TestApp::start().await;
    let page = async |query: &str| app.get(&format!("/v3/projects?{query}")).by(&BOB).send().await;
    let first = page("page=1&per_page=1").await.ok();
    assert_eq!(column(&first["projects"], "name"), ["cn-south-1"]);
    assert_eq!((&first["links"]["previous"], &first["links"]["next"]), (&json!(null), &json!(null)));
    let second = page("page=2&per_page=1").await.ok();
    assert_eq!(second["projects"], json!([]));
    assert_eq!(second["links"]["previous"], "http://counterfoil.test/v3/projects?page=1&per_page=1");
    for bad in
        ["page=1", "per_page=1", "page=0&per_page=1", "page=1&per_page=0", "page=1&per_page=5001", "page=x&per_page=1"]
    {
        refused(&page(bad).await, 400);
    }
    assert_eq!(page("page=1&per_page=5000").await.status, 200);
}

#[tokio::test]
async fn another_account_cannot_be_asked_for() {
    let app = TestApp::start().await;
    for id in [app.account_id(&MALLORY).await.to_string(), super::NO_ID.to_owned(), "x".to_owned()] {
        refused(&app.get(&format!("/v3/projects?domain_id={id}")).by(&BOB).send().await, 403);
    }
    refused(&app.get("/v3/projects?enabled=maybe").by(&BOB).send().await, 400);
    needs_a_login(&app, "/v3/projects").await;
}
