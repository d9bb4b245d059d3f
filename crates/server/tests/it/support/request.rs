//! Building a request and reading its answer.

use super::people::SECRET;
use super::{Person, TestApp, conformity};
use axum::body::Body;
use counterfoil_wire::signing::{self, QueryOrder, ToSign};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// A request being built.
pub struct Call<'a> {
    pub(super) test: &'a TestApp,
    pub(super) method: &'static str,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) signer: Option<Signer>,
    pub(super) unsigned: Vec<(String, String)>,
}

/// With which key a request is signed.
pub(super) struct Signer {
    access: String,
    secret: String,
    security_token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The raw body.
    pub bytes: Vec<u8>,
    /// The body as JSON, or null.
    pub json: Value,
}

impl<'a> Call<'a> {
    pub(super) fn new(test: &'a TestApp, method: &'static str, target: &str) -> Self {
        Self {
            test,
            method,
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            signer: None,
            unsigned: Vec::new(),
        }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Signs with somebody's access key.
    pub fn by(self, person: &Person) -> Self {
        self.signed(person.access, SECRET)
    }

    /// Signs with an access key.
    pub fn signed(mut self, access: &str, secret: &str) -> Self {
        self.signer = Some(Signer { access: access.to_owned(), secret: secret.to_owned(), security_token: None });
        self
    }

    /// Signs with a temporary access key.
    pub fn signed_temporarily(mut self, access: &str, secret: &str, security_token: &str) -> Self {
        let security_token = Some(security_token.to_owned());
        self.signer = Some(Signer { access: access.to_owned(), secret: secret.to_owned(), security_token });
        self
    }

    /// Adds a header that the signature leaves out.
    pub fn unsigned_header(mut self, name: &str, value: &str) -> Self {
        self.unsigned.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends a login token.
    pub fn token(self, token: &str) -> Self {
        self.header("x-auth-token", token)
    }

    /// Answers in English.
    pub fn english(self) -> Self {
        self.header("x-language", "en-us")
    }

    /// Sends a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string().into_bytes())
    }

    /// Sends bytes of a content type.
    pub fn raw(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.body = body;
        self.header("content-type", content_type)
    }

    /// Sends other bytes than those that were set before.
    pub fn with_body(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.headers.retain(|(name, _)| name != "content-type");
        self.raw(content_type, body)
    }

    /// Sends the request.
    pub async fn send(self) -> Answer {
        let (method, path) = (self.method, self.target.split('?').next().unwrap_or_default().to_owned());
        let (parts, body) = self.begin().await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        let json = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, bytes, json };
        let findings = conformity::findings(method, &path, answer.status, &answer.json);
        assert!(findings.is_empty(), "{method} {path} is not as described: {}", findings.join("; "));
        answer
    }

    /// Sends the request, and leaves the body of the answer to be read.
    pub async fn begin(mut self) -> http::Response<Body> {
        if let Some(signer) = self.signer.take() {
            self.sign(&signer);
        }
        let mut request = Request::builder().method(self.method).uri(&self.target).header("host", "counterfoil.test");
        for (name, value) in self.headers.iter().chain(&self.unsigned) {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(self.body)).unwrap();
        self.test.router.clone().oneshot(request).await.unwrap()
    }
}

impl Call<'_> {
    /// Signs as the SDKs do: every header, and the body unless it is a form.
    fn sign(&mut self, signer: &Signer) {
        let has = |call: &Self, name: &str| call.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        if !has(self, signing::DATE_HEADER) {
            let now = self.test.app.clock.now().to_sdk_date();
            self.headers.push((signing::DATE_HEADER.to_owned(), now));
        }
        if let Some(token) = &signer.security_token {
            self.headers.push(("x-security-token".to_owned(), token.clone()));
        }
        let form = self.headers.iter().any(|(name, value)| name == "content-type" && value.starts_with("multipart/"));
        if form && !has(self, signing::CONTENT_HASH_HEADER) {
            self.headers.push((signing::CONTENT_HASH_HEADER.to_owned(), signing::UNSIGNED_PAYLOAD.to_owned()));
        }
        let mut headers: Vec<(&str, &str)> = self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        headers.push(("host", "counterfoil.test"));
        let request = ToSign {
            method: self.method,
            raw_target: &self.target,
            order: QueryOrder::AsSent,
            headers: &headers,
            body: &self.body,
        };
        // A target that cannot be read cannot be signed either, and is sent as it is.
        if let Ok(authorization) = signing::sign(&request, &signer.access, &signer.secret) {
            self.headers.push(("authorization".to_owned(), authorization));
        }
    }
}

impl Answer {
    /// The error code of either body form, or "".
    pub fn code(&self) -> String {
        let code = self.json.get("error_code").or_else(|| self.json.get("error")?.get("code"));
        code.map(|c| c.as_str().map_or_else(|| c.to_string(), str::to_owned)).unwrap_or_default()
    }

    /// The error text of either body form, or "".
    pub fn message(&self) -> String {
        let text = self.json.get("error_msg").or_else(|| self.json.get("error")?.get("message"));
        text.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The JSON body of a success; fails the test otherwise.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.bytes));
        assert!(self.json.get("error_code").is_none(), "{}", self.json);
        self.json
    }
}
