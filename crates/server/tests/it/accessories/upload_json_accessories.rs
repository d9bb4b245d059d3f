//! `UploadJsonAccessories`.

use super::*;

const JSON: &str = "/v2/servicerequest/accessorys/json-format-content";

#[tokio::test]
async fn a_file_is_stored() {
    let world = World::start().await;
    let id = id_of(world.post_json("bob", JSON, &in_json("说明.txt", "拒绝连接".as_bytes())).await);
    let answer = world.get("bob", &format!("{ACCESSORIES}/{id}")).await;
    assert_eq!(answer.bytes, "拒绝连接".as_bytes());
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    let mut unpadded = in_json("a.txt", b"a");
    unpadded["accessory_data"] = json!("YQ");
    unpadded["upload_type"] = json!(1);
    assert_eq!(world.post_json("bob", JSON, &unpadded).await.status, 200);
}

#[tokio::test]
async fn every_field_is_checked() {
    let world = World::start().await;
    let changed = |field: &str, value: Value| {
        let mut body = in_json("a.txt", b"a");
        body[field] = value;
        body
    };
    let name = |characters: usize| json!(format!("{}.txt", "名".repeat(characters - 4)));
    assert_eq!(world.post_json("bob", JSON, &changed("accessory_name", name(512))).await.status, 200);
    for (field, value, text) in [
        ("accessory_name", json!(""), "1 to 512 characters"),
        ("accessory_name", name(513), "1 to 512 characters"),
        ("accessory_name", json!("a.exe"), "allowed file types are"),
        ("accessory_name", json!("a\n.txt"), "control characters"),
        ("accessory_from", json!(""), "1 to 32 characters"),
        ("accessory_from", json!("x".repeat(33)), "1 to 32 characters"),
        ("accessory_from", json!("elsewhere"), "allowed are incident, message"),
        ("upload_type", json!(-1), "0 to 1"),
        ("upload_type", json!(2), "0 to 1"),
        ("accessory_data", json!(""), "mandatory"),
        ("accessory_data", json!("not base64!"), "Base64"),
        ("accessory_data", json!("YQ==\n"), "Base64"),
        ("accessory_data", json!("_-8="), "Base64"),
        ("accessory_data", json!("PGh0bWw+"), "the content must be"),
    ] {
        let answer = world.post_json("bob", JSON, &changed(field, value)).await;
        refused(&answer, 400, "OSM.01010001", &format!("{field}: "));
        assert!(answer.message().contains(text), "{}", answer.message());
    }
    for field in ["accessory_name", "accessory_from", "accessory_data"] {
        let mut body = in_json("a.txt", b"a");
        body.as_object_mut().unwrap().remove(field);
        refused(&world.post_json("bob", JSON, &body).await, 400, "OSM.01010001", &format!("{field}: it is mandatory"));
    }
    let answer = world.post_json("bob", JSON, &changed("accessory_data", json!(5))).await;
    refused(&answer, 400, "OSM.0001", "accessory_data");
    assert_eq!(world.stored().await, (1, 1));
}

#[tokio::test]
async fn decoded_bytes_are_limited() {
    let world = World::with_limits(1, 1).await;
    let most = vec![b'x'; 1 << 20];
    assert_eq!(world.post_json("bob", JSON, &in_json("a.txt", &most)).await.status, 200);
    for more in [1, 2, 3, 100_000] {
        let body = in_json("a.txt", &[&most[..], &vec![b'x'; more]].concat());
        let answer = world.post_json("carol", JSON, &body).await;
        refused(&answer, 400, "OSM.01010001", "accessory_data: a file of at most 1 MB");
    }
    refused(&world.post_json("bob", JSON, &in_json("b.txt", b"x")).await, 429, "OSM.01010005", "");
    assert_eq!(world.stored().await, (1, 1));
}

#[tokio::test]
async fn the_largest_file_that_is_allowed_fits_into_json() {
    let world = World::start().await;
    let megabytes = |n: usize| vec![b'x'; n * 1024 * 1024];
    assert_eq!(world.post_json("bob", JSON, &in_json("a.txt", &megabytes(10))).await.status, 200);
    let answer = world.post_json("bob", JSON, &in_json("a.txt", &megabytes(13))).await;
    refused(&answer, 413, "APIGW.0201", "");
}

#[tokio::test]
async fn only_customers_upload_here() {
    let world = World::start().await;
    refused(&world.post_json("erin", JSON, &in_json("a.txt", b"a")).await, 403, "OSM.01010002", "");
    assert_eq!(world.app.post(JSON).json(&in_json("a.txt", b"a")).send().await.status, 401);
}

#[tokio::test]
async fn a_repeated_key_gives_the_first_file() {
    let world = World::start().await;
    let send = async |content: &[u8]| {
        let call = world.app.post(JSON).header("x-auth-token", &world.person("bob").token);
        call.header("idempotency-key", "upload-1").json(&in_json("a.txt", content)).send().await
    };
    let first = id_of(send(b"content").await);
    assert_eq!(id_of(send(b"content").await), first);
    refused(&send(b"changed").await, 409, "OSM.01019002", "");
    assert_eq!(world.stored().await, (1, 1));
}
