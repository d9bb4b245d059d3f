//! `UploadAccessory`.

use super::*;
use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tower::ServiceExt;

#[tokio::test]
async fn a_file_is_stored_in_either_order_of_the_parts() {
    let world = World::start().await;
    let id = world.upload("bob", "notes.txt", "first line\n第二行\n".as_bytes()).await;
    assert!(AccessoryId::parse(&id).is_some());
    let data = json!({"fileName": "late.txt", "accessoryFrom": "message"});
    let form = Form::default().part("other", "", b"ignored").file(b"second").data(&data);
    let late = id_of(world.post_form("bob", ACCESSORIES, form).await);
    let answer = world.get("bob", &format!("{ACCESSORIES}/{late}")).await;
    assert_eq!((answer.status, answer.bytes.as_slice()), (200, &b"second"[..]));
    assert_eq!(world.stored().await, (2, 2));
}

#[tokio::test]
async fn a_large_file_comes_back_as_it_was() {
    let world = World::with_limits(2, 10).await;
    let content: Vec<u8> = (0..2 << 20).map(|at: u32| b'a' + u8::try_from(at % 26).unwrap()).collect();
    let id = world.upload("bob", "letters.log", &content).await;
    assert!(world.get("bob", &format!("{ACCESSORIES}/{id}")).await.bytes == content);
    let more = [&content[..], b"x"].concat();
    refused(&world.send("bob", "letters.log", &more).await, 400, "OSM.01010001", "file: a file of at most 2 MB");
    assert_eq!(world.stored().await, (1, 1));
}

#[tokio::test]
async fn a_file_that_is_far_too_large_is_not_received_whole() {
    let world = World::with_limits(1, 10).await;
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    let piece = Bytes::from(vec![b'x'; 1 << 16]);
    let start = Bytes::from(Form::of("a.txt", b"").0);
    let start = start.slice(..start.len() - 2);
    let endless = futures_util::stream::iter([start].into_iter().chain(std::iter::repeat_with(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        piece.clone()
    })));
    let request = http::Request::post(ACCESSORIES)
        .header("x-auth-token", &world.person("bob").token)
        .header("content-type", FORM_TYPE)
        .body(Body::from_stream(endless.map(Ok::<_, std::io::Error>)))
        .unwrap();
    let answer = counterfoil::routes::router(&world.app.app).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(taken.load(Ordering::SeqCst) < 24, "pieces of 64 KB");
    assert_eq!(world.stored().await, (0, 0));
}

#[tokio::test]
async fn a_form_may_be_cut_anywhere() {
    let world = World::start().await;
    let form = Form::of("a.txt", b"some text\r\n--cut-her no end\r\n").finish();
    for size in [1, 2, 3, 7, 64, form.len()] {
        let pieces: Vec<_> = form.chunks(size).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
        let request = http::Request::post(ACCESSORIES)
            .header("x-auth-token", &world.person("bob").token)
            .header("content-type", FORM_TYPE)
            .body(Body::from_stream(futures_util::stream::iter(pieces)))
            .unwrap();
        let answer = counterfoil::routes::router(&world.app.app).oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 200, "{size}");
    }
    let listed = world.app.app.store.read(async |tx: &mut Tx| -> Result<i64> {
        Ok(tx.query_dyn("SELECT COUNT(*) FROM accessories WHERE size_bytes = 29", &[]).await?[0].get(0)?)
    });
    assert_eq!(listed.await.unwrap(), 6);
}

#[tokio::test]
async fn both_parts_are_needed_once() {
    let world = World::start().await;
    let data = json!({"fileName": "a.txt", "accessoryFrom": "incident"});
    let form = || Form::default();
    for (form, text) in [
        (form(), "form_data: it is mandatory"),
        (form().file(b"a"), "form_data: it is mandatory"),
        (form().data(&data), "file: it is mandatory"),
        (form().data(&data).data(&data).file(b"a"), "form_data: it is allowed once"),
        (form().file(b"a").data(&data).file(b"a"), "file: it is allowed once"),
        (form().data(&data).file(b""), "file: an empty file is not allowed"),
    ] {
        refused(&world.post_form("bob", ACCESSORIES, form).await, 400, "OSM.01010001", text);
    }
    assert_eq!(world.stored().await, (0, 0));
}

