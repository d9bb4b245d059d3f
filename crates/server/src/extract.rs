//! How bodies, queries and path parameters are read, and how a wrong one is named.
//!
//! Lengths count characters. NUL never reaches the database; other control characters are refused where a value is one
//! line. List parameters come as repeated keys, comma lists or a mix.

use crate::error::{Allowed, Code, Error, Result};
use axum::extract::{FromRequest, FromRequestParts, Request};
use bytes::Bytes;
use http::header;
use serde::de::DeserializeOwned;
use std::ops::RangeInclusive;

/// A request type that knows its bounds.
pub trait Check {
    /// Fails for the first field that is out of bounds, naming it.
    fn check(&self) -> Result<()>;
}

/// A JSON body, read and checked.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned + Check, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let kind =
            request.headers().get(header::CONTENT_TYPE).map(|v| v.to_str().unwrap_or_default().to_ascii_lowercase());
        if kind.is_some_and(|kind| !kind.starts_with("application/json")) {
            return Err(Error::said(
                Code::UnsupportedType,
                "请求体须为 application/json。",
                "The body must be sent as application/json.",
            ));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|e| body_error(e.status()))?;
        let value: T = read_json(&bytes)?;
        value.check()?;
        Ok(Self(value))
    }
}

/// A JSON body that may be left out, and then is what the type takes for nothing.
pub struct OptionalBody<T>(pub T);

impl<T: DeserializeOwned + Check + Default, S: Send + Sync> FromRequest<S> for OptionalBody<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        if axum::body::HttpBody::is_end_stream(request.body()) {
            return Ok(Self(T::default()));
        }
        Body::from_request(request, state).await.map(|Body(value)| Self(value))
    }
}

/// The error for a body that could not be received whole.
pub fn body_error(status: http::StatusCode) -> Error {
    if status == http::StatusCode::PAYLOAD_TOO_LARGE {
        Error::new(Code::BodyTooLarge)
    } else {
        Error::said(Code::Malformed, "请求体无法读取。", "The body could not be received.")
    }
}

/// Reads JSON. Broken syntax is told with its place, a wrong type with its field, a missing field as mandatory.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let text = std::str::from_utf8(bytes).map_err(|e| {
        let at = e.valid_up_to();
        Error::said(
            Code::Malformed,
            format!("请求体不是UTF-8（第 {at} 字节）。"),
            format!("The body is not UTF-8 (at byte {at})."),
        )
    })?;
    // A derived type would also take a list of values in the order of its fields.
    if text.trim_start().starts_with('[') {
        return Err(Error::param_as(Code::Malformed, "body", Allowed::text("须为JSON对象", "a JSON object is needed")));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|e| {
        let path = e.path().to_string();
        json_error(&path, &e.into_inner())
    })?;
    reader.end().map_err(|e| json_error(".", &e))?;
    if holds_nul(bytes) {
        return Err(Error::param("body", Allowed::text("不得包含NUL字符", "the character NUL is not allowed")));
    }
    Ok(value)
}

/// True when a string of the JSON text holds an escaped NUL; raw control characters are not valid JSON anyway.
fn holds_nul(json: &[u8]) -> bool {
    let escape = b"\\u0000";
    json.windows(escape.len()).enumerate().any(|(at, window)| {
        // An even number of backslashes before it means that this backslash is itself escaped.
        window == escape && json[..at].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 0
    })
}

fn json_error(path: &str, e: &serde_json::Error) -> Error {
    let (line, column) = (e.line(), e.column());
    if !e.is_data() {
        let what = e.to_string();
        let what = what.split(" at line ").next().unwrap_or_default().to_owned();
        return Error::said(
            Code::Malformed,
            format!("请求体不是有效的JSON：第 {line} 行第 {column} 列：{what}。"),
            format!("The body is not valid JSON at line {line} column {column}: {what}."),
        );
    }
    let text = e.to_string();
    let text = text.split(" at line ").next().unwrap_or_default().to_owned();
    if let Some(name) = text.strip_prefix("missing field `").and_then(|t| t.strip_suffix('`')) {
        let field = if path == "." { name.to_owned() } else { format!("{path}.{name}") };
        return Error::param(field, Allowed::Required);
    }
    let field = if path == "." { "body" } else { path };
    Error::param_as(Code::Malformed, field, Allowed::text(text.clone(), text))
}

