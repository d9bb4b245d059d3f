//! How often logins are tried: so often a minute for each caller, one at a time, and not too many at once in all. Whoever
//! wants to guess passwords of hosts through this server is slow. Kept on each node.

use crate::error::{Code, Error, Result};
use counterfoil_wire::ids::UserId;
use counterfoil_wire::time::Micros;
use quick_cache::sync::Cache as QuickCache;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long attempts count, in microseconds.
const WINDOW_MICROS: i64 = 60_000_000;
/// Callers that are remembered.
const CAPACITY: usize = 10_000;
/// Attempts of all callers at once.
const AT_ONCE: usize = 32;

/// What is known of a caller.
struct Caller {
    count: Mutex<Count>,
    under_way: Arc<Semaphore>,
}

/// Attempts since a time.
struct Count {
    since: i64,
    attempts: u32,
}

/// Counts attempts by caller.
pub struct HostChecks {
    callers: QuickCache<UserId, Arc<Caller>>,
    all: Arc<Semaphore>,
}

/// The permission for one attempt, until it is dropped.
pub struct Permit {
    _own: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl Default for HostChecks {
    fn default() -> Self {
        Self { callers: QuickCache::new(CAPACITY), all: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl HostChecks {
    /// Counts an attempt of a caller, and fails when there were too many before or one is under way.
    pub(crate) fn admit(&self, user_id: &UserId, now: Micros, a_minute: u32) -> Result<Permit> {
        let fresh = || {
            let count = Mutex::new(Count { since: now.0, attempts: 0 });
            Ok::<_, Error>(Arc::new(Caller { count, under_way: Arc::new(Semaphore::new(1)) }))
        };
        let caller = self.callers.get_or_insert_with(user_id, fresh)?;
        let busy = |_| Error::retry_after(Code::TooManyRequests, 1);
        let own = Arc::clone(&caller.under_way).try_acquire_owned().map_err(busy)?;
        let of_all = Arc::clone(&self.all).try_acquire_owned().map_err(busy)?;
        let mut count = caller.count.lock().unwrap_or_else(PoisonError::into_inner);
        if now.0 - count.since >= WINDOW_MICROS {
            *count = Count { since: now.0, attempts: 0 };
        }
        if count.attempts >= a_minute {
            let left = count.since + WINDOW_MICROS - now.0;
            return Err(Error::retry_after(Code::TooManyRequests, left / 1_000_000 + 1));
        }
        count.attempts += 1;
        Ok(Permit { _own: own, _of_all: of_all })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_waits_after_too_many_attempts_and_while_one_is_under_way() {
        let (checks, now) = (HostChecks::default(), Micros(1_000_000_000));
        let (bob, carol) = (UserId::random(now), UserId::random(now));
        let first = checks.admit(&bob, now, 3).unwrap();
        assert_eq!(checks.admit(&bob, now, 3).err().unwrap().code(), Code::TooManyRequests);
        checks.admit(&carol, now, 3).unwrap();
        drop(first);
        for _ in 0..2 {
            checks.admit(&bob, now, 3).unwrap();
        }
        let refused = checks.admit(&bob, now.plus_seconds(20), 3).err().unwrap();
        assert_eq!((refused.code(), refused.retry_after_s()), (Code::TooManyRequests, Some(41)));
        checks.admit(&bob, now.plus_seconds(60), 3).unwrap();
    }

    #[test]
    fn all_callers_together_have_a_limit() {
        let (checks, now) = (HostChecks::default(), Micros(1_000_000_000));
        let permits: Vec<_> = (0..AT_ONCE).map(|_| checks.admit(&UserId::random(now), now, 1).unwrap()).collect();
        assert!(checks.admit(&UserId::random(now), now, 1).is_err());
        drop(permits);
        checks.admit(&UserId::random(now), now, 1).unwrap();
    }
}
