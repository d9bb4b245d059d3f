//! Exporting the catalogue, replacing it, and who sees that when.

use super::{english, row};
use crate::support::TestApp;
use crate::support::people::{ALICE, ERIN};
use counterfoil::app::App;
use counterfoil::catalog::document::{BUILTIN, Document, to_toml};
use counterfoil::catalog::{self, ImportError};
use counterfoil::clock::Clock;
use serde_json::json;
use std::time::{Duration, Instant};

/// The built-in catalogue with one part replaced.
fn changed(from: &str, to: &str) -> String {
    assert_eq!(BUILTIN.matches(from).count(), 1, "{from}");
    BUILTIN.replace(from, to)
}

#[tokio::test]
async fn a_new_installation_has_the_builtin_catalogue() {
    let app = TestApp::start().await;
    let store = &app.app.store;
    assert_eq!(catalog::export(store).await.unwrap(), BUILTIN);
    let report = catalog::import(store, BUILTIN).await.unwrap();
    assert_eq!((report.added, report.changed, report.deleted, report.switched_off.len()), (0, 0, 0, 0));
    assert!(report.unchanged > 500);
}

#[tokio::test]
async fn a_kept_catalogue_is_not_seeded_again() {
    let app = TestApp::start().await;
    let text = changed("en = \"Elastic Cloud Server\"", "en = \"Virtual Machine\"");
    catalog::import(&app.app.store, &text).await.unwrap();
    catalog::seed(&app.app.store).await.unwrap();
    assert_eq!(catalog::export(&app.app.store).await.unwrap(), text);
}

#[tokio::test]
async fn an_import_is_seen_at_once_and_can_be_exported_again() {
    let app = TestApp::start().await;
    english(&app, "config/regions").await;
    let text = changed(
        "[regions]\n",
        "[regions]\nmoon-1 = { kind = \"international\", name = { zh = \"月球\", en = \"Moon \\\"1\\\"\" } }\n",
    );
    let text = text.replace("case_cc_email_max_count = 10", "case_cc_email_max_count = 3");
    let report = catalog::import(&app.app.store, &text).await.unwrap();
    assert_eq!((report.added, report.changed, report.deleted), (1, 1, 0));
    let regions = english(&app, "config/regions").await;
    assert_eq!(regions["data_center_list"][0]["region_name"], "Moon \"1\"", "the order is that of the document");
    assert_eq!(english(&app, "config/limits").await["config"]["create_case_ccemail_max_count"], 3);
    assert_eq!(catalog::export(&app.app.store).await.unwrap(), text);
    let report = catalog::import(&app.app.store, BUILTIN).await.unwrap();
    assert_eq!((report.added, report.changed, report.deleted), (0, 1, 1));
    assert!(row(&english(&app, "config/regions").await["data_center_list"], "region_id", "moon-1").is_null());
    assert_eq!(catalog::export(&app.app.store).await.unwrap(), BUILTIN);
}

#[tokio::test]
async fn a_wrong_document_changes_nothing_and_every_problem_has_its_line() {
    let app = TestApp::start().await;
    let text = changed("en = \"Elastic Cloud Server\"", "en = \"Virtual Machine\"")
        .replace("category = \"storage\"", "category = \"stoarge\"")
        .replace("problems = [\"connect-failed\"]\nname", "problems = [\"connect-failed\"]\nnaem");
    let Err(ImportError::Refused(problems)) = catalog::import(&app.app.store, &text).await else {
        panic!("the document is wrong");
    };
    let lines: Vec<&str> = text.lines().collect();
    for problem in &problems {
        let line = lines[problem.line - 1];
        let fits = match problem.place.as_str() {
            "templates.connection.name" => line == "[templates.connection]",
            "templates.connection.naem" => line.starts_with("naem"),
            _ => line == "category = \"stoarge\"" && problem.text.contains("no category `stoarge`"),
        };
        assert!(fits, "{problem}: {line}");
    }
    assert_eq!(problems.len(), 6);
    assert_eq!(catalog::export(&app.app.store).await.unwrap(), BUILTIN);
}

