//! Failed logins by address: whoever guesses for many users, or with many keys, is slowed down.
//!
//! Counts are kept on each node for a minute. Only failures count, so a busy office behind one address is not held up
//! unless its members fail to log in sixty times a minute. Loopback is left out: it is where a reverse proxy stands, and
//! one count for all its clients would lock everybody out.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
};

use axum::extract::ConnectInfo;
use counterfoil_wire::time::Micros;
use http::Extensions;
use quick_cache::sync::Cache as QuickCache;

use crate::error::{Code, Error, Result};

/// Failures a minute that one address may have.
const FAILURES: u32 = 60;
/// How long they count, in seconds.
const WINDOW_SECONDS: i64 = 60;
/// Addresses that are remembered.
const CAPACITY: usize = 10_000;

/// The address that a connection comes from.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// The address that a request came from, when the listener told it.
pub(crate) fn address_of(extensions: &Extensions) -> Option<IpAddr> {
    extensions.get::<ConnectInfo<ClientAddress>>().map(|info| info.0.0)
}

struct Count {
    since: AtomicI64,
    failures: AtomicU32,
}

/// Counts of failures by address.
pub struct Throttle(QuickCache<IpAddr, Arc<Count>>);

impl Default for Throttle {
    fn default() -> Self {
        Self(QuickCache::new(CAPACITY))
    }
}

impl Throttle {
    /// Fails while an address has too many failures.
    pub(crate) fn check(&self, address: Option<IpAddr>, now: Micros) -> Result<()> {
        let Some(count) = address.and_then(|address| self.0.get(&network(address))) else { return Ok(()) };
        let left = count.since.load(Ordering::Relaxed) + WINDOW_SECONDS * 1_000_000 - now.0;
        if left > 0 && count.failures.load(Ordering::Relaxed) >= FAILURES {
            return Err(Error::retry_after(Code::TooManyRequests, left / 1_000_000 + 1));
        }
        Ok(())
    }

    /// Counts a failure, and fails when there were too many before.
    pub(crate) fn note_failure(&self, address: Option<IpAddr>, now: Micros) -> Result<()> {
        let Some(address) = address.filter(|address| !address.to_canonical().is_loopback()) else { return Ok(()) };
        self.check(Some(address), now)?;
        let key = network(address);
        let count = self.0.get(&key).unwrap_or_else(|| {
            let count = Arc::new(Count { since: AtomicI64::new(now.0), failures: AtomicU32::new(0) });
            self.0.insert(key, count.clone());
            count
        });
        if now.0 - count.since.load(Ordering::Relaxed) >= WINDOW_SECONDS * 1_000_000 {
            count.since.store(now.0, Ordering::Relaxed);
            count.failures.store(0, Ordering::Relaxed);
        }
        count.failures.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

/// Somebody with IPv6 has at least a /64 to himself, so its addresses count as one.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::from((v6.to_bits() & !u128::from(u64::MAX)).to_be_bytes()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    #[test]
    fn an_address_with_many_failures_waits() {
        let (throttle, now) = (Throttle::default(), Micros(1_000_000_000));
        for _ in 0..FAILURES {
            throttle.check(address("198.51.100.1"), now).unwrap();
            throttle.note_failure(address("198.51.100.1"), now).unwrap();
        }
        let error = throttle.check(address("198.51.100.1"), now.plus_seconds(10)).unwrap_err();
        assert_eq!((error.code(), error.retry_after_s()), (Code::TooManyRequests, Some(51)));
        assert!(
            throttle.note_failure(address("::ffff:198.51.100.1"), now).is_err(),
            "the same address, written as IPv6"
        );
        throttle.check(address("198.51.100.2"), now).unwrap();
        throttle.check(address("198.51.100.1"), now.plus_seconds(60)).unwrap();
        throttle.note_failure(address("198.51.100.1"), now.plus_seconds(60)).unwrap();
        throttle.check(address("198.51.100.1"), now.plus_seconds(60)).unwrap();
    }

    #[test]
    fn neighbours_in_one_ipv6_network_count_together_and_loopback_never() {
        let (throttle, now) = (Throttle::default(), Micros(1_000_000_000));
        for at in 0..FAILURES {
            throttle.note_failure(address(&format!("2001:db8::{at:x}")), now).unwrap();
            throttle.note_failure(address("127.0.0.1"), now).unwrap();
            throttle.note_failure(address("::1"), now).unwrap();
        }
        assert!(throttle.check(address("2001:db8::ffff"), now).is_err());
        throttle.check(address("2001:db8:0:1::1"), now).unwrap();
        throttle.check(address("127.0.0.1"), now).unwrap();
        throttle.check(None, now).unwrap();
    }
}
