//! The walk from the peer towards the client.

use std::net::IpAddr;

use super::TrustedProxies;

/// How many entries of a header are looked at, at most. No chain of proxies is that long.
const MOST_HOPS: usize = 32;

/// What a proxy tells of the one that called it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hop {
    /// Its address, if it is one.
    pub(super) ip: Option<IpAddr>,
    /// Whether it spoke https, if that is told.
    pub(super) https: Option<bool>,
}

/// Where the walk ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Walked {
    /// The last good address; `None` when there was no way to walk.
    pub(super) at: Option<IpAddr>,
    /// Whether https was spoken from there, if that is told.
    pub(super) https: Option<bool>,
    /// How many entries were believed.
    pub(super) hops: usize,
}

/// Walks from `peer`, which is trusted, over `hops`, the nearest first; `None` is a malformed one.
pub(super) fn along(
    peer: IpAddr,
    hops: impl Iterator<Item = Option<Hop>>,
    trusted: &TrustedProxies,
) -> Walked {
    let mut walked = Walked::default();
    for hop in hops.take(MOST_HOPS) {
        // What a hop tells was written by the proxy that the walk stands on.
        let at = *walked.at.get_or_insert(peer);
        let Some(hop) = hop else { break };
        walked = Walked { at: Some(hop.ip.unwrap_or(at)), https: hop.https, hops: walked.hops + 1 };
        if !hop.ip.is_some_and(|ip| trusted.contains(ip)) {
            break;
        }
    }
    walked
}
