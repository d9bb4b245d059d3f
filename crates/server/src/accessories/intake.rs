//! Receiving one file: its row first, then its bytes piece by piece into the object store, then the row again.
//!
//! While bytes come in they are counted, hashed and looked at, so that nothing needs a second pass. An [`Intake`] that is
//! not kept, because the client went away, a rule refused the file or the server failed, takes row and object with it.

use super::files::Upload;
use super::rules::{Description, HEAD_BYTES, Kind, Seen, TextJudge};
use super::sql::{self, Object, Received, Uploader};
use super::{AccessoryLimits, Files};
use crate::app::App;
use crate::caller::Caller;
use crate::error::{Allowed, Code, Error, Result};
use crate::once::Once;
use crate::vault::hex;
use counterfoil_store::{Store, Tx};
use counterfoil_wire::accessories::AccessoryCreated;
use counterfoil_wire::ids::AccessoryId;
use counterfoil_wire::time::TimeZone;
use sha2::{Digest, Sha256};

/// A file that is being received.
pub struct Intake {
    who: Uploader,
    place: Place,
    upload: Option<Upload>,
    limit: u64,
    size: u64,
    hash: Sha256,
    head: Vec<u8>,
    text: TextJudge,
    is_head_checked: bool,
}

impl Intake {
    /// Makes the row of a new file. Fails when nothing is left of the day's volume, before any byte is received.
    pub async fn begin(app: &App, caller: &Caller, limits: &AccessoryLimits) -> Result<Self> {
        let now = app.clock.now();
        // The day is the service's: a caller that could choose the zone would have two days in one.
        let (day, end) = TimeZone::default().day_of(now).ok_or_else(|| Error::internal("there is no such day"))?;
        let who = Uploader {
            account_id: caller.account_id.clone(),
            user_id: caller.user_id.clone(),
            day_at: day.0,
            daily_bytes: limits.daily_bytes(),
            retry_after_s: end.seconds() - now.seconds(),
        };
        let id = AccessoryId::random(now);
        let (reserving, reserved_id) = (who.clone(), id.clone());
        let has_room =
            app.store.write(async move |tx: &mut Tx| sql::reserve(tx, &reserving, &reserved_id, now.0).await).await?;
        if !has_room {
            return Err(Error::retry_after(Code::DailyVolume, who.retry_after_s));
        }
        let object = Object {
            account_id: who.account_id.clone(),
            accessory_id: id,
            uploader_account_id: who.account_id.clone(),
            upload_id: None,
        };
        let upload = Some(app.files.begin(&object.key()));
        let place = Place { store: app.store.clone(), files: app.files.clone(), object: Some(object) };
        Ok(Self {
            who,
            place,
            upload,
            limit: limits.size_bytes(),
            size: 0,
            hash: Sha256::new(),
            head: Vec::new(),
            text: TextJudge::default(),
            is_head_checked: false,
        })
    }

    /// Takes the next bytes. `field` is named when there are too many, or when they cannot be of the type `kind`.
    pub async fn push(&mut self, field: &str, bytes: &[u8], kind: Option<&Kind>) -> Result<()> {
        self.size += bytes.len() as u64;
        if self.size > self.limit {
            return Err(too_large(field, self.limit));
        }
        self.hash.update(bytes);
        self.text.push(bytes);
        let missing = HEAD_BYTES - self.head.len();
        self.head.extend_from_slice(&bytes[..missing.min(bytes.len())]);
        if let Some(kind) = kind.filter(|_| self.head.len() == HEAD_BYTES && !self.is_head_checked) {
            // What cannot become right is refused before the rest of it is received.
            if !kind.begins_like(&self.head) {
                return Err(kind.mismatch(field));
            }
            self.is_head_checked = true;
        }
        let Some(upload) = &mut self.upload else { return Err(Error::internal("the upload is complete")) };
        if let Some(id) = upload.prepare(bytes.len()).await? {
            self.place.note_upload(id).await?;
        }
        upload.write(bytes).await
    }

    /// The hash of what came.
    pub fn sha256(&self) -> String {
        hex(&self.hash.clone().finalize())
    }

