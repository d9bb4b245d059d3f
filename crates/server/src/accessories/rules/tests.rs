//! What a file may be, tried with what people send: names, contents, archives, and text in several encodings.

use super::*;
use counterfoil_wire::lang::Lang;
use proptest::prelude::*;

fn limits() -> AccessoryLimits {
    let types = TYPES.iter().map(|kind| kind.extension.to_owned()).collect();
    AccessoryLimits { count: 5, size_mb: 10, types, daily_upload_mb: 100 }
}

fn kind_by(extension: &str) -> &'static Kind {
    TYPES.iter().find(|kind| kind.extension == extension).unwrap()
}

fn judged(pieces: &[&[u8]]) -> Option<Encoding> {
    let mut judge = TextJudge::default();
    for piece in pieces {
        judge.push(piece);
    }
    judge.finish()
}

fn check(extension: &str, content: &[u8]) -> Option<String> {
    let seen = Seen { head: content[..content.len().min(HEAD_BYTES)].to_vec(), text: judged(&[content]) };
    kind_by(extension).check("file", &seen).ok()
}

/// The first local header of a zip whose first entry has this name.
fn zip(entry: &str) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04\x14\0\0\0\x08\0".to_vec();
    bytes.resize(26, 0);
    bytes.extend_from_slice(&[u8::try_from(entry.len()).unwrap(), 0, 0, 0]);
    bytes.extend_from_slice(entry.as_bytes());
    bytes
}

const OLE: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0";

