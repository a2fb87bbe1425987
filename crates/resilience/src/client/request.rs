//! What is asked.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use palisade_core::{Parse, RequestContext, RequestId, TraceContext, TraceState};
use reqwest::{
    Method,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use url::Url;

use super::Error;

/// A request to be sent. Its `Debug` shows the method and the origin: paths and queries carry secrets.
#[derive(Clone)]
pub struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Request {
    /// A request of this method for an absolute address.
    ///
    /// # Errors
    /// [`Error::InvalidUrl`] when the address cannot be read.
    pub fn new(method: Method, url: &str) -> Result<Self, Error> {
        let mut url = Url::parse(url).map_err(|source| Error::InvalidUrl { source: Arc::new(source) })?;
        url.set_fragment(None);
        Ok(Self { method, url, headers: HeaderMap::new(), body: Bytes::new() })
    }

    /// A `GET`.
    ///
    /// # Errors
    /// As of [`Self::new`].
    pub fn get(url: &str) -> Result<Self, Error> {
        Self::new(Method::GET, url)
    }

    /// A `POST`. It is sent once, unless [`Self::idempotency_key`] lets it be repeated.
    ///
    /// # Errors
    /// As of [`Self::new`].
    pub fn post(url: &str) -> Result<Self, Error> {
        Self::new(Method::POST, url)
    }

    /// The same with this header, in place of one of the same name. `Host` and what concerns the connection alone (RFC
    /// 9110 §7.6.1) is the client's business and not sent on.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// The same with this body and its media type.
    #[must_use]
    pub fn body(mut self, media_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self.header(header::CONTENT_TYPE, media_type)
    }

    /// The same with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header-07), by which the upstream knows a
    /// repeated request: so whatever its method, it may be repeated.
    #[must_use]
    pub fn idempotency_key(self, key: HeaderValue) -> Self {
        self.header(IDEMPOTENCY_KEY, key)
    }

    /// The same in the name of the request being served: its id and its place in a trace go with it.
    #[must_use]
    pub fn context(mut self, context: &RequestContext) -> Self {
        if let Ok(id) = HeaderValue::from_str(context.request_id.as_str()) {
            self.headers.insert(X_REQUEST_ID, id);
        }
        let trace = context.trace.map(|trace| HeaderValue::from_str(&trace.to_string()));
        if let Some(Ok(trace)) = trace {
            self.headers.insert(TRACEPARENT, trace);
            let state = context.trace_state.as_ref().map(|state| HeaderValue::from_str(state.as_str()));
            if let Some(Ok(state)) = state {
                self.headers.insert(TRACESTATE, state);
            }
        }
        self
    }

    /// The same in the name of the request that is being served, if one is, as far as the caller has not said for whom it
    /// is. Of a trace that the caller has named it stands at the place that is known here.
    pub(super) fn within(self, serving: Option<&RequestContext>) -> Self {
        let Some(serving) = serving else { return self };
        let named = self.headers.get(X_REQUEST_ID).cloned();
        let traced = self.headers.get(TRACEPARENT).cloned();
        let is_other = |traced: &HeaderValue| {
            let parsed = traced.to_str().ok().and_then(|text| TraceContext::parse(text).ok());
            parsed.map(|parsed| parsed.trace_id) != serving.trace.map(|trace| trace.trace_id)
        };
        let traced = traced.filter(is_other);
        let noted = self.headers.get(TRACESTATE).cloned();
        let is_other = traced.is_some();
        let kept = [(X_REQUEST_ID, named), (TRACEPARENT, traced)];
        let mut request = self.context(serving);
        // What was noted of one trace says nothing of another.
        if is_other {
            request.headers.remove(TRACESTATE);
            request.headers.extend(noted.map(|noted| (TRACESTATE, noted)));
        }
        for (name, value) in kept {
            if let Some(value) = value {
                request.headers.insert(name, value);
            }
        }
        request
    }

    /// Whether sending it twice does what sending it once does (RFC 9110 §9.2.2), or the upstream sees to that.
    pub(super) fn may_be_repeated(&self) -> bool {
        let idempotent =
            [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE, Method::PUT, Method::DELETE];
        idempotent.contains(&self.method) || self.headers.contains_key(IDEMPOTENCY_KEY)
    }

    /// The same without the headers that are not the caller's to send, and without names of requests and traces that
    /// are none, wherever they come from: an upstream takes them for ours.
    pub(super) fn purified(mut self) -> Self {
        for name in &CONNECTIONS_OWN {
            self.headers.remove(name);
        }
        remove_unless(&mut self.headers, X_REQUEST_ID, |text| RequestId::parse(text).is_ok());
        remove_unless(&mut self.headers, TRACEPARENT, |text| TraceContext::parse(text).is_ok());
        let is_traced = self.headers.contains_key(TRACEPARENT);
        remove_unless(&mut self.headers, TRACESTATE, |text| is_traced && TraceState::parse(text).is_ok());
        self
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.url.origin().ascii_serialization())
    }
}

