//! How exchanges end.

use std::{pin::pin, sync::Arc};

use actix_web::{
    App, HttpResponse,
    dev::Service as _,
    error::PayloadError,
    http::Method,
    test::{TestRequest, call_service, init_service},
    web::{self, Bytes},
};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use palisade_core::{ErrorFormat, Ids, SystemClock, SystemRandom};
use palisade_http::{
    Layer as _, head::Head, layers, panic_guard::PanicGuard, renderer::Renderer, request_id::RequestIds,
};
use palisade_testkit::Client;
use serde_json::Value;

use super::{
    app, in_pieces, layer,
    listener::{Heard, Level},
    next, post, send, told,
};
use crate::served::serve_app;

fn pieces(count: usize) -> impl futures_util::Stream<Item = Result<Bytes, PayloadError>> {
    stream::iter(0..count).map(|_| Ok(Bytes::from_static(b"piece ")))
}

#[actix_web::test]
async fn a_body_that_nobody_reads_to_its_end_is_told_as_far_as_it_was_read() {
    for (path, body, bytes) in [("/ignore", "", 0), ("/first", "piece", 6)] {
        let (request, response) = told(layer(), in_pieces(post(path, "text/plain"), pieces(3))).await;
        assert_eq!((&request["body"], &request["body_bytes"]), (&body.into(), &bytes.into()), "{path}");
        assert_eq!((&request["incomplete"], &request["truncated"]), (&true.into(), &false.into()), "{path}");
        assert_eq!(response.get("incomplete"), None, "{path}");
    }
    // All that was announced has been read, if not the end.
    let mut request = post("/first", "text/plain").insert_header(("content-length", "6")).to_request();
    *request.payload() = actix_web::dev::Payload::Stream { payload: Box::pin(pieces(1)) };
    let (request, _) = told(layer(), request).await;
    assert_eq!((&request["body"], request.get("incomplete")), (&"piece ".into(), None));
}

#[actix_web::test]
async fn a_request_body_that_breaks_off_is_told_as_far_as_it_came() {
    let broken = pieces(1).chain(stream::iter([Err(PayloadError::Incomplete(None))]));
    let (request, response) = told(layer(), in_pieces(post("/echo", "text/plain"), broken)).await;
    assert_eq!((&request["body_bytes"], &request["incomplete"]), (&6.into(), &true.into()), "{request}");
    assert_eq!(response["status"], 400);
}

#[actix_web::test]
async fn a_response_that_its_client_does_not_wait_for_is_told_as_far_as_it_went() {
    let heard = Heard::default();
    let _guard = heard.listen(Level::INFO);
    let app = init_service(app(Some(layer()))).await;
    {
        let response = app.call(in_pieces(post("/pass", "text/plain"), pieces(3))).await.unwrap();
        let mut body = pin!(response.into_body());
        next(body.as_mut()).await;
    }
    let events = heard.events();
    assert_eq!(events.len(), 2);
    for event in events {
        assert_eq!((&event["body_bytes"], &event["incomplete"]), (&6.into(), &true.into()), "{event}");
    }
}

#[actix_web::test]
async fn a_request_that_is_given_up_has_no_status() {
    let heard = Heard::default();
    let _guard = heard.listen(Level::INFO);
    let app = init_service(app(Some(layer()))).await;
    let mut call = Box::pin(app.call(post("/slow", "text/plain").set_payload("hello").to_request()));
    assert!((&mut call).now_or_never().is_none());
    drop(call);
    let (request, response) = heard.exchange();
    assert_eq!((&request["body"], request.get("incomplete")), (&"hello".into(), None));
    assert_eq!((response.get("status"), &response["incomplete"]), (None, &true.into()), "{response}");
}

#[actix_web::test]
async fn a_handler_that_panics_is_told_as_one_that_gave_no_answer() {
    let heard = Heard::default();
    let _guard = heard.listen(Level::INFO);
    let app = init_service(app(Some(layer())).wrap(PanicGuard.layered())).await;
    let outcome = app.call(post("/panic", "text/plain").set_payload("hello").to_request()).await;
    assert!(outcome.is_err() || outcome.is_ok_and(|response| response.status() == 500));
    let (request, response) = heard.exchange();
    assert_eq!((&request["body"], response.get("status")), (&"hello".into(), None), "{response}");
}

