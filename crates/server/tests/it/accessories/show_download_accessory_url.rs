//! `ShowDownloadAccessoryUrl`.

use super::*;

#[tokio::test]
async fn the_relation_must_be_the_right_one() {
    let world = World::start().await;
    let (case, other) = (world.case_of("bob", 1).await, world.case_of("bob", 2).await);
    let temp = world.upload("bob", "temp.txt", b"t").await;
    let bound = world.upload("bob", "bound.txt", b"b").await;
    let message = world.attach("bob", ("bob", &case), &[&bound]).await.unwrap();
    let ask = async |id: &str, query: &str| {
        world.get("bob", &format!("{ACCESSORIES}/{id}/access-url?relation_type={query}")).await
    };
    for relation in ["DEFAULT", "NO_RELATION", "NOTIFICATION", "INSPECTION", "CONNECT"] {
        for id in [&temp, &bound] {
            let url = ask(id, relation).await.ok()["accessory_url"].as_str().unwrap().to_owned();
            assert!(url.contains(&format!("/accessorys/{id}/content?")), "{url}");
        }
    }
    for query in [
        format!("INCIDENT&incident_id={case}"),
        format!("MESSAGE&relation_id={message}"),
        format!("MESSAGE&relation_id={message}&incident_id={case}"),
    ] {
        assert_eq!(ask(&bound, &query).await.status, 200, "{query}");
        refused(&ask(&temp, &query).await, 404, "OSM.01019003", "");
    }
    for query in [
        format!("INCIDENT&incident_id={other}"),
        format!("INCIDENT&incident_id=x&relation_id={message}"),
        format!("MESSAGE&relation_id={MISSING}"),
        format!("MESSAGE&relation_id={message}&incident_id={other}"),
    ] {
        refused(&ask(&bound, &query).await, 404, "OSM.01019003", "");
    }
    refused(&ask(&bound, "INCIDENT").await, 400, "OSM.01010001", "incident_id: it is mandatory");
    refused(&ask(&bound, "MESSAGE").await, 400, "OSM.01010001", "relation_id: it is mandatory");
}

#[tokio::test]
async fn parameters_are_checked() {
    let world = World::start().await;
    let id = world.upload("bob", "a.txt", b"a").await;
    let ask = async |query: &str| world.get("bob", &format!("{ACCESSORIES}/{id}/access-url?{query}")).await;
    refused(&ask("").await, 400, "OSM.01010001", "relation_type: it is mandatory");
    for bad in ["OTHER".to_owned(), "default".to_owned(), "x".repeat(32)] {
        let answer = ask(&format!("relation_type={bad}")).await;
        refused(&answer, 400, "OSM.01010001", "relation_type: allowed are DEFAULT, NO_RELATION");
    }
    let answer = ask(&format!("relation_type={}", "x".repeat(33))).await;
    refused(&answer, 400, "OSM.01010001", "relation_type: 1 to 32 characters");
    for field in ["relation_id", "incident_id"] {
        assert_eq!(ask(&format!("relation_type=DEFAULT&{field}=")).await.status, 200);
        assert_eq!(ask(&format!("relation_type=DEFAULT&{field}={}", "x".repeat(64))).await.status, 200);
        let answer = ask(&format!("relation_type=DEFAULT&{field}={}", "x".repeat(65))).await;
        refused(&answer, 400, "OSM.01010001", &format!("{field}: 0 to 64 characters"));
    }
    let answer = world.get("bob", &format!("{ACCESSORIES}/{}/access-url?relation_type=DEFAULT", "0".repeat(65))).await;
    refused(&answer, 400, "OSM.01010001", "accessory_id: 1 to 64 characters");
}

#[tokio::test]
async fn another_account_learns_nothing() {
    let world = World::start().await;
    let id = world.upload("bob", "a.txt", b"a").await;
    let ask = async |who: &str, id: &str| {
        world.get(who, &format!("{ACCESSORIES}/{id}/access-url?relation_type=DEFAULT")).await
    };
    let missing = ask("mallory", MISSING).await;
    refused(&missing, 404, "OSM.01019003", "");
    assert_eq!(ask("mallory", &id).await.json, missing.json);
    assert_eq!(ask("alice", &id).await.json, missing.json);
    refused(&ask("erin", &id).await, 403, "OSM.01010002", "");
}