/// The query string, decoded, in the order of the wire.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

impl Query {
    /// Decodes a raw query string.
    pub fn parse(raw: &str) -> Result<Self> {
        let mut pairs = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let key = decode(key).ok_or_else(|| not_utf8("query"))?;
            let value = decode(value).ok_or_else(|| not_utf8(&key))?;
            if key.contains('\0') || value.contains('\0') {
                return Err(Error::param(key.replace('\0', ""), Allowed::Printable));
            }
            pairs.push((key, value));
        }
        Ok(Self(pairs))
    }

    fn first(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A text of so many characters. An empty value counts as absent where the bounds allow it.
    pub fn text(&self, name: &str, length: RangeInclusive<u64>) -> Result<Option<String>> {
        let Some(value) = self.first(name) else { return Ok(None) };
        text(name, value, length)?;
        line(name, value)?;
        Ok(Some(value.to_owned()).filter(|v| !v.is_empty()))
    }

    /// Like [`Query::text`], and mandatory.
    pub fn required_text(&self, name: &str, length: RangeInclusive<u64>) -> Result<String> {
        self.text(name, length)?.ok_or_else(|| Error::param(name, Allowed::Required))
    }

    /// A whole number in a range. An empty value counts as absent.
    pub fn int(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>> {
        let Some(value) = self.first(name).filter(|v| !v.is_empty()) else { return Ok(None) };
        let allowed = || Allowed::Range(*range.start(), *range.end());
        let number: i64 = value.parse().map_err(|_| match value.parse::<f64>() {
            // A number, but out of i64 or with a fraction: the range says enough.
            Ok(_) => Error::param(name, allowed()),
            Err(_) => Error::param_as(Code::Malformed, name, allowed()),
        })?;
        if range.contains(&number) { Ok(Some(number)) } else { Err(Error::param(name, allowed())) }
    }

    /// `true` or `false`.
    pub fn flag(&self, name: &str) -> Result<Option<bool>> {
        match self.first(name).filter(|v| !v.is_empty()) {
            None => Ok(None),
            Some(value) if value.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(value) if value.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(Error::param_as(Code::Malformed, name, Allowed::OneOf((&["true", "false"][..]).into()))),
        }
    }

    /// A list: repeated keys, comma lists or a mix, without duplicates and empty items.
    pub fn list(&self, name: &str, items: RangeInclusive<u64>, length: RangeInclusive<u64>) -> Result<Vec<String>> {
        let mut out: Vec<String> = Vec::new();
        for (_, value) in self.0.iter().filter(|(key, _)| key == name) {
            line(name, value)?;
            for item in value.split(',').map(str::trim).filter(|item| !item.is_empty()) {
                text(name, item, length.clone())?;
                if !out.iter().any(|known| known == item) {
                    out.push(item.to_owned());
                }
            }
        }
        count(name, out.len(), items)?;
        Ok(out)
    }

    /// The names of what is asked for, without the values.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// True when the key is there with a text.
    pub fn has_text(&self, name: &str) -> bool {
        self.first(name).is_some_and(|text| !text.is_empty())
    }

    /// True when the key is there at all.
    pub fn has(&self, name: &str) -> bool {
        self.first(name).is_some()
    }
}

fn not_utf8(field: &str) -> Error {
    Error::param_as(Code::Malformed, field, Allowed::text("须为UTF-8编码", "it must be UTF-8, percent-encoded"))
}

/// Percent-decodes one part of a query; `+` is a space, as browsers and HTTP libraries write it.
fn decode(part: &str) -> Option<String> {
    let mut out = Vec::with_capacity(part.len());
    let bytes = part.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        match bytes[i] {
            b'%' => {
                let hex = part.get(i + 1..i + 3).filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))?;
                out.push(u8::from_str_radix(hex, 16).ok()?);
                i += 3;
            }
            b'+' => {
                out.push(b' ');
                i += 1;
            }
            byte => {
                out.push(byte);
                i += 1;
            }
        }
    }
    String::from_utf8(out).ok()
}