fn remove_unless(headers: &mut HeaderMap, name: HeaderName, is_right: impl Fn(&str) -> bool) {
    let right = |value: &HeaderValue| value.to_str().is_ok_and(&is_right);
    if !headers.get(&name).is_none_or(right) {
        headers.remove(name);
    }
}

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
pub(super) const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Of the connection and not of the request, or made by the client itself. A `Host` of one's own would choose another
/// service behind the address that was checked.
const CONNECTIONS_OWN: [HeaderName; 11] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

#[cfg(test)]
mod tests {
    use palisade_core::{Ids, SeededRandom, SystemClock};

    use super::*;

    fn text(request: &Request, name: &str) -> Option<String> {
        request.headers.get(name).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn the_names_of_request_and_trace_go_with_it() {
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SeededRandom::new(1)));
        let request_id = RequestId::generate(&ids);
        let trace = Some(TraceContext::parse(parent).unwrap());
        let state = TraceState::parse("congo=t61rcWkgMzE").unwrap();
        let trace_state = Some(state);
        let context = RequestContext { request_id: request_id.clone(), trace, trace_state };
        let request = Request::get("https://a.example/").unwrap().context(&context).purified();
        assert_eq!(text(&request, "tracestate").as_deref(), Some("congo=t61rcWkgMzE"));
        assert_eq!(text(&request, "x-request-id").as_deref(), Some(request_id.as_str()));
        assert_eq!(text(&request, "traceparent").as_deref(), Some(parent));
    }

    #[test]
    fn malformed_names_of_requests_and_traces_go_nowhere() {
        let nothing = TraceContext { trace_id: [0; 16], parent_id: [0; 8], sampled: true };
        let request_id = RequestId::parse("r-1").unwrap();
        let context =
            RequestContext { request_id, trace: Some(nothing), trace_state: TraceState::parse("a=1").ok() };
        let request = Request::get("https://a.example/").unwrap().context(&context).purified();
        assert_eq!(text(&request, "traceparent"), None);
        assert_eq!(text(&request, "tracestate"), None, "it is about no trace");
        let by_hand = HeaderValue::from_static("a b");
        let request = request.header(X_REQUEST_ID, by_hand.clone()).header(TRACEPARENT, by_hand).purified();
        assert!(request.headers.is_empty(), "{:?}", request.headers);
    }

    #[test]
    fn headers_of_the_connection_are_not_the_callers() {
        let mut request = Request::get("https://a.example/").unwrap();
        for name in CONNECTIONS_OWN {
            request = request.header(name, HeaderValue::from_static("x"));
        }
        assert!(request.purified().headers.is_empty());
    }

    #[test]
    fn only_what_may_be_repeated_is() {
        let of = |method| Request::new(method, "https://a.example/").unwrap();
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::OPTIONS] {
            assert!(of(method.clone()).may_be_repeated(), "{method}");
        }
        for method in [Method::POST, Method::PATCH, Method::CONNECT] {
            assert!(!of(method.clone()).may_be_repeated(), "{method}");
        }
        assert!(of(Method::POST).idempotency_key(HeaderValue::from_static("k")).may_be_repeated());
    }

    #[test]
    fn debugging_shows_no_secrets() {
        let request = Request::get("https://ann:pw@a.example/hooks/T0KEN?key=SECRET#x").unwrap();
        assert_eq!(format!("{request:?}"), "GET https://a.example");
    }
}
