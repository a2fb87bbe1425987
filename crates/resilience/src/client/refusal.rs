//! Why a request is not sent.

use std::net::IpAddr;

/// Why a request is not sent, or a redirect not followed. The texts are for the log: what they tell of the network
/// behind the server is none of a client's business.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Neither `http` nor `https`.
    #[error("the scheme is neither http nor https")]
    Scheme,
    /// The address carries a user name or a password (RFC 3986 §3.2.1): it would end up in logs.
    #[error("the address carries a user name or a password")]
    UserInfo,
    /// The port is not on the upstream's list.
    #[error("port {0} is not allowed")]
    Port(u16),
    /// The address is not of the public internet, and not allowed on purpose.
    #[error("{address} is {purpose}")]
    Address {
        /// The address, as written or as the name was resolved.
        address: IpAddr,
        /// What it is set aside for.
        purpose: &'static str,
    },
    /// More redirects than the upstream may make.
    #[error("more than {0} redirects")]
    TooManyRedirects(u8),
    /// A redirect that leads from `https` to `http`.
    #[error("a redirect from https to http")]
    Downgrade,
    /// A redirect that would hand the request's body to another origin.
    #[error("a redirect that takes the body to another origin")]
    BodyElsewhere,
    /// A redirect to what is no address.
    #[error("a redirect to what is no address")]
    Location,
}
