//! `GET /docs/{asset}`: what the page is made of.

use crate::support::TestApp;

#[tokio::test]
async fn each_has_its_type() {
    let app = TestApp::start().await;
    for (name, kind) in [
        ("reference.js", "text/javascript; charset=utf-8"),
        ("reference.css", "text/css; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ] {
        let answer = app.get(&format!("/docs/{name}")).send().await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(kind)), "{name}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert!(!answer.bytes.is_empty());
    }
}

#[tokio::test]
async fn others_are_not_there() {
    let app = TestApp::start().await;
    for name in ["nothing.js", "..%2fCargo.toml", "reference.js%00"] {
        let answer = app.get(&format!("/docs/{name}")).send().await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "APIGW.0101"), "{name}");
    }
}
