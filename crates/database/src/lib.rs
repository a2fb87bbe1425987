//! One `Database` value over SQLite, PostgreSQL and MySQL: pool, transactions, migrations, slow statements.
//!
//! A store is written once, with [`sea_query`], and serves all three.
//!
//! ```
//! use std::sync::Arc;
//!
//! use palisade_core::SystemClock;
//! use palisade_database::{Database, Error, Settings};
//! use palisade_telemetry::metrics::Off;
//! use sea_query::{Expr, ExprTrait, Query};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Error> {
//! let settings = Settings::for_url("sqlite::memory:");
//! let database = Database::connect(&settings, Arc::new(SystemClock), &Off::shared()).await?;
//! database.execute_script("CREATE TABLE books (title TEXT NOT NULL UNIQUE)").await?;
//!
//! let mut transaction = database.begin().await?;
//! transaction.execute(Query::insert().into_table("books").columns(["title"]).values_panic(["Emma".into()])).await?;
//! transaction.commit().await?;
//!
//! let select = Query::select().column("title").from("books").and_where(Expr::col("title").eq("Emma")).to_owned();
//! let row = database.fetch_optional(&select).await?.ok_or_else(|| Error::Configuration("no row".into()))?;
//! assert_eq!(row.get::<String>("title")?, "Emma");
//! # Ok(())
//! # }
//! ```
//!
//! What it deliberately does not do: map rows to structs, know any table but its own list of migrations, retry
//! a statement (only the caller knows whether that is safe), name the driver to anybody.

mod capacity;
mod connect;
mod connection;
mod database;
mod dialect;
mod error;
mod gate;
mod lease;
mod metrics;
mod migrations;
mod migrator;
mod monitor;
mod opening;
mod outage;
mod pool;
mod pools;
mod readiness;
mod row;
mod settings;
mod shared;
mod startup;
mod statement;
mod transaction;
mod url;
mod writable;

pub use database::{Database, Stats};
pub use dialect::Dialect;
pub use error::{Error, MigrationError};
pub use metrics::METRICS;
pub use migrations::{Migration, Migrations};
pub use migrator::{Applied, Migrator, Pending, Status};
pub use row::{Column, Row};
pub use sea_query;
pub use settings::Settings;
pub use startup::Startup;
pub use statement::Statement;
pub use transaction::Transaction;
pub use url::{DatabaseUrl, UrlError};
