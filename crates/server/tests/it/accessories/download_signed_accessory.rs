//! `DownloadSignedAccessory`: what the links of the two calls for access URLs lead to.

use super::*;

/// The link to a file, without scheme and host.
async fn link(world: &World, who: &str, id: &str) -> String {
    let answer = world.get(who, &format!("{ACCESSORIES}/access-urls?accessory_ids={id}")).await.ok();
    let url = answer["accessory_urls"][0]["accessory_url"].as_str().unwrap().to_owned();
    url.strip_prefix("https://osm.example.test/base").unwrap().to_owned()
}

async fn start() -> World {
    World::start_with(|config| "https://osm.example.test/base".clone_into(&mut config.public_url)).await
}

#[tokio::test]
async fn a_link_needs_no_login_until_it_expires() {
    let world = start().await;
    let id = world.upload("bob", "a.png", PNG).await;
    let link = link(&world, "bob", &id).await;
    let answer = world.app.get(&link).send().await;
    assert_eq!((answer.status, answer.bytes.as_slice()), (200, PNG));
    assert!(answer.header("content-disposition").unwrap().starts_with("attachment"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("content-security-policy"), Some("sandbox; default-src 'none'"));
    world.app.advance_seconds(899);
    assert_eq!(world.app.get(&link).send().await.status, 200);
    world.app.advance_seconds(1);
    let answer = world.app.get(&link).english().send().await;
    refused(&answer, 403, "OSM.01019007", "The link is not valid or has expired.");
}

#[tokio::test]
async fn a_changed_link_is_refused() {
    let world = start().await;
    let (id, other) = (world.upload("bob", "a.txt", b"a").await, world.upload("bob", "b.txt", b"b").await);
    let link = link(&world, "bob", &id).await;
    let account = world.person("bob").account_id.as_str();
    let expires = (world.app.app.clock.now().seconds() + 900).to_string();
    let later = (world.app.app.clock.now().seconds() + 901).to_string();
    let mut forged = vec![
        link.replace(&id, &other),
        link.replace(&id, "x"),
        link.replace(account, world.person("mallory").account_id.as_str()),
        link.replace(&expires, &later),
        link.replace(&expires, &format!("+{expires}")),
        link.replace(&expires, ""),
        link.replace("signature=", "signature=0"),
        link.split('?').next().unwrap().to_owned(),
        link.split("&signature").next().unwrap().to_owned(),
        link[..link.len() - 1].to_owned(),
    ];
    let signature_at = link.len() - 64;
    for at in signature_at..link.len() {
        let digit = if link.as_bytes()[at] == b'0' { "1" } else { "0" };
        forged.push(format!("{}{digit}{}", &link[..at], &link[at + 1..]));
    }
    for target in forged {
        refused(&world.app.get(&target).english().send().await, 403, "OSM.01019007", "The link");
    }
    assert_eq!(world.app.get(&link).send().await.status, 200);
}

#[tokio::test]
async fn a_link_ends_with_its_file_and_survives_attaching() {
    let world = start().await;
    let case = world.case_of("bob", 1).await;
    let (kept, gone) = (world.upload("bob", "a.txt", b"a").await, world.upload("bob", "b.txt", b"b").await);
    let (to_kept, to_gone) = (link(&world, "bob", &kept).await, link(&world, "bob", &gone).await);
    world.attach("bob", ("bob", &case), &[&kept]).await.unwrap();
    world.delete("bob", &gone).await.ok();
    assert_eq!(world.app.get(&to_kept).send().await.status, 200);
    refused(&world.app.get(&to_gone).english().send().await, 404, "OSM.01019003", "");
}
