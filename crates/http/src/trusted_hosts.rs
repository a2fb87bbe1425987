//! Only the hosts that are ours.
//!
//! Links, password mails and caches are made from the name a request was sent to, so a request that names somebody
//! else's host is refused before anything looks at it.

mod allowed;
mod host;

use actix_web::{
    dev::ServiceRequest,
    http::{Uri, header::HOST},
};
use palisade_core::Error;

use crate::layer::{EarlyResponse, Hook, reject_early};
pub use allowed::{AllowedHosts, InvalidHost};
use host::Host;

/// The layer that answers 400 to a request for a host that is not allowed, or for none that can be told: with a
/// malformed `Host` (RFC 9112 §3.2), with several, or with a target in absolute form that names another one. The port
/// does not count.
///
/// No route is exempt. A probe that asks by the address of a container needs that address among the hosts, or sends
/// the `Host` of the service.
#[derive(Debug, Clone)]
pub struct TrustedHosts {
    allowed: AllowedHosts,
}

impl TrustedHosts {
    /// A layer that lets these hosts pass.
    #[must_use]
    pub fn new(allowed: AllowedHosts) -> Self {
        Self { allowed }
    }

    fn check(&self, request: &ServiceRequest) -> Result<(), &'static str> {
        let mut lines = request.headers().get_all(HOST);
        let named =
            lines.next().map(|line| Host::parse(line.as_bytes()).ok_or("`Host` is malformed")).transpose()?;
        if lines.next().is_some() {
            return Err("There is more than one `Host`");
        }
        match (target(request.uri())?, named) {
            (Some(target), Some(named)) if target != named => {
                Err("`Host` and the target name different hosts")
            }
            (None, None) if self.allowed.is_any() => Ok(()),
            (target, named) => match target.or(named) {
                Some(host) if self.allowed.contains(&host) => Ok(()),
                _ => Err("This host is not served here"),
            },
        }
    }
}

/// The host in a target of absolute form.
fn target(uri: &Uri) -> Result<Option<Host<'_>>, &'static str> {
    let Some(authority) = uri.authority() else { return Ok(None) };
    // What stands before an `@` makes no host, so that a name there cannot pass for one (RFC 9110 §4.2.4).
    Host::parse(authority.as_str().as_bytes()).map(Some).ok_or("The target's host is malformed")
}

impl Hook for TrustedHosts {
    type Kept<'a> = ();

    fn before(&self, request: &mut ServiceRequest) -> Result<(), EarlyResponse> {
        self.check(request).map_err(|problem| reject_early(request, Error::bad_request(problem)))
    }
}
