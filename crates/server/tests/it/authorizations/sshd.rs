//! An OpenSSH server of the test's own, on a free port of 127.0.0.1, with its own keys and settings.
//!
//! It runs as whoever runs the tests, and then takes the keys of that user. A password can only be checked by root; when
//! the tests are root's, the server sees a copy of the users with one more in it, in a mount namespace of its own that is
//! gone with the process: nothing of the machine is changed.

use crate::support::people::PASSWORD;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

const PROGRAM: &str = "/usr/sbin/sshd";
/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(30);
/// The user that only this server knows; the password is [`PASSWORD`].
pub const USER: &str = "counterfoil-test";
const USER_HASH: &str =
    "$6$counterfoil$NScp0E6tV5MnGk1akc2CrMi0q7/7zqhX4HDEni.RkP0.ZWyahZcPLaN8zux8LsgUIvtjterE10pYOo8s5fkZm0";

/// A running server.
pub struct Sshd {
    /// Where it listens.
    pub port: u16,
    /// The user whose keys it takes.
    pub me: String,
    /// Whether [`USER`] is there.
    pub knows_passwords: bool,
    log: Arc<Mutex<Vec<String>>>,
    folder: tempfile::TempDir,
    _child: Child,
}

impl Sshd {
    /// Starts one with more lines of settings.
    pub async fn start(settings: &str) -> Self {
        assert!(Path::new(PROGRAM).exists(), "{PROGRAM} is missing (Debian: openssh-server)");
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &path("host_key")]).await;
        std::fs::write(path("authorized_keys"), "").unwrap();
        let me = run("id", &["-un"]).await.trim().to_owned();
        let knows_passwords = me == "root" && can_unshare().await;
        // Another process may take the port before the server does; then the next one is tried.
        for _ in 0..5 {
            let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let config = format!(
                "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
                 PidFile none\nPermitRootLogin yes\nKbdInteractiveAuthentication no\nLogLevel VERBOSE\n\
                 UseDNS no\n{settings}\n",
                path("host_key"),
                path("authorized_keys"),
            );
            std::fs::write(path("sshd_config"), config).unwrap();
            let mut command = if knows_passwords { alone(folder.path()) } else { Command::new(PROGRAM) };
            command.args(["-D", "-e", "-f", &path("sshd_config")]);
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
            let mut child = command.spawn().unwrap();
            let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
            let log = Arc::new(Mutex::new(Vec::new()));
            let listens = async {
                while let Some(line) = lines.next_line().await.unwrap() {
                    let is_up = line.starts_with("Server listening on");
                    log.lock().unwrap().push(line);
                    if is_up {
                        return true;
                    }
                }
                false
            };
            if tokio::time::timeout(PATIENCE, listens).await.expect("sshd says in time that it listens") {
                let kept = Arc::clone(&log);
                tokio::spawn(async move {
                    while let Ok(Some(line)) = lines.next_line().await {
                        kept.lock().unwrap().push(line);
                    }
                });
                return Self { port, me, knows_passwords, log, folder, _child: child };
            }
            let said = log.lock().unwrap().join("\n");
            assert!(said.contains("Address already in use"), "sshd does not start:\n{said}");
        }
        panic!("no port stays free long enough");
    }

    /// Makes a key pair that the server takes, and answers its private half.
    pub async fn new_key(&self, args: &[&str]) -> String {
        let file = self.folder.path().join(format!("key-{}", args.join("")));
        let path = file.display().to_string();
        run("ssh-keygen", &[&["-q", "-N", "", "-C", "", "-f", &path], args].concat()).await;
        let public = std::fs::read_to_string(format!("{path}.pub")).unwrap();
        let known = self.folder.path().join("authorized_keys");
        std::fs::write(&known, std::fs::read_to_string(&known).unwrap() + &public).unwrap();
        std::fs::read_to_string(file).unwrap()
    }

    /// The fingerprint of its host key.
    pub async fn fingerprint(&self) -> String {
        let public = self.folder.path().join("host_key.pub").display().to_string();
        run("ssh-keygen", &["-l", "-f", &public]).await.split(' ').nth(1).unwrap().to_owned()
    }

    /// How many lines of its log hold a text, once there is one; the log is written beside what it is about.
    pub async fn logged(&self, text: &str) -> usize {
        let count = || self.log.lock().unwrap().iter().filter(|line| line.contains(text)).count();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while count() == 0 && tokio::time::Instant::now() < deadline {
            tokio::task::yield_now().await;
        }
        count()
    }
}

/// A server that sees one more user.
fn alone(folder: &Path) -> Command {
    let path = |name: &str| folder.join(name).display().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap();
    let home = folder.display();
    std::fs::write(path("passwd"), format!("{users}{USER}:x:65533:65534::{home}:/bin/sh\n")).unwrap();
    let mut shadow = std::fs::OpenOptions::new();
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        shadow.mode(0o600);
    }
    let mut shadow = shadow.write(true).create(true).truncate(true).open(path("shadow")).unwrap();
    let known = std::fs::read_to_string("/etc/shadow").unwrap();
    std::io::Write::write_all(&mut shadow, format!("{known}{USER}:{USER_HASH}:19000:0:99999:7:::\n").as_bytes())
        .unwrap();
    let script = "mount -t tmpfs none /run && mkdir /run/sshd && mount --bind \"$0/passwd\" /etc/passwd \
        && mount --bind \"$0/shadow\" /etc/shadow && exec \"$@\"";
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", script]).arg(folder).arg(PROGRAM);
    command
}

/// Whether this root may have mounts of its own; not in every container.
async fn can_unshare() -> bool {
    let mut probe = Command::new("unshare");
    probe.args(["--mount", "--propagation", "private", "mount", "-t", "tmpfs", "none", "/run"]);
    probe.stderr(Stdio::null()).status().await.is_ok_and(|status| status.success())
}

async fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().await;
    let output = output.unwrap_or_else(|e| panic!("{program} is missing (Debian: openssh-client): {e}"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The password of [`USER`].
pub const fn password() -> &'static str {
    PASSWORD
}