#[actix_web::test]
async fn a_client_that_goes_away_within_its_body_is_told_of() {
    let heard = Heard::default();
    let listening = heard.clone();
    let running = serve_app(move || {
        // The application is made on the thread that serves it.
        std::mem::forget(listening.listen(Level::INFO));
        app(Some(layer()))
    })
    .await;
    let mut client = Client::connect(running.bound()[0].address).await;
    client.send("POST /echo HTTP/1.1\r\nhost: a\r\ncontent-type: text/plain\r\ncontent-length: 100\r\n\r\nto ulla@exam").await;
    client.finish_sending().await;
    heard.until(2).await;
    let events = heard.events();
    let request = events.iter().find(|event| event["message"] == "http.exchange.request").unwrap();
    assert_eq!((&request["incomplete"], &request["body_bytes"]), (&true.into(), &12.into()), "{request}");
    assert_eq!(request["body"], "to", "no half of an address: {request}");
}

#[actix_web::test]
async fn answers_without_a_body_are_told_as_such() {
    let empty = |event: &Value| {
        assert_eq!((&event["body"], &event["body_bytes"]), (&"".into(), &0.into()), "{event}");
        assert_eq!(event.get("incomplete"), None, "{event}");
    };
    for status in [204, 304] {
        let (request, response) = told(layer(), post(&format!("/status/{status}"), "").to_request()).await;
        assert_eq!(response["status"], status);
        empty(&request);
        empty(&response);
    }
    // Inside of what answers HEAD by GET and outside of it, streamed or not.
    for path in ["/body", "/stream"] {
        for inside in [true, false] {
            let heard = Heard::default();
            let _guard = heard.listen(Level::INFO);
            let app = App::new()
                .route("/body", web::get().to(|| async { "hello" }))
                .route("/stream", web::get().to(|| async { HttpResponse::Ok().streaming(pieces(3)) }));
            // Outermost, so that it is known how the request came.
            let renderer = || Renderer::new(ErrorFormat::Envelope, Arc::new(SystemClock));
            let request = TestRequest::default().method(Method::HEAD).uri(path).to_request();
            if inside {
                let app = init_service(app.wrap(layers![renderer(), Head, layer()].layered())).await;
                call_service(&app, request).await;
            } else {
                let app = init_service(app.wrap(layers![renderer(), layer(), Head].layered())).await;
                call_service(&app, request).await;
            }
            let (request, response) = heard.exchange();
            assert_eq!((&request["method"], &response["status"]), (&"HEAD".into(), &200.into()));
            empty(&response);
        }
    }
}

#[actix_web::test]
async fn errors_are_told_by_code_and_reason() {
    let (_, response) = told(layer(), TestRequest::with_uri("/refused").to_request()).await;
    let named = [&response["status"], &response["code"], &response["reason"]];
    assert_eq!(named, [&409.into(), &"conflict".into(), &Value::from("users.email_taken")], "{response}");
    assert!(response["body"].as_str().is_some_and(|body| body.contains("\"Taken\"")), "{response}");
    let (_, response) = told(layer(), TestRequest::with_uri("/foreign").to_request()).await;
    assert_eq!((&response["status"], response.get("code")), (&418.into(), None), "{response}");
    assert!(!response["body"].as_str().unwrap().contains("hunter2"), "{response}");
}

#[actix_web::test]
async fn both_events_name_the_request() {
    let heard = Heard::default();
    let _guard = heard.listen(Level::INFO);
    let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemRandom));
    let app = init_service(app(Some(layer())).wrap(RequestIds::new(ids).layered())).await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request = post("/pass", "text/plain").insert_header(("x-request-id", "mine"));
    let request = request.insert_header(("traceparent", trace)).set_payload("hello");
    drop(call_service(&app, request.to_request()).await);
    for event in [heard.exchange().0, heard.exchange().1] {
        assert_eq!(
            (&event["request_id"], &event["trace_id"]),
            (&"mine".into(), &"4bf92f3577b34da6a3ce929d0e0e4736".into())
        );
    }
}

#[actix_web::test]
async fn the_answer_is_the_same_with_and_without_the_layer() {
    let heard = Heard::default();
    let _guard = heard.listen(Level::INFO);
    for path in ["/status/204", "/status/304", "/status/200", "/foreign", "/refused", "/nowhere", "/ignore"] {
        let request = || post(path, "text/plain").set_payload("hello").to_request();
        let (with, without) = (send(Some(layer()), request()).await, send(None, request()).await);
        assert_eq!(
            (with.status, with.size, with.body()),
            (without.status, without.size, without.body()),
            "{path}"
        );
        assert!(with.headers.iter().eq(without.headers.iter()), "{path}");
    }
}
