//! What verified requests need, kept in memory: access keys, principals, and the state of keys on this node.
//!
//! An entry counts as long as the generation of [`Topic::Identity`] is the one it was read under, so a disabled user or
//! a revoked key is known on every node as soon as the change mark arrives. Names that do not exist are remembered
//! too, shortly, so that guessing costs no query each. Everything is bounded; what is evicted is read again.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
    time::Duration,
};

use counterfoil_store::{Result, Store, StoreError, Topic, Tx};
use counterfoil_wire::{
    ids::{AccountId, UserId},
    time::Micros,
};
use quick_cache::{Equivalent, sync::Cache as QuickCache};

use super::{
    admin::purpose,
    model::{AccessId, AccessKey, AccountKind, Principal},
    sql,
};
use crate::{partners, privileges, vault::Vault};

/// Entries of each kind.
const CAPACITY: usize = 20_000;
/// How long "there is no such key" is believed, in seconds.
const NEGATIVE_SECONDS: i64 = 10;
/// Failed signatures in a row that a key may have; one more locks it.
const KEY_FAILURES: u32 = 5;
/// How long a key stays locked, in seconds.
const KEY_LOCK_SECONDS: i64 = 5 * 60;
/// How often the times of last use are written.
const FLUSH_EVERY: Duration = Duration::from_mins(1);

/// A cached answer, with the generation it was read under and, if it is "none", until when that is believed.
struct Entry<T> {
    generation: u64,
    until: Micros,
    value: Option<Arc<T>>,
}

impl<T> Clone for Entry<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), ..*self }
    }
}

impl<T> Entry<T> {
    fn is_current(&self, generation: u64, now: Micros) -> bool {
        self.generation == generation && (self.value.is_some() || now < self.until)
    }
}

/// What this node has seen of an access key.
struct KeyState {
    failures: AtomicU32,
    locked_until: AtomicI64,
    used_at: AtomicI64,
    written_at: AtomicI64,
}

/// Looks a principal up without copying its ids. Hashes like the pair that is stored.
#[derive(Hash)]
struct PrincipalKey<'a>(&'a AccountId, &'a UserId);

impl Equivalent<(AccountId, UserId)> for PrincipalKey<'_> {
    fn equivalent(&self, key: &(AccountId, UserId)) -> bool {
        *self.0 == key.0 && *self.1 == key.1
    }
}

/// The caches of one node.
pub struct Cache {
    keys: QuickCache<AccessId, Entry<AccessKey>>,
    principals: QuickCache<(AccountId, UserId), Entry<Principal>>,
    states: QuickCache<AccessId, Arc<KeyState>>,
}

impl Default for Cache {
    fn default() -> Self {
        Self::new()
    }
}

impl Cache {
    /// Empty caches.
    pub fn new() -> Self {
        Self {
            keys: QuickCache::new(CAPACITY),
            principals: QuickCache::new(CAPACITY),
            states: QuickCache::new(CAPACITY),
        }
    }

    /// The access key, with its secret opened.
    pub(crate) async fn get_key(
        &self,
        store: &Store,
        vault: &Vault,
        access: &AccessId,
        now: Micros,
    ) -> Result<Option<Arc<AccessKey>>> {
        let generation = store.generation(Topic::Identity);
        if let Some(entry) = self.keys.get(access)
            && entry.is_current(generation, now)
        {
            return Ok(entry.value);
        }
        let wanted = access.clone();
        let row = store.read(async move |tx: &mut Tx| sql::get_key_for_signature(tx, &wanted).await).await?;
        let value = row
            .map(|(account_id, user_id, sealed, active)| {
                let secret = vault
                    .open_text(purpose::SECRET_KEY, &sealed)
                    .map_err(|error| StoreError::Engine(Box::new(error)))?;
                Ok::<_, StoreError>(Arc::new(AccessKey { access: access.clone(), secret, active, account_id, user_id }))
            })
            .transpose()?;
        let until = now.plus_seconds(NEGATIVE_SECONDS);
        self.keys.insert(access.clone(), Entry { generation, until, value: value.clone() });
        Ok(value)
    }

    /// The user or, for the id of an agency, what acts through it.
    pub(crate) async fn get_principal(
        &self,
        store: &Store,
        account: &AccountId,
        user: &UserId,
        now: Micros,
    ) -> Result<Option<Arc<Principal>>> {
        let generation = store.generation(Topic::Identity);
        if let Some(entry) = self.principals.get(&PrincipalKey(account, user))
            && entry.is_current(generation, now)
        {
            return Ok(entry.value);
        }
        let id = (account.clone(), user.clone());
        let (account, user) = id.clone();
        let value = store.read(async move |tx: &mut Tx| load_principal(tx, &account, &user).await).await?.map(Arc::new);
        let until = now.plus_seconds(NEGATIVE_SECONDS);
        self.principals.insert(id, Entry { generation, until, value: value.clone() });
        Ok(value)
    }

    /// Whether too many signatures with this key have failed.
    pub(crate) fn is_locked(&self, access: &AccessId, now: Micros) -> bool {
        self.states.get(access).is_some_and(|state| now.0 < state.locked_until.load(Ordering::Relaxed))
    }

    /// Notes a failed signature with a key that exists.
    pub(crate) fn note_failure(&self, access: &AccessId, now: Micros) {
        let state = self.state(access);
        if state.failures.fetch_add(1, Ordering::Relaxed) >= KEY_FAILURES {
            state.failures.store(0, Ordering::Relaxed);
            state.locked_until.store(now.plus_seconds(KEY_LOCK_SECONDS).0, Ordering::Relaxed);
        }
    }

