//! What a file may be: its name, its size, and its type by extension and by content.
//!
//! The extension has to be on the catalogue's list, and the content has to be what the extension says. Text is judged
//! over its whole length, everything else by its first [`HEAD_BYTES`]. Types that are not in [`TYPES`] cannot be checked
//! and are refused even where the catalogue lists them. Archives are stored as they are; nothing here looks inside one.

use crate::catalog::document::Settings;
use crate::error::{Allowed, Error, Result};
use crate::extract;

/// How much of a file's beginning is looked at.
pub const HEAD_BYTES: usize = 8192;

/// What may be uploaded; the catalogue's settings say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessoryLimits {
    /// Most files for one case or message.
    pub count: u64,
    /// Largest file in MB (1,048,576 bytes).
    pub size_mb: u64,
    /// Allowed extensions, lower case.
    pub types: Vec<String>,
    /// What one user may upload in a day, in MB.
    pub daily_upload_mb: u64,
}

impl From<&Settings> for AccessoryLimits {
    fn from(settings: &Settings) -> Self {
        let number = |value: i64| u64::try_from(value).unwrap_or(0);
        Self {
            count: number(settings.accessory_limit_count),
            size_mb: number(settings.accessory_limit_size_mb),
            types: settings.accessory_file_types.clone(),
            daily_upload_mb: number(settings.accessory_daily_upload_mb),
        }
    }
}

impl AccessoryLimits {
    /// Largest file in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.size_mb << 20
    }

    /// What one user may upload in a day, in bytes.
    pub fn daily_bytes(&self) -> i64 {
        i64::try_from(self.daily_upload_mb << 20).unwrap_or(i64::MAX)
    }

    /// Fails when more files are named than one case or message may have.
    pub fn check_count(&self, field: &str, files: usize) -> Result<()> {
        extract::count(field, files, 0..=self.count)
    }
}

/// What a file is for. It can only be attached to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A new case.
    Incident,
    /// A message.
    Message,
    /// Feedback on the service.
    Feedback,
}

impl Source {
    /// The names on the wire.
    pub const NAMES: &[&str] = &["incident", "message", "feedback"];

    /// The name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Incident => "incident",
            Self::Message => "message",
            Self::Feedback => "feedback",
        }
    }

    /// Reads the field `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self> {
        match text {
            "incident" => Ok(Self::Incident),
            "message" => Ok(Self::Message),
            "feedback" => Ok(Self::Feedback),
            _ => Err(Error::param(field, Allowed::OneOf(Self::NAMES.into()))),
        }
    }
}

/// What is said about a file beside its bytes, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// The last part of the name that was sent.
    pub name: String,
    /// What the file is for.
    pub source: Source,
    /// 0 normal, 1 an image inside Markdown text.
    pub upload_type: i64,
    /// What its extension says it is.
    pub kind: &'static Kind,
}

/// Checks the description of a file. `fields` names its parts in errors: name, source, upload type.
pub fn describe(
    fields: [&str; 3],
    name: &str,
    source: &str,
    upload_type: Option<i64>,
    limits: &AccessoryLimits,
) -> Result<Description> {
    let [name_field, source_field, type_field] = fields;
    let upload_type = upload_type.unwrap_or(0);
    extract::int(type_field, upload_type, 0..=1)?;
    let source = Source::parse(source_field, source)?;
    let name = file_name(name_field, name)?;
    let kind = kind_of(name_field, &name, limits)?;
    Ok(Description { name, source, upload_type, kind })
}

/// The file name without the folders that some clients send before it. It is shown and offered for saving, and never
/// becomes a path here.
fn file_name(field: &str, sent: &str) -> Result<String> {
    extract::text(field, sent, 1..=512)?;
    // Characters that turn the direction of writing make `exe.txt` out of `txt.exe`.
    if sent.chars().any(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')) {
        return Err(Error::param(field, Allowed::Printable));
    }
    let name = sent.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if name.is_empty() || name == "." || name == ".." {
        return Err(Error::param(field, Allowed::text("须为文件名", "the name of a file is allowed")));
    }
    Ok(name.to_owned())
}

