//! The S3-compatible server that `TEST_S3_URL` names, when the attachments are to be in a bucket; and a wire to it that can
//! be cut.

#![expect(clippy::disallowed_methods, reason = "the test runner says by variables where a bucket is")]

use counterfoil::config::Config;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;

/// A part of the bucket that belongs to one test.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Where the server is.
    pub server: SocketAddr,
    name: String,
    prefix: String,
}

impl Bucket {
    /// A part of its own, when there is a bucket at all.
    pub fn of_this_run() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let url = std::env::var("TEST_S3_URL").ok()?;
        let (server, name) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let prefix = format!("test-{}/{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        Some(Self { server: server.parse().unwrap(), name: name.to_owned(), prefix })
    }

    /// Has the attachments kept there, through `address`.
    pub fn configure(&self, config: &mut Config, address: SocketAddr) {
        config.accessories.url = format!("s3://{}/{}", self.name, self.prefix);
        config.accessories.endpoint = format!("http://{address}");
        config.accessories.path_style = true;
        config.accessories.access_key = "test".to_owned();
        config.accessories.secret_key = Some(SecretString::from("a secret of the tests"));
    }

    /// How many objects and how many unfinished uploads it holds.
    pub async fn holds(&self) -> (usize, usize) {
        let objects = self.get("list-type=2").await.matches("<Key>").count();
        (objects, self.get("uploads").await.matches("<Upload>").count())
    }

    async fn get(&self, query: &str) -> String {
        let prefix = self.prefix.replace('/', "%2F");
        let head = format!("GET /{}?{query}&prefix={prefix}%2F HTTP/1.0\r\nHost: {}\r\n\r\n", self.name, self.server);
        let mut stream = TcpStream::connect(self.server).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains(" 200 "), "{answer}");
        answer
    }
}

/// A wire to a server, which can be cut and mended.
pub struct Wire {
    /// What to connect to.
    pub address: SocketAddr,
    to: SocketAddr,
    /// Bytes towards the server that still pass.
    left: Arc<AtomicI64>,
    tasks: Arc<Mutex<Vec<JoinHandle<()>>>>,
}

impl Wire {
    /// A wire that is whole.
    pub async fn to(server: SocketAddr) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = free.local_addr().unwrap();
        let wire = Self { address, to: server, left: Arc::new(AtomicI64::new(i64::MAX)), tasks: Arc::default() };
        wire.listen(free);
        wire
    }

    fn listen(&self, listener: TcpListener) {
        let (to, left, tasks) = (self.to, Arc::clone(&self.left), Arc::clone(&self.tasks));
        let accept = async move {
            while let Ok((client, _)) = listener.accept().await {
                let one = tokio::spawn(carry(client, to, Arc::clone(&left)));
                tasks.lock().unwrap().push(one);
            }
        };
        self.tasks.lock().unwrap().push(tokio::spawn(accept));
    }

    /// Nothing passes any more, and nobody can connect.
    pub async fn cut(&self) {
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap());
        for task in tasks {
            task.abort();
            let _ = task.await;
        }
    }

    /// Lets so many more bytes pass towards the server, and then none.
    pub fn cut_after(&self, bytes: i64) {
        self.left.store(bytes, Ordering::SeqCst);
    }

    /// Makes it whole again.
    pub async fn mend(&self) {
        self.cut().await;
        self.left.store(i64::MAX, Ordering::SeqCst);
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(self.address).unwrap();
        self.listen(socket.listen(64).unwrap());
    }
}

async fn carry(client: TcpStream, to: SocketAddr, left: Arc<AtomicI64>) {
    let Ok(server) = TcpStream::connect(to).await else { return };
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    let up = async {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
            if left.fetch_sub(i64::try_from(count).unwrap(), Ordering::SeqCst) < 0 {
                return;
            }
            if to_server.write_all(&buffer[..count]).await.is_err() {
                return;
            }
        }
    };
    let down = async { drop(tokio::io::copy(&mut from_server, &mut to_client).await) };
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}
