//! What only a bucket does: uploads in parts, and going away in the middle of something.
//!
//! `make test` runs these with the suite that has a bucket.

use super::*;
use crate::support::s3::Wire;
use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt;
use tower::ServiceExt;

/// More than one part, of a text whose places can be told apart.
fn large() -> Vec<u8> {
    (0..12 << 20).map(|at: u32| b'a' + u8::try_from(at / 1000 % 26).unwrap()).collect()
}

/// A server whose bucket is behind a wire.
async fn behind_a_wire() -> (World, Wire) {
    let bucket = Bucket::of_this_run().expect("TEST_S3_URL names the bucket");
    let wire = Wire::to(bucket.server).await;
    let address = wire.address;
    let mut world = World::start_with(|config| bucket.configure(config, address)).await;
    world.bucket = Some(bucket);
    world.limit(20, 200).await;
    (world, wire)
}

#[track_caller]
fn comes_back(answer: &Answer) {
    refused(answer, 503, "OSM.01019004", "");
    assert!(answer.header("retry-after").is_some());
}

#[tokio::test]
#[ignore = "needs a bucket"]
async fn a_large_file_goes_in_parts_and_comes_back() {
    let world = World::with_limits(20, 200).await;
    let content = large();
    let id = world.upload("bob", "large.txt", &content).await;
    assert_eq!(world.bucket.as_ref().unwrap().holds().await, (1, 0));
    let target = format!("{ACCESSORIES}/{id}");
    assert!(world.get("bob", &target).await.bytes == content);
    // Over the place where two parts meet.
    let token = &world.person("bob").token;
    let call = world.app.get(&target).header("x-auth-token", token).header("range", "bytes=5242870-5242890");
    let answer = call.send().await;
    assert_eq!((answer.status, answer.bytes.as_slice()), (206, &content[5_242_870..=5_242_890]));
    let urls = world.get("bob", &format!("{ACCESSORIES}/access-urls?accessory_ids={id}")).await.ok();
    let url = urls["accessory_urls"][0]["accessory_url"].as_str().unwrap().to_owned();
    let path = format!("/v2/{}", url.split_once("/v2/").unwrap().1);
    assert!(world.app.get(&path).send().await.bytes == content, "a signed link needs no login");
    assert_eq!(world.app.number("SELECT COUNT(*) FROM accessories WHERE upload_id IS NOT NULL").await, 0);
}

#[tokio::test]
#[ignore = "needs a bucket"]
async fn a_refused_large_file_leaves_nothing() {
    let world = World::with_limits(7, 200).await;
    let slightly = &large()[..(7 << 20) + 500_000];
    refused(&world.send("bob", "large.txt", slightly).await, 400, "OSM.01010001", "file: a file of at most 7 MB");
    let mut late = large();
    late.truncate(6 << 20);
    late.push(0);
    refused(&world.send("bob", "late.txt", &late).await, 400, "OSM.01010001", "file: the content");
    world.becomes((0, 0)).await;
    assert_eq!(world.bucket.as_ref().unwrap().holds().await, (0, 0));
}

#[tokio::test]
#[ignore = "needs a bucket"]
async fn a_bucket_that_is_away_is_waited_for() {
    let (world, wire) = behind_a_wire().await;
    let kept = world.upload("bob", "kept.txt", b"kept").await;
    let other = world.upload("bob", "other.txt", b"other").await;
    wire.cut().await;
    comes_back(&world.send("bob", "small.txt", b"small").await);
    comes_back(&world.send("bob", "large.txt", &large()).await);
    comes_back(&world.post_json("bob", &format!("{ACCESSORIES}/json-format-content"), &in_json("a.txt", b"x")).await);
    comes_back(&world.get("bob", &format!("{ACCESSORIES}/{kept}")).await);
    comes_back(&world.get("bob", &format!("{ACCESSORIES}/{kept},{other}")).await);
    world.delete("bob", &other).await.ok();
    assert_eq!(world.app.number("SELECT COUNT(*) FROM accessories WHERE state <> 'gone'").await, 1);
    assert!(accessories::sweep(&world.app.app).await.is_err(), "the sweep comes back, too");
    wire.mend().await;
    assert_eq!(world.get("bob", &format!("{ACCESSORIES}/{kept}")).await.bytes, b"kept");
    accessories::sweep(&world.app.app).await.unwrap();
    assert_eq!(world.stored().await, (1, 1));
    assert_eq!(world.app.number("SELECT COUNT(*) FROM accessory_volumes WHERE size_bytes <> 9").await, 0);
}

#[tokio::test]
#[ignore = "needs a bucket"]
async fn a_bucket_that_goes_away_in_the_middle_keeps_nothing() {
    let (world, wire) = behind_a_wire().await;
    // The first part passes, the second does not.
    wire.cut_after(6 << 20);
    comes_back(&world.send("bob", "large.txt", &large()).await);
    assert_eq!(world.bucket.as_ref().unwrap().holds().await, (0, 1), "the parts that came are still there");
    wire.mend().await;
    accessories::sweep(&world.app.app).await.unwrap();
    assert_eq!(world.stored().await, (0, 0));
    assert_eq!(world.send("bob", "large.txt", &large()).await.status, 200);
}

#[tokio::test]
#[ignore = "needs a bucket"]
async fn parts_of_a_server_that_was_killed_go_after_a_while() {
    let (world, wire) = behind_a_wire().await;
    let start = Bytes::from(Form::of("a.txt", &large()).0);
    let body = futures_util::stream::iter([Ok::<_, std::io::Error>(start)]).chain(futures_util::stream::pending());
    let request = http::Request::post(ACCESSORIES)
        .header("x-auth-token", &world.person("bob").token)
        .header("content-type", FORM_TYPE)
        .body(Body::from_stream(body))
        .unwrap();
    let upload = tokio::spawn(counterfoil::routes::router(&world.app.app).oneshot(request));
    world.becomes((1, 1)).await;
    // As if the server had been killed: it can clean up neither row nor bucket.
    wire.cut().await;
    upload.abort();
    for _ in 0..500 {
        if world.app.number("SELECT COUNT(*) FROM accessories WHERE state = 'gone'").await == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let done = world.app.app.store.write(async move |tx: &mut Tx| -> Result<()> {
        tx.query_dyn("UPDATE accessories SET state = 'incoming' WHERE state = $1", &vals!["gone"]).await?;
        Ok(())
    });
    done.await.unwrap();
    wire.mend().await;
    assert_eq!(accessories::sweep(&world.app.app).await.unwrap(), 0, "an upload may still be going on");
    assert_eq!(world.bucket.as_ref().unwrap().holds().await, (0, 1));
    world.app.advance_seconds(3600);
    assert_eq!(accessories::sweep(&world.app.app).await.unwrap(), 1);
    assert_eq!(world.stored().await, (0, 0));
}
