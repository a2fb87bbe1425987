//! Checks a second through Redis: the shared handle beside a pool that is asked for a connection each time.
//!
//! `redis-limiter redis://127.0.0.1:6379 [seconds]` prints one line of JSON for each layout, policy and number of checks
//! in flight. For figures that mean something, Redis and this program have a core each:
//!
//! ```sh
//! taskset -c 0 redis-server --port 7400 --save '' --appendonly no &
//! taskset -c 1 target/release/redis-limiter redis://127.0.0.1:7400
//! # What the server itself can do with the same script:
//! sha=$(redis-cli -p 7400 SCRIPT LOAD "$(cat crates/ratelimit/src/redis/even_bucket.lua)")
//! taskset -c 1 redis-benchmark -p 7400 -n 500000 -c 64 -r 10000 EVALSHA $sha 1 'rl:{__rand_int__}' 1 60000 120000
//! # Many commands in one write, which the shared handle also comes to under load: add -P 16.
//! ```

mod in_flight;

use std::{io::Write as _, num::NonZeroU32, sync::Arc, time::Duration};

use palisade_core::SystemClock;
use palisade_ratelimit::{
    Algorithm, LeasedRateLimiter, LimitKey, Policy, Quota, RateLimiter, RedisRateLimiter, Timeline,
};
use palisade_redis::{
    Redis, Script, Settings,
    redis::{Client, aio::MultiplexedConnection, pipe},
};
use palisade_telemetry::metrics::Off;
use tokio::sync::{Mutex, Semaphore};

use self::in_flight::{Call, Figures};

type Problem = Box<dyn std::error::Error + Send + Sync>;

const KEYS: usize = 10_000;
const IN_FLIGHT: [usize; 4] = [1, 8, 64, 256];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Problem> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "redis://127.0.0.1:6379".to_owned());
    let seconds = arguments.next().map_or(Ok(2.0), |text| text.parse())?;
    let span = Duration::from_secs_f64(seconds);
    let shared = |connections| {
        let settings =
            Settings { pool_size: connections, timeout_ms: 5_000, ..Settings::for_url(url.as_str()) };
        async move {
            let redis = Redis::connect(&settings, &Off::shared()).await?.ok_or("no url")?;
            Ok::<_, Problem>(Layout::Shared(RedisRateLimiter::with_prefix(redis, "bench:")))
        }
    };
    let layouts = [
        ("shared, 1 connection", Arc::new(shared(1).await?)),
        ("shared, 2 connections", Arc::new(shared(2).await?)),
        ("shared, 4 connections", Arc::new(shared(4).await?)),
        ("pool of 16, a connection for each check", Arc::new(Layout::Pool(Pool::connect(&url, 16).await?))),
    ];
    let window = Policy::new("window", Algorithm::FixedWindow, [Quota::per_minute(60_000_000)])?;
    for (name, layout) in
        [("shared, 1 connection", &layouts[0].1), ("leased, 100 at a time", &Arc::new(leased(&url).await?))]
    {
        for in_flight in IN_FLIGHT {
            let figures = measure(layout, &window, in_flight, span).await?;
            report(name, "one fixed window, allowed", in_flight, &figures)?;
        }
    }
    for (policy_name, policy) in policies()? {
        for (layout_name, layout) in &layouts {
            for in_flight in IN_FLIGHT {
                let figures = measure(layout, &policy, in_flight, span).await?;
                report(layout_name, policy_name, in_flight, &figures)?;
            }
        }
    }
    Ok(())
}

async fn leased(url: &str) -> Result<Layout, Problem> {
    let settings = Settings { timeout_ms: 5_000, ..Settings::for_url(url) };
    let redis = Redis::connect(&settings, &Off::shared()).await?.ok_or("no url")?;
    let store = RedisRateLimiter::with_prefix(redis, "leased:");
    let slice = NonZeroU32::new(100).ok_or("no slice")?;
    Ok(Layout::Leased(LeasedRateLimiter::new(store, Timeline::steady(&SystemClock), slice)))
}