fn kind_of(field: &str, name: &str, limits: &AccessoryLimits) -> Result<&'static Kind> {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    let known = TYPES.iter().find(|kind| kind.extension == extension);
    known.filter(|_| limits.types.contains(&extension)).ok_or_else(|| {
        let types: Vec<&str> =
            limits.types.iter().map(String::as_str).filter(|name| is_known_extension(name)).collect();
        let types = types.join(", ");
        Error::param(
            field,
            Allowed::text(format!("只允许的文件类型：{types}"), format!("allowed file types are {types}")),
        )
    })
}

/// Whether files with this extension can be checked, and so be allowed at all.
pub fn is_known_extension(extension: &str) -> bool {
    TYPES.iter().any(|kind| kind.extension == extension)
}

/// A type of file.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// Lower case, without the dot.
    pub extension: &'static str,
    /// What it is served as; text gets its encoding added.
    pub content_type: &'static str,
    content: Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Content {
    Jpeg,
    Png,
    Gif,
    Bmp,
    Webp,
    Tiff,
    Text,
    Mail,
    Zip,
    OfficeZip,
    Ole,
    Pdf,
    Mp4,
    QuickTime,
    Rar,
    SevenZip,
    Gzip,
}

const fn kind(extension: &'static str, content_type: &'static str, content: Content) -> Kind {
    Kind { extension, content_type, content }
}

