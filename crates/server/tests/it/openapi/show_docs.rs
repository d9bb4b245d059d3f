//! `GET /docs`: the page comes whole from the binary and may load nothing from elsewhere.

use crate::support::TestApp;

#[tokio::test]
async fn it_loads_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let answer = app.get("/docs").send().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let page = String::from_utf8(answer.bytes).unwrap();
    // What the policy would refuse anyway must not be in it: other hosts, scripts and styles in the page.
    for word in ["http:", "https:", "//", " style=", "<style", " onclick", "javascript:"] {
        assert!(!page.contains(word), "{word}");
    }
    // Everything that it names is there.
    let names: Vec<_> = page.split('"').filter(|text| text.starts_with('/')).collect();
    assert!(names.len() >= 3, "{names:?}");
    for name in names {
        assert_eq!(app.get(name).send().await.status, 200, "{name}");
    }
}
