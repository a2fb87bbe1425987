//! Outgoing HTTP, asked of real servers by names that the test hands out.
#![expect(clippy::panic, reason = "a test fails by panicking")]

mod addresses;
mod bounds;
mod carried;
mod counted;
mod origin;
mod redirects;
mod repeated;

use std::{sync::Arc, time::Duration};

use palisade_core::SeededRandom;
use palisade_resilience::client::{Client, Guard, Request, Upstream, UpstreamOptions};

use self::origin::Names;

/// `upstream.test` and `other.test` are on loopback and allowed to be; `evil.test` is there too and not allowed.
fn names() -> Names {
    ["upstream.test", "other.test", "evil.test"]
        .into_iter()
        .fold(Names::default(), |names, name| names.with(name, &["127.0.0.1"]))
}

/// Options with which a test does not take long: waits of a millisecond, no breaker that opens.
fn options() -> UpstreamOptions {
    let mut options = UpstreamOptions {
        guard: Guard::public().allow_host("upstream.test").unwrap().allow_host("other.test").unwrap(),
        breaker: palisade_resilience::BreakerPolicy::default()
            .trip_at(palisade_resilience::Trip::consecutive(1_000)),
        ..UpstreamOptions::default()
    };
    options.retry.base_delay_ms = 1;
    options.limits.total = Duration::from_secs(60);
    options
}

/// An upstream whose names are those of [`names`].
fn upstream(options: UpstreamOptions) -> Upstream {
    upstream_named(options, Arc::new(names()))
}

fn upstream_named(options: UpstreamOptions, names: Arc<Names>) -> Upstream {
    let client = Client::builder().names(names).random(Arc::new(SeededRandom::new(1)));
    client.upstream("test", options).build().unwrap().upstream("test").unwrap()
}

fn get(port: u16) -> Request {
    at("upstream.test", port)
}

fn at(host: &str, port: u16) -> Request {
    Request::get(&format!("http://{host}:{port}/path?query")).unwrap()
}
