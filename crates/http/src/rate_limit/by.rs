//! What a limit counts by.

use std::{fmt, net::IpAddr, sync::Arc};

use actix_web::dev::ServiceRequest;
use palisade_core::{Principal, client_network};
use palisade_ratelimit::{KeyKind, LimitKey};

use crate::{client_address::ClientIp, text::Text};

/// Whom a request is counted for. Whoever shows no valid credentials is counted by address, whichever kind it is.
#[derive(Clone, Default)]
pub enum By {
    /// The client's address; IPv6 by its /64, the network that one customer is given (RFC 6177 §2).
    #[default]
    Ip,
    /// The user, from whatever address.
    User,
    /// The API key.
    ApiKey,
    /// The user at that address: a stolen token does not use up its owner's allowance elsewhere.
    IpUser,
    /// What a function says ([`By::custom`]).
    Custom(Custom),
}

/// A function that says whom a request is counted for.
pub type Custom = Arc<dyn Fn(&ServiceRequest) -> Option<LimitKey> + Send + Sync>;

impl By {
    /// What `function` says; by address where it says nothing. It should use what has been verified only: a
    /// client that can choose its key has no limit.
    ///
    /// ```
    /// use palisade_http::rate_limit::By;
    /// use palisade_ratelimit::LimitKey;
    ///
    /// // One count for everybody, for a route that must not be called too often in all.
    /// let by = By::custom(|_| Some(LimitKey::new("everybody")));
    /// # let _ = by;
    /// ```
    pub fn custom(function: impl Fn(&ServiceRequest) -> Option<LimitKey> + Send + Sync + 'static) -> Self {
        Self::Custom(Arc::new(function))
    }

    pub(super) const fn needs_caller(&self) -> bool {
        matches!(self, Self::User | Self::IpUser)
    }

    /// The key of a request by this caller.
    pub(super) fn key(&self, request: &ServiceRequest, caller: Option<&Principal>) -> LimitKey {
        match (self, caller) {
            (Self::User, Some(caller)) => LimitKey::of("user", &caller.subject),
            (Self::IpUser, Some(caller)) => {
                LimitKey::of("ip_user", format_args!("{},{}", address(request), &caller.subject))
            }
            _ => by_address(address(request)),
        }
    }
}

impl From<KeyKind> for By {
    fn from(kind: KeyKind) -> Self {
        match kind {
            KeyKind::Ip => Self::Ip,
            KeyKind::User => Self::User,
            KeyKind::ApiKey => Self::ApiKey,
            KeyKind::IpUser => Self::IpUser,
        }
    }
}

impl fmt::Debug for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ip => "Ip",
            Self::User => "User",
            Self::ApiKey => "ApiKey",
            Self::IpUser => "IpUser",
            Self::Custom(_) => "Custom",
        })
    }
}

/// The key that nearly every request has, without the formatting machinery.
fn by_address(address: IpAddr) -> LimitKey {
    let mut text = Text::<42>::new();
    text.push("ip:");
    text.push_address(address);
    LimitKey::new(text.as_str())
}

/// The client's address as it is counted.
fn address(request: &ServiceRequest) -> IpAddr {
    client_network(ClientIp::of(request.request()).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_an_address_is_its_text() {
        for address in ["0.0.0.0", "203.0.113.9", "255.255.255.255", "2001:db8:1:2::"] {
            let address: IpAddr = address.parse().unwrap();
            assert_eq!(by_address(address), LimitKey::of("ip", address));
        }
    }
}