/// A beginning of every type, with the extensions that it is right for.
fn samples() -> Vec<(Vec<u8>, &'static str)> {
    let bitmap = [b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0".as_slice(), &40_u32.to_le_bytes(), &[0; 40]].concat();
    vec![
        (b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), "jpg jpeg"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "png"),
        (b"GIF89a\x01\0\x01\0".to_vec(), "gif"),
        (bitmap, "bmp"),
        (b"RIFF\x1a\0\0\0WEBPVP8L".to_vec(), "webp"),
        (b"II*\0\x08\0\0\0\0\0\0\0".to_vec(), "tif tiff"),
        (b"plain words\n".to_vec(), "txt log ini conf md csv json yaml yml"),
        (b"Received: from here\r\nSubject: x\r\n\r\n<html>".to_vec(), "eml txt log ini conf md csv json yaml yml"),
        (OLE.to_vec(), "msg doc xls ppt"),
        (zip("word/document.xml"), "docx zip"),
        (zip("xl/workbook.xml"), "xlsx zip"),
        (zip("ppt/presentation.xml"), "pptx zip"),
        (zip("[Content_Types].xml"), "docx xlsx pptx zip"),
        (zip("notes.txt"), "zip"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3".to_vec(), "pdf"),
        (b"Rar!\x1a\x07\x01\0".to_vec(), "rar"),
        (b"7z\xbc\xaf\x27\x1c\0\x04".to_vec(), "7z"),
        (b"\x1f\x8b\x08\0\0\0\0\0".to_vec(), "gz tgz"),
        (b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2".to_vec(), "mp4"),
        (b"\0\0\0\x20ftypmp42\0\0\0\0mp42mp41".to_vec(), "mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ".to_vec(), "mov"),
        (b"\0\0\0\x08wide\0\0\0\0mdat".to_vec(), "mov"),
        (b"MZ\x90\0\x03\0\0\0".to_vec(), ""),
        (b"\x7fELF\x02\x01\x01\0".to_vec(), ""),
        (b"\xca\xfe\xba\xbe\0\0\0\x34".to_vec(), ""),
        (b"<svg onload='alert(1)'/>".to_vec(), ""),
        (b"\xef\xbb\xbf \n<?xml version='1.0'?>".to_vec(), ""),
        (b"#!/usr/bin/python3\n".to_vec(), ""),
        (b"{\\rtf1\\ansi}".to_vec(), ""),
        (b"\0\0\0\x18ftypheic".to_vec(), ""),
    ]
}

#[test]
fn a_content_is_right_for_its_extensions_and_no_others() {
    for (content, right) in samples() {
        for kind in TYPES {
            let expected = right.split(' ').any(|extension| extension == kind.extension);
            let found = check(kind.extension, &content).is_some();
            assert_eq!(found, expected, "{} {:?}", kind.extension, String::from_utf8_lossy(&content));
        }
    }
    for kind in TYPES {
        assert!(samples().iter().any(|(_, right)| right.split(' ').any(|name| name == kind.extension)), "{kind:?}");
    }
}

#[test]
fn nothing_is_served_as_something_that_a_browser_runs() {
    for kind in TYPES {
        for active in ["html", "svg", "xml", "javascript", "rfc822"] {
            let office = kind.content_type.contains("openxmlformats");
            assert!(office || !kind.content_type.contains(active), "{kind:?}");
        }
    }
    assert_eq!(check("txt", "图".as_bytes()).unwrap(), "text/plain; charset=utf-8");
    assert_eq!(check("log", b"\xc4\xe3\xba\xc3\n").unwrap(), "text/plain; charset=gb18030");
    assert_eq!(check("png", b"\x89PNG\r\n\x1a\n").unwrap(), "image/png");
}

#[test]
fn text_is_judged_to_its_end() {
    assert_eq!(judged(&[b"tab\tand\x1b[31mcolour\r\n"]), Some(Encoding::Utf8));
    assert_eq!(judged(&[]), Some(Encoding::Utf8));
    assert_eq!(judged(&[b"fine", b"\0"]), None);
    assert_eq!(judged(&[b"fine\x01"]), None);
    assert_eq!(judged(&["图".as_bytes(), &"图".as_bytes()[..2]]), None, "it ends in the middle of a character");
    // 你好 in GBK, and a character of four bytes in GB18030.
    assert_eq!(judged(&[b"\xc4\xe3\xba", b"\xc3"]), Some(Encoding::Gbk));
    assert_eq!(judged(&[b"\x81", b"\x30\x81", b"\x30"]), Some(Encoding::Gbk));
    assert_eq!(judged(&[b"\xc4"]), None);
    assert_eq!(judged(&[b"\xff\xfe\x41\x42"]), None, "UTF-16 is not read");
}

#[test]
fn names_lose_their_folders() {
    let name = |sent: &str| file_name("f", sent).ok();
    assert_eq!(name("a/b\\c.txt").as_deref(), Some("c.txt"));
    assert_eq!(name(&"😀".repeat(512)).map(|name| name.chars().count()), Some(512));
    for bad in ["", "/", "..", "a/..", ".", "a\tb", "a\u{85}b", "\u{2066}a", &"x".repeat(513)] {
        assert_eq!(name(bad), None, "{bad:?}");
    }
}

#[test]
fn the_type_must_be_listed_and_known() {
    let few = AccessoryLimits { types: vec!["txt".to_owned(), "exe".to_owned()], ..limits() };
    assert!(kind_of("f", "A.TXT", &few).is_ok());
    for bad in ["a.exe", "a.png", "txt", "a.txt.", ".", "a.txt ", "a.txtx"] {
        let error = kind_of("f", bad, &few).unwrap_err();
        assert_eq!(error.message(Lang::EnUs), "Param validation failed. f: allowed file types are txt.", "{bad}");
        assert_eq!(error.message(Lang::ZhCn), "参数校验失败。f：只允许的文件类型：txt。", "{bad}");
    }
}

proptest! {
    #[test]
    fn text_may_be_cut_anywhere(text in "\\PC{0,64}", cut in 0_usize..256, again in 0_usize..256) {
        let bytes = text.as_bytes();
        let cut = cut.min(bytes.len());
        let again = again.clamp(cut, bytes.len().max(cut));
        let pieces = [&bytes[..cut], &bytes[cut..again], &bytes[again..]];
        prop_assert_eq!(judged(&pieces), Some(Encoding::Utf8));
    }

    #[test]
    fn bytes_are_judged_alike_however_they_are_cut(bytes in proptest::collection::vec(any::<u8>(), 0..64), cut in 0_usize..64) {
        let cut = cut.min(bytes.len());
        prop_assert_eq!(judged(&[&bytes]), judged(&[&bytes[..cut], &bytes[cut..]]));
        let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
        prop_assert_eq!(judged(&pieces), judged(&[&bytes]));
    }

    #[test]
    fn no_beginning_is_too_odd_to_be_looked_at(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        for kind in TYPES {
            kind.begins_like(&bytes);
        }
    }
}
