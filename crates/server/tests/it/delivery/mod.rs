//! Mail and SMS on their way out: to servers of the test's own that answer as told, refuse, hang, or go away.

mod configuration;
mod mail;
mod sms;

use crate::support::TestApp;
use counterfoil_store::jobs::MAX_ATTEMPTS;
use std::future::Future;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A server of a test: every connection is played by a script, and what it was sent is kept.
pub struct Server {
    /// Where it listens.
    pub port: u16,
    seen: Arc<Mutex<Vec<String>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    /// Plays `script` with each connection; what it returns is kept.
    pub async fn start<F, T>(script: F) -> Self
    where
        F: Fn(BufReader<TcpStream>, usize) -> T + Send + Sync + 'static,
        T: Future<Output = String> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            for number in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                let played = script(BufReader::new(stream), number);
                let kept = Arc::clone(&kept);
                tokio::spawn(async move {
                    let said = played.await;
                    kept.lock().unwrap().push(said);
                });
            }
        });
        Self { port, seen, task }
    }

    /// What the connections that have ended were sent.
    pub fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

/// Reads a line; empty at the end.
pub async fn line(stream: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap_or(0);
    line
}

/// Writes a text, if anybody is still there.
pub async fn say(stream: &mut BufReader<TcpStream>, text: &str) {
    let _ = stream.write_all(text.as_bytes()).await;
}

/// Waits until the other side goes away.
pub async fn hang(stream: &mut BufReader<TcpStream>) {
    let mut bytes = [0; 256];
    while stream.read(&mut bytes).await.unwrap_or(0) > 0 {}
}

/// A port on which nobody listens.
pub async fn dead_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

impl TestApp {
    /// State, attempts and last error of the one job that sends something.
    pub async fn delivery(&self) -> (String, i64, String) {
        let rows =
            self.rows("SELECT state, attempts, last_error FROM jobs WHERE kind IN ('mail.send', 'sms.send')").await;
        assert_eq!(rows.len(), 1);
        (rows[0].get(0).unwrap(), rows[0].get(1).unwrap(), rows[0].get(2).unwrap())
    }

    /// Lets the whole retry schedule go by; how often it was tried.
    pub async fn exhaust(&self) -> i64 {
        for attempt in 1..=MAX_ATTEMPTS {
            if self.run_due().await == 0 {
                return attempt - 1;
            }
            self.advance_seconds(6 * 3600);
        }
        assert_eq!(self.run_due().await, 0, "a dead letter is left alone");
        MAX_ATTEMPTS
    }
}
