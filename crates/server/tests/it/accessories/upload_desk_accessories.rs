//! `UploadDeskAccessories`.

use super::*;

#[tokio::test]
async fn staff_uploads_in_both_forms() {
    let world = World::start().await;
    let data = json!({"fileName": "fix.txt", "accessoryFrom": "message"});
    let form = Form::default().data(&data).file(b"fix");
    let one = id_of(world.post_form("erin", DESK, form).await);
    let two = id_of(world.post_json("leo", DESK, &in_json("fix.txt", b"fix")).await);
    for (who, id) in [("erin", &one), ("leo", &two)] {
        assert_eq!(world.get(who, &format!("{DESK}/{id}")).await.bytes, b"fix");
    }
    refused(&world.get("leo", &format!("{DESK}/{one}")).await, 404, "OSM.01019003", "");
    refused(&world.post_json("erin", DESK, &in_json("a.exe", b"x")).await, 400, "OSM.01010001", "accessory_name");
    refused(&world.post_form("erin", DESK, Form::of("a.exe", b"x")).await, 400, "OSM.01010001", "form_data");
}

#[tokio::test]
async fn customers_and_readers_do_not() {
    let world = World::start().await;
    for who in ["alice", "bob", "ada", "oscar"] {
        refused(&world.post_form(who, DESK, Form::of("a.txt", b"x")).await, 403, "OSM.01010002", "");
        refused(&world.post_json(who, DESK, &in_json("a.txt", b"x")).await, 403, "OSM.01010002", "");
    }
    assert_eq!(world.stored().await, (0, 0));
}
