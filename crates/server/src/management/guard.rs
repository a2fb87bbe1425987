//! Who may use the management listener.

use actix_web::{
    dev::ServiceRequest,
    http::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, ORIGIN},
};
use aws_lc_rs::constant_time;
use palisade_core::{Error, Secret};
use palisade_http::{
    layer::{EarlyResponse, Hook, reject_early},
    trusted_hosts::{AllowedHosts, InvalidHost},
};

use crate::settings::ManagementSettings;

/// Asked by orchestrators and balancers, which have no token; so is everything below `/health/`.
const PROBES: [&str; 3] = ["/health", "/ready", "/live"];
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Lets an operator in and a web page out.
///
/// - Where there is a token, everything but the health checks wants it.
/// - A page in the operator's browser can send requests to the loopback interface. One that says it comes from another
///   page is refused; and where the listener is on loopback, so is one for another host than a loopback one, by which a
///   page gets around the former (DNS rebinding).
#[derive(Debug, Clone)]
pub(crate) struct Guard {
    token: Option<Secret>,
    hosts: AllowedHosts,
}

impl Guard {
    /// # Errors
    /// When the listener's own host is none.
    pub(crate) fn new(settings: &ManagementSettings) -> Result<Self, InvalidHost> {
        let hosts = match settings.is_loopback() {
            true => AllowedHosts::parse(&["localhost", "127.0.0.1", "[::1]", &settings.host])?,
            false => AllowedHosts::any(),
        };
        Ok(Self { token: settings.token.clone(), hosts })
    }

    fn admit(&self, request: &ServiceRequest) -> Result<(), Error> {
        let headers = request.headers();
        if comes_from_a_page(headers) {
            return Err(Error::forbidden("Web pages may not use the management listener"));
        }
        if !headers.get_all(HOST).all(|host| self.hosts.allows(host.as_bytes())) {
            return Err(Error::forbidden("This listener is for the hosts localhost, 127.0.0.1 and [::1]"));
        }
        let is_health = PROBES.contains(&request.path()) || request.path().starts_with("/health/");
        match &self.token {
            Some(token) if !is_health && !bears(headers, token) => {
                let error =
                    Error::unauthorized("The management listener wants MANAGEMENT_TOKEN as a bearer token");
                Err(error.with_header("www-authenticate", "Bearer"))
            }
            _ => Ok(()),
        }
    }
}

impl Hook for Guard {
    type Kept<'a> = ();

    fn before(&self, request: &mut ServiceRequest) -> Result<(), EarlyResponse> {
        self.admit(request).map_err(|error| reject_early(request, error))
    }
}

/// Browsers say so with each request that a page makes (Fetch §3.2; W3C Fetch Metadata §2.3).
fn comes_from_a_page(headers: &HeaderMap) -> bool {
    let site = headers.get(SEC_FETCH_SITE).map(|site| site.as_bytes());
    headers.contains_key(ORIGIN) || site.is_some_and(|site| site != b"none" && site != b"same-origin")
}

fn bears(headers: &HeaderMap, token: &Secret) -> bool {
    let shown = headers.get(AUTHORIZATION).and_then(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    shown.is_some_and(|shown| {
        constant_time::verify_slices_are_equal(shown.as_bytes(), token.expose().as_bytes()).is_ok()
    })
}
