//! A minimal HTTP/1.1 client: keep-alive, one request at a time on each connection, on one thread.
//!
//! Requests are bytes that were made, and signed, before the clock starts, so that the client costs the machine little.

use anyhow::{Context, bail, ensure};
use bytes::Bytes;
use std::cell::Cell;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Longest head of an answer.
const HEAD_BYTES: usize = 16 * 1024;

/// What one round of requests came to.
pub struct Round {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Of each answer, ascending.
    pub latencies: Vec<Duration>,
    /// Answers with another status than 2xx.
    pub errors: usize,
    /// The first of them, to be shown.
    pub first_error: Option<String>,
    /// Bytes of all bodies.
    pub body_bytes: u64,
}

impl Round {
    /// Answers in a second.
    pub fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency that this share of the answers stayed below.
    pub fn quantile(&self, share: f64) -> Duration {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list of this length")]
        let at = (self.latencies.len() as f64 * share) as usize;
        self.latencies.get(at.min(self.latencies.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// An answer.
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// The value of `X-Subject-Token`, for logins.
    pub token: Option<String>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Sends `requests` over `connections` connections and waits for all answers.
pub fn round(address: SocketAddr, connections: usize, requests: &[Bytes]) -> anyhow::Result<Round> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut open = Vec::new();
        for _ in 0..connections {
            open.push(Connection::open(address).await?);
        }
        let next = Cell::new(0);
        let started = Instant::now();
        let workers = open.into_iter().map(|connection| work(connection, &next, requests));
        let parts = futures_util::future::try_join_all(workers).await?;
        let elapsed = started.elapsed();
        let mut round = Round { elapsed, latencies: Vec::new(), errors: 0, first_error: None, body_bytes: 0 };
        for part in parts {
            round.latencies.extend(part.latencies);
            round.errors += part.errors;
            round.body_bytes += part.body_bytes;
            round.first_error = round.first_error.or(part.first_error);
        }
        round.latencies.sort_unstable();
        ensure!(round.latencies.len() == requests.len(), "answers are missing");
        Ok(round)
    })
}

/// Sends one request.
pub fn call(address: SocketAddr, request: &[u8]) -> anyhow::Result<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut connection = Connection::open(address).await?;
        let (status, body) = connection.exchange(request).await?;
        let head = String::from_utf8_lossy(&connection.head);
        let token = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("x-subject-token").then(|| value.trim().to_owned())
        });
        let body = connection.buffer[body].to_vec();
        Ok(Answer { status, token, body })
    })
}

#[derive(Default)]
struct Part {
    latencies: Vec<Duration>,
    errors: usize,
    first_error: Option<String>,
    body_bytes: u64,
}

async fn work(mut connection: Connection, next: &Cell<usize>, requests: &[Bytes]) -> anyhow::Result<Part> {
    let mut part = Part::default();
    loop {
        let at = next.get();
        let Some(request) = requests.get(at) else { return Ok(part) };
        next.set(at + 1);
        let sent = Instant::now();
        let (status, body) = connection.exchange(request).await?;
        part.latencies.push(sent.elapsed());
        part.body_bytes += body.len() as u64;
        if !(200..300).contains(&status) {
            part.errors += 1;
            let text = || format!("{status} {}", String::from_utf8_lossy(&connection.buffer[body.clone()]));
            part.first_error.get_or_insert_with(text);
        }
    }
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    /// The head of the last answer.
    head: Vec<u8>,
}

impl Connection {
    #[expect(clippy::disallowed_methods, reason = "the load generator talks to the server under test")]
    async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("{address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(64 * 1024), head: Vec::new() })
    }

    /// Sends a request and receives its answer: the status, and where in the buffer the body is.
    async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<(u16, std::ops::Range<usize>)> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head_end = loop {
            if let Some(end) = find(&self.buffer, b"\r\n\r\n") {
                break end + 4;
            }
            ensure!(self.buffer.len() < HEAD_BYTES, "the head of an answer is too long");
            self.receive().await?;
        };
        let head = std::str::from_utf8(&self.buffer[..head_end])?;
        let status: u16 = head.get(9..12).and_then(|code| code.parse().ok()).context("an answer without status")?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            if name.eq_ignore_ascii_case("content-length") { value.trim().parse::<usize>().ok() } else { None }
        });
        let Some(length) = length else { bail!("an answer without Content-Length: {head}") };
        self.head.clear();
        self.head.extend_from_slice(&self.buffer[..head_end]);
        while self.buffer.len() < head_end + length {
            self.receive().await?;
        }
        Ok((status, head_end..head_end + length))
    }

    async fn receive(&mut self) -> anyhow::Result<()> {
        let count = self.stream.read_buf(&mut self.buffer).await?;
        ensure!(count > 0, "the server closed the connection");
        Ok(())
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}
