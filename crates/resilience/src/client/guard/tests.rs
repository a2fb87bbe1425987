//! What an address may look like, and what is behind it.

use proptest::prelude::*;

use super::*;

fn verdict(guard: &Guard, url: &str) -> Result<(), Refusal> {
    guard.check_url(&Url::parse(url).unwrap())
}

fn resolved(guard: &Guard, name: &str, addresses: &[&str]) -> Result<(), Refusal> {
    let addresses: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
    guard.check_addresses(name, &addresses)
}

#[test]
fn an_address_is_refused_in_each_of_its_spellings() {
    for url in [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://017700000001/",
        "http://127.0.0.1./",
        "http://%31%32%37.0.0.1/",
        "http://１２７。０。０。１/",
        "http://①②⑦.0.0.1/",
        "http://0/",
        "http://0.0.0.0:8080/",
        "http://[::]/",
        "http://[::1]/",
        "http://[::127.0.0.1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[0:0:0:0:0:ffff:7f00:0001]/",
        "http://[64:ff9b::127.0.0.1]/",
        "http://[2002:7f00:1::]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2852039166/",
        "http://[fd00:ec2::254]/",
        "http:\\\\10.0.0.1\\",
        "http:10.0.0.1",
        "http://public.example\\@10.0.0.1/",
        "http://10.0.0.1#@public.example/",
    ] {
        let refusal = verdict(&Guard::public(), url);
        let by_parser = url.contains("public.example\\");
        assert!(by_parser || matches!(refusal, Err(Refusal::Address { .. })), "{url}: {refusal:?}");
    }
}

#[test]
fn what_stands_before_a_backslash_is_the_host() {
    // WHATWG URL §4.4: a backslash ends the authority, so the host here is the public one.
    let url = Url::parse("http://public.example\\@10.0.0.1/").unwrap();
    assert_eq!(url.host_str(), Some("public.example"));
}

#[test]
fn only_http_is_spoken_and_no_secret_stands_in_an_address() {
    for url in
        ["ftp://public.example/", "file:///etc/passwd", "gopher://public.example/", "data:,x", "ws://a/"]
    {
        assert_eq!(verdict(&Guard::public(), url), Err(Refusal::Scheme), "{url}");
    }
    for url in ["http://ann@public.example/", "https://:secret@public.example/"] {
        assert_eq!(verdict(&Guard::public(), url), Err(Refusal::UserInfo), "{url}");
    }
    assert_eq!(verdict(&Guard::public(), "https://public.example:8443/x?y"), Ok(()));
    assert_eq!(verdict(&Guard::public(), "http://8.8.8.8/"), Ok(()));
    assert_eq!(verdict(&Guard::public(), "http://[2606:4700::]/"), Ok(()));
}

#[test]
fn one_private_address_among_public_ones_refuses_the_name() {
    let guard = Guard::public();
    assert_eq!(resolved(&guard, "a.example", &["8.8.8.8", "2606:4700::"]), Ok(()));
    let refusal = resolved(&guard, "a.example", &["8.8.8.8", "10.0.0.1"]).unwrap_err();
    assert!(matches!(refusal, Refusal::Address { address, .. } if address.to_string() == "10.0.0.1"));
}

#[test]
fn a_host_is_allowed_its_private_addresses_and_no_one_elses() {
    let guard = Guard::public().allow_host("Payments.Internal").unwrap();
    for name in ["payments.internal", "payments.internal.", "PAYMENTS.internal"] {
        assert_eq!(
            resolved(&guard, name, &["10.1.2.3", "fd12::1", "127.0.0.1", "100.64.0.1"]),
            Ok(()),
            "{name}"
        );
    }
    for name in ["x.payments.internal", "payments.internal.evil.example", "payments"] {
        assert!(resolved(&guard, name, &["10.1.2.3"]).is_err(), "{name}");
    }
    for metadata in ["169.254.169.254", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254", "::ffff:10.1.2.3"]
    {
        assert!(resolved(&guard, "payments.internal", &[metadata]).is_err(), "{metadata}");
    }
    assert!(verdict(&guard, "http://10.1.2.3/").is_err(), "the name is allowed, not the address");
}

#[test]
fn a_host_that_is_allowed_with_a_port_is_asked_at_that_port_alone() {
    let guard = Guard::public().allow_host("payments.internal:8443").unwrap().allow_port(443);
    assert_eq!(verdict(&guard, "https://payments.internal:8443/"), Ok(()));
    assert_eq!(verdict(&guard, "https://payments.internal/"), Err(Refusal::Port(443)));
    assert_eq!(verdict(&guard, "https://payments.internal.:6379/"), Err(Refusal::Port(6379)));
    assert_eq!(verdict(&guard, "https://public.example/"), Ok(()));
    assert_eq!(verdict(&guard, "http://public.example/"), Err(Refusal::Port(80)));
    assert_eq!(verdict(&guard, "http://8.8.8.8:22/"), Err(Refusal::Port(22)));
}

#[test]
fn a_network_is_allowed_or_refused_whatever_it_is_for() {
    let guard = Guard::public()
        .allow_network("10.2.0.0/16".parse().unwrap())
        .refuse_network("10.2.9.0/24".parse().unwrap())
        .refuse_network("198.41.0.0/16".parse().unwrap());
    assert_eq!(verdict(&guard, "http://10.2.3.4/"), Ok(()));
    assert_eq!(resolved(&guard, "any.example", &["10.2.3.4"]), Ok(()));
    for address in ["10.3.0.1", "10.2.9.1", "198.41.0.4", "64:ff9b::198.41.0.4", "::ffff:10.2.3.4"] {
        assert!(resolved(&guard, "any.example", &[address]).is_err(), "{address}");
    }
}

#[test]
fn only_names_are_allowed_as_hosts() {
    for text in ["", ".", "10.0.0.1", "0x7f.1", "a b", "http://a", "a:99999", "a:", "[::1]", "*.example"] {
        // A star is a name like any other to the parser, and matches no other name.
        assert_eq!(Guard::public().allow_host(text).is_ok(), text == "*.example", "{text}");
    }
}

proptest! {
    #[test]
    fn whatever_the_parser_takes_gets_a_verdict_and_no_private_literal_passes(text in "https?://[0-9a-fx.:\\[\\]%]{1,24}/?") {
        if let Ok(url) = Url::parse(&text) {
            let passes = Guard::public().check_url(&url).is_ok();
            let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
            if let (true, Ok(address)) = (passes, host.parse::<IpAddr>()) {
                prop_assert!(set_aside(address).is_none(), "{}", text);
            }
        }
    }
}
