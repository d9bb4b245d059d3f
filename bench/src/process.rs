//! A server as a child process: started, waited for, watched, stopped.

use crate::client;
use anyhow::{Context, bail};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longest wait for a server to answer, or to stop.
const PATIENCE: Duration = Duration::from_mins(1);
/// `sysconf(_SC_CLK_TCK)`, which is 100 on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running server.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to its first answer.
    pub ready_after: Duration,
}

impl Process {
    /// Starts `counterfoil serve`.
    pub fn server(data: &Path, database: Option<&str>) -> anyhow::Result<Self> {
        let mut command = Command::new(crate::seeded::sibling("counterfoil")?);
        command.arg("serve").arg("--data").arg(data);
        if let Some(url) = database {
            command.args(["--database", url]);
        }
        // What it says is of interest only when something goes wrong.
        command.stderr(std::fs::File::create(data.join("server.log"))?);
        Self::start(command, "/readyz")
    }

    /// Starts the yardstick over the same database.
    pub fn yardstick(data: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("yardstick").arg("--data").arg(data);
        Self::start(command, "/fixed/1")
    }

    fn start(mut command: Command, probe: &str) -> anyhow::Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        command.arg("--listen").arg(address.to_string()).stdin(Stdio::null()).stdout(Stdio::null());
        let started = Instant::now();
        let child = command.spawn().with_context(|| command.get_program().display().to_string())?;
        let mut process = Self { child, address, ready_after: Duration::ZERO };
        let request = format!("GET {probe} HTTP/1.1\r\nHost: {address}\r\n\r\n");
        loop {
            if client::call(address, request.as_bytes()).is_ok_and(|answer| answer.status == 200) {
                process.ready_after = started.elapsed();
                return Ok(process);
            }
            if let Some(status) = process.child.try_wait()? {
                bail!("a server ended with {status}");
            }
            if started.elapsed() > PATIENCE {
                bail!("a server does not answer");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Processor time so far, in seconds.
    pub fn cpu_seconds(&self) -> anyhow::Result<f64> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold spaces; utime and stime are fields 14 and 15 of the line.
        let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).context("/proc/PID/stat");
        Ok((ticks(11)? + ticks(12)?) / TICKS_PER_SECOND)
    }

    /// Memory in megabytes: `VmRSS` without what is mapped from the database file, which the kernel takes back at will.
    pub fn memory(&self) -> anyhow::Result<Memory> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let megabytes = |name: &str| -> anyhow::Result<f64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name)).context("/proc/PID/status")?;
            let kib = line.trim_start_matches(':').split_whitespace().next().and_then(|n| n.parse::<f64>().ok());
            Ok(kib.context("/proc/PID/status")? / 1024.0)
        };
        Ok(Memory { resident: megabytes("VmRSS")?, anonymous: megabytes("RssAnon")? })
    }
}

/// How much memory a process holds, in megabytes.
#[derive(Clone, Copy, Default)]
pub struct Memory {
    /// All that is resident, mapped files among it.
    pub resident: f64,
    /// Without mapped files.
    pub anonymous: f64,
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGTERM through the shell's tool: the standard library only knows SIGKILL.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        let since = Instant::now();
        while asked.as_ref().is_ok_and(std::process::ExitStatus::success) && since.elapsed() < PATIENCE {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
