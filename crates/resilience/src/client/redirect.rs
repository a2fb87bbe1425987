//! Where a redirect leads, and what goes there (RFC 9110 §15.4).

use bytes::Bytes;
use reqwest::{
    Method, StatusCode,
    header::{self, HeaderMap, HeaderName},
};
use url::Url;

use super::{
    refusal::Refusal,
    request::{Request, TRACEPARENT, TRACESTATE, X_REQUEST_ID},
};

/// The request that an answer redirects to, if it does. Whether it may go there is for the guard to say.
///
/// Another origin gets no body and no header in which a secret could be, whatever its name, and does not get it back
/// by redirecting to the first one.
pub(super) fn next(
    request: &Request,
    status: StatusCode,
    headers: &HeaderMap,
) -> Result<Option<Request>, Refusal> {
    let method = match (status.as_u16(), &request.method) {
        (301 | 302, &Method::POST) => Method::GET,
        (303, &Method::HEAD) => Method::HEAD,
        (303, _) => Method::GET,
        (301 | 302 | 307 | 308, method) => method.clone(),
        _ => return Ok(None),
    };
    let Some(url) = location(request, headers)? else { return Ok(None) };
    if request.url.scheme() == "https" && url.scheme() == "http" {
        return Err(Refusal::Downgrade);
    }
    let elsewhere = url.origin() != request.url.origin();
    let mut next = Request { method, url, ..request.clone() };
    if next.method != request.method {
        next.body = Bytes::new();
        for name in OF_THE_BODY {
            next.headers.remove(name);
        }
    }
    if elsewhere {
        if !next.body.is_empty() {
            return Err(Refusal::BodyElsewhere);
        }
        next.headers = next.headers.into_iter().filter_map(harmless).collect();
    }
    Ok(Some(next))
}

fn location(request: &Request, headers: &HeaderMap) -> Result<Option<Url>, Refusal> {
    let Some(location) = headers.get(header::LOCATION) else { return Ok(None) };
    let text = str::from_utf8(location.as_bytes()).map_err(|_| Refusal::Location)?;
    let mut url = request.url.join(text).map_err(|_| Refusal::Location)?;
    url.set_fragment(None);
    Ok(Some(url))
}

fn harmless<V>((name, value): (Option<HeaderName>, V)) -> Option<(HeaderName, V)> {
    let name = name?;
    HARMLESS.contains(&name).then_some((name, value))
}

/// What another origin may see.
const HARMLESS: [HeaderName; 6] =
    [header::ACCEPT, header::ACCEPT_LANGUAGE, header::USER_AGENT, TRACEPARENT, TRACESTATE, X_REQUEST_ID];

const OF_THE_BODY: [HeaderName; 4] =
    [header::CONTENT_ENCODING, header::CONTENT_LANGUAGE, header::CONTENT_LOCATION, header::CONTENT_TYPE];

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    const SECRETS: [HeaderName; 4] = [
        header::AUTHORIZATION,
        header::COOKIE,
        HeaderName::from_static("x-api-key"),
        HeaderName::from_static("idempotency-key"),
    ];

    fn request(method: Method, url: &str) -> Request {
        let value = HeaderValue::from_static("secret");
        let mut request = Request::new(method, url).unwrap().header(header::ACCEPT, value.clone());
        for name in SECRETS {
            request = request.header(name, value.clone());
        }
        request
    }

    fn with_body(method: Method, url: &str) -> Request {
        request(method, url).body(HeaderValue::from_static("text/plain"), "secret")
    }

    fn led(request: &Request, status: u16, location: &str) -> Result<Option<Request>, Refusal> {
        let location = HeaderValue::from_bytes(location.as_bytes()).unwrap();
        let headers = [(header::LOCATION, location)].into_iter().collect();
        next(request, StatusCode::from_u16(status).unwrap(), &headers)
    }

    #[test]
    fn methods_and_bodies_follow_the_status() {
        for (status, method, becomes, keeps_body) in [
            (301, Method::POST, Method::GET, false),
            (302, Method::POST, Method::GET, false),
            (303, Method::PUT, Method::GET, false),
            (303, Method::HEAD, Method::HEAD, true),
            (301, Method::PUT, Method::PUT, true),
            (307, Method::POST, Method::POST, true),
            (308, Method::DELETE, Method::DELETE, true),
        ] {
            let first = with_body(method.clone(), "https://a.example/x");
            let then = led(&first, status, "/y?z#f").unwrap().unwrap();
            assert_eq!((&then.method, then.url.as_str()), (&becomes, "https://a.example/y?z"));
            assert_eq!(then.body.is_empty(), !keeps_body, "{status} {method}");
            assert_eq!(then.headers.contains_key(header::CONTENT_TYPE), keeps_body, "{status} {method}");
            assert!(then.headers.contains_key(header::AUTHORIZATION), "the same origin");
        }
    }

    #[test]
    fn another_origin_sees_no_secret_and_gives_none_back() {
        let first = request(Method::GET, "https://a.example/x");
        for elsewhere in
            ["https://b.example/", "//b.example", "https://a.example:8443/", "https://a.example.b.example/"]
        {
            let then = led(&first, 302, elsewhere).unwrap().unwrap();
            assert_eq!(then.headers.keys().collect::<Vec<_>>(), [header::ACCEPT], "{elsewhere}");
            let back = led(&then, 302, "https://a.example/").unwrap().unwrap();
            assert!(SECRETS.iter().all(|name| !back.headers.contains_key(name)), "{elsewhere}");
        }
        let upgraded = led(&request(Method::GET, "http://a.example/"), 301, "https://a.example/");
        assert!(!upgraded.unwrap().unwrap().headers.contains_key(header::AUTHORIZATION));
    }

    #[test]
    fn a_body_stays_with_its_origin() {
        let first = with_body(Method::PUT, "https://a.example/");
        assert_eq!(led(&first, 307, "https://b.example/").unwrap_err(), Refusal::BodyElsewhere);
        assert!(led(&with_body(Method::POST, "https://a.example/"), 303, "https://b.example/").is_ok());
    }

    #[test]
    fn https_never_becomes_http() {
        let first = request(Method::GET, "https://a.example/");
        assert_eq!(led(&first, 302, "http://a.example/").unwrap_err(), Refusal::Downgrade);
    }

    #[test]
    fn what_is_no_redirect_is_the_answer() {
        let first = request(Method::GET, "https://a.example/");
        for status in [200, 300, 304, 305, 306, 404] {
            assert!(led(&first, status, "/y").unwrap().is_none(), "{status}");
        }
        assert!(next(&first, StatusCode::FOUND, &HeaderMap::new()).unwrap().is_none());
        assert_eq!(led(&first, 302, "http://[::1").unwrap_err(), Refusal::Location);
    }
}
