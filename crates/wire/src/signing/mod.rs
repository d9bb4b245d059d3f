//! Request signatures of the kind `SDK-HMAC-SHA256`: making them for a client, checking them for the server.
//!
//! Both sides build the same canonical request from the bytes on the wire and compare an HMAC of it. Nothing here does
//! I/O or reads a clock: looking up the secret key, the 15 minute window ([`signed_at`]) and the lock after repeated
//! failures belong to the server.
//!
//! What can be read in two ways never verifies: broken percent escapes, text that is not UTF-8, a signed header sent
//! twice. One looseness is the scheme's own: `%2F` and `/` in a path, and a path with and without its last slash, sign
//! alike, so no id may contain a slash.

use std::borrow::Cow;
use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::time::Micros;

mod canonical;

use canonical::{Canonical, Target, hex_value, is_token, signed_value};
pub use canonical::{QueryOrder, QueryPair, query_pairs};

/// The scheme name at the start of the `Authorization` header; no other algorithm is accepted.
pub const ALGORITHM: &str = "SDK-HMAC-SHA256";
/// Value of `X-Sdk-Content-Sha256` which says that the signature leaves the body out.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
/// Header with the time of signing, `yyyyMMddTHHmmssZ`.
pub const DATE_HEADER: &str = "x-sdk-date";
/// Header with the hash of the body, or [`UNSIGNED_PAYLOAD`].
pub const CONTENT_HASH_HEADER: &str = "x-sdk-content-sha256";

const EMPTY_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// More signed headers than any client has; bounds the work that a hostile `Authorization` can cause.
const SIGNED_HEADERS_MAX: usize = 100;

/// Why a request can not be signed or its signature is not accepted. The text may be shown to the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SigningError {
    /// The `Authorization` header is of another scheme.
    Algorithm,
    /// The `Authorization` header can not be read: a part is missing, twice there, or not of its form.
    Malformed,
    /// A header that must be signed is not in the list.
    NotSigned(&'static str),
    /// A signed header is not in the request.
    MissingHeader(String),
    /// A signed header is there twice, so that the two sides may read different ones.
    RepeatedHeader(String),
    /// A signed header's value is not UTF-8 or has control characters.
    HeaderValue(String),
    /// The method has characters that no method has.
    Method,
    /// The request target is not a path, has a broken percent escape, or decodes to something else than UTF-8.
    Target,
    /// `X-Sdk-Date` is not `yyyyMMddTHHmmssZ`.
    Date,
    /// The body is left out of the signature where that is not allowed.
    UnsignedPayload,
    /// `X-Sdk-Content-Sha256` is not the hash of the body that came.
    ContentHash,
    /// The signature covers the body, and the body has not been read.
    BodyNeeded,
    /// Everything is in order but the signature; carries what the server signed, for the caller to compare.
    Mismatch {
        /// The server's canonical request, with its line ends.
        canonical_request: String,
    },
}

impl fmt::Display for SigningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Algorithm => write!(f, "the algorithm of Authorization must be {ALGORITHM}"),
            Self::Malformed => f.write_str("Authorization must be Access=..., SignedHeaders=..., Signature=<64 hex>"),
            Self::NotSigned(name) => write!(f, "{name} must be one of the signed headers"),
            Self::MissingHeader(name) => write!(f, "signed header {name} is missing"),
            Self::RepeatedHeader(name) => write!(f, "signed header {name} is there more than once"),
            Self::HeaderValue(name) => write!(f, "signed header {name} is not plain UTF-8 text"),
            Self::Method => f.write_str("the method is not valid"),
            Self::Target => f.write_str("the request target is not valid percent-encoded UTF-8"),
            Self::Date => f.write_str("x-sdk-date must be yyyyMMddTHHmmssZ"),
            Self::UnsignedPayload => f.write_str("the body must be part of the signature"),
            Self::ContentHash => f.write_str("x-sdk-content-sha256 is not the hash of the body"),
            Self::BodyNeeded => f.write_str("the signature covers the body, which was not read"),
            // One line, as the gateway prints it.
            Self::Mismatch { canonical_request } => {
                f.write_str("verify aksk signature fail, canonicalRequest:")?;
                for (at, line) in canonical_request.split('\n').enumerate() {
                    if at > 0 {
                        f.write_str("|")?;
                    }
                    f.write_str(line)?;
                }
                Ok(())
            }
        }
    }
}

impl std::error::Error for SigningError {}

/// A request that a client is about to send.
#[derive(Clone, Copy, Debug)]
pub struct ToSign<'a> {
    /// `GET`, `POST` ...
    pub method: &'a str,
    /// Path and query exactly as they will be sent.
    pub raw_target: &'a str,
    /// Order of the query in the signature; [`QueryOrder::AsSent`] signs `raw_target` as it stands.
    pub order: QueryOrder,
    /// Every header to sign. `X-Sdk-Date` and `Host` must be among them, and `X-Sdk-Content-Sha256:
    /// UNSIGNED-PAYLOAD` when the content type is neither JSON nor BSON. A name with `_` is left out of the signature,
    /// as in the SDKs.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body; empty when there is none.
    pub body: &'a [u8],
}

