//! `DeleteDeskAccessories`.

use super::*;

#[tokio::test]
async fn staff_deletes_its_own_unattached_files() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    let delete = async |who: &str, id: &str| {
        let call = world.app.delete(&format!("{DESK}/{id}")).header("x-auth-token", &world.person(who).token);
        call.english().send().await
    };
    let mut body = in_json("a.txt", b"x");
    body["accessory_from"] = json!("message");
    let wrong = id_of(world.post_json("erin", DESK, &body).await);
    let sent = id_of(world.post_json("erin", DESK, &body).await);
    world.attach("erin", ("bob", &case), &[&sent]).await.unwrap();
    let customers = world.upload("bob", "b.txt", b"b").await;
    refused(&delete("leo", &wrong).await, 404, "OSM.01019003", "");
    refused(&delete("erin", &customers).await, 404, "OSM.01019003", "");
    refused(&delete("erin", &sent).await, 403, "OSM.01010002", "");
    refused(&delete("bob", &customers).await, 403, "OSM.01010002", "");
    assert_eq!(delete("erin", &wrong).await.ok(), json!({}));
    assert_eq!(world.stored().await, (2, 2));
}
