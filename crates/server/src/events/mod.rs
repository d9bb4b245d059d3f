//! The stream of events: who follows it is told of every change of the cases that it may see, as soon as it is committed.
//!
//! Once on each node, and only while somebody follows, the pump reads what is new in the table of events and hands it to
//! all streams through one ring of fixed size. A stream that begins, or that was too slow for the ring, reads the table
//! itself until it has caught up. Nothing is kept for a client that does not read: its stream is not asked for more.
//!
//! Always true: a stream tells events in the order of their numbers, each once, and none that its caller may not see; it
//! ends when its login does, and when the server stops. `api.rs` has the call, `stream.rs` one stream, `rules.rs` what is
//! told and how it is written, `sql.rs` the reading.

pub mod api;
mod rules;
mod sql;
mod stream;

pub use sql::ALL;

use crate::app::App;
use crate::error::{Code, Error, Result};
use counterfoil_store::{Topic, Tx, events};
use counterfoil_wire::ids::{AccountId, UserId};
use sql::Told;
use std::collections::HashMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex, broadcast, watch};

/// Events that the ring holds for streams that are a little behind.
const RING: usize = 1024;
/// Events that are read at once.
const BATCH: i64 = 500;
/// How soon the pump looks again after an announcement that it found nothing for: on PostgreSQL an event may show a moment
/// later. Then it waits longer each time.
const FIRST_LOOK: Duration = Duration::from_millis(10);
/// How often it looks without any announcement, which other processes on an embedded database do not send.
const LAST_LOOK: Duration = Duration::from_secs(1);

type Follower = (AccountId, UserId);

/// The streams of one node.
pub struct Hub {
    ring: Mutex<Option<broadcast::Sender<Arc<Told>>>>,
    followers: Arc<StdMutex<HashMap<Follower, usize>>>,
    stop: watch::Sender<bool>,
}

impl Default for Hub {
    fn default() -> Self {
        Self { ring: Mutex::default(), followers: Arc::default(), stop: watch::channel(false).0 }
    }
}

impl Hub {
    /// Ends all streams, and those that begin from now on.
    pub fn close(&self) {
        self.stop.send_replace(true);
    }

    /// How many streams there are.
    pub fn count(&self) -> usize {
        self.followers.lock().unwrap_or_else(PoisonError::into_inner).values().sum()
    }

    /// Takes a place for one more stream, which is given back when what is answered goes.
    fn admit(&self, app: &App, account_id: &AccountId, user_id: &UserId) -> Result<Admission> {
        let limits = &app.config.events;
        let follower = (account_id.clone(), user_id.clone());
        let mut followers = self.followers.lock().unwrap_or_else(PoisonError::into_inner);
        if followers.values().sum::<usize>() >= limits.streams {
            return Err(Error::retry_after(Code::Busy, 30));
        }
        let own = followers.entry(follower.clone()).or_default();
        if *own >= limits.streams_per_user {
            return Err(Error::retry_after(Code::TooManyRequests, 30));
        }
        *own += 1;
        Ok(Admission { followers: Arc::clone(&self.followers), follower })
    }

    /// Everything from here on. What is in the table already, the caller reads for itself afterwards.
    async fn subscribe(&self, app: &App) -> Result<broadcast::Receiver<Arc<Told>>> {
        let mut ring = self.ring.lock().await;
        if let Some(sender) = &*ring {
            return Ok(sender.subscribe());
        }
        let horizon = app.store.read(async |tx: &mut Tx| events::horizon(tx).await).await?;
        let (sender, receiver) = broadcast::channel(RING);
        *ring = Some(sender.clone());
        tokio::spawn(pump(app.clone(), sender, horizon - 1));
        Ok(receiver)
    }
}

/// A place among the streams.
struct Admission {
    followers: Arc<StdMutex<HashMap<Follower, usize>>>,
    follower: Follower,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut followers = self.followers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = followers.get_mut(&self.follower) {
            *own -= 1;
            if *own == 0 {
                followers.remove(&self.follower);
            }
        }
    }
}

/// Reads what comes after `position` and fills the ring, for as long as anybody follows.
async fn pump(app: App, ring: broadcast::Sender<Arc<Told>>, mut position: i64) {
    let mut look = FIRST_LOOK;
    loop {
        let seen = app.store.generation(Topic::Events);
        let found = app.store.read(async move |tx: &mut Tx| sql::list_after(tx, position, BATCH).await).await;
        let count = match found {
            Ok(found) => {
                let count = found.len();
                for told in found {
                    position = told.event_no;
                    // Without a listener the event is simply gone.
                    let _ = ring.send(Arc::new(told));
                }
                count
            }
            Err(error) => {
                tracing::warn!(%error, "events cannot be read");
                0
            }
        };
        {
            let mut current = app.events.ring.lock().await;
            if ring.receiver_count() == 0 {
                *current = None;
                return;
            }
        }
        if count as i64 == BATCH {
            continue;
        }
        look = if count > 0 { FIRST_LOOK } else { (look * 2).min(LAST_LOOK) };
        app.store.moved_since(Topic::Events, seen, look).await;
        if app.store.generation(Topic::Events) != seen {
            look = FIRST_LOOK;
        }
    }
}