    /// Notes a good signature.
    pub(crate) fn note_use(&self, access: &AccessId, now: Micros) {
        let state = self.state(access);
        state.failures.store(0, Ordering::Relaxed);
        state.used_at.fetch_max(now.0, Ordering::Relaxed);
    }

    /// When this node last saw a good signature with the key.
    pub(crate) fn last_used_at(&self, access: &AccessId) -> Option<Micros> {
        let at = self.states.get(access)?.used_at.load(Ordering::Relaxed);
        (at > 0).then_some(Micros(at))
    }

    fn state(&self, access: &AccessId) -> Arc<KeyState> {
        // Two first requests with a key may both make a state; the one that is lost holds a single note.
        self.states.get(access).unwrap_or_else(|| {
            let state = Arc::new(KeyState {
                failures: AtomicU32::new(0),
                locked_until: AtomicI64::new(0),
                used_at: AtomicI64::new(0),
                written_at: AtomicI64::new(0),
            });
            self.states.insert(access.clone(), state.clone());
            state
        })
    }

    /// Writes the times of last use that have not been written.
    pub async fn flush(&self, store: &Store) -> Result<()> {
        let mut due = Vec::new();
        for (access, state) in self.states.iter() {
            let at = state.used_at.load(Ordering::Relaxed);
            if state.written_at.swap(at, Ordering::Relaxed) < at {
                due.push((access, Micros(at)));
            }
        }
        // In parts, so that no single unit holds the writer for long.
        let mut parts: Vec<Vec<(AccessId, Micros)>> = due.chunks(100).map(<[_]>::to_vec).collect();
        while let Some(part) = parts.pop() {
            store
                .write(async move |tx: &mut Tx| -> Result<()> {
                    for (access, at) in &part {
                        sql::touch_key(tx, access.as_str(), *at).await?;
                    }
                    Ok(())
                })
                .await?;
        }
        Ok(())
    }

    /// Calls [`Cache::flush`] every minute, for as long as it is polled.
    pub async fn keep_flushing(&self, store: &Store) {
        loop {
            tokio::time::sleep(FLUSH_EVERY).await;
            if let Err(error) = self.flush(store).await {
                tracing::warn!(%error, "the times of last use of access keys could not be written");
            }
        }
    }
}

/// Reads a principal: a user, or an agency of the account with that id.
async fn load_principal(tx: &mut Tx, account_id: &AccountId, id: &UserId) -> Result<Option<Principal>> {
    let Some(account) = sql::get_account(tx, account_id).await? else { return Ok(None) };
    let projects: Arc<[_]> = sql::list_project_ids(tx, account_id).await?.into();
    let Some(user) = sql::get_user(tx, account_id, id).await? else {
        let Some(agency) = sql::get_agency(tx, account_id, id).await? else { return Ok(None) };
        let trusted = sql::get_account(tx, &agency.trusted_account_id).await?;
        let Some(trusted) = trusted else { return Ok(None) };
        let rights = privileges::load_rights(tx, account_id, &agency.id, false, true, agency.roles).await?;
        return Ok(Some(Principal {
            account_id: account.id,
            account_name: account.name.into(),
            kind: account.kind,
            user_id: agency.id,
            user_name: format!("{}/{}", trusted.name, agency.name).into(),
            enabled: account.enabled && trusted.enabled,
            is_owner: false,
            roles: agency.roles,
            rights,
            staff: None,
            is_partner_staff: false,
            groups: Arc::default(),
            projects,
            tokens: super::model::TokenRule::default(),
            expires_at: agency.expires_at,
            trusted_account_id: Some(trusted.id),
        }));
    };
    let roles = sql::list_roles(tx, account_id, id).await?;
    let rights = match account.kind {
        AccountKind::Customer => privileges::load_rights(tx, account_id, id, user.is_owner, false, roles).await?,
        // Staff works at the desk and has no cases of its own.
        AccountKind::Provider => privileges::Rights::default(),
    };
    let is_partner_staff = user.staff.is_none() && partners::is_staff(tx, account_id, id).await?;
    Ok(Some(Principal {
        roles,
        rights,
        groups: sql::list_group_ids(tx, account_id, id).await?.into(),
        account_id: account.id,
        account_name: account.name.into(),
        kind: account.kind,
        user_id: user.id,
        user_name: user.name.into(),
        enabled: account.enabled && user.enabled,
        is_owner: user.is_owner,
        staff: user.staff,
        is_partner_staff,
        projects,
        tokens: user.tokens,
        expires_at: None,
        trusted_account_id: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_failure_in_a_row_locks_a_key_for_five_minutes() {
        let (cache, access, now) = (Cache::new(), AccessId::parse("AKEXAMPLE0TICKET0001").unwrap(), Micros(1_000_000));
        for _ in 0..5 {
            cache.note_failure(&access, now);
        }
        assert!(!cache.is_locked(&access, now));
        cache.note_use(&access, now);
        for _ in 0..5 {
            cache.note_failure(&access, now);
        }
        assert!(!cache.is_locked(&access, now), "a good signature starts the count again");
        cache.note_failure(&access, now);
        assert!(cache.is_locked(&access, now));
        assert!(cache.is_locked(&access, now.plus_seconds(299)));
        assert!(!cache.is_locked(&access, now.plus_seconds(300)));
        cache.note_failure(&access, now.plus_seconds(300));
        assert!(!cache.is_locked(&access, now.plus_seconds(301)), "the count starts again after a lock");
    }
}