/// A request as the server got it.
#[derive(Clone, Copy, Debug)]
pub struct ToVerify<'a> {
    /// `GET`, `POST` ...
    pub method: &'a str,
    /// Path and query exactly as they came.
    pub raw_target: &'a str,
    /// All headers as they came, in any case and order.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The body; `None` when it is streamed and has not been read, which only an unsigned payload allows.
    pub body: Option<&'a [u8]>,
    /// Whether this route takes a body that the signature leaves out (uploads). JSON is refused even then.
    pub unsigned_payload: bool,
}

/// The parts of an `Authorization` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The access key id.
    pub access: String,
    /// Lower-case header names joined by `;`, in the client's order.
    signed_headers: String,
    signature: [u8; 32],
}

impl Authorization {
    /// The names of the signed headers, in lower case.
    pub fn signed_headers(&self) -> impl Iterator<Item = &str> {
        self.signed_headers.split(';')
    }

    /// Whether the signature covers this header. `name` is in lower case.
    pub fn signs(&self, name: &str) -> bool {
        self.signed_headers().any(|signed| signed == name)
    }
}

/// Reads `SDK-HMAC-SHA256 Access=<id>, SignedHeaders=<a;b;c>, Signature=<64 lower hex>`; spaces around the parts and
/// their order do not matter.
pub fn parse_authorization(text: &str) -> Result<Authorization, SigningError> {
    let text = text.trim();
    let (algorithm, parts) = text.split_once(' ').unwrap_or((text, ""));
    if algorithm != ALGORITHM {
        return Err(SigningError::Algorithm);
    }
    let (mut access, mut signed_headers, mut signature) = (None, None, None);
    for part in parts.split(',') {
        let (name, value) = part.split_once('=').ok_or(SigningError::Malformed)?;
        let slot = match name.trim() {
            "Access" => &mut access,
            "SignedHeaders" => &mut signed_headers,
            "Signature" => &mut signature,
            _ => return Err(SigningError::Malformed),
        };
        if slot.replace(value.trim()).is_some() {
            return Err(SigningError::Malformed);
        }
    }
    let access = access.filter(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_graphic()));
    let signed_headers = signed_headers.filter(|list| is_header_list(list));
    match (access, signed_headers, signature.and_then(|hex| unhex(hex.as_bytes()))) {
        (Some(access), Some(list), Some(signature)) => {
            Ok(Authorization { access: access.to_owned(), signed_headers: list.to_ascii_lowercase(), signature })
        }
        _ => Err(SigningError::Malformed),
    }
}

/// When the request says it was signed: its `X-Sdk-Date`, which must be one of the signed headers. The server compares
/// it with its clock.
pub fn signed_at(req: &ToVerify<'_>, auth: &Authorization) -> Result<Micros, SigningError> {
    if !auth.signs(DATE_HEADER) {
        return Err(SigningError::NotSigned(DATE_HEADER));
    }
    Micros::from_sdk_date(signed_value(req.headers, DATE_HEADER)?).ok_or(SigningError::Date)
}

/// Signs a request: the value of its `Authorization` header.
pub fn sign(req: &ToSign<'_>, access: &str, secret: &str) -> Result<String, SigningError> {
    let mut headers: Vec<(String, &[u8])> = req
        .headers
        .iter()
        .filter(|(name, _)| !name.contains('_'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_bytes()))
        .collect();
    headers.sort_unstable();
    let headers: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let mut names = String::new();
    for (name, _) in &headers {
        if !names.is_empty() {
            names.push(';');
        }
        names.push_str(name);
    }
    let date = signed_value(&headers, DATE_HEADER)?;
    signed_value(&headers, "host")?;
    let payload: Cow<'_, str> = if req.body.is_empty() {
        EMPTY_HASH.into()
    } else if headers.iter().any(|(name, _)| *name == CONTENT_HASH_HEADER) {
        signed_value(&headers, CONTENT_HASH_HEADER)?.into()
    } else {
        sha256_hex(req.body).into()
    };
    let target = Target::read(req.raw_target)?;
    let canonical = Canonical::new(req.method, &target, &headers, &names)?;
    let signature = signature_of(secret.as_bytes(), date, &canonical.text(&target.query(req.order), &payload));
    Ok(format!("{ALGORITHM} Access={access}, SignedHeaders={names}, Signature={}", hex(&signature)))
}

