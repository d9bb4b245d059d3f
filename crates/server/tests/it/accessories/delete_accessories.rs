//! `DeleteAccessories`.

use super::*;

#[tokio::test]
async fn an_unattached_file_is_deleted_by_its_uploader() {
    let world = World::start().await;
    let id = world.upload("bob", "wrong.txt", b"wrong").await;
    assert_eq!(world.delete("bob", &id).await.ok(), json!({}));
    assert_eq!(world.stored().await, (0, 0));
    refused(&world.delete("bob", &id).await, 404, "OSM.01019003", "");
    refused(&world.get("bob", &format!("{ACCESSORIES}/{id}")).await, 404, "OSM.01019003", "");
}

#[tokio::test]
async fn an_attached_file_stays() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    let id = world.upload("bob", "kept.txt", b"kept").await;
    world.attach("bob", ("bob", &case), &[&id]).await.unwrap();
    refused(&world.delete("bob", &id).await, 403, "OSM.01010002", "");
    refused(&world.delete("alice", &id).await, 403, "OSM.01010002", "");
    assert_eq!(world.get("bob", &format!("{ACCESSORIES}/{id}")).await.bytes, b"kept");
}

#[tokio::test]
async fn others_learn_nothing() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    let (temp, bound) = (world.upload("bob", "a.txt", b"a").await, world.upload("bob", "b.txt", b"b").await);
    world.attach("bob", ("bob", &case), &[&bound]).await.unwrap();
    let missing = world.delete("mallory", MISSING).await;
    refused(&missing, 404, "OSM.01019003", "");
    for (who, id) in [("mallory", &temp), ("mallory", &bound), ("carol", &temp), ("carol", &bound), ("alice", &temp)] {
        let answer = world.delete(who, id).await;
        assert_eq!((answer.status, &answer.json), (404, &missing.json), "{who}");
    }
    refused(&world.delete("erin", &temp).await, 403, "OSM.01010002", "");
    refused(&world.delete("bob", &"0".repeat(64)).await, 404, "OSM.01019003", "");
    refused(&world.delete("bob", &"0".repeat(65)).await, 400, "OSM.01010001", "accessory_id: 1 to 64 characters");
    assert_eq!(world.stored().await, (2, 2));
}

#[tokio::test]
async fn of_a_deletion_and_an_attachment_one_wins() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    for number in 0..8 {
        let id = world.upload("bob", &format!("{number}.txt"), b"x").await;
        let ids = [id.as_str()];
        let (deleted, attached) = tokio::join!(world.delete("bob", &id), world.attach("bob", ("bob", &case), &ids));
        assert!((deleted.status == 200) != attached.is_ok(), "{}", deleted.json);
    }
}
