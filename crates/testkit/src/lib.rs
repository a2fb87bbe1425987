//! Real parts for tests: private servers, and a database of its own for each test.
//!
//! ```
//! use palisade_testkit::TestDatabase;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let test = TestDatabase::sqlite(&[]).await;
//! test.database().check().await.unwrap();
//! # }
//! ```
//!
//! A test that must hold on every database is written once, with [`on_every_database!`]. Faults are made on a server of
//! the test's own: [`servers::Postgres::start`], then freeze, kill and restart it.
//!
//! What it deliberately does not do: skip a test whose server is missing (it fails, naming the package), or leave
//! anything behind (a killed test process takes its servers and their files with it).

#[cfg(feature = "app")]
pub mod app;
pub mod bombs;
pub mod client;
pub mod coded;
#[cfg(feature = "servers")]
pub mod databases;
pub mod mmdb;
#[cfg(feature = "servers")]
pub mod servers;
pub mod wait;

mod events;
mod inbox;
mod log_lines;

#[cfg(feature = "app")]
pub use app::{Call, PASSWORD, TestApp, TestAppBuilder, TestResponse, TestUser};
pub use client::Client;
#[cfg(feature = "servers")]
pub use databases::TestDatabase;
pub use events::Events;
pub use inbox::{Inbox, Letter};
pub use log_lines::LogLines;
#[cfg(feature = "servers")]
pub use servers::{mysql_url, postgres_url, redis_url};