#[tokio::test]
async fn form_data_is_checked() {
    let world = World::start().await;
    let data = |name: &str| json!({"fileName": name, "accessoryFrom": "incident", "uploadType": 1}).to_string();
    let padded = |characters: usize| format!("{:characters$}", data("a.txt"));
    let long = |characters: usize| data(&format!("{}.txt", "😀".repeat(characters - 4)));
    for good in [data("a.txt"), padded(5000), long(1 + 4), long(512)] {
        let form = Form::default().part("form_data", "", good.as_bytes()).file(b"a");
        assert_eq!(world.post_form("bob", ACCESSORIES, form).await.status, 200, "{good}");
    }
    for (bad, text) in [
        (String::new(), "form_data: 1 to 5000 characters"),
        (padded(5001), "form_data: 1 to 5000 characters"),
        ("x".repeat(100_000), "form_data: 1 to 5000 characters"),
        ("not json".to_owned(), "form_data: JSON text"),
        ("[\"a.txt\",\"incident\",0]".to_owned(), "form_data: JSON text"),
        ("{\"fileName\":\"a.txt\"}".to_owned(), "form_data: JSON text"),
        ("{\"fileName\":1,\"accessoryFrom\":\"incident\"}".to_owned(), "form_data: JSON text"),
        (data(""), "form_data.fileName: 1 to 512 characters"),
        (long(513), "form_data.fileName: 1 to 512 characters"),
        (data("a.txt").replace("incident", "elsewhere"), "form_data.accessoryFrom: allowed are incident, message"),
        (data("a.txt").replace(":1", ":2"), "form_data.uploadType: a whole number from 0 to 1"),
        (data("a.txt").replace(":1", ":-1"), "form_data.uploadType: a whole number from 0 to 1"),
    ] {
        let form = Form::default().part("form_data", "", bad.as_bytes()).file(b"a");
        refused(&world.post_form("bob", ACCESSORIES, form).await, 400, "OSM.01010001", text);
    }
    let form = Form::default().part("form_data", "", b"\xff\xfe").file(b"a");
    refused(&world.post_form("bob", ACCESSORIES, form).await, 400, "OSM.01010001", "form_data: JSON text");
}

#[tokio::test]
async fn names_are_never_paths() {
    let world = World::start().await;
    for (sent, kept) in [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\bob\\log.txt", "log.txt"),
        ("/a.txt", "a.txt"),
        ("  b.txt ", "b.txt"),
        ("..txt", "..txt"),
        ("报告😀.TXT", "报告😀.TXT"),
    ] {
        let id = world.upload("bob", sent, b"x").await;
        let list = world.get("bob", &format!("{ACCESSORIES}/access-urls?accessory_ids={id}")).await.ok();
        assert_eq!(list["accessory_urls"][0]["accessory_name"], kept, "{sent}");
    }
    for bad in ["a\u{0}.txt", "a\n.txt", "a\u{7f}.txt", "a\u{202e}txt.exe.txt", "..", "a.txt/", "\\", " "] {
        let answer = world.send("bob", bad, b"x").await;
        refused(&answer, 400, "OSM.01010001", "form_data");
    }
    // Nothing was written outside of the folder, and nothing in it is called what a user said.
    assert_eq!(world.stored().await.0, 6);
    if world.bucket.is_none() {
        let folder = world.app.app.config.accessories_folder();
        let account = world.person("bob").account_id.as_str();
        assert!(std::fs::read_dir(&folder).unwrap().all(|entry| entry.unwrap().file_name() == account));
    }
}