/// Checks the number of characters.
pub fn text(field: &str, value: &str, length: RangeInclusive<u64>) -> Result<()> {
    let characters = value.chars().count() as u64;
    if length.contains(&characters) {
        Ok(())
    } else {
        Err(Error::param(field, Allowed::Length(*length.start(), *length.end())))
    }
}

/// Checks an optional text.
pub fn optional_text(field: &str, value: Option<&str>, length: RangeInclusive<u64>) -> Result<()> {
    value.map_or(Ok(()), |value| text(field, value, length))
}

/// Checks that a text is one line without control characters.
pub fn line(field: &str, value: &str) -> Result<()> {
    if value.chars().any(char::is_control) { Err(Error::param(field, Allowed::Printable)) } else { Ok(()) }
}

/// Checks the number of items.
pub fn count(field: &str, items: usize, allowed: RangeInclusive<u64>) -> Result<()> {
    if allowed.contains(&(items as u64)) {
        Ok(())
    } else {
        Err(Error::param(field, Allowed::Items(*allowed.start(), *allowed.end())))
    }
}

/// Checks a whole number.
pub fn int(field: &str, value: i64, range: RangeInclusive<i64>) -> Result<()> {
    if range.contains(&value) { Ok(()) } else { Err(Error::param(field, Allowed::Range(*range.start(), *range.end()))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use counterfoil_wire::lang::Lang;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[serde(rename = "count")]
        _count: i32,
    }

    #[derive(Debug, Deserialize)]
    struct Outer {
        #[serde(rename = "inner")]
        _inner: Inner,
    }

    fn message(json: &str) -> String {
        let error = read_json::<Outer>(json.as_bytes()).unwrap_err();
        format!("{} {}", error.code().code(), error.message(Lang::EnUs))
    }

    #[test]
    fn a_wrong_body_is_named() {
        assert!(
            message("{\"inner\": {\"count\": }").starts_with("OSM.0001 The body is not valid JSON at line 1 column 21")
        );
        assert!(message("").contains("line 1 column 0"));
        assert_eq!(message("{}"), "OSM.01010001 Param validation failed. inner: it is mandatory.");
        assert_eq!(message("{\"inner\":{}}"), "OSM.01010001 Param validation failed. inner.count: it is mandatory.");
        assert!(
            message("{\"inner\":{\"count\":\"x\"}}").starts_with("OSM.0001 The request cannot be read. inner.count: ")
        );
        assert!(message("{\"inner\":{\"count\":99999999999}}").contains("inner.count"));
        assert!(message("{\"inner\":{\"count\":1},\"inner\":{\"count\":2}}").contains("duplicate field `inner`"));
        assert!(message(&"[".repeat(100_000)).starts_with("OSM.0001"));
        assert!(message("{\"inner\":{\"count\":1}} x").contains("trailing characters"));
        assert!(message("{\"inner\":{\"count\":1},\"x\":\"a\\u0000\"}").contains("NUL"));
        assert!(read_json::<Outer>(b"{\"inner\":{\"count\":1},\"x\":\"a\\\\u0000\"}").is_ok());
    }

    #[test]
    fn lists_come_in_every_form() {
        let query = Query::parse("id=1&id=2,3&id=3&other=x").unwrap();
        assert_eq!(query.list("id", 0..=5, 1..=8).unwrap(), ["1", "2", "3"]);
        assert!(query.list("id", 0..=2, 1..=8).is_err());
        assert!(Query::parse("id=%ff").is_err());
        assert!(Query::parse("id=%0").is_err());
        assert!(Query::parse("id=a%00").is_err());
        assert_eq!(Query::parse("limit=1.5").unwrap().int("limit", 0..=9).unwrap_err().code(), Code::Param);
        assert_eq!(Query::parse("limit=x").unwrap().int("limit", 0..=9).unwrap_err().code(), Code::Malformed);
        assert!(Query::parse("limit=99999999999999999999").unwrap().int("limit", 0..=9).is_err());
    }
}
