//! The stream of events, over real sockets.

mod stream_events;

use crate::support::people::{PASSWORD, login};
use crate::support::process::{Client, Home, Node, signature};
use crate::support::{Person, cases};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};

const EVENTS: &str = "/v2/servicerequest/events";
/// How long a test waits for what has to come.
const PATIENCE: Duration = Duration::from_secs(30);

/// One event of a stream.
#[derive(Clone, Debug, PartialEq)]
struct Told {
    id: i64,
    kind: String,
    data: Value,
}

/// Somebody who follows the events.
struct Follower {
    body: Incoming,
    buffer: String,
    /// Up to which number nothing was missed.
    position: i64,
    heartbeats: usize,
}

/// What a connection is asked for a stream with.
enum Proof<'a> {
    Key(&'a Person),
    Token(&'a str),
}

/// Asks for a stream; the answer's status, and the stream when it is one.
async fn ask(stream: TcpStream, proof: Proof<'_>, last_id: Option<i64>) -> (u16, Option<Follower>) {
    let host = stream.peer_addr().unwrap().to_string();
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = http::Request::builder().method("GET").uri(EVENTS);
    match proof {
        Proof::Key(person) => {
            for (name, value) in signature(person, "GET", EVENTS, &host, b"") {
                request = request.header(name, value);
            }
        }
        Proof::Token(token) => request = request.header("host", &host).header("x-auth-token", token),
    }
    if let Some(last_id) = last_id {
        request = request.header("last-event-id", last_id.to_string());
    }
    let answer = sender.send_request(request.body(Full::new(Bytes::new())).unwrap()).await.unwrap();
    let status = answer.status().as_u16();
    if status != 200 {
        return (status, None);
    }
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert!(answer.headers().contains_key("x-request-id"));
    let body = answer.into_body();
    let mut follower = Follower { body, buffer: String::new(), position: 0, heartbeats: 0 };
    let beginning = follower.piece().await.unwrap();
    assert_eq!(beginning, "retry: 3000");
    (status, Some(follower))
}

/// Follows the events as somebody.
async fn follow(address: SocketAddr, person: &Person, last_id: Option<i64>) -> Follower {
    let (status, follower) = ask(TcpStream::connect(address).await.unwrap(), Proof::Key(person), last_id).await;
    assert_eq!(status, 200);
    follower.unwrap()
}

impl Follower {
    /// What stands up to the next empty line; none at the end of the stream.
    async fn piece(&mut self) -> Option<String> {
        loop {
            if let Some((piece, rest)) = self.buffer.split_once("\n\n") {
                let (piece, rest) = (piece.to_owned(), rest.to_owned());
                self.buffer = rest;
                return Some(piece);
            }
            let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await.expect("a piece comes in time");
            match frame {
                Some(Ok(frame)) => self.buffer += std::str::from_utf8(frame.data_ref().unwrap()).unwrap(),
                _ => return None,
            }
        }
    }

    /// The next event; none at the end of the stream.
    async fn next(&mut self) -> Option<Told> {
        loop {
            let piece = self.piece().await?;
            let field = |name: &str| piece.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            self.position = field("id").unwrap().parse().unwrap();
            let Some(kind) = field("event") else {
                assert!(piece.starts_with(": still here"), "{piece}");
                self.heartbeats += 1;
                continue;
            };
            let data = serde_json::from_str(field("data").unwrap()).unwrap();
            return Some(Told { id: self.position, kind: kind.to_owned(), data });
        }
    }

    /// The next `count` events.
    async fn take(&mut self, count: usize) -> Vec<Told> {
        let mut all = Vec::new();
        while all.len() < count {
            let next = tokio::time::timeout(PATIENCE, self.next()).await;
            all.push(next.unwrap_or_else(|_| panic!("after {all:?} nothing comes")).expect("the stream goes on"));
        }
        assert!(all.windows(2).all(|pair| pair[0].id < pair[1].id), "{all:?}");
        all
    }

    /// The kinds of the next `count` events, which must be about this case.
    async fn kinds(&mut self, case_id: &str, count: usize) -> Vec<String> {
        let told = self.take(count).await;
        assert!(told.iter().all(|told| told.data["case_id"] == case_id), "{told:?}");
        told.into_iter().map(|told| told.kind).collect()
    }

    /// Waits for the end.
    async fn end(mut self) -> Vec<Told> {
        let mut rest = Vec::new();
        while let Some(told) = self.next().await {
            rest.push(told);
        }
        rest
    }
}

/// Calls that people make of a server.
struct Caller(Client);

impl Caller {
    async fn new(node: &Node) -> Self {
        Self(node.connect().await)
    }

    async fn post(&mut self, by: &Person, target: &str, body: &Value) -> Value {
        let (status, json) = self.0.signed(by, "POST", target, body.to_string().into_bytes()).await.unwrap();
        assert_eq!(status, 200, "{target}: {json}");
        json
    }

    async fn submit(&mut self, by: &Person) -> String {
        let case = self.post(by, cases::CASES, &cases::consultation("How do I start?")).await;
        case["incident_id"].as_str().unwrap().to_owned()
    }

    async fn say(&mut self, by: &Person, id: &str, content: &str) {
        self.post(by, &format!("{}/{id}/message", cases::CASES), &json!({"message": {"content": content}})).await;
    }

    async fn desk(&mut self, by: &Person, id: &str, action: &str, body: &Value) {
        self.post(by, &format!("{}/{id}/{action}", cases::DESK), body).await;
    }
}

/// A login token.
async fn token(node: &Node, person: &Person) -> String {
    let stream = TcpStream::connect(node.address).await.unwrap();
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let body = login(person, PASSWORD).to_string();
    let request = http::Request::post("/v3/auth/tokens").header("host", "localhost");
    let request = request.header("content-type", "application/json").body(Full::new(Bytes::from(body))).unwrap();
    let answer = sender.send_request(request).await.unwrap();
    assert_eq!(answer.status(), 201);
    answer.headers()["x-subject-token"].to_str().unwrap().to_owned()
}

/// Settings for the servers that start next.
fn configure(home: &Home, text: &str) {
    std::fs::write(home.folder().join("counterfoil.toml"), format!("{text}\n[log]\nformat = \"json\"\n")).unwrap();
}
