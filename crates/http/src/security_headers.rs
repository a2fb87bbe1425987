//! What every response tells a browser not to do.
//!
//! The set is the one that OWASP recommends for an API: <https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html>
//! and <https://owasp.org/www-project-secure-headers/>. A header that a handler set itself is kept: a page brings the
//! policy that it needs, a public file its `Cache-Control`.

use actix_web::{
    HttpMessage,
    dev::ServiceRequest,
    http::header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
        STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS, X_XSS_PROTECTION,
    },
};

use crate::{
    client_address::Client,
    layer::{EarlyResponse, Hook, Outcome},
    stamp::with_headers,
};

/// The policy for answers that no browser has to show: nothing may be loaded, framed, submitted or rebased.
pub const API_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// For a year, the value that preload lists demand too, with every name below (RFC 6797 §6.1).
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");
const HSTS_PRELOAD: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains; preload");

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Those that do not depend on settings.
const ALWAYS: [(HeaderName, HeaderValue); 8] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // The filter that other values switch on made holes of its own; browsers have removed it.
    (X_XSS_PROTECTION, HeaderValue::from_static("0")),
    (CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin")),
    // Requests by CORS are not concerned.
    (CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    (
        PERMISSIONS_POLICY,
        HeaderValue::from_static("camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
];

/// The layer that sets them, on every response that is not one already.
///
/// `Strict-Transport-Security` is off unless [`with_hsts`](Self::with_hsts) asks for it, and then goes to clients
/// that speak https alone (RFC 6797 §7.2), as [`Client`] knows them.
#[derive(Debug, Clone)]
pub struct SecurityHeaders {
    headers: Vec<(HeaderName, HeaderValue)>,
    hsts: Option<HeaderValue>,
}

/// A policy that cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one line of visible ASCII characters and spaces, such as `default-src 'none'`")]
pub struct InvalidPolicy;

impl SecurityHeaders {
    /// The whole set with [`API_POLICY`], without `Strict-Transport-Security`.
    #[must_use]
    pub fn new() -> Self {
        let mut headers = Self::without_policy();
        headers.headers.push((CONTENT_SECURITY_POLICY, HeaderValue::from_static(API_POLICY)));
        headers
    }

    /// The set with another `Content-Security-Policy`.
    ///
    /// # Errors
    /// When it is empty, or no header can hold it.
    pub fn with_policy(policy: &str) -> Result<Self, InvalidPolicy> {
        let visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        if policy.trim().is_empty() || !policy.bytes().all(visible) {
            return Err(InvalidPolicy);
        }
        let value = HeaderValue::from_str(policy.trim()).map_err(|_| InvalidPolicy)?;
        let mut headers = Self::without_policy();
        headers.headers.push((CONTENT_SECURITY_POLICY, value));
        Ok(headers)
    }

    /// The set without a `Content-Security-Policy`.
    #[must_use]
    pub fn without_policy() -> Self {
        Self { headers: ALWAYS.to_vec(), hsts: None }
    }

    /// The same with `Strict-Transport-Security` for clients that speak https. A browser that has seen it refuses to
    /// speak plain http to this host, and to all names below it, for a year.
    #[must_use]
    pub fn with_hsts(self) -> Self {
        Self { hsts: Some(HSTS), ..self }
    }

    /// The same with the consent to be put on the preload lists of browsers (<https://hstspreload.org>).
    #[must_use]
    pub fn with_hsts_preload(self) -> Self {
        Self { hsts: Some(HSTS_PRELOAD), ..self }
    }

    /// What every response gets, for answers that no layer sees.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.headers.iter().map(|(name, value)| (name, value))
    }

    fn set(&self, headers: &mut HeaderMap, https: bool) {
        headers.reserve(self.headers.len() + 1);
        for (name, value) in &self.headers {
            set_if_absent(headers, name, value);
        }
        if let Some(hsts) = self.hsts.as_ref().filter(|_| https) {
            set_if_absent(headers, &STRICT_TRANSPORT_SECURITY, hsts);
        }
    }
}

impl Default for SecurityHeaders {
    fn default() -> Self {
        Self::new()
    }
}

impl Hook for SecurityHeaders {
    type Kept<'a> = bool;

    fn before(&self, request: &mut ServiceRequest) -> Result<bool, EarlyResponse> {
        Ok(request.app_config().secure())
    }

    fn after(&self, direct: bool, mut outcome: Outcome) -> Outcome {
        match &mut outcome {
            Ok(response) => {
                // The client is found by a layer inside of this one.
                let https = self.hsts.is_some() && {
                    let client = response.request().extensions().get::<Client>().copied();
                    client.map_or(direct, |client| client.https)
                };
                self.set(response.headers_mut(), https);
                outcome
            }
            Err(_) => {
                let own = self.clone();
                with_headers(outcome, move |headers| own.set(headers, direct))
            }
        }
    }
}

/// Nearly always nothing is there, so one look-up that inserts is cheaper than one that asks and one that inserts.
fn set_if_absent(headers: &mut HeaderMap, name: &HeaderName, value: &HeaderValue) {
    let mut before = headers.insert(name.clone(), value.clone());
    if let Some(first) = before.next() {
        headers.insert(name.clone(), first);
        before.for_each(|value| headers.append(name.clone(), value));
    }
}