/// The commonest check, the server's default of two quotas, and one that says no.
fn policies() -> Result<[(&'static str, Policy); 3], Problem> {
    let of = |name, quotas: Vec<Quota>| Policy::new(name, Algorithm::TokenBucket, quotas);
    Ok([
        ("one quota, allowed", of("one", vec![Quota::per_minute(60_000)])?),
        ("two quotas, allowed", of("two", vec![Quota::per_minute(60_000), Quota::per_hour(3_600_000)])?),
        ("one quota, refused", of("no", vec![Quota::per_day(1)])?),
    ])
}

/// How a check comes to a connection.
enum Layout {
    Shared(RedisRateLimiter),
    Leased(LeasedRateLimiter<RedisRateLimiter>),
    Pool(Pool),
}

impl Layout {
    async fn check(&self, policy: &Policy, key: &LimitKey) -> Result<(), Problem> {
        match self {
            Self::Shared(limiter) => {
                limiter.check(policy, key, NonZeroU32::MIN).await?;
            }
            Self::Leased(limiter) => {
                limiter.check(policy, key, NonZeroU32::MIN).await?;
            }
            Self::Pool(pool) => pool.check(key).await?,
        }
        Ok(())
    }
}

/// What a pool of connections does: it lends one, and asks it `UNWATCH` and `PING` first, as deadpool-redis does.
struct Pool {
    free: Semaphore,
    connections: Mutex<Vec<MultiplexedConnection>>,
    script: Script,
}

impl Pool {
    async fn connect(url: &str, size: usize) -> Result<Self, Problem> {
        let client = Client::open(url)?;
        let mut connections = Vec::new();
        for _ in 0..size {
            connections.push(client.get_multiplexed_async_connection().await?);
        }
        let script = Script::new(include_str!("../../crates/ratelimit/src/redis/even_bucket.lua"));
        Ok(Self { free: Semaphore::new(size), connections: Mutex::new(connections), script })
    }

    async fn check(&self, key: &LimitKey) -> Result<(), Problem> {
        let _turn = self.free.acquire().await?;
        let mut connection = self.connections.lock().await.pop().ok_or("no connection is free")?;
        pipe().cmd("UNWATCH").ignore().cmd("PING").query_async::<()>(&mut connection).await?;
        let mut call = self.script.call(key.as_str());
        call.arg(1).arg(60_000).arg(120_000).query_async::<i64>(&mut connection).await?;
        self.connections.lock().await.push(connection);
        Ok(())
    }
}

/// What every client checks.
struct Checks {
    layout: Arc<Layout>,
    policy: Policy,
    keys: Vec<LimitKey>,
}

impl Call for Checks {
    fn keys(&self) -> usize {
        self.keys.len()
    }

    async fn call(&self, key: usize) -> Result<(), Problem> {
        self.layout.check(&self.policy, self.keys.get(key).ok_or("no key")?).await
    }
}

async fn measure(
    layout: &Arc<Layout>,
    policy: &Policy,
    in_flight: usize,
    span: Duration,
) -> Result<Figures, Problem> {
    let keys = (0..KEYS).map(|number| LimitKey::of("ip", number)).collect();
    let checks = Checks { layout: Arc::clone(layout), policy: policy.clone(), keys };
    in_flight::measure(&Arc::new(checks), in_flight, span).await
}

fn report(layout: &str, policy: &str, in_flight: usize, figures: &Figures) -> std::io::Result<()> {
    let line = serde_json::json!({
        "layout": layout,
        "policy": policy,
        "in_flight": in_flight,
        "checks_per_second": figures.per_second(),
        "p50_us": figures.micros(500),
        "p99_us": figures.micros(990),
    });
    writeln!(std::io::stdout(), "{line}")
}
