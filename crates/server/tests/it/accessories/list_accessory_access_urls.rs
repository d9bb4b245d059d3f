//! `ListAccessoryAccessUrls`.

use super::*;

const URLS: &str = "/v2/servicerequest/accessorys/access-urls";

#[tokio::test]
async fn links_come_in_the_order_of_the_question_without_what_may_not_be_seen() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    let (one, two) = (world.upload("bob", "1.txt", b"1").await, world.upload("bob", "2.txt", b"2").await);
    let foreign = world.upload("mallory", "3.txt", b"3").await;
    world.attach("bob", ("bob", &case), &[&two]).await.unwrap();
    let target = format!("{URLS}?accessory_ids={two},{foreign}&accessory_ids={one}&accessory_ids={MISSING},x,{two}");
    let list = world.get("bob", &target).await.ok();
    let list = list["accessory_urls"].as_array().unwrap();
    let ids: Vec<&Value> = list.iter().map(|item| &item["accessory_id"]).collect();
    assert_eq!(ids, [&json!(two), &json!(one)]);
    assert_eq!(list[0]["accessory_name"], "2.txt");
    let url = list[0]["accessory_url"].as_str().unwrap();
    assert!(url.starts_with(&format!("http://127.0.0.1:8080/v2/servicerequest/accessorys/{two}/content?account=")));
    assert!(url.len() <= 1024);
    let own = |answer: Answer| answer.ok()["accessory_urls"].as_array().unwrap().len();
    let target = format!("{URLS}?accessory_ids={one},{two}");
    assert_eq!(own(world.get("alice", &target).await), 1, "the owner sees what belongs to a case");
    assert_eq!(own(world.get("mallory", &target).await), 0);
    assert_eq!(own(world.get("carol", &target).await), 0);
    assert_eq!(own(world.get("carol", &format!("{target}&group_id={}", world.group)).await), 1);
    refused(&world.get("erin", &target).await, 403, "OSM.01010002", "");
}

#[tokio::test]
async fn parameters_are_checked() {
    let world = World::start().await;
    for target in [URLS.to_owned(), format!("{URLS}?accessory_ids="), format!("{URLS}?accessory_ids=,")] {
        refused(&world.get("bob", &target).await, 400, "OSM.01010001", "accessory_ids: 1 to 100 items");
    }
    let ids = |count: usize| (0..count).map(|id| id.to_string()).collect::<Vec<_>>().join(",");
    assert_eq!(world.get("bob", &format!("{URLS}?accessory_ids={}", ids(100))).await.status, 200);
    let answer = world.get("bob", &format!("{URLS}?accessory_ids={}", ids(101))).await;
    refused(&answer, 400, "OSM.01010001", "accessory_ids: 1 to 100 items");
    for (group, status) in [("x".repeat(32), 403), ("x".repeat(33), 400), (String::new(), 400)] {
        let answer = world.get("bob", &format!("{URLS}?accessory_ids=1&group_id={group}")).await;
        assert_eq!(answer.status, status, "{}", answer.json);
    }
}
