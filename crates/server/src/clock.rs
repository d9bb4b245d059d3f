//! The only source of time in the server: the system's clock, or a fixed one that a test moves by hand.

use counterfoil_wire::time::Micros;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the time in microseconds UTC.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// Stands still until it is moved.
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now`.
    pub fn fixed(now: Micros) -> Self {
        Self::Fixed(Arc::new(AtomicI64::new(now.0)))
    }

    /// The current time.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
    pub fn now(&self) -> Micros {
        match self {
            Self::System => Micros(jiff::Timestamp::now().as_microsecond()),
            Self::Fixed(at) => Micros(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock; the system's clock stays as it is.
    pub fn advance_seconds(&self, seconds: i64) {
        if let Self::Fixed(at) = self {
            at.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
        }
    }
}
