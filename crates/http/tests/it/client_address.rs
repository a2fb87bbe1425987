//! Who the client is.

use std::net::IpAddr;

use actix_web::{
    App, HttpRequest,
    http::header::{HeaderMap, HeaderName, HeaderValue},
    test::{TestRequest, call_and_read_body, init_service},
    web,
};
use palisade_http::{
    Layer as _,
    client_address::{Client, ClientAddress, ClientIp, ForwardingHeader, TrustedProxies},
};
use proptest::prelude::*;

/// The nearest proxy, and those behind it.
const PROXY: &str = "10.0.0.1";
const TRUSTED: [&str; 2] = ["10.0.0.0/8", "2001:db8:ffff::/48"];

fn layer() -> ClientAddress {
    ClientAddress::new(TrustedProxies::parse(&TRUSTED).unwrap())
}

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn seen_by(layer: &ClientAddress, peer: &str, lines: &[(&str, &str)]) -> Client {
    layer.resolve(Client { ip: ip(peer), https: false }, &headers(lines))
}

fn seen(lines: &[(&str, &str)]) -> String {
    seen_by(&layer(), PROXY, lines).ip.to_string()
}

const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";
const FORWARDED: &str = "forwarded";

#[test]
fn the_client_is_the_right_most_that_is_no_trusted_proxy() {
    for (list, client) in [
        ("192.0.2.1", "192.0.2.1"),
        ("198.51.100.66, 192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, 10.0.0.3, 10.0.0.2", "192.0.2.1"),
        ("198.51.100.66,192.0.2.1,2001:db8:ffff::1", "192.0.2.1"),
        ("10.0.0.9, 10.0.0.3", "10.0.0.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:192.0.2.1, ::ffff:10.0.0.2", "192.0.2.1"),
        ("192.0.2.1:4711, [2001:db8:ffff::1]:80", "192.0.2.1"),
        (" 192.0.2.1\t,, ,10.0.0.2 ,", "192.0.2.1"),
    ] {
        assert_eq!(seen(&[(FOR, list)]), client, "{list}");
        let quoted = |entry: &str| format!("for=\"{}\"", entry.trim());
        let elements: Vec<_> = list.split(',').filter(|entry| !entry.trim().is_empty()).map(quoted).collect();
        assert_eq!(seen(&[(FORWARDED, &elements.join(", "))]), client, "{list}");
    }
}

#[test]
fn the_walk_ends_where_an_entry_is_no_address() {
    for (list, client) in [
        ("garbage", PROXY),
        ("192.0.2.1, garbage", PROXY),
        ("192.0.2.1, unknown", PROXY),
        ("192.0.2.1, _hidden", PROXY),
        ("192.0.2.1, 192.0.2", PROXY),
        ("192.0.2.1, garbage, 10.0.0.2", "10.0.0.2"),
        ("", PROXY),
        (" , ,", PROXY),
    ] {
        assert_eq!(seen(&[(FOR, list)]), client, "{list}");
    }
    for (list, client) in [
        ("for=192.0.2.1, for=unknown", PROXY),
        ("for=192.0.2.1, for=_SEVKISEK", PROXY),
        ("for=192.0.2.1, by=10.0.0.1", PROXY),
        ("for=192.0.2.1, for", PROXY),
        ("for=192.0.2.1, for=192.0.2.1;for=192.0.2.2", PROXY),
        ("for=192.0.2.1, for=_a, for=10.0.0.2", "10.0.0.2"),
        ("for=192.0.2.1;for=\"", PROXY),
    ] {
        assert_eq!(seen(&[(FORWARDED, list)]), client, "{list}");
    }
}

#[test]
fn several_lines_are_one_list() {
    assert_eq!(seen(&[(FOR, "198.51.100.66"), (FOR, "192.0.2.1, 10.0.0.3"), (FOR, "10.0.0.2")]), "192.0.2.1");
    assert_eq!(seen(&[(FORWARDED, "for=198.51.100.66"), (FORWARDED, "for=192.0.2.1")]), "192.0.2.1");
    // An open quote in one line takes nothing of the next.
    assert_eq!(seen(&[(FORWARDED, "for=\"198.51.100.66"), (FORWARDED, "for=192.0.2.1")]), "192.0.2.1");
}

#[test]
fn nobody_else_is_believed() {
    let lines = [(FOR, "198.51.100.66"), (PROTO, "https"), (FORWARDED, "for=198.51.100.66;proto=https")];
    for (layer, peer) in [
        (layer(), "192.0.2.1"),
        (layer(), "2001:db8::1"),
        (ClientAddress::new(TrustedProxies::none()), PROXY),
        (ClientAddress::new(TrustedProxies::none()), "127.0.0.1"),
    ] {
        let client = seen_by(&layer, peer, &lines);
        assert_eq!(client, Client { ip: ip(peer), https: false }, "{peer}");
    }
}

#[test]
fn headers_that_contradict_each_other_are_not_believed() {
    let both = |one, other| [(FORWARDED, one), (FOR, other)];
    assert_eq!(seen(&both("for=192.0.2.1", "192.0.2.1")), "192.0.2.1");
    for (one, other) in [
        ("for=198.51.100.66", "192.0.2.1"),
        ("for=_hidden", "192.0.2.1"),
        ("for=192.0.2.1", "unknown"),
        ("malformed", "192.0.2.1"),
    ] {
        assert_eq!(seen(&both(one, other)), PROXY, "{one} | {other}");
    }
    let only = |header| move |lines: &[_]| seen_by(&layer().by(header), PROXY, lines).ip.to_string();
    let lines = both("for=192.0.2.1", "198.51.100.66");
    assert_eq!(only(ForwardingHeader::Forwarded)(&lines), "192.0.2.1");
    assert_eq!(only(ForwardingHeader::XForwardedFor)(&lines), "198.51.100.66");
    assert_eq!(only(ForwardingHeader::Forwarded)(&lines[1..]), PROXY);
    assert_eq!(only(ForwardingHeader::XForwardedFor)(&lines[..1]), PROXY);
}

