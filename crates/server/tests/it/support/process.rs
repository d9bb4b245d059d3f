//! The built binary as a process of its own, and a small client that signs.
//!
//! Processes end with the test that started them. Nothing of the environment reaches them.

use super::people::{Person, SECRET};
use super::{SECRET_KEY, START, database};
use bytes::Bytes;
use counterfoil::app::App;
use counterfoil::clock::Clock;
use counterfoil::config::Config;
use counterfoil_store::Url;
use counterfoil_wire::signing::{self, QueryOrder, ToSign};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use secrecy::SecretString;
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// How long a process may take for what takes no time.
const PATIENCE: Duration = Duration::from_mins(1);

/// A data folder with the usual people, and the database that belongs to it.
pub struct Home {
    /// The settings with which tests open the same data.
    pub config: Config,
    folder: tempfile::TempDir,
    lease: database::Lease,
}

impl Home {
    /// On the engine of this run.
    pub async fn new() -> Self {
        let mut home = Self::empty();
        home.lease = database::prepare(&mut home.config).await;
        home
    }

    /// On the embedded database, whatever this run is about.
    pub async fn on_sqlite() -> Self {
        let home = Self::empty();
        database::sqlite(&home.config).await;
        home
    }

    /// A folder with nothing in it.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config { data: folder.path().join("data"), ..Config::default() };
        std::fs::create_dir(&config.data).unwrap();
        config.secret_key = Some(SecretString::from(SECRET_KEY));
        Self { config, folder, lease: database::Lease::default() }
    }

    /// A folder beside the data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens the data in this process.
    pub async fn open(&self) -> App {
        App::open(self.config.clone(), Clock::fixed(START)).await.unwrap()
    }

    /// The binary with this data; its log is for programs.
    pub fn command(&self, args: &[&str]) -> Command {
        self.command_of(env!("CARGO_BIN_EXE_counterfoil").as_ref(), args)
    }

    /// Like [`Home::command`], with another copy of the binary.
    pub fn command_of(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("COUNTERFOIL_SECRET_KEY", SECRET_KEY).env("COUNTERFOIL_DATA", &self.config.data);
        if let Url::Postgres(url) = self.config.database_url() {
            command.env("COUNTERFOIL_DATABASE", url);
        }
        let file = self.folder.path().join("counterfoil.toml");
        if !file.exists() {
            std::fs::write(&file, "[log]\nformat = \"json\"\n").unwrap();
        }
        command.arg("--config").arg(file).args(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    /// Runs an administration command that succeeds.
    #[track_caller]
    pub fn run(&self, args: &[&str]) -> impl Future<Output = String> {
        let command = self.command(args);
        let args = args.join(" ");
        async move {
            let output = finish(command).await;
            assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        }
    }

    /// Starts a server on a free port and returns when it listens.
    pub async fn serve(&self) -> Node {
        let mut child = self.command(&["serve", "--listen", "127.0.0.1:0"]).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = Vec::new();
        let listening = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                let json: Value = serde_json::from_str(&line).unwrap_or_default();
                if json["message"] == "listening" {
                    return json["address"].as_str().unwrap().parse().unwrap();
                }
                seen.push(line);
            }
            panic!("the server ended: {}", seen.join("\n"));
        };
        let address = tokio::time::timeout(PATIENCE, listening).await.expect("the server listens in time");
        // A full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Node { address, child }
    }
}

/// Runs a process to its end, which must come.
pub async fn finish(mut command: Command) -> Output {
    let child = command.spawn().unwrap();
    tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("the process ends in time").unwrap()
}

/// A running server.
pub struct Node {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
}

impl Node {
    /// Ends it as a crash would.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to stop, and answers whether it said that all was well.
    pub async fn stop(mut self) -> bool {
        let id = self.child.id().unwrap().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        assert!(told.success());
        tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("the server stops in time").unwrap().success()
    }

    /// Opens a connection.
    pub async fn connect(&self) -> Client {
        Client::connect(self.address).await.unwrap()
    }

    /// One signed GET on a connection of its own.
    pub async fn get(&self, person: &Person, target: &str) -> (u16, Value) {
        self.connect().await.signed(person, "GET", target, Vec::new()).await.unwrap()
    }
}

/// The headers of a request that somebody signs now.
pub fn signature(person: &Person, method: &str, target: &str, host: &str, body: &[u8]) -> Vec<(&'static str, String)> {
    let date = Clock::System.now().to_sdk_date();
    let headers = [("content-type", "application/json"), (signing::DATE_HEADER, &*date), ("host", host)];
    let to_sign = ToSign { method, raw_target: target, order: QueryOrder::AsSent, headers: &headers, body };
    let authorization = signing::sign(&to_sign, person.access, SECRET).unwrap();
    let mut all: Vec<_> = headers.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    all.push(("authorization", authorization));
    all
}

/// A connection that is kept.
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

/// Why no answer came.
pub type Broken = Box<dyn std::error::Error + Send + Sync>;

impl Client {
    /// Opens a connection.
    #[expect(clippy::disallowed_methods, reason = "the test talks to the server that it started")]
    pub async fn connect(address: SocketAddr) -> Result<Self, Broken> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string() })
    }

    /// Sends a request, signed as somebody, and answers status and JSON.
    pub async fn signed(
        &mut self,
        person: &Person,
        method: &str,
        target: &str,
        body: Vec<u8>,
    ) -> Result<(u16, Value), Broken> {
        let headers = signature(person, method, target, &self.host, &body);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.send(method, target, &headers, body).await
    }

    /// Sends a request as it is.
    pub async fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Result<(u16, Value), Broken> {
        let mut request = http::Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.sender.ready().await?;
        let answer = self.sender.send_request(request.body(Full::new(Bytes::from(body)))?);
        let answer = tokio::time::timeout(PATIENCE, answer).await??;
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }
}
