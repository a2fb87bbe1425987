//! A request goes where it may go and nowhere else.

use std::sync::Arc;

use palisade_resilience::client::{Client, Error, Guard, Refusal, Request, UpstreamOptions};

use super::{
    at, get, options,
    origin::{Names, Origin, answer},
    upstream, upstream_named,
};

fn is_forbidden_address(error: &Error) -> bool {
    matches!(error, Error::Refused(Refusal::Address { .. }))
}

#[tokio::test]
async fn an_upstream_that_is_allowed_by_name_answers() {
    let origin = Origin::start(|_| answer(200, "x-kind: real\r\n", "hello")).await;
    let response = upstream(options()).send(get(origin.port())).await.unwrap();
    assert_eq!((response.status().as_u16(), &response.body()[..]), (200, &b"hello"[..]));
    assert_eq!(response.headers()["x-kind"], "real");
    assert!(origin.heard()[0].starts_with("GET /path?query HTTP/1.1\r\n"));
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_not_asked() {
    let proxy = Origin::start(|_| answer(200, "", "proxied")).await;
    let address = format!("http://127.0.0.1:{}", proxy.port());
    // The test above once more, in a process that is told to use a proxy.
    let mut test = tokio::process::Command::new(std::env::current_exe().unwrap());
    test.args(["--exact", "client::addresses::an_upstream_that_is_allowed_by_name_answers"]);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        test.env(variable, &address);
    }
    let output = test.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert!(proxy.heard().is_empty(), "{:?}", proxy.heard());
}

#[tokio::test]
async fn a_name_that_leads_behind_the_server_is_refused_and_nothing_is_sent() {
    let origin = Origin::start(|_| answer(200, "", "secret")).await;
    let upstream = upstream(options());
    let error = upstream.send(at("evil.test", origin.port())).await.unwrap_err();
    assert!(is_forbidden_address(&error), "{error:?}");
    assert_eq!(upstream.snapshot().attempts, 1, "a refusal is not tried again");
    assert!(origin.heard().is_empty());
}

#[tokio::test]
async fn an_address_is_refused_however_it_is_written_and_no_name_is_resolved() {
    let origin = Origin::start(|_| answer(200, "", "secret")).await;
    let names = Arc::new(super::names());
    let upstream = upstream_named(options(), Arc::clone(&names));
    for host in
        ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.1.", "[::ffff:127.0.0.1]"]
    {
        let error = upstream.send(at(host, origin.port())).await.unwrap_err();
        assert!(is_forbidden_address(&error), "{host}: {error:?}");
    }
    for address in ["file:///etc/passwd", "http://ann:pw@upstream.test/"] {
        let error = upstream.send(Request::get(address).unwrap()).await.unwrap_err();
        assert!(matches!(error, Error::Refused(_)), "{address}: {error:?}");
    }
    assert!(matches!(Request::get("no address"), Err(Error::InvalidUrl { .. })));
    assert_eq!((names.asked(), upstream.snapshot().attempts, origin.heard().len()), (0, 0, 0));
}

#[tokio::test]
async fn a_name_with_one_private_address_among_public_ones_is_refused() {
    let origin = Origin::start(|_| answer(200, "", "secret")).await;
    for addresses in [["8.8.8.8", "127.0.0.1"], ["2606:4700::", "10.0.0.1"], ["127.0.0.1", "8.8.8.8"]] {
        let names = Arc::new(Names::default().with("mixed.test", &addresses));
        let error = upstream_named(options(), names).send(at("mixed.test", origin.port())).await.unwrap_err();
        assert!(is_forbidden_address(&error), "{addresses:?}: {error:?}");
    }
    assert!(origin.heard().is_empty());
}

#[tokio::test]
async fn a_name_that_moves_behind_the_server_is_refused_once_it_has() {
    // 127.0.0.2 stands for a public address here: the guard lets it through, and it answers.
    let public = Origin::start_on([127, 0, 0, 2].into(), |_| answer(200, "", "public")).await;
    let names =
        Names::default().with("rebinding.test", &["127.0.0.2"]).with("rebinding.test", &["127.0.0.1"]);
    let names = Arc::new(names);
    let guard = Guard::public().allow_network("127.0.0.2/32".parse().unwrap());
    let upstream = upstream_named(UpstreamOptions { guard, ..options() }, Arc::clone(&names));

    let first = upstream.send(at("rebinding.test", public.port())).await.unwrap();
    assert_eq!(&first.body()[..], b"public");
    assert_eq!(names.asked(), 1, "what was checked is what was connected to: nothing is resolved in between");
    let error = upstream.send(at("rebinding.test", public.port())).await.unwrap_err();
    assert!(is_forbidden_address(&error), "{error:?}");
}

#[tokio::test]
async fn a_port_that_is_not_on_the_list_is_refused() {
    let origin = Origin::start(|_| answer(200, "", "")).await;
    let guard = options().guard.allow_port(443);
    let error = upstream(UpstreamOptions { guard, ..options() }).send(get(origin.port())).await.unwrap_err();
    assert!(matches!(error, Error::Refused(Refusal::Port(_))), "{error:?}");
}

#[tokio::test]
async fn what_one_upstream_may_reach_another_may_not_even_on_an_open_connection() {
    let kept = "HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n";
    let origin = Origin::start(move |_| kept.to_owned()).await;
    let names = Arc::new(super::names());
    let client = Client::builder()
        .names(names.clone())
        .upstream("trusted", options())
        .upstream("webhooks", UpstreamOptions { guard: Guard::public(), ..options() })
        .build()
        .unwrap();
    let upstream = |name| client.upstream(name).unwrap();
    for _ in 0..2 {
        upstream("trusted").send(get(origin.port())).await.unwrap();
    }
    assert_eq!(names.asked(), 1, "the connection is kept");
    let error = upstream("webhooks").send(get(origin.port())).await.unwrap_err();
    assert!(is_forbidden_address(&error), "{error:?}");
    assert_eq!(client.snapshots().len(), 2);
}

#[tokio::test]
async fn no_error_tells_a_path_a_query_or_a_password() {
    let upstream = upstream(options());
    let addresses = [
        "http://evil.test/p4th?t0ken=s3cret",
        "http://u5er:s3cret@upstream.test/",
        "http://upstream.test:1/p4th?t0ken",
    ];
    for address in addresses {
        let error = upstream.send(Request::get(address).unwrap()).await.unwrap_err();
        let mut told = format!("{error:?} {error}");
        told.extend(palisade_core::Error::from(error).causes());
        for secret in ["p4th", "t0ken", "s3cret", "u5er"] {
            assert!(!told.contains(secret), "{told}");
        }
    }
}
