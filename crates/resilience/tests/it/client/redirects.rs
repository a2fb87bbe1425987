//! A redirect is guarded as the first address is.

use palisade_resilience::client::{
    Error, Method, Refusal, Request, UpstreamOptions,
    header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue},
};

use super::{
    get, options,
    origin::{Origin, answer, redirect},
    upstream,
};

/// What comes of a redirect to `location`.
async fn refused(location: String) -> Refusal {
    let origin = Origin::start(move |_| redirect(302, &location)).await;
    match upstream(options()).send(get(origin.port())).await {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("it was not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_redirect_behind_the_server_is_refused() {
    let secret = Origin::start(|_| answer(200, "", "secret")).await;
    let port = secret.port();
    for location in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://evil.test:{port}/"),
        format!("//0x7f000001:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fd00:ec2::254]/".to_owned(),
    ] {
        let refusal = refused(location.clone()).await;
        assert!(matches!(refusal, Refusal::Address { .. }), "{location}: {refusal:?}");
    }
    assert!(secret.heard().is_empty());
}

#[tokio::test]
async fn a_redirect_to_another_scheme_or_with_a_password_is_refused() {
    assert_eq!(refused("file:///etc/passwd".to_owned()).await, Refusal::Scheme);
    assert_eq!(refused("http://ann:pw@upstream.test/".to_owned()).await, Refusal::UserInfo);
    assert_eq!(refused("http://upstream.test:99999/".to_owned()).await, Refusal::Location);
}

#[tokio::test]
async fn redirects_are_followed_up_to_their_limit() {
    let origin =
        Origin::start(|number| if number < 5 { redirect(302, "/next") } else { answer(200, "", "end") })
            .await;
    let response = upstream(options()).send(get(origin.port())).await.unwrap();
    assert_eq!(&response.body()[..], b"end");
    assert!(origin.heard()[5].starts_with("GET /next HTTP/1.1"));
    assert_eq!(refused("/for-ever".to_owned()).await, Refusal::TooManyRedirects(5));
}

#[tokio::test]
async fn without_redirects_a_redirect_is_an_answer() {
    let origin = Origin::start(|_| redirect(302, "http://127.0.0.1/")).await;
    let mut options = options();
    options.limits.redirects = 0;
    let response = upstream(options).send(get(origin.port())).await.unwrap();
    assert_eq!(response.status().as_u16(), 302);
}

#[tokio::test]
async fn secrets_stay_with_their_origin() {
    let other = Origin::start(|_| answer(200, "", "")).await;
    let location = format!("http://other.test:{}/there", other.port());
    let origin = Origin::start(
        move |number| if number == 0 { redirect(307, "/here") } else { redirect(307, &location) },
    )
    .await;
    let secret = HeaderValue::from_static("s3cret");
    let request = get(origin.port())
        .header(AUTHORIZATION, secret.clone())
        .header(COOKIE, secret.clone())
        .header(HeaderName::from_static("x-api-key"), secret);
    upstream(options()).send(request).await.unwrap();
    assert_eq!(
        origin.heard().iter().map(|heard| heard.matches("s3cret").count()).collect::<Vec<_>>(),
        [3, 3]
    );
    assert_eq!(other.heard().len(), 1);
    assert!(!other.heard()[0].contains("s3cret"), "{:?}", other.heard());
}

#[tokio::test]
async fn a_body_follows_within_its_origin_and_not_beyond() {
    let other = Origin::start(|_| answer(200, "", "")).await;
    let location = format!("http://other.test:{}/", other.port());
    let origin = Origin::start(
        move |number| if number == 0 { redirect(308, "/here") } else { redirect(308, &location) },
    )
    .await;
    let address = format!("http://upstream.test:{}/", origin.port());
    let request =
        Request::new(Method::PUT, &address).unwrap().body(HeaderValue::from_static("text/plain"), "s3cret");
    let error = upstream(UpstreamOptions { ..options() }).send(request).await.unwrap_err();
    assert!(matches!(error, Error::Refused(Refusal::BodyElsewhere)), "{error:?}");
    assert!(origin.heard()[1].starts_with("PUT /here HTTP/1.1") && origin.heard()[1].ends_with("s3cret"));
    assert!(other.heard().is_empty());
}