/// A case about a crashed server in the first region.
async fn submit(app: &TestApp) -> String {
    let body = json!({
        "business_type_id": "ecs.crashed", "region_id": "cn-north-1", "severity_id": "production-impaired",
        "simple_description": "It restarted by itself", "source_id": "83aeb0f2834c4df49826c781d32a963e",
        "extends_map": { "instance_id": "server-1" },
    });
    let answer = app.post("/v2/servicerequest/cases").by(&ALICE).json(&body).send().await.ok();
    answer["incident_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_a_case_uses_is_switched_off_and_keeps_its_names() {
    let app = TestApp::start().await;
    let case_id = submit(&app).await;
    let mut document = Document::parse(BUILTIN).unwrap();
    document.products.retain(|product| product.category != "compute");
    document.categories.retain(|category| category.id != "compute");
    document.regions.retain(|region| !region.id.starts_with("cn-"));
    document.severities.retain(|severity| !severity.id.starts_with("production"));
    let in_compute = |id: &String| ["ecs", "bms", "as", "ims", "cce", "swr", "fgs"].contains(&id.as_str());
    for param in &mut document.extra_params {
        param.products.retain(|id| !in_compute(id));
    }
    document.extra_params.retain(|param| !param.products.is_empty() || param.key == "occurred_at");
    let text = to_toml(&document);
    let report = catalog::import(&app.app.store, &text).await.unwrap();
    let mut off = report.switched_off.clone();
    off.sort();
    let used = [
        "categories.compute",
        "problem_types.ecs.crashed",
        "products.ecs",
        "regions.cn-north-1",
        "severities.production-impaired",
    ];
    assert_eq!(off, used);

    // Nothing of it is offered, nor taken for a new case.
    assert_eq!(english(&app, "config/problems?product_category_id=ecs").await["total_count"], 0);
    let regions = english(&app, "config/regions").await;
    assert!(row(&regions["data_center_list"], "region_id", "cn-north-1").is_null());
    let again = json!({ "business_type_id": "ecs.crashed", "region_id": "cn-north-1", "simple_description": "again",
        "source_id": "83aeb0f2834c4df49826c781d32a963e" });
    let answer = app.post("/v2/servicerequest/cases").by(&ALICE).json(&again).send().await;
    assert_eq!((answer.status, answer.code().as_str()), (400, "OSM.01010001"));
    assert_eq!(catalog::export(&app.app.store).await.unwrap(), text);

    // The case shows the names it was submitted with.
    let names = async || {
        let target = format!("/v2/servicerequest/cases/{case_id}");
        let detail = app.get(&target).by(&ALICE).english().send().await.ok();
        ["business_type_name", "product_category_name", "incident_sub_type_name", "dc_name", "severity_name"].map(
            |field| detail["incident_detail_info"][field].as_str().or(detail[field].as_str()).unwrap_or("-").to_owned(),
        )
    };
    let before = names().await;
    assert_eq!(before[0], "Crash or unexpected restart");
    assert!(before.contains(&"North China-Beijing 1".to_owned()), "{before:?}");

    // It comes back with the next document that names it.
    let report = catalog::import(&app.app.store, BUILTIN).await.unwrap();
    assert!(report.switched_off.is_empty() && report.deleted == 0, "{report}");
    assert_eq!(catalog::export(&app.app.store).await.unwrap(), BUILTIN);
    assert_eq!(names().await, before);
    submit(&app).await;
}

#[tokio::test]
async fn a_dimension_that_a_case_was_rated_by_is_kept() {
    let app = TestApp::start().await;
    let case_id = submit(&app).await;
    let desk = format!("/desk/v1/cases/{case_id}/accept");
    app.post(&desk).by(&ERIN).json(&json!({})).send().await.ok();
    let rating = json!({ "judgement": "fine", "incident_satisfaction_list": [{ "satisfaction_id": 4, "satisfaction_value": 5 }] });
    let target = format!("/v2/servicerequest/cases/{case_id}/action?action_id=close");
    app.post(&target).by(&ALICE).json(&rating).send().await.ok();
    let mut document = Document::parse(BUILTIN).unwrap();
    document.dimensions.retain(|dimension| dimension.id < 3);
    let report = catalog::import(&app.app.store, &to_toml(&document)).await.unwrap();
    assert_eq!((report.deleted, report.switched_off), (1, vec!["dimensions.4".to_owned()]));
    let snapshot = app.app.catalog.snapshot(&app.app.store).await.unwrap();
    assert!(snapshot.dimension(3).is_none());
    assert!(!snapshot.dimension(4).unwrap().enabled && snapshot.dimension(4).unwrap().name.en == "Product");
    assert_eq!(english(&app, "config/satisfaction-dimensions").await["total_count"], 2);
}

#[tokio::test]
async fn two_imports_at_once_do_not_mix() {
    let app = TestApp::start().await;
    let one = changed("en = \"Elastic Cloud Server\"", "en = \"One\"").replace("max_count = 10", "max_count = 1");
    let two = changed("en = \"Elastic Cloud Server\"", "en = \"Two\"").replace("max_count = 10", "max_count = 2");
    let store = &app.app.store;
    for _ in 0..5 {
        let (first, second) = tokio::join!(catalog::import(store, &one), catalog::import(store, &two));
        first.unwrap();
        second.unwrap();
        let now = catalog::export(store).await.unwrap();
        assert!(now == one || now == two);
    }
}

#[tokio::test]
async fn another_node_sees_it_within_a_second() {
    let app = TestApp::start().await;
    let other = App::open(app.app.config.clone(), Clock::System).await.unwrap();
    let count = async |app: &App| {
        let snapshot = app.catalog.snapshot(&app.store).await.unwrap();
        snapshot.settings().case_cc_email_max_count
    };
    assert_eq!(count(&other).await, 10);
    catalog::import(&app.app.store, &changed("max_count = 10", "max_count = 7")).await.unwrap();
    let started = Instant::now();
    while count(&other).await != 7 {
        assert!(started.elapsed() < Duration::from_secs(5), "the other node still has the old catalogue");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(count(&app.app).await, 7);
}
