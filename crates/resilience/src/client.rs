//! Outgoing HTTP: a request goes where it may go and nowhere else, takes no longer and brings no more than it may, and
//! an upstream that fails takes nobody with it.
//!
//! ```
//! use palisade_resilience::client::{Client, Error, Request, Response, UpstreamOptions};
//!
//! async fn ask(client: &Client) -> Result<Response, Error> {
//!     let payments = client.upstream("payments").expect("it is made below");
//!     payments.send(Request::get("https://payments.example/v1/status")?).await?.success()
//! }
//!
//! let client = Client::builder().upstream("payments", UpstreamOptions::default()).build()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each upstream has its own connections, breaker, bulkhead, retry budget and counters. Where it may be found is up to
//! its [`Guard`]: on the public internet, unless a host or a network is allowed on purpose. A redirect is guarded as the
//! first address is, and never takes a secret to another origin.
//!
//! An upstream is one service. Where users name the servers (webhooks), one upstream for all of them is one breaker for
//! all of them: one that is down may close the way to the others.
//!
//! What it deliberately does not do: take a proxy from the environment, decompress, keep cookies, speak HTTP/2, stream a
//! body.

mod address;
mod builder;
mod counters;
mod error;
mod exchange;
mod guard;
mod limits;
mod metrics;
mod redirect;
mod refusal;
mod request;
mod resolver;
mod response;
mod setback;
mod settings;
mod snapshot;
mod upstream;

use std::{collections::HashMap, fmt, sync::Arc};

pub use bytes::Bytes;
pub use ipnet::IpNet;
pub use reqwest::{Method, StatusCode, dns, header};

pub use self::{
    builder::{ClientBuilder, InvalidClient, UpstreamOptions},
    counters::{Calls, Outcome},
    error::Error,
    guard::{Guard, InvalidHost},
    limits::Limits,
    metrics::METRICS,
    refusal::Refusal,
    request::Request,
    resolver::SystemResolver,
    response::Response,
    settings::{InvalidUpstream, UpstreamSettings},
    snapshot::Snapshot,
    upstream::Upstream,
};

/// The upstreams of a program. Cloning is cheap; all clones share them.
#[derive(Clone)]
pub struct Client {
    upstreams: Arc<HashMap<Arc<str>, Upstream>>,
}

impl Client {
    /// A client without upstreams yet.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// The upstream of this name.
    #[must_use]
    pub fn upstream(&self, name: &str) -> Option<Upstream> {
        self.upstreams.get(name).cloned()
    }

    /// How each upstream has been doing, by name.
    #[must_use]
    pub fn snapshots(&self) -> Vec<Snapshot> {
        let mut snapshots: Vec<_> = self.upstreams.values().map(Upstream::snapshot).collect();
        snapshots.sort_by(|one, other| one.upstream.cmp(&other.upstream));
        snapshots
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.upstreams.values()).finish()
    }
}