    /// Checks the whole file, stores it, and makes it usable. Under an `Idempotency-Key` that was used before, the first
    /// file is answered and this one removed.
    pub async fn keep(
        mut self,
        app: &App,
        field: &str,
        description: Description,
        once: Once,
    ) -> Result<AccessoryCreated> {
        let done = self.keep_inner(app, field, description, once).await;
        match &done {
            Ok(answer) if self.place.object.as_ref().is_some_and(|ours| ours.accessory_id == answer.accessory_id) => {
                self.place.object = None;
            }
            _ => self.cancel().await,
        }
        done
    }

    async fn keep_inner(
        &mut self,
        app: &App,
        field: &str,
        description: Description,
        once: Once,
    ) -> Result<AccessoryCreated> {
        let Some(object) = &self.place.object else { return Err(Error::internal("the file was given up")) };
        if self.size == 0 {
            return Err(Error::param(field, Allowed::text("文件不得为空", "an empty file is not allowed")));
        }
        let seen = Seen { head: std::mem::take(&mut self.head), text: self.text.finish() };
        let content_type = description.kind.check(field, &seen)?;
        if let Some(upload) = self.upload.take() {
            upload.complete().await?;
        }
        let received = Received { description, content_type, size_bytes: self.size, sha256: self.sha256() };
        let (who, id) = (self.who.clone(), object.accessory_id.clone());
        once.write(app, async move |tx: &mut Tx| {
            sql::finish(tx, &who, &id, &received).await?;
            Ok(AccessoryCreated { accessory_id: id.clone() })
        })
        .await
    }

    /// Removes what was received, now.
    pub async fn cancel(mut self) {
        if let Some(upload) = self.upload.take() {
            upload.abort().await;
        }
        self.place.clear().await;
    }
}

/// The error for a file that is larger than allowed.
pub fn too_large(field: &str, limit: u64) -> Error {
    let megabytes = limit >> 20;
    let zh = format!("文件至多 {megabytes} MB");
    Error::param(field, Allowed::text(zh, format!("a file of at most {megabytes} MB is allowed")))
}

/// Row and object of a file that may yet be given up.
struct Place {
    store: Store,
    files: Files,
    object: Option<Object>,
}

impl Place {
    /// Writes into the row what a bucket calls the parts that are about to come.
    async fn note_upload(&mut self, upload_id: String) -> Result<()> {
        let Some(object) = &mut self.object else { return Err(Error::internal("the file was given up")) };
        object.upload_id = Some(upload_id);
        let noted = object.clone();
        let is_there = self.store.write(async move |tx: &mut Tx| sql::note_upload(tx, &noted).await).await?;
        // It took so long that it was swept away.
        if is_there { Ok(()) } else { Err(Error::new(Code::Timeout)) }
    }

    /// Gives the file up. What cannot be removed now is found by the sweep.
    async fn clear(&mut self) {
        if let Some(object) = self.object.take()
            && let Err(error) = clear(&self.store, &self.files, object).await
        {
            tracing::warn!(%error, "an unfinished upload is left to the sweep");
        }
    }
}

impl Drop for Place {
    /// Runs when the request ends early: the client went away, or it took too long.
    fn drop(&mut self) {
        if let (Some(object), Ok(runtime)) = (self.object.take(), tokio::runtime::Handle::try_current()) {
            let mut place = Place { store: self.store.clone(), files: self.files.clone(), object: Some(object) };
            runtime.spawn(async move { place.clear().await });
        }
    }
}

async fn clear(store: &Store, files: &Files, object: Object) -> Result<()> {
    let given_up = object.clone();
    if store.write(async move |tx: &mut Tx| sql::abandon(tx, &given_up).await).await? {
        remove(store, files, object).await?;
    }
    Ok(())
}

/// Removes object and row of a file that was given up.
pub async fn remove(store: &Store, files: &Files, object: Object) -> Result<()> {
    files.discard(&object.key(), object.upload_id.as_deref()).await?;
    store.write(async move |tx: &mut Tx| sql::drop_row(tx, &object).await).await
}