#[test]
fn the_scheme_is_the_one_told_beside_the_client() {
    for (lines, https) in [
        (&[(PROTO, "https")][..], true),
        (&[(PROTO, "HTTPS"), (FOR, "192.0.2.1")], true),
        (&[(PROTO, "http"), (FOR, "192.0.2.1")], false),
        (&[(PROTO, "https, http"), (FOR, "192.0.2.1")], false),
        (&[(PROTO, "http, https"), (FOR, "192.0.2.1")], true),
        (&[(PROTO, "https, http"), (FOR, "192.0.2.1, 10.0.0.2")], true),
        (&[(PROTO, "https"), (FOR, "192.0.2.1, 10.0.0.2")], true),
        (&[(PROTO, "gopher"), (FOR, "192.0.2.1")], false),
        (&[(FORWARDED, "for=192.0.2.1;proto=https")], true),
        (&[(FORWARDED, "for=192.0.2.1;proto=https, for=10.0.0.2;proto=http")], true),
        (&[(FORWARDED, "for=198.51.100.66;proto=https, for=192.0.2.1;proto=http")], false),
        (&[(FORWARDED, "for=_hidden;proto=https")], true),
        (&[(FORWARDED, "for=192.0.2.1;proto=https"), (PROTO, "http")], false),
    ] {
        assert_eq!(seen_by(&layer(), PROXY, lines).https, https, "{lines:?}");
    }
    // A proxy that tells no scheme leaves that of the connection.
    let direct = Client { ip: ip(PROXY), https: true };
    assert!(layer().resolve(direct, &headers(&[(FOR, "192.0.2.1")])).https);
}

#[test]
fn a_long_list_is_walked_for_a_bounded_way() {
    let list = |proxies: usize| format!("192.0.2.1{}", ", 10.0.0.2".repeat(proxies));
    assert_eq!(seen(&[(FOR, &list(31))]), "192.0.2.1");
    assert_eq!(seen(&[(FOR, &list(32))]), "10.0.0.2");
    assert_eq!(seen(&[(FOR, &list(5_000))]), "10.0.0.2");
}

#[actix_web::test]
async fn handlers_get_the_client_with_the_layer_and_the_peer_without() {
    async fn told(ClientIp(ip): ClientIp, request: HttpRequest) -> String {
        format!("{ip} {}", Client::of(&request).https)
    }
    let request = |peer: &str| {
        let request = TestRequest::default().peer_addr(format!("{peer}:4711").parse().unwrap());
        request.insert_header((FOR, "192.0.2.1")).insert_header((PROTO, "https")).to_request()
    };
    let with = init_service(App::new().default_service(web::to(told)).wrap(layer().layered())).await;
    let without = init_service(App::new().default_service(web::to(told))).await;
    assert_eq!(call_and_read_body(&with, request(PROXY)).await, "192.0.2.1 true");
    assert_eq!(call_and_read_body(&with, request("[::ffff:10.0.0.1]")).await, "192.0.2.1 true");
    assert_eq!(call_and_read_body(&with, request("198.51.100.66")).await, "198.51.100.66 false");
    assert_eq!(call_and_read_body(&without, request("[::ffff:10.0.0.1]")).await, "10.0.0.1 false");
}

fn forged() -> impl Strategy<Value = Vec<u8>> {
    // Every byte that a header may hold, those that mean something often.
    let byte = prop_oneof![
        prop::sample::select(b"\",;=\\[]:. \tfor1_".to_vec()),
        (0x20_u8..=0xff).prop_filter("no DEL", |byte| *byte != 0x7f),
    ];
    prop::collection::vec(byte, 0..200)
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(name in prop::sample::select(vec![FOR, FORWARDED, PROTO]), value in forged()) {
        let mut lines = headers(&[]);
        lines.append(HeaderName::from_static(name), HeaderValue::from_bytes(&value).unwrap());
        let _ = layer().resolve(Client { ip: ip(PROXY), https: false }, &lines);
    }

    #[test]
    fn what_a_client_wrote_changes_nothing(value in forged(), line_of_its_own: bool, proxies in 0_usize..4) {
        for (name, client, proxy) in [
            (FOR, "192.0.2.1", ",10.0.0.2"),
            (FORWARDED, "for=192.0.2.1;proto=http", ", for=\"10.0.0.2:80\";host=\"a,\\\"b\""),
        ] {
            let added = format!("{client}{}", proxy.repeat(proxies));
            let name = HeaderName::from_static(name);
            let mut lines = HeaderMap::new();
            if line_of_its_own {
                lines.append(name.clone(), HeaderValue::from_bytes(&value).unwrap());
                lines.append(name, HeaderValue::from_str(&added).unwrap());
            } else {
                let joined = [value.as_slice(), b", ", added.as_bytes()].concat();
                lines.append(name, HeaderValue::from_bytes(&joined).unwrap());
            }
            let client = layer().resolve(Client { ip: ip(PROXY), https: false }, &lines);
            prop_assert_eq!(client, Client { ip: ip("192.0.2.1"), https: false });
        }
    }
}
