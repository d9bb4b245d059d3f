//! Where the bytes are: an object store, today a folder of this machine.
//!
//! A key is `<account_id>/<last two digits>/<accessory_id>`, of ids only. The last digits of an id are random, so that a
//! folder never gets too large; its first ones are the time. A written object is on disk before anybody is answered.

use crate::error::{Error, Result};
use bytes::Bytes;
use counterfoil_wire::ids::{AccessoryId, AccountId};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use std::path::PathBuf;
use std::sync::Arc;

/// An upload in memory is never larger than this and the piece that came last. A folder has no smallest part.
const PART_BYTES: usize = 256 * 1024;

/// The stored files.
#[derive(Clone, Debug)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    folder: PathBuf,
}

/// The name of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key of an accessory that a user of `account_id` uploaded.
    pub fn new(account_id: &AccountId, accessory_id: &AccessoryId) -> Self {
        let id = accessory_id.as_str();
        Self(format!("{account_id}/{}/{id}", &id[id.len() - 2..]))
    }

    fn path(&self) -> Path {
        Path::from(self.0.as_str())
    }
}

impl Files {
    /// Files in `folder`, which is created.
    pub fn local(folder: PathBuf) -> std::io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let store = LocalFileSystem::new_with_prefix(&folder).map_err(std::io::Error::other)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), folder })
    }

    /// Starts an object. It is not there before [`Upload::complete`]; when that does not happen, nothing stays.
    pub fn begin(&self, key: &Key) -> Upload {
        Upload { store: Arc::clone(&self.store), path: key.path(), buffer: Vec::new(), parts: None }
    }

    /// The bytes of an object.
    pub async fn read(&self, key: &Key) -> Result<BoxStream<'static, object_store::Result<Bytes>>> {
        Ok(self.store.get(&key.path()).await.map_err(Error::internal)?.into_stream().boxed())
    }

    /// Removes an object and what an upload to it left behind. It need not exist.
    pub async fn discard(&self, key: &Key) -> Result<()> {
        match self.store.delete(&key.path()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(e) => return Err(Error::internal(e)),
        }
        // The object store writes beside the target first; a server that was killed leaves that file.
        match tokio::fs::remove_file(self.folder.join(format!("{}#1", key.0))).await {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::internal(e)),
            _ => Ok(()),
        }
    }
}

/// An object that is being written.
#[derive(Debug)]
pub struct Upload {
    store: Arc<dyn ObjectStore>,
    path: Path,
    buffer: Vec<u8>,
    parts: Option<Box<dyn MultipartUpload>>,
}

impl Upload {
    /// Appends bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PART_BYTES {
            let part = std::mem::take(&mut self.buffer);
            self.put(part).await?;
        }
        Ok(())
    }

    async fn put(&mut self, part: Vec<u8>) -> Result<()> {
        let parts = match &mut self.parts {
            Some(parts) => parts,
            none => none.insert(self.store.put_multipart(&self.path).await.map_err(Error::internal)?),
        };
        parts.put_part(PutPayload::from(part)).await.map_err(Error::internal)
    }

    /// Makes the object appear, whole and on disk.
    pub async fn complete(mut self) -> Result<()> {
        let rest = std::mem::take(&mut self.buffer);
        if self.parts.is_none() {
            self.store.put(&self.path, PutPayload::from(rest)).await.map_err(Error::internal)?;
            return Ok(());
        }
        if !rest.is_empty() {
            self.put(rest).await?;
        }
        if let Some(parts) = &mut self.parts {
            parts.complete().await.map_err(Error::internal)?;
        }
        self.parts = None;
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // A bucket keeps the parts of an upload that nobody ends.
        if let (Some(mut parts), Ok(runtime)) = (self.parts.take(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(async move { parts.abort().await });
        }
    }
}
