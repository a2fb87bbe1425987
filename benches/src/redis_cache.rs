//! What a value costs that is cached on Redis, beside a plain `GET` over the same handle: one by one, a hundred at a
//! time, and for 10,000 callers of two processes who want one that nobody has.
//!
//! `redis-cache redis://127.0.0.1:6379 [seconds]` prints one line of JSON for each figure. For figures that mean
//! something, Redis and this program have a core each:
//!
//! ```sh
//! taskset -c 0 redis-server --port 7400 --save '' --appendonly no &
//! taskset -c 1 target/release/redis-cache redis://127.0.0.1:7400
//! ```

#[path = "redis_cache/batch.rs"]
mod batch;
mod flight;
#[path = "redis_cache/hits.rs"]
mod hits;
mod in_flight;
#[path = "redis_cache/place.rs"]
mod place;
#[path = "redis_cache/redis.rs"]
mod redis;
mod user;

use std::{io::Write as _, sync::Arc, time::Duration};

use self::redis::PlainGet;
use self::{
    hits::TypedGet,
    in_flight::{Call, Figures},
    place::Place,
};

type Problem = Box<dyn std::error::Error + Send + Sync>;

const IN_FLIGHT: [usize; 4] = [1, 8, 64, 256];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Problem> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().unwrap_or_else(|| "redis://127.0.0.1:6379".to_owned());
    let seconds = arguments.next().map_or(Ok(2.0), |text| text.parse())?;
    let span = Duration::from_secs_f64(seconds);
    let place = Place::furnish(&url).await?;
    let plain = Arc::new(PlainGet::of(&place)?);
    let far = Arc::new(TypedGet::new(place.far.clone()));
    let near = Arc::new(TypedGet::new(place.tiered().await?));
    for in_flight in IN_FLIGHT {
        hits("GET over the same handle", &plain, in_flight, span).await?;
        hits("RedisCache, Typed::get", &far, in_flight, span).await?;
    }
    // It never waits, so that there is never a second one.
    hits("TieredCache near, Typed::get", &near, 1, span).await?;
    for line in batch::measure(&place.far, span).await? {
        print(&line)?;
    }
    let figures = flight::take_off(&[place.caching().await?, place.caching().await?]).await?;
    print(&figures.line("in two processes, on one Redis"))
}

async fn hits(name: &str, calls: &Arc<impl Call>, in_flight: usize, span: Duration) -> Result<(), Problem> {
    let figures: Figures = in_flight::measure(calls, in_flight, span).await?;
    print(&serde_json::json!({
        "name": name,
        "in_flight": in_flight,
        "hits_per_second": figures.per_second(),
        "p50_us": figures.micros(500),
        "p99_us": figures.micros(990),
    }))
}

fn print(line: &serde_json::Value) -> Result<(), Problem> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
