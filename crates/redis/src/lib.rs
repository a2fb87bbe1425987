//! One Redis handle for the whole process: few multiplexed connections, one state, one set of time limits.
//!
//! The limiter, the cache and whatever else needs Redis share a [`Redis`]. A lost server must never hurt: the first
//! call to notice pays at most one timeout, every later one fails in microseconds, and a task in the background finds
//! the server again. A server that answers and takes no writes, such as a replica, is lost too: the task writes a key
//! ([`Redis::probe_with`]) to find out.
//!
//! ```no_run
//! use palisade_redis::{Redis, Script, Settings};
//! use palisade_telemetry::metrics::Off;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let settings = Settings::for_url("redis://127.0.0.1:6379");
//! let redis = Redis::connect(&settings, &Off::shared()).await?.ok_or("no url is set")?;
//! let add = Script::new("return redis.call('INCRBY', KEYS[1], ARGV[1])");
//! match redis.invoke::<i64>(&add, add.call("visits").arg(1)).await {
//!     Ok(visits) => println!("{visits} visits"),
//!     Err(error) => println!("counting goes on without Redis: {error}"),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What is published on a channel is heard over a connection of its own ([`Redis::subscribe`]), which says when it may
//! have missed something.
//!
//! A service that has a deadpool pool already hands it over (feature `deadpool`), and the cache and the limiter take the
//! handle as they take any other:
//!
//! ```no_run
//! # #[cfg(feature = "deadpool")]
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use palisade_redis::{Redis, Settings};
//! use palisade_telemetry::metrics::Off;
//!
//! let url = "redis://127.0.0.1:6379";
//! let pool = deadpool_redis::Config::from_url(url).create_pool(Some(deadpool_redis::Runtime::Tokio1))?;
//! let redis = Redis::from_deadpool(pool, &Settings::for_url(url), &Off::shared()).await?;
//! # Ok(())
//! # }
//! ```
//!
//! Time limits, the breaker, measurements and the way back after a loss are the same. What differs:
//!
//! - The handle borrows `pool_size` connections, at most half of the pool's, while the server is there, and gives them
//!   back when it is lost and when the last clone of the handle is dropped.
//! - How they are made, and to which server, is the pool's business. Its response timeout, 500 ms unless the pool says
//!   otherwise, ends a call sooner than a longer `timeout_ms`.
//! - A pool has no connection for subscriptions: that goes to the `url` of the settings. Without one nothing is heard
//!   (`redis.no_subscriptions` in the log), and a cache in two tiers asks Redis each time.
//!
//! What it deliberately does not do: retry a command (only the caller knows whether that is safe), lend a connection
//! for commands that block or watch, follow a cluster's redirections. Where the program uses `rediss://`, rustls takes
//! the one crypto provider that is compiled in; a program with several installs its own first.

mod address;
mod backoff;
mod error;
mod handle;
mod keeper;
mod link;
mod metrics;
#[cfg(feature = "deadpool")]
mod pool;
mod refusals;
mod script;
mod settings;
mod source;
mod state;
mod subscription;

pub use address::{Address, UrlError};
pub use error::Error;
pub use handle::Redis;
pub use metrics::METRICS;
pub use redis;
pub use script::Script;
pub use settings::Settings;
pub use state::{Counters, State};
pub use subscription::{Listener, Subscription};
