//! `DownloadDeskAccessories`.

use super::*;

#[tokio::test]
async fn staff_reads_what_belongs_to_cases() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    let (bound, temp) = (world.upload("bob", "a.txt", b"a").await, world.upload("bob", "b.txt", b"b").await);
    world.attach("bob", ("bob", &case), &[&bound]).await.unwrap();
    for who in ["erin", "leo", "ada"] {
        let answer = world.get(who, &format!("{DESK}/{bound}")).await;
        assert_eq!((answer.status, answer.bytes.as_slice()), (200, &b"a"[..]));
        assert!(answer.header("content-disposition").unwrap().starts_with("attachment"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        for id in [temp.as_str(), MISSING, "x"] {
            refused(&world.get(who, &format!("{DESK}/{id}")).await, 404, "OSM.01019003", "");
        }
    }
    for who in ["bob", "alice", "mallory", "oscar"] {
        refused(&world.get(who, &format!("{DESK}/{bound}")).await, 403, "OSM.01010002", "");
    }
    refused(&world.get("erin", &format!("{DESK}/{}", "0".repeat(65))).await, 400, "OSM.01010001", "accessory_id");
}
