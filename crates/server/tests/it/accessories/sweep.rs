//! Removing what nobody took.

use super::*;

async fn sweep(world: &World) -> u64 {
    accessories::sweep(&world.app.app).await.unwrap()
}

#[tokio::test]
async fn a_file_that_no_case_took_goes_after_a_day() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    let bound = world.upload("bob", "bound.txt", b"b").await;
    world.attach("bob", ("bob", &case), &[&bound]).await.unwrap();
    let old = world.upload("bob", "old.txt", b"o").await;
    world.app.advance_seconds(3600);
    let young = world.upload("bob", "young.txt", b"y").await;
    world.app.advance_seconds(23 * 3600);
    assert_eq!(sweep(&world).await, 0, "not before a day is over");
    world.app.advance_seconds(1);
    assert_eq!(sweep(&world).await, 1);
    assert_eq!(world.stored().await, (2, 2));
    for (id, status) in [(&bound, 200), (&young, 200), (&old, 404)] {
        assert_eq!(world.get("bob", &format!("{ACCESSORIES}/{id}")).await.status, status);
    }
    refused_param(world.attach("bob", ("bob", &case), &[&old]).await, "accessory_ids");
}

#[tokio::test]
async fn what_a_killed_server_left_goes() {
    let world = World::start().await;
    let ids = [world.upload("bob", "1.txt", b"1").await, world.upload("bob", "2.txt", b"2").await];
    // As if the server had been killed while the first was received, and after the second was deleted.
    let [incoming, gone] = ids.clone();
    let done = world.app.app.store.write(async move |tx: &mut Tx| -> Result<()> {
        let set = "UPDATE accessories SET state = $1 WHERE accessory_id = $2";
        tx.query_dyn(set, &vals!["incoming", incoming.as_str()]).await?;
        tx.query_dyn(set, &vals!["gone", gone.as_str()]).await?;
        Ok(())
    });
    done.await.unwrap();
    if world.bucket.is_none() {
        let folder = world.app.app.config.accessories_folder().join(world.person("bob").account_id.as_str());
        let path = folder.join(&ids[0][30..]).join(&ids[0]);
        std::fs::rename(&path, path.with_file_name(format!("{}#1", ids[0]))).unwrap();
    }
    assert_eq!(sweep(&world).await, 1, "an upload may still be going on");
    assert_eq!(world.stored().await, (1, 1));
    world.app.advance_seconds(3600);
    assert_eq!(sweep(&world).await, 1);
    assert_eq!(world.stored().await, (0, 0));
}