#[tokio::test]
async fn the_content_must_be_what_the_extension_says() {
    let world = World::start().await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let elf = [b"\x7fELF\x02\x01\x01".as_slice(), &[0; 64]].concat();
    let late = [vec![b'x'; 100_000], vec![0]].concat();
    let bad: &[(&str, &[u8])] = &[
        ("page.png", svg),
        ("page.txt", b"\n<!DOCTYPE html><script>alert(1)</script>"),
        ("page.log", svg),
        ("tool.txt", &elf),
        ("tool.txt", b"MZ\x90\0\x03"),
        ("tool.txt", b"#!/bin/sh\nrm -rf /\n"),
        ("late.txt", &late),
        ("photo.png", b"just text"),
        ("photo.jpg", PNG),
        ("photo.bmp", b"BMW is a car, and this is no bitmap"),
        ("mail.eml", b"no header here"),
        ("mail.msg", b"text"),
        ("sheet.xlsx", b"PK\x03\x04 and nothing else"),
        ("film.mp4", b"\0\0\0\x14ftypqt  \0\0\0\0qt  "),
        ("paper.pdf", b"%PS-1.4"),
    ];
    for (name, content) in bad {
        let extension = name.rsplit('.').next().unwrap();
        let text = format!("file: the content must be what the extension {extension} says");
        refused(&world.send("bob", name, content).await, 400, "OSM.01010001", &text);
    }
    for name in ["tool.exe", "page.html", "page.svg", "noextension", "a.txt.js", "a."] {
        refused(
            &world.send("bob", name, b"x").await,
            400,
            "OSM.01010001",
            "form_data.fileName: allowed file types are jpg",
        );
    }
    assert_eq!(world.stored().await, (0, 0));
    // The file came first, so that its type is only known when all of it is here.
    let data = json!({"fileName": "a.png", "accessoryFrom": "incident"});
    let form = Form::default().file(svg).data(&data);
    refused(&world.post_form("bob", ACCESSORIES, form).await, 400, "OSM.01010001", "file: the content");
    assert_eq!(world.stored().await, (0, 0));
}

#[tokio::test]
async fn errors_are_told_in_both_languages() {
    let world = World::start().await;
    let token = &world.person("bob").token;
    let call = world.app.post(ACCESSORIES).header("x-auth-token", token).header("x-language", "zh-cn");
    let answer = call.raw(FORM_TYPE, Form::of("a.png", b"text").finish()).send().await;
    assert_eq!(answer.message(), "参数校验失败。file：内容须与扩展名 png 一致。");
    let answer = world.send("bob", "a.png", b"text").await;
    assert_eq!(answer.message(), "Param validation failed. file: the content must be what the extension png says.");
}

#[tokio::test]
async fn only_customers_upload_here() {
    let world = World::start().await;
    refused(&world.send("erin", "a.txt", b"x").await, 403, "OSM.01010002", "");
    let answer = world.app.post(ACCESSORIES).raw(FORM_TYPE, Form::of("a.txt", b"x").finish()).send().await;
    assert_eq!((answer.status, answer.code().as_str()), (401, "APIGW.0301"));
    assert_eq!(world.stored().await, (0, 0));
}

#[tokio::test]
async fn a_broken_form_leaves_nothing() {
    let world = World::start().await;
    let whole = Form::of("a.txt", &vec![b'x'; 600_000]).finish();
    for length in [whole.len() - 4, whole.len() - 20, whole.len() / 2, 200, 40] {
        let call = world.app.post(ACCESSORIES).header("x-auth-token", &world.person("bob").token);
        let answer = call.raw(FORM_TYPE, whole[..length].to_vec()).send().await;
        assert!((400..500).contains(&answer.status), "{length}: {}", answer.json);
    }
    for kind in ["multipart/form-data", "text/plain", "application/json"] {
        let call = world.app.post(ACCESSORIES).header("x-auth-token", &world.person("bob").token).english();
        let answer = call.raw(kind, whole.clone()).send().await;
        refused(&answer, 415, "OSM.01019005", "multipart/form-data");
    }
    // Something that never ends beside the file is not received for ever.
    let form = Form::of("a.txt", b"x").part("more", "", &vec![b'x'; 12 << 20]);
    assert_eq!(world.post_form("bob", ACCESSORIES, form).await.status, 413);
    assert_eq!(world.stored().await, (0, 0));
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    let world = World::start().await;
    let start = Bytes::from(Form::of("a.txt", &vec![b'x'; 6 << 20]).0);
    let body = futures_util::stream::iter([Ok::<_, std::io::Error>(start)]).chain(futures_util::stream::pending());
    let request = http::Request::post(ACCESSORIES)
        .header("x-auth-token", &world.person("bob").token)
        .header("content-type", FORM_TYPE)
        .body(Body::from_stream(body))
        .unwrap();
    let router = counterfoil::routes::router(&world.app.app);
    let upload = tokio::spawn(router.oneshot(request));
    world.becomes((1, 1)).await;
    upload.abort();
    world.becomes((0, 0)).await;
}