/// Checks a signature. The caller has found `secret` by [`Authorization::access`] and checks [`signed_at`] itself.
pub fn verify(req: &ToVerify<'_>, auth: &Authorization, secret: &str) -> Result<(), SigningError> {
    signed_at(req, auth)?;
    let date = signed_value(req.headers, DATE_HEADER)?;
    if !auth.signs("host") {
        return Err(SigningError::NotSigned("host"));
    }
    let target = Target::read(req.raw_target)?;
    let canonical = Canonical::new(req.method, &target, req.headers, &auth.signed_headers)?;
    let (payload, other_payload) = payload_hashes(req, auth)?;

    let mut shown = None;
    // Clients of the published SDKs match at the first try: they send what they sign.
    for order in [QueryOrder::AsSent, QueryOrder::Sorted] {
        if order == QueryOrder::Sorted && target.is_sorted() {
            break;
        }
        let query = target.query(order);
        for payload in std::iter::once(&payload).chain(&other_payload) {
            let text = canonical.text(&query, payload);
            if signature_of(secret.as_bytes(), date, &text).ct_eq(&auth.signature).into() {
                return Ok(());
            }
            shown.get_or_insert(text);
        }
    }
    Err(SigningError::Mismatch { canonical_request: shown.unwrap_or_default() })
}

/// Lower-case hex of the SHA-256 of `bytes`.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// What the payload line may hold: one text, or two when the body is empty and declared unsigned, where clients differ.
fn payload_hashes(
    req: &ToVerify<'_>,
    auth: &Authorization,
) -> Result<(Cow<'static, str>, Option<Cow<'static, str>>), SigningError> {
    // A declaration that is not signed could be anybody's: it says nothing.
    let declared =
        if auth.signs(CONTENT_HASH_HEADER) { Some(signed_value(req.headers, CONTENT_HASH_HEADER)?) } else { None };
    if declared == Some(UNSIGNED_PAYLOAD) {
        let allowed = req.unsigned_payload && has_no_json(req.headers);
        return match req.body {
            Some([]) => Ok((EMPTY_HASH.into(), allowed.then_some(UNSIGNED_PAYLOAD.into()))),
            _ if !allowed => Err(SigningError::UnsignedPayload),
            _ => Ok((UNSIGNED_PAYLOAD.into(), None)),
        };
    }
    let body = req.body.ok_or(SigningError::BodyNeeded)?;
    let actual: Cow<'static, str> = if body.is_empty() { EMPTY_HASH.into() } else { sha256_hex(body).into() };
    match declared {
        Some(hash) if hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            if !hash.eq_ignore_ascii_case(&actual) {
                return Err(SigningError::ContentHash);
            }
            // The client signed its own spelling of the hash; without a body the SDKs sign the lower-case one.
            let spelled = (hash != actual).then(|| hash.to_owned().into());
            Ok((actual, spelled))
        }
        _ => Ok((actual, None)),
    }
}

/// Whether the body is surely not JSON: a content type is given, and none that is given is JSON.
fn has_no_json(headers: &[(&str, &[u8])]) -> bool {
    const JSON: &[u8] = b"application/json";
    let mut types = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-type")).peekable();
    types.peek().is_some()
        && types.all(|(_, value)| {
            let value = value.trim_ascii_start();
            !value.is_empty() && !value.get(..JSON.len()).is_some_and(|start| start.eq_ignore_ascii_case(JSON))
        })
}

fn signature_of(secret: &[u8], date: &str, canonical: &str) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(ALGORITHM.as_bytes());
    mac.update(b"\n");
    mac.update(date.as_bytes());
    mac.update(b"\n");
    let mut digest = [0_u8; 64];
    hex_into(&Sha256::digest(canonical.as_bytes()), &mut digest);
    mac.update(&digest);
    mac.finalize().into_bytes().into()
}

/// Whether a list of header names can be used: names only, none twice, not too many.
fn is_header_list(list: &str) -> bool {
    let names: Vec<&str> = list.split(';').take(SIGNED_HEADERS_MAX + 1).collect();
    names.len() <= SIGNED_HEADERS_MAX
        && names.iter().enumerate().all(|(at, name)| {
            !name.is_empty()
                && name.bytes().all(is_token)
                && !names[..at].iter().any(|earlier| earlier.eq_ignore_ascii_case(name))
        })
}

fn hex_into(bytes: &[u8], out: &mut [u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (byte, pair) in bytes.iter().zip(out.chunks_exact_mut(2)) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut out = vec![0; bytes.len() * 2];
    hex_into(bytes, &mut out);
    out.into_iter().map(char::from).collect()
}

/// 32 bytes from 64 lower-case hex digits. Upper case is refused: a signature has one spelling.
fn unhex(text: &[u8]) -> Option<[u8; 32]> {
    if text.len() != 64 || text.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = hex_value(pair[0])? << 4 | hex_value(pair[1])?;
    }
    Some(bytes)
}
