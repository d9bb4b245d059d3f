//! `DownloadImages`.

use super::*;

#[tokio::test]
async fn an_image_is_shown_under_safe_headers() {
    let world = World::start().await;
    let id = world.upload("bob", "dot.png", PNG).await;
    let answer = world.get("bob", &format!("{ACCESSORIES}/{id}/image")).await;
    assert_eq!((answer.status, answer.bytes.as_slice()), (200, PNG));
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert!(answer.header("content-disposition").unwrap().starts_with("inline; filename=\"dot.png\""));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("content-security-policy"), Some("sandbox; default-src 'none'"));
}

#[tokio::test]
async fn anything_else_is_refused() {
    let world = World::start().await;
    let id = world.upload("bob", "dot.txt", b"no image").await;
    let answer = world.get("bob", &format!("{ACCESSORIES}/{id}/image")).await;
    refused(&answer, 400, "OSM.01010001", "accessory_id: the id of an image is allowed");
    refused(&world.get("bob", &format!("{ACCESSORIES}/{}/image", "x".repeat(64))).await, 404, "OSM.01019003", "");
    let answer = world.get("bob", &format!("{ACCESSORIES}/{}/image", "x".repeat(65))).await;
    refused(&answer, 400, "OSM.01010001", "accessory_id: 1 to 64 characters");
}

#[tokio::test]
async fn the_same_people_may_as_with_a_download() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    let id = world.upload("bob", "dot.png", PNG).await;
    let target = format!("{ACCESSORIES}/{id}/image");
    refused(&world.get("alice", &target).await, 404, "OSM.01019003", "");
    world.attach("bob", ("bob", &case), &[&id]).await.unwrap();
    assert_eq!(world.get("alice", &target).await.status, 200);
    assert_eq!(world.get("carol", &format!("{target}?group_id={}", world.group)).await.status, 200);
    let missing = world.get("mallory", &format!("{ACCESSORIES}/{MISSING}/image")).await;
    let foreign = world.get("mallory", &target).await;
    assert_eq!((foreign.status, &foreign.json), (404, &missing.json));
    refused(&world.get("carol", &target).await, 404, "OSM.01019003", "");
    refused(&world.get("erin", &target).await, 403, "OSM.01010002", "");
    let answer = world.get("carol", &format!("{target}?group_id={}", "x".repeat(65))).await;
    refused(&answer, 400, "OSM.01010001", "group_id: 1 to 64 characters");
}
