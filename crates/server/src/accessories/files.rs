//! Where the bytes are: a folder of this machine, or a bucket that speaks S3.
//!
//! A key is `<account_id>/<last two digits>/<accessory_id>`, of ids only. The last digits of an id are random, so that a
//! folder never gets too large; its first ones are the time. A written object is on disk before anybody is answered.
//!
//! A bucket keeps the parts of an upload that nobody ends. So an upload in parts is named before its first part is sent
//! ([`Upload::prepare`]), and whoever finds its row later ends it by that name.

use crate::config::Accessories;
use crate::error::{Error, Result};
use bytes::Bytes;
use counterfoil_wire::ids::{AccessoryId, AccountId};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::local::LocalFileSystem;
use object_store::multipart::{MultipartStore, PartId};
use object_store::path::Path;
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig,
};
use secrecy::ExposeSecret as _;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// An upload to a folder is never larger in memory than this and the piece that came last. A folder has no smallest part.
const FOLDER_PART_BYTES: usize = 256 * 1024;
/// The smallest part that a bucket takes, but for the last one. Smaller files are sent whole.
const BUCKET_PART_BYTES: usize = 5 * 1024 * 1024;
/// How long a bucket may take to accept a connection, and to go on with an answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a request to a bucket is tried again.
const RETRY: Duration = Duration::from_secs(8);
/// Reading an object may take this long in all: a slow client's download goes at the client's pace.
const LONGEST_READ: Duration = Duration::from_hours(1);

/// The stored files.
#[derive(Clone, Debug)]
pub struct Files {
    store: Arc<dyn ObjectStore>,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Folder(PathBuf),
    Bucket { parts: AmazonS3, prefix: String },
}

/// The bytes of an object, as they come.
pub type Stored = BoxStream<'static, object_store::Result<Bytes>>;

/// The name of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    /// The key of an accessory that a user of `account_id` uploaded.
    pub fn new(account_id: &AccountId, accessory_id: &AccessoryId) -> Self {
        let id = accessory_id.as_str();
        Self(format!("{account_id}/{}/{id}", &id[id.len() - 2..]))
    }
}

impl Files {
    /// What the settings name. A bucket is not asked for before it is needed.
    pub fn open(settings: &Accessories, folder: &std::path::Path) -> std::result::Result<Self, String> {
        match settings.bucket() {
            None => Self::local(folder.to_owned())
                .map_err(|e| format!("the accessories folder {} cannot be used: {e}", folder.display())),
            Some((bucket, prefix)) => Self::bucket(settings, bucket, prefix)
                .map_err(|e| format!("the bucket {} cannot be used: {e}", settings.url)),
        }
    }

    /// Files in `folder`, which is created.
    fn local(folder: PathBuf) -> std::io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        let store = LocalFileSystem::new_with_prefix(&folder).map_err(std::io::Error::other)?.with_fsync(true);
        Ok(Self { store: Arc::new(store), place: Place::Folder(folder) })
    }

    fn bucket(settings: &Accessories, bucket: &str, prefix: &str) -> object_store::Result<Self> {
        let backoff = BackoffConfig {
            init_backoff: Duration::from_millis(100),
            max_backoff: Duration::from_secs(2),
            ..BackoffConfig::default()
        };
        let client = ClientOptions::new()
            .with_allow_http(settings.endpoint.starts_with("http://"))
            .with_connect_timeout(PATIENCE)
            .with_read_timeout(PATIENCE * 2)
            .with_timeout(LONGEST_READ);
        // Without a key in the settings: the variables of the AWS tools, or the identity that a machine of the cloud has.
        let mut builder = AmazonS3Builder::from_env()
            .with_bucket_name(bucket)
            .with_region(&settings.region)
            .with_virtual_hosted_style_request(!settings.path_style)
            .with_client_options(client)
            .with_retry(RetryConfig { backoff, max_retries: 3, retry_timeout: RETRY });
        if !settings.endpoint.is_empty() {
            builder = builder.with_endpoint(settings.endpoint.trim_end_matches('/'));
        }
        if let Some(secret_key) = &settings.secret_key {
            builder =
                builder.with_access_key_id(&settings.access_key).with_secret_access_key(secret_key.expose_secret());
        }
        let parts = builder.build()?;
        let store = Arc::new(parts.clone());
        Ok(Self { store, place: Place::Bucket { parts, prefix: prefix.to_owned() } })
    }

    fn path(&self, key: &Key) -> Path {
        match &self.place {
            Place::Bucket { prefix, .. } if !prefix.is_empty() => Path::from(format!("{prefix}/{}", key.0)),
            _ => Path::from(key.0.as_str()),
        }
    }

    /// A bucket that cannot be reached comes back; a folder that cannot be written is a defect.
    fn failed(&self, error: object_store::Error) -> Error {
        match (&self.place, &error) {
            (Place::Folder(_), _) | (_, object_store::Error::NotFound { .. }) => Error::internal(error),
            (Place::Bucket { .. }, _) => Error::unavailable(error),
        }
    }

    /// Starts an object. It is not there before [`Upload::complete`]; when that does not happen, nothing stays.
    pub fn begin(&self, key: &Key) -> Upload {
        let part_bytes = match self.place {
            Place::Folder(_) => FOLDER_PART_BYTES,
            Place::Bucket { .. } => BUCKET_PART_BYTES,
        };
        Upload { files: self.clone(), path: self.path(key), part_bytes, buffer: Vec::new(), parts: None }
    }

    /// The bytes of an object, or some of them.
    pub async fn read(&self, key: &Key, range: Option<Range<u64>>) -> Result<Stored> {
        let options = GetOptions { range: range.map(Into::into), ..GetOptions::default() };
        let found = self.store.get_opts(&self.path(key), options).await.map_err(|e| self.failed(e))?;
        Ok(found.into_stream().boxed())
    }

    /// Removes an object and what an upload to it left behind. It need not exist.
    pub async fn discard(&self, key: &Key, upload_id: Option<&str>) -> Result<()> {
        let path = self.path(key);
        if let (Place::Bucket { parts, .. }, Some(id)) = (&self.place, upload_id) {
            match parts.abort_multipart(&path, &id.to_owned()).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(e) => return Err(self.failed(e)),
            }
        }
        match self.store.delete(&path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(e) => return Err(self.failed(e)),
        }
        let Place::Folder(folder) = &self.place else { return Ok(()) };
        // The object store writes beside the target first; a server that was killed leaves that file.
        match tokio::fs::remove_file(folder.join(format!("{}#1", key.0))).await {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(Error::internal(e)),
            _ => Ok(()),
        }
    }
}

