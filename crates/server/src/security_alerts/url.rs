//! Where alerts may be sent.

use palisade_resilience::client::{Guard, InvalidClient, InvalidHost};

/// Why a webhook cannot be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WebhookError {
    /// The address is none.
    #[error("is no http or https address without a login in it")]
    Url,
    /// The host is none.
    #[error(transparent)]
    Host(#[from] InvalidHost),
    /// No client can be made.
    #[error(transparent)]
    Client(#[from] InvalidClient),
}

/// Whether alerts can be sent to `url`.
///
/// # Errors
/// When they cannot.
pub(crate) fn check_url(url: &str) -> Result<(), WebhookError> {
    guard(url).map(drop)
}

/// Lets requests go to the host that the operator named, wherever that is, and nowhere else that is private.
pub(super) fn guard(url: &str) -> Result<Guard, WebhookError> {
    let url = url::Url::parse(url).map_err(|_| WebhookError::Url)?;
    let has_login = !url.username().is_empty() || url.password().is_some();
    if !matches!(url.scheme(), "http" | "https") || has_login {
        return Err(WebhookError::Url);
    }
    match url.host() {
        Some(url::Host::Domain(name)) => Ok(Guard::public().allow_host(name)?),
        Some(url::Host::Ipv4(address)) => {
            Ok(Guard::public().allow_network(std::net::IpAddr::V4(address).into()))
        }
        Some(url::Host::Ipv6(address)) => {
            Ok(Guard::public().allow_network(std::net::IpAddr::V6(address).into()))
        }
        None => Err(WebhookError::Url),
    }
}
