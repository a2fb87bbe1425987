//! Who the client is, behind proxies that are trusted.
//!
//! Whoever connects may write `Forwarded` or `X-Forwarded-For`, so what they say is believed only as far as trusted
//! proxies vouch for it. Each proxy adds the address it was called from at the right end. The walk therefore begins
//! with the peer of the connection and goes left for as long as the address it stands on is a trusted proxy: what
//! stands to the left of the first other address was written by that client, and is not even read.
//!
//! - An entry that is no address (malformed, `unknown`, `_hidden`) ends the walk at the last good address.
//! - Several header lines are one list, the last line the right end (RFC 9110 §5.3).
//! - `::ffff:192.0.2.1` is `192.0.2.1`.
//! - A proxy writes one of the two headers and passes the other on as the client sent it. When both are there and
//!   lead to different addresses, one of them is forged and nobody can tell which: neither is believed, and the client
//!   is the peer. [`ForwardingHeader`] names the one that the proxies write, which settles it.

mod client;
mod element;
mod header;
mod node;
mod trusted;
mod walk;
mod warnings;

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    http::header::{FORWARDED, HeaderMap},
};

use crate::layer::{EarlyResponse, Hook};
pub use client::{Client, ClientIp};
pub use header::ForwardingHeader;
use header::{X_FORWARDED_FOR, X_FORWARDED_PROTO};
pub use trusted::{InvalidProxy, TrustedProxies};
use walk::Walked;
use warnings::Warnings;

/// The layer that finds the client. Make one and give a clone to each worker, so that they warn once together.
#[derive(Debug, Clone)]
pub struct ClientAddress {
    trusted: TrustedProxies,
    header: ForwardingHeader,
    warnings: Warnings,
}

impl ClientAddress {
    /// A layer that believes these proxies, by whichever of the two headers they write.
    #[must_use]
    pub fn new(trusted: TrustedProxies) -> Self {
        Self { trusted, header: ForwardingHeader::default(), warnings: Warnings::default() }
    }

    /// The same, believing this header alone.
    #[must_use]
    pub fn by(self, header: ForwardingHeader) -> Self {
        Self { header, ..self }
    }

    /// The client of a request that came from `direct` with these headers.
    #[must_use]
    pub fn resolve(&self, direct: Client, headers: &HeaderMap) -> Client {
        self.forwarded(direct, headers).unwrap_or(direct)
    }

    /// The client that headers tell of. `None` when there are no such headers, or nobody trusted who vouches for them.
    fn forwarded(&self, direct: Client, headers: &HeaderMap) -> Option<Client> {
        let told = headers.contains_key(FORWARDED)
            || headers.contains_key(&X_FORWARDED_FOR)
            || headers.contains_key(&X_FORWARDED_PROTO);
        if !told {
            return None;
        }
        if !self.trusted.contains(direct.ip) {
            self.warnings.untrusted(direct.ip);
            return None;
        }
        Some(self.believed(direct, headers))
    }

    fn believed(&self, direct: Client, headers: &HeaderMap) -> Client {
        let (forwarded, x_forwarded) =
            (self.by_forwarded(direct, headers), self.by_x_forwarded(direct, headers));
        let ip = match (forwarded.at, x_forwarded.at) {
            (Some(one), Some(other)) if one != other => {
                self.warnings.disagreement(direct.ip);
                return direct;
            }
            (one, other) => one.or(other).unwrap_or(direct.ip),
        };
        let https = match (forwarded.https, x_forwarded.https) {
            (Some(one), Some(other)) if one != other => None,
            (one, other) => one.or(other),
        };
        Client { ip, https: https.unwrap_or(direct.https) }
    }

    fn by_forwarded(&self, direct: Client, headers: &HeaderMap) -> Walked {
        match self.header {
            ForwardingHeader::XForwardedFor => Walked::default(),
            _ => walk::along(direct.ip, header::forwarded(headers), &self.trusted),
        }
    }

    fn by_x_forwarded(&self, direct: Client, headers: &HeaderMap) -> Walked {
        if self.header == ForwardingHeader::Forwarded {
            return Walked::default();
        }
        let walked = walk::along(direct.ip, header::x_forwarded_for(headers), &self.trusted);
        Walked { https: header::x_forwarded_proto(headers, walked.hops), ..walked }
    }
}

impl Hook for ClientAddress {
    type Kept<'a> = ();

    fn before(&self, request: &mut ServiceRequest) -> Result<(), EarlyResponse> {
        let direct = Client::connected(request.request());
        // A client that is the peer needs no note: `Client::of` finds it anyway.
        if let Some(client) = self.forwarded(direct, request.headers()).filter(|client| *client != direct) {
            request.extensions_mut().insert(client);
            #[cfg(any(feature = "log", feature = "panic-guard", feature = "renderer", feature = "timeout"))]
            crate::snapshot::RequestSnapshot::note_client(request, client);
        }
        Ok(())
    }
}
