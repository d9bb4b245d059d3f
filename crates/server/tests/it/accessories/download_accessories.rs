//! `DownloadAccessories`.

use super::*;
use std::io::Read;

#[tokio::test]
async fn one_file_comes_as_it_is_and_is_never_run() {
    let world = World::start().await;
    let id = world.upload("bob", "图 1.txt", "正文".as_bytes()).await;
    let answer = world.get("bob", &format!("{ACCESSORIES}/{id}")).await;
    assert_eq!((answer.status, answer.bytes.as_slice()), (200, "正文".as_bytes()));
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(answer.header("content-length"), Some("6"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("content-security-policy"), Some("sandbox; default-src 'none'"));
    let disposition = "attachment; filename=\"_ 1.txt\"; filename*=UTF-8''%E5%9B%BE%201.txt";
    assert_eq!(answer.header("content-disposition"), Some(disposition));
    let gbk = world.upload("bob", "gbk.txt", b"\xc4\xe3\xba\xc3").await;
    let answer = world.get("bob", &format!("{ACCESSORIES}/{gbk}")).await;
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=gb18030"));
}

#[tokio::test]
async fn several_files_come_as_a_zip() {
    let world = World::start().await;
    let long = "a line that is repeated\n".repeat(20_000);
    let files: [(&str, &[u8]); 4] = [("a.txt", b"one"), ("a.txt", b"two"), ("A.TXT", long.as_bytes()), ("图.png", PNG)];
    let mut ids = Vec::new();
    for (name, content) in files {
        ids.push(world.upload("bob", name, content).await);
    }
    ids.push(ids[0].clone());
    let answer = world.get("bob", &format!("{ACCESSORIES}/{}", ids.join(","))).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/zip")));
    assert!(answer.header("content-disposition").unwrap().starts_with("attachment; filename=\"accessories.zip\""));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(answer.bytes)).unwrap();
    let mut found = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        found.push((file.name().unwrap().into_owned(), content));
    }
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a.txt", "a (2).txt", "A (3).TXT", "图.png"]);
    assert!(found.iter().zip(files).all(|((_, content), (_, sent))| content == sent));
}

#[tokio::test]
async fn at_most_ten_files_come_at_once() {
    let world = World::start().await;
    let mut ids = Vec::new();
    for number in 0..11 {
        ids.push(world.upload("bob", &format!("{number}.txt"), b"x").await);
    }
    assert_eq!(world.get("bob", &format!("{ACCESSORIES}/{}", ids[..10].join(","))).await.status, 200);
    let answer = world.get("bob", &format!("{ACCESSORIES}/{}", ids.join(","))).await;
    refused(&answer, 400, "OSM.01010001", "accessory_id: 1 to 10 items");
    refused(&world.get("bob", &format!("{ACCESSORIES}/{}", "0".repeat(650))).await, 404, "OSM.01019003", "");
    let answer = world.get("bob", &format!("{ACCESSORIES}/{}", "0".repeat(651))).await;
    refused(&answer, 400, "OSM.01010001", "accessory_id: 1 to 650 characters");
}

#[tokio::test]
async fn what_may_not_be_seen_answers_like_what_does_not_exist() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    let bound = world.upload("bob", "bound.txt", b"bound").await;
    world.attach("bob", ("bob", &case), &[&bound]).await.unwrap();
    let temp = world.upload("bob", "temp.txt", b"temp").await;
    let status = async |who: &str, id: &str| world.get(who, &format!("{ACCESSORIES}/{id}")).await.status;
    assert_eq!((status("bob", &temp).await, status("bob", &bound).await), (200, 200));
    // The owner sees every case of the account, and nobody sees what another has not attached yet.
    assert_eq!((status("alice", &temp).await, status("alice", &bound).await), (404, 200));
    let missing = world.get("mallory", &format!("{ACCESSORIES}/{MISSING}")).await;
    refused(&missing, 404, "OSM.01019003", "This accessory does not exist.");
    for (who, id) in [
        ("mallory", bound.clone()),
        ("mallory", temp.clone()),
        ("carol", bound.clone()),
        ("dave", bound.clone()),
        ("alice", temp.clone()),
        ("alice", format!("{bound},{temp}")),
        ("bob", format!("{bound},{MISSING}")),
        ("bob", "x".to_owned()),
        ("bob", "..%2F..%2Fetc%2Fpasswd".to_owned()),
        ("bob", "%00".to_owned()),
        ("bob", "%ff".to_owned()),
        ("bob", format!("{bound},")),
    ] {
        let answer = world.get(who, &format!("{ACCESSORIES}/{id}")).await;
        assert_eq!((answer.status, &answer.json), (404, &missing.json), "{who} {id}");
    }
    refused(&world.get("erin", &format!("{ACCESSORIES}/{bound}")).await, 403, "OSM.01010002", "");
}

