//! What a request's target may look like (RFC 9112 §3.2).

use std::borrow::Cow;

use actix_web::{
    dev::RequestHead,
    http::{
        Method, Uri,
        header::HOST,
        uri::{Authority, PathAndQuery},
    },
};
use palisade_core::Error;

use super::{
    NullBytes,
    path::{self, BROKEN_ESCAPE, Flaw, NUL},
};

/// The address to go on with, when it is spelled differently from the one that came.
///
/// # Errors
/// 414 when it is longer than `longest`, 400 for what is no address of this server's, or for one that could be
/// read in two ways.
pub(super) fn canonical(
    head: &RequestHead,
    longest: usize,
    null_bytes: NullBytes,
) -> Result<Option<Uri>, Error> {
    if head.method == Method::CONNECT {
        return Err(Error::bad_request("This server is no proxy"));
    }
    let uri = &head.uri;
    let Some(address) = uri.path_and_query() else {
        return Err(Error::bad_request("The request's target is no address of this server"));
    };
    if address.as_str().len() > longest {
        return Err(Error::bad_request("The address is too long").with_status(414));
    }
    // `OPTIONS *` asks about the server as a whole (RFC 9112 §3.2.4).
    if uri.path() == "*" && head.method == Method::OPTIONS {
        return Ok(None);
    }
    check_authority(head)?;
    let path = path::canonical(address.path(), null_bytes).map_err(Error::bad_request)?;
    address.query().map_or(Ok(()), |query| check_query(query, null_bytes)).map_err(Error::bad_request)?;
    match (path, uri.authority()) {
        (Cow::Borrowed(_), None) => Ok(None),
        (path, _) => respelled(path.into_owned(), address.query()).map(Some),
    }
}

fn respelled(path: String, query: Option<&str>) -> Result<Uri, Error> {
    let text = match query {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    PathAndQuery::try_from(text).map(Uri::from).map_err(Error::internal)
}

/// A whole address, as proxies are sent it, must name the host that `Host` names (RFC 9112 §3.2.2): of two
/// hosts, each layer might believe another.
fn check_authority(head: &RequestHead) -> Result<(), Error> {
    let Some(authority) = head.uri.authority() else { return Ok(()) };
    let default_port = match head.uri.scheme_str() {
        Some("http") => ":80",
        Some("https") => ":443",
        _ => return Err(Error::bad_request("The address must begin with http:// or https://")),
    };
    if authority.as_str().contains('@') {
        return Err(Error::bad_request("The address must hold no user name"));
    }
    match head.headers.get(HOST) {
        Some(host) if !is_same(authority, host.as_bytes(), default_port) => {
            Err(Error::bad_request("The address and the Host header name different hosts"))
        }
        _ => Ok(()),
    }
}

fn is_same(authority: &Authority, host: &[u8], default_port: &str) -> bool {
    let authority = authority.as_str();
    let authority = authority.strip_suffix(default_port).unwrap_or(authority);
    let host = host.strip_suffix(default_port.as_bytes()).unwrap_or(host);
    authority.as_bytes().eq_ignore_ascii_case(host)
}

/// A query holds values, whatever they are; only what no reader could decode is refused.
fn check_query(query: &str, null_bytes: NullBytes) -> Result<(), Flaw> {
    let mut rest = query.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'%') {
        let (byte, tail) = path::escaped(rest.get(at + 1..).ok_or(BROKEN_ESCAPE)?)?;
        if byte == 0 && null_bytes == NullBytes::Refused {
            return Err(NUL);
        }
        rest = tail;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn judged(method: Method, target: &str, host: &str) -> Result<Option<String>, u16> {
        let request =
            TestRequest::with_uri(target).method(method).insert_header((HOST, host)).to_srv_request();
        let uri = canonical(request.head(), 100, NullBytes::Refused);
        uri.map(|uri| uri.map(|uri| uri.to_string())).map_err(|error| error.status())
    }

    fn get(target: &str) -> Result<Option<String>, u16> {
        judged(Method::GET, target, "a.example")
    }

    #[test]
    fn only_addresses_of_a_server_pass() {
        assert_eq!(get("/a?b=c"), Ok(None));
        assert_eq!(get("*"), Err(400));
        assert_eq!(judged(Method::OPTIONS, "*", "a.example"), Ok(None));
        assert_eq!(judged(Method::CONNECT, "a.example:443", "a.example"), Err(400));
        assert_eq!(get("a.example:443"), Err(400));
        assert_eq!(get(&format!("/{}", "a".repeat(99))), Ok(None));
        assert_eq!(get(&format!("/{}", "a".repeat(100))), Err(414));
    }

    #[test]
    fn a_whole_address_is_taken_where_it_agrees_with_the_host() {
        for target in ["http://a.example/x?y", "HTTP://A.EXAMPLE:80/x?y", "https://a.example:443/x?y"] {
            assert_eq!(get(target), Ok(Some("/x?y".to_owned())), "{target}");
        }
        assert_eq!(get("http://a.example"), Ok(Some("/".to_owned())));
        assert_eq!(get("http://a.example?x"), Ok(Some("/?x".to_owned())));
        for target in
            ["http://b.example/", "http://a.example:81/", "ftp://a.example/", "http://u@a.example/x"]
        {
            assert_eq!(get(target), Err(400), "{target}");
        }
    }

    #[test]
    fn a_query_must_be_decodable_and_no_more() {
        for target in ["/a?", "/a?b=%c3%a9&c=%0a&d=//../;%2f", "/a?b=%ff"] {
            assert_eq!(get(target), Ok(None), "{target}");
        }
        for target in ["/a?%", "/a?b=%4", "/a?b=%zz&c", "/a?b=%00"] {
            assert_eq!(get(target), Err(400), "{target}");
        }
        assert_eq!(get("/%61?b=%61"), Ok(Some("/a?b=%61".to_owned())));
    }
}