#[derive(Debug)]
enum Parts {
    Folder(Box<dyn MultipartUpload>),
    Bucket { store: AmazonS3, id: String, done: Vec<PartId> },
}

impl Parts {
    async fn abort(&mut self, path: &Path) -> object_store::Result<()> {
        match self {
            Self::Folder(parts) => parts.abort().await,
            Self::Bucket { store, id, .. } => store.abort_multipart(path, id).await,
        }
    }
}

/// An object that is being written.
#[derive(Debug)]
pub struct Upload {
    files: Files,
    path: Path,
    part_bytes: usize,
    buffer: Vec<u8>,
    parts: Option<Parts>,
}

impl Upload {
    /// Makes ready for `count` more bytes. When they begin an upload in parts to a bucket, answers the name under which the
    /// bucket keeps the parts, to be remembered before they are written.
    pub async fn prepare(&mut self, count: usize) -> Result<Option<String>> {
        if self.parts.is_some() || self.buffer.len() + count <= self.part_bytes {
            return Ok(None);
        }
        match &self.files.place {
            Place::Folder(_) => {
                let parts = self.files.store.put_multipart(&self.path).await.map_err(|e| self.files.failed(e))?;
                self.parts = Some(Parts::Folder(parts));
                Ok(None)
            }
            Place::Bucket { parts, .. } => {
                let id = parts.create_multipart(&self.path).await.map_err(|e| self.files.failed(e))?;
                self.parts = Some(Parts::Bucket { store: parts.clone(), id: id.clone(), done: Vec::new() });
                Ok(Some(id))
            }
        }
    }

    /// Appends bytes that [`Upload::prepare`] has made ready for.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        // Some buckets want all parts but the last to be of one size.
        while self.buffer.len() > self.part_bytes {
            let rest = self.buffer.split_off(self.part_bytes);
            let part = std::mem::replace(&mut self.buffer, rest);
            self.put(part).await?;
        }
        Ok(())
    }

    async fn put(&mut self, part: Vec<u8>) -> Result<()> {
        let sent = match &mut self.parts {
            None => return Err(Error::internal("an upload in parts was not begun")),
            Some(Parts::Folder(parts)) => parts.put_part(PutPayload::from(part)).await,
            Some(Parts::Bucket { store, id, done }) => {
                let sent = store.put_part(&self.path, id, done.len(), PutPayload::from(part)).await;
                sent.map(|part| done.push(part))
            }
        };
        sent.map_err(|e| self.files.failed(e))
    }

    /// Makes the object appear, whole and on disk.
    pub async fn complete(mut self) -> Result<()> {
        let rest = std::mem::take(&mut self.buffer);
        if self.parts.is_none() {
            let put = self.files.store.put(&self.path, PutPayload::from(rest)).await;
            return put.map(drop).map_err(|e| self.files.failed(e));
        }
        if !rest.is_empty() {
            self.put(rest).await?;
        }
        let completed = match &mut self.parts {
            None => return Ok(()),
            Some(Parts::Folder(parts)) => parts.complete().await,
            Some(Parts::Bucket { store, id, done }) => store.complete_multipart(&self.path, id, done.clone()).await,
        };
        completed.map_err(|e| self.files.failed(e))?;
        self.parts = None;
        Ok(())
    }

    /// Ends the upload without an object.
    pub async fn abort(mut self) {
        let aborted = match &mut self.parts {
            None => return,
            Some(parts) => parts.abort(&self.path).await,
        };
        match aborted {
            Ok(()) => self.parts = None,
            Err(error) => tracing::warn!(%error, "an upload in parts is left to the sweep"),
        }
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if let (Some(mut parts), Ok(runtime)) = (self.parts.take(), tokio::runtime::Handle::try_current()) {
            let path = self.path.clone();
            runtime.spawn(async move { parts.abort(&path).await });
        }
    }
}
