//! The text that a signature covers, made from the bytes on the wire.
//!
//! Decoding is strict: what can be read in two ways is an error, never a guess. The order of the query is the one part
//! with two accepted forms, see [`QueryOrder`].

use std::borrow::Cow;

use super::SigningError;

/// A decoded query parameter: its name and its value.
pub type QueryPair<'a> = (Cow<'a, str>, Cow<'a, str>);

/// The order of query pairs in the canonical request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryOrder {
    /// Sorted by decoded key, then decoded value: the documented form.
    Sorted,
    /// As in the request target. The published SDKs sort the numbers of a list as numbers (`2,9,10`) and send them so;
    /// only the order on the wire reproduces their signature.
    AsSent,
}

/// The pairs of a query, decoded, in their order: `+` is a space, a name alone has an empty value, empty pieces are
/// skipped. The server must read parameters the same way, or it would act on something else than what was signed.
pub fn query_pairs(raw_query: &str) -> Result<Vec<QueryPair<'_>>, SigningError> {
    raw_query
        .split('&')
        .filter(|piece| !piece.is_empty())
        .map(|piece| {
            let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
            Ok((decode(key, true)?, decode(value, true)?))
        })
        .collect()
}

/// A request target, read once.
pub(super) struct Target<'a> {
    path: Cow<'a, str>,
    pairs: Vec<QueryPair<'a>>,
}

impl<'a> Target<'a> {
    pub(super) fn read(raw: &'a str) -> Result<Self, SigningError> {
        if !raw.starts_with('/') {
            return Err(SigningError::Target);
        }
        let (path, query) = raw.split_once('?').unwrap_or((raw, ""));
        Ok(Self { path: decode(path, false)?, pairs: query_pairs(query)? })
    }

    pub(super) fn is_sorted(&self) -> bool {
        self.pairs.is_sorted()
    }

    /// The canonical query. Code points and UTF-8 bytes sort alike, so this is the order of any client language that
    /// sorts by characters.
    pub(super) fn query(&self, order: QueryOrder) -> String {
        let mut text = String::with_capacity(self.pairs.iter().map(|(key, value)| key.len() + value.len() + 8).sum());
        let mut push = |(key, value): &QueryPair<'_>| {
            if !text.is_empty() {
                text.push('&');
            }
            encode_into(&mut text, key, false);
            text.push('=');
            encode_into(&mut text, value, false);
        };
        if order == QueryOrder::AsSent || self.is_sorted() {
            self.pairs.iter().for_each(&mut push);
        } else {
            let mut sorted: Vec<_> = self.pairs.iter().collect();
            sorted.sort_unstable();
            sorted.into_iter().for_each(&mut push);
        }
        text
    }
}

/// The canonical request without the two lines that may have more than one form.
pub(super) struct Canonical {
    /// Method and path, each with its line end.
    head: String,
    /// Headers, the empty line and the list of names, each with its line end.
    tail: String,
}

impl Canonical {
    pub(super) fn new(
        method: &str,
        target: &Target<'_>,
        headers: &[(&str, &[u8])],
        names: &str,
    ) -> Result<Self, SigningError> {
        if method.is_empty() || !method.bytes().all(is_token) {
            return Err(SigningError::Method);
        }
        let mut head = String::with_capacity(method.len() + target.path.len() + 16);
        head.push_str(method);
        head.push('\n');
        encode_into(&mut head, &target.path, true);
        if !head.ends_with('/') {
            head.push('/');
        }
        head.push('\n');
        let mut tail = String::with_capacity(512);
        for name in names.split(';') {
            tail.push_str(name);
            tail.push(':');
            tail.push_str(signed_value(headers, name)?);
            tail.push('\n');
        }
        tail.push('\n');
        tail.push_str(names);
        tail.push('\n');
        Ok(Self { head, tail })
    }

    pub(super) fn text(&self, query: &str, payload: &str) -> String {
        let mut text = String::with_capacity(self.head.len() + query.len() + 1 + self.tail.len() + payload.len());
        text.push_str(&self.head);
        text.push_str(query);
        text.push('\n');
        text.push_str(&self.tail);
        text.push_str(payload);
        text
    }
}

/// The one value of a header, without spaces at its ends.
pub(super) fn signed_value<'a>(headers: &[(&str, &'a [u8])], name: &str) -> Result<&'a str, SigningError> {
    let mut found = headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
    let value = found.next().ok_or_else(|| SigningError::MissingHeader(name.to_owned()))?;
    if found.next().is_some() {
        return Err(SigningError::RepeatedHeader(name.to_owned()));
    }
    let text = std::str::from_utf8(value).map_err(|_| SigningError::HeaderValue(name.to_owned()))?.trim();
    // A line end in a value could pass for the start of the next header.
    if text.bytes().any(|b| b.is_ascii_control() && b != b'\t') {
        return Err(SigningError::HeaderValue(name.to_owned()));
    }
    Ok(text)
}

/// Characters of methods and header names (RFC 9110 section 5.6.2).
pub(super) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Decodes percent escapes, strictly. In a query `+` is a space.
fn decode(text: &str, plus_is_space: bool) -> Result<Cow<'_, str>, SigningError> {
    if !text.bytes().any(|b| b == b'%' || (plus_is_space && b == b'+')) {
        return Ok(text.into());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'%' => {
                let [high, low, after @ ..] = rest else { return Err(SigningError::Target) };
                let (Some(high), Some(low)) = (hex_value(*high), hex_value(*low)) else {
                    return Err(SigningError::Target);
                };
                bytes.push(high << 4 | low);
                rest = after;
            }
            b'+' if plus_is_space => bytes.push(b' '),
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| SigningError::Target)
}

/// Percent-encodes all but the unreserved characters, and slashes when they separate segments.
fn encode_into(out: &mut String, text: &str, keep_slash: bool) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') || (keep_slash && byte == b'/') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

pub(super) fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