#[tokio::test]
async fn a_group_operator_reads_what_belongs_to_cases_of_the_group() {
    let world = World::start().await;
    let (of_bob, of_dave) = (world.case_of("bob", 1).await, world.case_of("dave", 2).await);
    let (bobs, daves) = (world.upload("bob", "b.txt", b"b").await, world.upload("dave", "d.txt", b"d").await);
    world.attach("bob", ("bob", &of_bob), &[&bobs]).await.unwrap();
    world.attach("dave", ("dave", &of_dave), &[&daves]).await.unwrap();
    let group = world.group.clone();
    let get =
        async |who: &str, id: &str, group: &str| world.get(who, &format!("{ACCESSORIES}/{id}?group_id={group}")).await;
    assert_eq!(get("carol", &bobs, group.as_str()).await.status, 200);
    refused(&get("carol", &daves, group.as_str()).await, 404, "OSM.01019003", "");
    // bob is in the group, but no operator; dave is not in it.
    refused(&get("bob", &bobs, group.as_str()).await, 403, "OSM.01010002", "");
    refused(&get("dave", &bobs, group.as_str()).await, 403, "OSM.01010002", "");
    refused(&get("mallory", &bobs, MISSING).await, 404, "OSM.01019003", "");
    refused(&get("carol", &bobs, MISSING).await, 403, "OSM.01010002", "");
    refused(&get("carol", &bobs, &"x".repeat(64)).await, 403, "OSM.01010002", "");
    for bad in [String::new(), "x".repeat(65)] {
        refused(&get("carol", &bobs, &bad).await, 400, "OSM.01010001", "group_id: 1 to 64 characters");
    }
}

#[tokio::test]
async fn a_deleted_case_takes_its_files_along() {
    let world = World::start().await;
    let case = world.case_of("bob", 1).await;
    let id = world.upload("bob", "a.txt", b"a").await;
    world.attach("bob", ("bob", &case), &[&id]).await.unwrap();
    let done = world.app.app.store.write(async |tx: &mut Tx| -> Result<()> {
        tx.query_dyn("UPDATE cases SET status = 13", &[]).await?;
        Ok(())
    });
    done.await.unwrap();
    refused(&world.get("bob", &format!("{ACCESSORIES}/{id}")).await, 404, "OSM.01019003", "");
}

#[tokio::test]
async fn a_range_of_a_file_is_sent_alone() {
    let world = World::start().await;
    let id = world.upload("bob", "digits.txt", b"0123456789").await;
    let target = format!("{ACCESSORIES}/{id}");
    let ask = async |range: &str, more: Option<(&str, &str)>| {
        let mut call = world.app.get(&target).header("x-auth-token", &world.person("bob").token).english();
        call = call.header("range", range);
        if let Some((name, value)) = more {
            call = call.header(name, value);
        }
        call.send().await
    };
    for (range, bytes, said) in [
        ("bytes=0-0", "0", "bytes 0-0/10"),
        ("bytes=3-5", "345", "bytes 3-5/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
    ] {
        let answer = ask(range, None).await;
        assert_eq!((answer.status, answer.bytes.as_slice()), (206, bytes.as_bytes()), "{range}");
        assert_eq!(answer.header("content-range"), Some(said));
        assert_eq!(answer.header("content-length"), Some(bytes.len().to_string().as_str()));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    for whole in ["bytes=1-2,4-5", "lines=1-2", "bytes=5-3", "x"] {
        let answer = ask(whole, None).await;
        assert_eq!((answer.status, answer.bytes.as_slice()), (200, &b"0123456789"[..]), "{whole}");
        assert_eq!(answer.header("accept-ranges"), Some("bytes"));
    }
    assert_eq!(ask("bytes=0-0", Some(("if-range", "\"1\""))).await.status, 200);
    let beyond = ask("bytes=10-", None).await;
    refused(&beyond, 416, "OSM.01019060", "range");
    assert_eq!(beyond.header("content-range"), Some("bytes */10"));
}
