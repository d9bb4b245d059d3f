//! One client's stream: first what it missed, then what comes, as long as its login holds.
//!
//! It does something only when the connection asks for the next piece. The ring goes on without a client that is slow; it
//! then catches up from the table, so that no more than one page is ever held for it.

use super::rules;
use super::sql::{self, Told};
use super::{Admission, BATCH};
use crate::app::App;
use crate::caller::{self, Login};
use crate::cases::access::{self, Sight};
use crate::error::{Code, Result};
use counterfoil_store::{Topic, Tx};
use counterfoil_wire::events::StreamedEvent;
use counterfoil_wire::time::Micros;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{broadcast, watch};
use tokio::time::Instant;

/// What goes on between a client and the events.
pub(super) struct Stream {
    app: App,
    login: Login,
    /// The state of the identities under which `sight` was made.
    generation: u64,
    sight: Sight,
    /// Up to which number nothing was missed.
    position: i64,
    ring: broadcast::Receiver<Arc<Told>>,
    stop: watch::Receiver<bool>,
    is_behind: bool,
    pending: VecDeque<String>,
    heartbeat_at: Instant,
    is_over: bool,
    _admission: Admission,
}

impl Stream {
    /// A stream after number `after`, or from now on.
    pub(super) async fn begin(app: App, login: Login, admission: Admission, after: Option<i64>) -> Result<Self> {
        let stop = app.events.stop.subscribe();
        let ring = app.events.subscribe(&app).await?;
        let generation = app.store.generation(Topic::Identity);
        let principal = Arc::clone(&login.principal);
        let (position, sight) = app
            .store
            .read(async move |tx: &mut Tx| -> Result<_> {
                let newest = counterfoil_store::events::horizon(tx).await? - 1;
                let after = after.unwrap_or(newest);
                if after > newest {
                    return Err(super::api::bad_last_id());
                }
                Ok((after, access::sight(tx, &principal).await?))
            })
            .await?;
        let heartbeat_at = Instant::now() + Duration::from_secs(app.config.events.heartbeat_seconds);
        let pending = VecDeque::from([rules::beginning()]);
        let (is_behind, is_over) = (true, false);
        Ok(Self {
            app,
            login,
            generation,
            sight,
            position,
            ring,
            stop,
            is_behind,
            pending,
            heartbeat_at,
            is_over,
            _admission: admission,
        })
    }

    /// The next piece; none when the stream is over.
    pub(super) async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(piece) = self.pending.pop_front() {
                return Some(piece);
            }
            if self.is_over || *self.stop.borrow() {
                return None;
            }
            if let Err(error) = self.go_on().await {
                if error.code() == Code::Internal {
                    tracing::error!(%error, "a stream of events broke off");
                }
                self.is_over = true;
            }
        }
    }

    async fn go_on(&mut self) -> Result<()> {
        self.check_login().await?;
        if self.is_behind {
            return self.catch_up().await;
        }
        let wait = self.heartbeat_at.saturating_duration_since(Instant::now()).min(self.until_expiry());
        let store = self.app.store.clone();
        tokio::select! {
            biased;
            _ = self.stop.changed() => {}
            received = self.ring.recv() => match received {
                Ok(told) => self.tell(&told),
                Err(broadcast::error::RecvError::Lagged(_)) => self.is_behind = true,
                Err(broadcast::error::RecvError::Closed) => self.is_over = true,
            },
            () = store.moved_since(Topic::Identity, self.generation, wait) => {}
        }
        if Instant::now() >= self.heartbeat_at {
            self.beat();
        }
        Ok(())
    }

    /// Ends the stream with its login, and sees what may have changed of what the caller may see.
    async fn check_login(&mut self) -> Result<()> {
        let generation = self.app.store.generation(Topic::Identity);
        let now = self.app.clock.now();
        if generation == self.generation && self.login.expires_at().is_none_or(|end| now < end) {
            return Ok(());
        }
        let principal = caller::renew(&self.app, &self.login, now).await?;
        let user = Arc::clone(&principal);
        self.sight = self.app.store.read(async move |tx: &mut Tx| access::sight(tx, &user).await).await?;
        (self.login.principal, self.generation) = (principal, generation);
        Ok(())
    }

    fn until_expiry(&self) -> Duration {
        let left = self.login.expires_at().map(|end| end.0.saturating_sub(self.app.clock.now().0));
        left.map_or(Duration::MAX, |micros| Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
    }

    async fn catch_up(&mut self) -> Result<()> {
        let (account_id, after) = (self.login.principal.account_id.clone(), self.position);
        let read = async move |tx: &mut Tx| sql::list_of_account(tx, &account_id, after, BATCH).await;
        let (position, found) = self.app.store.read(read).await?;
        self.is_behind = found.len() as i64 == BATCH;
        for told in &found {
            self.tell(told);
        }
        self.position = self.position.max(position);
        Ok(())
    }

    /// Puts an event into the stream, unless it was there already or is not for this caller.
    fn tell(&mut self, told: &Told) {
        if told.event_no <= self.position {
            return;
        }
        self.position = told.event_no;
        let Some((case_id, user_id)) = &told.case else { return };
        let is_visible = told.account_id == self.login.principal.account_id && self.sight.shows(user_id);
        if is_visible && rules::is_told(&told.kind, told.is_deleted) {
            let event = StreamedEvent {
                case_id: case_id.clone(),
                actor: told.actor.clone(),
                time: Micros::to_wire(told.at),
                details: serde_json::from_str(&told.payload).unwrap_or_default(),
            };
            self.pending.push_back(rules::frame(told.event_no, &told.kind, &event));
        }
    }

    fn beat(&mut self) {
        self.heartbeat_at = Instant::now() + Duration::from_secs(self.app.config.events.heartbeat_seconds);
        self.pending.push_back(rules::heartbeat(self.position));
        // A rule about tokens may take effect by the passing of time alone.
        self.generation = self.generation.wrapping_sub(1);
    }
}
