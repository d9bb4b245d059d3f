//! Who may call: signatures, tokens, and the permission of a route.

mod permission;
mod signature;
mod token;

use crate::support::people::{BOB, SECRET};
use crate::support::{Answer, TestApp};
use counterfoil_wire::signing::{self, QueryOrder, ToSign};

/// A route of the ticket API that every login may call.
const ROUTE: &str = "/v2/servicerequest/config/limits";

/// The answer must be the gateway's refusal of a login, for this reason.
#[track_caller]
fn denied(answer: &Answer, reason: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (401, "APIGW.0301"), "{}", answer.json);
    let text = format!("Incorrect IAM authentication information: {reason}");
    assert!(answer.message().starts_with(&text), "{}", answer.message());
    assert_eq!(answer.json["request_id"].as_str(), answer.header("x-request-id"));
}

/// Signs headers by hand, for requests that no SDK would send; `host` is added.
fn authorization(app: &TestApp, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> String {
    let date = app.app.clock.now().to_sdk_date();
    let mut all = vec![("host", "counterfoil.test")];
    if !headers.iter().any(|(name, _)| *name == "x-sdk-date") {
        all.push(("x-sdk-date", &date));
    }
    all.extend_from_slice(headers);
    let request = ToSign { method, raw_target: target, order: QueryOrder::Sorted, headers: &all, body };
    signing::sign(&request, BOB.access, SECRET).unwrap()
}
