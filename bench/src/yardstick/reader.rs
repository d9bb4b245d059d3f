//! Two reader threads with read-only connections, and the rows of a case and of a list as JSON.

use anyhow::Context;
use rusqlite::{Connection, OpenFlags, params};
use serde::Serialize;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

const COLUMNS: &str = "case_id, user_id, user_name, account_id, status, case_type, product_id, problem_id, region_id, \
    severity_id, description, params, judgement, resolution, created_at, resolved_at";

type Work = Box<dyn FnOnce(&Connection) + Send>;

/// The threads' queue.
pub struct Pool(mpsc::UnboundedSender<Work>);

impl Pool {
    /// Starts the threads.
    pub fn start(file: &Path) -> anyhow::Result<Self> {
        let (sender, receiver) = mpsc::unbounded_channel::<Work>();
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..2 {
            let connection =
                Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            connection.execute_batch(
                "PRAGMA query_only=1; PRAGMA cache_size=-8000; PRAGMA mmap_size=33554432; PRAGMA temp_store=MEMORY;",
            )?;
            let receiver = Arc::clone(&receiver);
            std::thread::spawn(move || {
                loop {
                    let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
                    let Some(work) = next else { return };
                    // One transaction for all statements: taking a snapshot for each would cost more.
                    let begun = connection.prepare_cached("BEGIN").and_then(|mut begin| begin.execute([]));
                    work(&connection);
                    if begun.is_ok() {
                        let _ = connection.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
                    }
                }
            });
        }
        Ok(Self(sender))
    }

    /// Runs `work` on a reader thread.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let (reply, answer) = oneshot::channel();
        let work = Box::new(move |connection: &Connection| {
            let _ = reply.send(work(connection));
        });
        self.0.send(work).ok().context("the readers have ended")?;
        answer.await?
    }
}

#[derive(Serialize)]
struct Case {
    incident_id: String,
    xcustomer_id: String,
    xcustomer_name: String,
    customer_id: String,
    status: i64,
    r#type: i64,
    product_id: Option<String>,
    problem_id: String,
    region_id: Option<String>,
    severity_id: Option<String>,
    simple_description: String,
    params: String,
    judgement: String,
    resolution: String,
    create_time: i64,
    resolve_time: Option<i64>,
    message_list: Vec<Message>,
}

#[derive(Serialize)]
struct Message {
    #[serde(rename = "message_id")]
    id: String,
    r#type: i64,
    replier: Option<String>,
    replier_name: String,
    is_first: i64,
    content: String,
    create_time: i64,
}

fn case(row: &rusqlite::Row<'_>) -> rusqlite::Result<Case> {
    Ok(Case {
        incident_id: row.get(0)?,
        xcustomer_id: row.get(1)?,
        xcustomer_name: row.get(2)?,
        customer_id: row.get(3)?,
        status: row.get(4)?,
        r#type: row.get(5)?,
        product_id: row.get(6)?,
        problem_id: row.get(7)?,
        region_id: row.get(8)?,
        severity_id: row.get(9)?,
        simple_description: row.get(10)?,
        params: row.get(11)?,
        judgement: row.get(12)?,
        resolution: row.get(13)?,
        create_time: row.get(14)?,
        resolve_time: row.get(15)?,
        message_list: Vec::new(),
    })
}

/// A case with its messages, and its sealed rows, which are read and left alone.
pub fn detail(connection: &Connection, account_id: &str, case_id: &str) -> anyhow::Result<Vec<u8>> {
    let mut find =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM cases WHERE case_id = ?1 AND account_id = ?2"))?;
    let mut found = find.query_row(params![case_id, account_id], case)?;
    let mut list = connection.prepare_cached(
        "SELECT message_id, author_kind, author_id, author_name, is_first, content, created_at FROM messages \
         WHERE account_id = ?1 AND case_id = ?2 AND visibility = 'public' ORDER BY message_id LIMIT 100",
    )?;
    let messages = list.query_map(params![account_id, case_id], |row| {
        Ok(Message {
            id: row.get(0)?,
            r#type: row.get(1)?,
            replier: row.get(2)?,
            replier_name: row.get(3)?,
            is_first: row.get(4)?,
            content: row.get(5)?,
            create_time: row.get(6)?,
        })
    })?;
    found.message_list = messages.collect::<Result<_, _>>()?;
    let mut secrets = connection
        .prepare_cached("SELECT kind, message_id, sealed FROM case_secrets WHERE account_id = ?1 AND case_id = ?2")?;
    let mut sealed = secrets.query(params![account_id, case_id])?;
    while let Some(row) = sealed.next()? {
        let _: Vec<u8> = row.get(2)?;
    }
    Ok(serde_json::to_vec(&found)?)
}

/// The newest ten cases, and the counters that give the total.
pub fn list(connection: &Connection, account_id: &str) -> anyhow::Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Page {
        total_count: i64,
        incident_info_list: Vec<Case>,
    }
    let mut counters =
        connection.prepare_cached("SELECT name, amount FROM counters WHERE account_id = ?1 AND scope = 'cases'")?;
    let counted = counters.query_map([account_id], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    let mut total_count = 0;
    for counter in counted {
        let (name, amount) = counter?;
        total_count += if name == "13" { 0 } else { amount };
    }
    let mut page = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM cases WHERE account_id = ?1 AND status <> 13 ORDER BY case_no DESC LIMIT 10"
    ))?;
    let incident_info_list = page.query_map([account_id], case)?.collect::<Result<_, _>>()?;
    Ok(serde_json::to_vec(&Page { total_count, incident_info_list })?)
}
