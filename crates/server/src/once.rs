//! Writes that carry an `Idempotency-Key` happen once: the same key and caller within a day gives the first answer again.

use crate::app::App;
use crate::error::{Allowed, Code, Error, Result};
use crate::extract;
use axum::extract::FromRequestParts;
use bytes::Bytes;
use counterfoil_store::{Tx, idempotency};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// The whole body of a request that was received before its handler ran; put into the extensions by the signature check.
#[derive(Clone, Debug)]
pub struct BodyBytes(pub Bytes);

/// The request's `Idempotency-Key`, if it carries one, with a hash that tells one request from another.
#[derive(Clone, Debug)]
pub struct Once(Option<Keyed>);

#[derive(Clone, Debug)]
struct Keyed {
    key: String,
    request_hash: String,
}

impl<S: Sync> FromRequestParts<S> for Once {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self> {
        const NAME: &str = "Idempotency-Key";
        let Some(value) = parts.headers.get(NAME) else { return Ok(Self(None)) };
        let key = value.to_str().map_err(|_| Error::param(NAME, Allowed::Printable))?;
        extract::text(NAME, key, 1..=128)?;
        let mut hash = Sha256::new();
        hash.update(parts.method.as_str());
        hash.update([0]);
        hash.update(parts.uri.path_and_query().map_or("", |t| t.as_str()));
        hash.update([0]);
        if let Some(BodyBytes(body)) = parts.extensions.get::<BodyBytes>() {
            hash.update(body);
        }
        let request_hash = uuid::Uuid::from_slice(&hash.finalize()[..16]).unwrap_or_default().simple().to_string();
        Ok(Self(Some(Keyed { key: key.to_owned(), request_hash })))
    }
}

impl Once {
    /// Runs `work` in a write unit, unless this key was used before: then its first answer is given again. The same key
    /// with another request is refused.
    pub async fn write<T, F>(self, app: &App, account_id: &str, user_id: &str, work: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + 'static,
    {
        let Some(Keyed { key, request_hash }) = self.0 else { return app.store.write(work).await };
        let (now, account_id, user_id) = (app.clock.now().0, account_id.to_owned(), user_id.to_owned());
        app.store
            .write(async move |tx: &mut Tx| {
                let key = idempotency::Key { account_id: &account_id, caller: &user_id, key: &key };
                if let Some((hash, answer)) = idempotency::find(tx, &key, now).await? {
                    if hash != request_hash {
                        return Err(Error::new(Code::KeyReused));
                    }
                    return serde_json::from_str(&answer).map_err(Error::internal);
                }
                let answer = work(tx).await?;
                let text = serde_json::to_string(&answer).map_err(Error::internal)?;
                if !idempotency::save(tx, &key, &request_hash, &text, now).await? {
                    // Another request with this key was committed in between; the client's next try finds its answer.
                    return Err(Error::retry_after(Code::Busy, 1));
                }
                Ok(answer)
            })
            .await
    }
}
