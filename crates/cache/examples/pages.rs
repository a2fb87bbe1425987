//! A cached function over a guarded one over outgoing HTTP, on a plain multi-threaded runtime:
//! `cargo run -p palisade-cache --example pages -- https://example.com/`.

use std::sync::Arc;

use palisade_cache::{Caching, MemoryCache, MemoryOptions, cached};
use palisade_core::{Error, SystemClock, SystemRandom, Timeline};
use palisade_resilience::{
    Breaker, BreakerPolicy, Policy,
    client::{Client, Request, Upstream, UpstreamOptions},
    guarded,
};

/// The pages of one service.
#[derive(Clone)]
struct Pages {
    cache: Caching,
    policy: Policy,
    service: Upstream,
}

impl Pages {
    /// Asked once a minute, however many ask. All who wait for one answer get its error.
    #[cached(key = "pages:{address}", ttl = 60)]
    async fn length(&self, address: &str) -> Result<usize, Error> {
        self.ask(address).await
    }

    /// Behind `self.policy`.
    #[guarded]
    async fn ask(&self, address: &str) -> Result<usize, Error> {
        Ok(self.service.send(Request::get(address)?).await?.success()?.body().len())
    }
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "an example shows what it does")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let time = Timeline::steady(&SystemClock);
    let memory = MemoryCache::new(time.clone(), MemoryOptions::default());
    let client = Client::builder().upstream("service", UpstreamOptions::default()).build()?;
    let pages = Pages {
        cache: Caching::start(Arc::new(memory), Arc::new(SystemRandom)),
        policy: Policy::builder("pages")
            .breaker(Breaker::new("pages", BreakerPolicy::default(), time))
            .build(),
        service: client.upstream("service").ok_or("it was made above")?,
    };
    for address in std::env::args().skip(1) {
        let (one, other) = tokio::join!(pages.length(&address), pages.length(&address));
        println!("{address}: {one:?}, {other:?}");
    }
    println!("{:?}", pages.cache.counters());
    Ok(())
}