/// Every type that can be checked. None of them is one that a browser runs scripts from.
const TYPES: &[Kind] = &[
    kind("jpg", "image/jpeg", Content::Jpeg),
    kind("jpeg", "image/jpeg", Content::Jpeg),
    kind("png", "image/png", Content::Png),
    kind("gif", "image/gif", Content::Gif),
    kind("bmp", "image/bmp", Content::Bmp),
    kind("webp", "image/webp", Content::Webp),
    kind("tif", "image/tiff", Content::Tiff),
    kind("tiff", "image/tiff", Content::Tiff),
    kind("txt", "text/plain", Content::Text),
    kind("log", "text/plain", Content::Text),
    kind("ini", "text/plain", Content::Text),
    kind("conf", "text/plain", Content::Text),
    kind("md", "text/plain", Content::Text),
    kind("csv", "text/plain", Content::Text),
    kind("json", "text/plain", Content::Text),
    kind("yaml", "text/plain", Content::Text),
    kind("yml", "text/plain", Content::Text),
    kind("eml", "application/octet-stream", Content::Mail),
    kind("msg", "application/vnd.ms-outlook", Content::Ole),
    kind("doc", "application/msword", Content::Ole),
    kind("xls", "application/vnd.ms-excel", Content::Ole),
    kind("ppt", "application/vnd.ms-powerpoint", Content::Ole),
    kind("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Content::OfficeZip),
    kind("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Content::OfficeZip),
    kind("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", Content::OfficeZip),
    kind("pdf", "application/pdf", Content::Pdf),
    kind("zip", "application/zip", Content::Zip),
    kind("rar", "application/vnd.rar", Content::Rar),
    kind("7z", "application/x-7z-compressed", Content::SevenZip),
    kind("gz", "application/gzip", Content::Gzip),
    kind("tgz", "application/gzip", Content::Gzip),
    kind("mp4", "video/mp4", Content::Mp4),
    kind("mov", "video/quicktime", Content::QuickTime),
];

/// Whether something served as this type may be shown as an image.
pub fn is_image(content_type: &str) -> bool {
    content_type.starts_with("image/")
}

/// What was seen of a file's bytes.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The first [`HEAD_BYTES`], or fewer.
    pub head: Vec<u8>,
    /// The encoding of the whole content, when it is text.
    pub text: Option<Encoding>,
}

impl Kind {
    /// Checks that a file's content is of this type, and answers the content type to serve it as.
    pub fn check(&self, field: &str, seen: &Seen) -> Result<String> {
        let head = seen.head.as_slice();
        let right = self.begins_like(head)
            && match self.content {
                Content::Text | Content::Mail => seen.text.is_some(),
                _ => true,
            };
        if !right {
            return Err(self.mismatch(field));
        }
        Ok(match (self.content, seen.text) {
            (Content::Text, Some(Encoding::Utf8)) => format!("{}; charset=utf-8", self.content_type),
            (Content::Text, Some(Encoding::Gbk)) => format!("{}; charset=gb18030", self.content_type),
            _ => self.content_type.to_owned(),
        })
    }

    /// The error for a content that is something else.
    pub fn mismatch(&self, field: &str) -> Error {
        let extension = self.extension;
        let zh = format!("内容须与扩展名 {extension} 一致");
        Error::param(field, Allowed::text(zh, format!("the content must be what the extension {extension} says")))
    }

    /// Whether a file of this type can begin with `head`, which is the whole file or at least [`HEAD_BYTES`] of it.
    pub fn begins_like(&self, head: &[u8]) -> bool {
        match self.content {
            Content::Jpeg => infer::image::is_jpeg(head),
            Content::Png => head.starts_with(b"\x89PNG\r\n\x1a\n"),
            Content::Gif => head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a"),
            Content::Bmp => is_bitmap(head),
            Content::Webp => infer::image::is_webp(head),
            Content::Tiff => infer::image::is_tiff(head),
            Content::Text => !head.contains(&0) && !is_active(head),
            Content::Mail => !head.contains(&0) && is_mail(head),
            Content::Zip => infer::archive::is_zip(head),
            Content::OfficeZip => is_office(head, self.extension),
            Content::Ole => head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            Content::Pdf => infer::archive::is_pdf(head),
            Content::Mp4 => is_mp4(head),
            Content::QuickTime => is_quick_time(head),
            Content::Rar => infer::archive::is_rar(head),
            Content::SevenZip => infer::archive::is_7z(head),
            Content::Gzip => infer::archive::is_gz(head),
        }
    }
}

/// `BM` alone begins many texts: the size of the second header has to be one that exists.
fn is_bitmap(head: &[u8]) -> bool {
    let header = head.get(14..18).and_then(|size| size.try_into().ok()).map(u32::from_le_bytes);
    head.starts_with(b"BM") && header.is_some_and(|size| matches!(size, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124))
}

/// Texts that some program may run or render: markup (HTML, SVG, XML), scripts, and documents that are written as text.
fn is_active(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let markup = text.first() == Some(&b'<')
        && text.get(1).is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, b'!' | b'?' | b'/'));
    markup || [&b"#!"[..], b"%PDF-", b"%!PS", b"{\\rtf"].iter().any(|start| text.starts_with(start))
}

/// A message begins with a header field, `Name: value`.
fn is_mail(head: &[u8]) -> bool {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.starts_with(b"From ")
        || line.iter().position(|byte| *byte == b':').is_some_and(|at| {
            (1..=76).contains(&at) && line[..at].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        })
}

/// A zip whose first entries are those of an office document of the right program. Writers differ in their order, so that
/// the names of either the content list or the program's folder will do.
fn is_office(head: &[u8], extension: &str) -> bool {
    let folder: &[u8] = match extension {
        "docx" => b"word/",
        "xlsx" => b"xl/",
        _ => b"ppt/",
    };
    let holds = |wanted: &[u8]| head.windows(wanted.len()).any(|window| window == wanted);
    let other = [&b"word/"[..], b"xl/", b"ppt/"].into_iter().any(|name| name != folder && entry_begins(head, name));
    head.starts_with(b"PK\x03\x04")
        && !other
        && (entry_begins(head, folder) || holds(b"[Content_Types].xml") || holds(b"_rels/.rels"))
}

/// Whether one of the entries that begin within `head` has a name that starts with `name`.
fn entry_begins(head: &[u8], name: &[u8]) -> bool {
    const NAME_AT: usize = 30;
    let entries = head.windows(4).enumerate().filter(|(_, window)| *window == b"PK\x03\x04");
    entries.into_iter().any(|(at, _)| head.get(at + NAME_AT..).is_some_and(|rest| rest.starts_with(name)))
}