#[tokio::test]
async fn an_archive_is_stored_and_never_unpacked() {
    use std::io::Write;
    let world = World::start().await;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("zeros", zip::write::SimpleFileOptions::default()).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..48 {
        archive.write_all(&zeros).unwrap();
    }
    let bomb = archive.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20);
    let id = world.upload("bob", "bomb.zip", &bomb).await;
    assert_eq!(world.stored().await, (1, 1));
    if world.bucket.is_none() {
        let key = world.app.app.config.accessories_folder();
        let path = key.join(world.person("bob").account_id.as_str()).join(&id[30..]).join(&id);
        assert_eq!(std::fs::metadata(path).unwrap().len(), bomb.len() as u64);
    }
    assert!(world.get("bob", &format!("{ACCESSORIES}/{id}")).await.bytes == bomb);
}

#[tokio::test]
async fn the_day_has_a_volume_even_for_racing_uploads() {
    let world = World::with_limits(1, 2).await;
    let half = vec![b'x'; 1 << 19];
    // Five halves race for the room of four.
    let answers: [Answer; 5] = tokio::join!(
        world.send("bob", "1.txt", &half),
        world.send("bob", "2.txt", &half),
        world.send("bob", "3.txt", &half),
        world.send("bob", "4.txt", &half),
        world.send("bob", "5.txt", &half),
    )
    .into();
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 4);
    let late = answers.iter().find(|answer| answer.status != 200).unwrap();
    refused(late, 429, "OSM.01010005", "Uploaded accessory size exceeded limit today.");
    // 2026-01-05T09:30:15Z is 17:30:15 in the zone whose days count.
    assert_eq!(late.header("retry-after"), Some("23385"));
    world.becomes((4, 4)).await;
    refused(&world.send("bob", "6.txt", b"x").await, 429, "OSM.01010005", "");
    assert_eq!(world.send("carol", "6.txt", b"x").await.status, 200, "it is each user's own");
    world.app.advance_seconds(23_385);
    assert_eq!(world.send("bob", "7.txt", b"x").await.status, 200, "another day");
}

#[tokio::test]
async fn a_deleted_file_still_counts() {
    let world = World::with_limits(1, 1).await;
    let id = world.upload("bob", "1.txt", &vec![b'x'; 1 << 20]).await;
    world.delete("bob", &id).await.ok();
    refused(&world.send("bob", "2.txt", b"x").await, 429, "OSM.01010005", "");
    assert_eq!(world.stored().await, (0, 0));
}

#[tokio::test]
async fn a_repeated_key_gives_the_first_file() {
    let world = World::start().await;
    let send = async |name: &str, content: &[u8]| {
        let call = world.app.post(ACCESSORIES).header("x-auth-token", &world.person("bob").token).english();
        let form = Form::of(name, content).finish();
        // Clients choose another boundary each time.
        let form = String::from_utf8(form).unwrap().replace("cut-here", name);
        let kind = format!("multipart/form-data; boundary={name}");
        call.header("idempotency-key", "upload-1").raw(&kind, form.into_bytes()).send().await
    };
    let first = id_of(send("a.txt", b"content").await);
    assert_eq!(id_of(send("a.txt", b"content").await), first);
    assert_eq!(world.stored().await, (1, 1));
    refused(&send("a.txt", b"changed").await, 409, "OSM.01019002", "");
    refused(&send("b.txt", b"content").await, 409, "OSM.01019002", "");
    assert_eq!(world.stored().await, (1, 1));
    assert_ne!(world.upload("bob", "a.txt", b"content").await, first);
}
