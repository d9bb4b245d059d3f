//! What cases and messages do with accessories: attaching and listing.

use super::*;

async fn listed(world: &World, owner: &str, case_id: &CaseId) -> Vec<(MessageId, AccessoryId, String)> {
    let (account_id, case_id) = (world.person(owner).account_id.clone(), case_id.clone());
    let list = world
        .app
        .app
        .store
        .read(async move |tx: &mut Tx| accessories::list_for_messages(tx, &account_id, &case_id).await);
    list.await.unwrap()
}

#[tokio::test]
async fn files_are_listed_by_message_in_their_order() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    let one = world.upload("bob", "1.txt", b"1").await;
    let two = world.upload("bob", "2.txt", b"2").await;
    let three = world.upload("bob", "3.txt", b"3").await;
    let first = world.attach("bob", ("bob", &case), &[&two, &one, &two]).await.unwrap();
    let second = world.attach("bob", ("bob", &case), &[&three]).await.unwrap();
    let mut list = listed(&world, "bob", &case).await;
    list.sort_by_key(|(message, ..)| *message != first);
    let list: Vec<_> = list.iter().map(|(message, id, name)| (message, id.as_str(), name.as_str())).collect();
    let expected =
        [(&first, two.as_str(), "2.txt"), (&first, one.as_str(), "1.txt"), (&second, three.as_str(), "3.txt")];
    assert_eq!(list, expected);
}

#[tokio::test]
async fn only_own_unused_files_of_the_right_kind_are_attached() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    let mine = world.upload("bob", "1.txt", b"1").await;
    let carols = world.upload("carol", "2.txt", b"2").await;
    let mallorys = world.upload("mallory", "3.txt", b"3").await;
    let gone = world.upload("bob", "4.txt", b"4").await;
    world.delete("bob", &gone).await.ok();
    for bad in [carols.as_str(), &mallorys, &gone, MISSING] {
        refused_param(world.attach("bob", ("bob", &case), &[&mine, bad]).await, "accessory_ids");
    }
    refused_param(world.attach_as("bob", ("bob", &case), &[&mine], Source::Message).await, "accessory_ids");
    assert!(listed(&world, "bob", &case).await.is_empty(), "all or nothing");
    world.attach("bob", ("bob", &case), &[&mine]).await.unwrap();
    refused_param(world.attach("bob", ("bob", &case), &[&mine]).await, "accessory_ids");
}

#[tokio::test]
async fn a_file_of_staff_moves_to_the_customers_account() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    let mut body = in_json("fix.txt", b"fix");
    body["accessory_from"] = json!("message");
    let id = id_of(world.post_json("erin", DESK, &body).await);
    refused(&world.get("bob", &format!("{ACCESSORIES}/{id}")).await, 404, "OSM.01019003", "");
    let message = world.attach("erin", ("bob", &case), &[&id]).await.unwrap();
    for who in ["bob", "alice"] {
        assert_eq!(world.get(who, &format!("{ACCESSORIES}/{id}")).await.bytes, b"fix");
    }
    let query = format!("relation_type=MESSAGE&relation_id={message}");
    assert_eq!(world.get("bob", &format!("{ACCESSORIES}/{id}/access-url?{query}")).await.status, 200);
    for who in ["mallory", "carol", "dave"] {
        refused(&world.get(who, &format!("{ACCESSORIES}/{id}")).await, 404, "OSM.01019003", "");
    }
    assert_eq!(world.get("leo", &format!("{DESK}/{id}")).await.bytes, b"fix");
    assert_eq!(listed(&world, "bob", &case).await.len(), 1);
}

#[tokio::test]
async fn the_number_of_files_is_limited_by_the_catalogue() {
    let world = World::start().await;
    let limits = accessories::limits(&world.app.app).await.unwrap();
    limits.check_count("accessory_ids", 5).unwrap();
    refused_param(limits.check_count("accessory_ids", 6), "accessory_ids");
}
