//! Writes that carry an `Idempotency-Key` happen once: the same key and caller within a day gives the first answer again.

use crate::app::App;
use crate::caller::Caller;
use crate::error::{Allowed, Code, Error, Result};
use crate::extract;
use axum::extract::FromRequestParts;
use bytes::Bytes;
use counterfoil_store::{Tx, idempotency};
use counterfoil_wire::ids::{AccountId, UserId};
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
    /// Whose key it is.
    account_id: AccountId,
    user_id: UserId,
    key: String,
    /// Over method and target.
    hash: Sha256,
    body: Option<Bytes>,
}

impl<S: Sync> FromRequestParts<S> for Once {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, state: &S) -> Result<Self> {
        const NAME: &str = "Idempotency-Key";
        let Some(value) = parts.headers.get(NAME).cloned() else { return Ok(Self(None)) };
        let Caller { account_id, user_id, .. } = Caller::from_request_parts(parts, state).await?;
        let key = value.to_str().map_err(|_| Error::param(NAME, Allowed::Printable))?;
        extract::text(NAME, key, 1..=128)?;
        let mut hash = Sha256::new();
        hash.update(parts.method.as_str());
        hash.update([0]);
        hash.update(parts.uri.path_and_query().map_or("", |t| t.as_str()));
        hash.update([0]);
        let body = parts.extensions.get::<BodyBytes>().map(|BodyBytes(body)| body.clone());
        Ok(Self(Some(Keyed { account_id, user_id, key: key.to_owned(), hash, body })))
    }
}

impl Keyed {
    fn request_hash(mut self) -> String {
        if let Some(body) = self.body {
            self.hash.update(body);
        }
        uuid::Uuid::from_slice(&self.hash.finalize()[..16]).unwrap_or_default().simple().to_string()
    }
}

impl Once {
    /// Tells requests apart by `parts` in place of the body: for forms, which are not received whole, and whose bytes
    /// differ each time that the same form is sent.
    #[must_use]
    pub fn over(mut self, parts: &[&[u8]]) -> Self {
        if let Some(keyed) = &mut self.0 {
            keyed.body = None;
            for part in parts {
                keyed.hash.update(part.len().to_be_bytes());
                keyed.hash.update(part);
            }
        }
        self
    }

    /// Runs `work` in a write unit, unless this key was used before: then its first answer is given again. The same key
    /// with another request is refused.
    pub async fn write<T, F>(self, app: &App, work: F) -> Result<T>
    where
        T: Serialize + DeserializeOwned + Send + 'static,
        F: AsyncFn(&mut Tx) -> Result<T> + Send + 'static,
    {
        let Some(keyed) = self.0 else { return app.store.write(work).await };
        let now = app.clock.now().0;
        let (account_id, user_id, key) = (keyed.account_id.clone(), keyed.user_id.clone(), keyed.key.clone());
        let request_hash = keyed.request_hash();
        app.store
            .write(async move |tx: &mut Tx| {
                let key = idempotency::Key { account_id: account_id.as_str(), caller: user_id.as_str(), key: &key };
                // The key is taken before the work: a second request waits for the first and then finds its answer.
                if !idempotency::save(tx, &key, &request_hash, "", now).await? {
                    let Some((hash, answer)) = idempotency::find(tx, &key, now).await? else {
                        return Err(Error::retry_after(Code::Busy, 1));
                    };
                    if hash != request_hash {
                        return Err(Error::new(Code::KeyReused));
                    }
                    return serde_json::from_str(&answer).map_err(Error::internal);
                }
                let answer = work(tx).await?;
                let text = serde_json::to_string(&answer).map_err(Error::internal)?;
                idempotency::set_answer(tx, &key, &text).await?;
                Ok(answer)
            })
            .await
    }
}
