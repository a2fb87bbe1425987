//! Private PostgreSQL, MariaDB, PgBouncer, Redis and Prometheus servers on free ports.
//!
//! A test either shares a server with all others ([`postgres_url`] and its sisters) or starts one of its own to do
//! harm to it ([`Postgres::start`], then [`Server::freeze`], [`Server::kill`], [`Server::restart`]). A [`Proxy`] in
//! front of a server does the harm that networks do.

mod binaries;
mod mariadb;
mod pgbouncer;
mod postgres;
mod process;
mod prometheus;
mod proxy;
mod ready;
mod redis;
mod server;
mod shared;
mod supervisor;

pub use mariadb::MariaDb;
pub use pgbouncer::PgBouncer;
pub use postgres::Postgres;
pub use prometheus::Prometheus;
pub use proxy::{Direction, Mode, Proxy, Traffic};
pub use redis::Redis;
pub use server::Server;
pub use shared::{MYSQL_VARIABLE, POSTGRES_VARIABLE, REDIS_VARIABLE, mysql_url, postgres_url, redis_url};
