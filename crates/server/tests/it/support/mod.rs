//! A server in process: its own database, a fixed clock, and callers.

pub mod cases;
pub mod conformity;
mod database;
pub mod people;
pub mod process;
mod request;
pub mod s3;

pub use people::Person;
pub use request::{Answer, Call};

use counterfoil::app::App;
use counterfoil::clock::Clock;
use counterfoil::config::Config;
use counterfoil_wire::time::Micros;
use secrecy::SecretString;

/// The time at which every test starts: 2026-01-05T09:30:15Z, a Monday.
pub const START: Micros = Micros(1_767_605_415_000_000);

/// The secret key of every test's database: template and copies must share it.
pub const SECRET_KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// A server of the test's own.
pub struct TestApp {
    /// The application behind the router.
    pub app: App,
    router: axum::Router,
    _data: tempfile::TempDir,
    _lease: database::Lease,
}

impl TestApp {
    /// Starts with the usual settings.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts with settings changed by `change`.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut config = Config { data: data.path().to_owned(), ..Config::default() };
        config.password_hash.memory_kib = 8;
        config.password_hash.iterations = 1;
        config.database.pool = 4;
        config.secret_key = Some(SecretString::from(SECRET_KEY));
        change(&mut config);
        let lease = database::prepare(&mut config).await;
        let app = App::open(config, Clock::fixed(START)).await.unwrap();
        let router = counterfoil::routes::router(&app);
        Self { app, router, _data: data, _lease: lease }
    }

    /// Another node over the same database, whose clock goes so many microseconds after this one's.
    pub async fn another_node(&self, late_micros: i64) -> Self {
        let now = Micros(self.app.clock.now().0 - late_micros);
        let app = App::open(self.app.config.clone(), Clock::fixed(now)).await.unwrap();
        let router = counterfoil::routes::router(&app);
        Self { app, router, _data: tempfile::tempdir().unwrap(), _lease: database::Lease::default() }
    }

    /// Moves the clock.
    pub fn advance_seconds(&self, seconds: i64) {
        self.app.clock.advance_seconds(seconds);
    }

    /// A call with any method.
    pub fn call(&self, method: &'static str, target: &str) -> Call<'_> {
        Call::new(self, method, target)
    }

    /// A GET to `target` (path and query).
    pub fn get(&self, target: &str) -> Call<'_> {
        Call::new(self, "GET", target)
    }

    /// A POST to `target`.
    pub fn post(&self, target: &str) -> Call<'_> {
        Call::new(self, "POST", target)
    }

    /// A PUT to `target`.
    pub fn put(&self, target: &str) -> Call<'_> {
        Call::new(self, "PUT", target)
    }

    /// A DELETE to `target`.
    pub fn delete(&self, target: &str) -> Call<'_> {
        Call::new(self, "DELETE", target)
    }
}