/// The brand after `ftyp`, with which every MP4 file begins.
fn brand(head: &[u8]) -> Option<&[u8]> {
    head.get(8..12).filter(|_| head.get(4..8) == Some(b"ftyp"))
}

fn is_mp4(head: &[u8]) -> bool {
    brand(head).is_some_and(|brand| {
        [&b"iso"[..], b"mp4", b"mp7", b"avc1", b"M4V", b"M4A", b"MSNV", b"dash", b"f4v", b"3gp", b"ND"]
            .iter()
            .any(|start| brand.starts_with(start))
    })
}

fn is_quick_time(head: &[u8]) -> bool {
    let old = head.get(4..8).is_some_and(|atom| {
        [b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"].iter().any(|known| atom == &known[..])
    });
    brand(head) == Some(b"qt  ") || old
}

/// How a text is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, which ASCII is too.
    Utf8,
    /// GBK or GB18030, judged by the shape of its byte pairs.
    Gbk,
}

/// Judges whether bytes that come piece by piece are text.
#[derive(Clone, Debug)]
pub struct TextJudge {
    is_plain: bool,
    utf8: Option<Vec<u8>>,
    gbk: Option<Gbk>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gbk {
    Start,
    Second,
    Third,
    Fourth,
}

impl Default for TextJudge {
    fn default() -> Self {
        Self { is_plain: true, utf8: Some(Vec::new()), gbk: Some(Gbk::Start) }
    }
}

impl TextJudge {
    /// Looks at the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.is_plain && bytes.iter().any(|byte| is_binary(*byte)) {
            self.is_plain = false;
        }
        if !self.is_plain {
            return;
        }
        if let Some(rest) = self.utf8.take() {
            self.utf8 = next_utf8(rest, bytes);
        }
        // Valid UTF-8 is seldom valid GBK, and the other way round, so that both have to be followed to the end.
        self.gbk = self.gbk.and_then(|state| bytes.iter().try_fold(state, |state, byte| next_gbk(state, *byte)));
    }

    /// The encoding of what was seen, if it is text to its end.
    pub fn finish(&self) -> Option<Encoding> {
        if !self.is_plain {
            None
        } else if self.utf8.as_ref().is_some_and(Vec::is_empty) {
            Some(Encoding::Utf8)
        } else {
            self.gbk.filter(|state| *state == Gbk::Start).map(|_| Encoding::Gbk)
        }
    }
}

/// Control characters that no text has. Terminals write the others: bell, backspace, tab, line ends, form feed, escape.
fn is_binary(byte: u8) -> bool {
    matches!(byte, 0..=6 | 14..=26 | 28..=31)
}

/// Checks `bytes` after the incomplete character `rest`, and answers the incomplete character at their end.
fn next_utf8(mut rest: Vec<u8>, mut bytes: &[u8]) -> Option<Vec<u8>> {
    while !rest.is_empty() {
        let Some((first, others)) = bytes.split_first() else { return Some(rest) };
        rest.push(*first);
        bytes = others;
        match std::str::from_utf8(&rest) {
            Ok(_) => rest.clear(),
            Err(e) if e.error_len().is_some() => return None,
            Err(_) => {}
        }
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => Some(rest),
        Err(e) if e.error_len().is_some() => None,
        Err(e) => Some(bytes[e.valid_up_to()..].to_vec()),
    }
}

fn next_gbk(state: Gbk, byte: u8) -> Option<Gbk> {
    match (state, byte) {
        (Gbk::Start, 0..=0x7f) | (Gbk::Second, 0x40..=0x7e | 0x80..=0xfe) | (Gbk::Fourth, 0x30..=0x39) => {
            Some(Gbk::Start)
        }
        (Gbk::Start, 0x81..=0xfe) => Some(Gbk::Second),
        (Gbk::Second, 0x30..=0x39) => Some(Gbk::Third),
        (Gbk::Third, 0x81..=0xfe) => Some(Gbk::Fourth),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
