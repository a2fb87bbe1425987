//! Request ids and traces.

use actix_web::{HttpMessage as _, test::TestRequest};
use palisade_core::{Parse as _, RequestContext, RequestId, TraceContext, TraceState};
use palisade_http::request_id::outgoing_headers;

use crate::world::{World, call};

async fn named(sent: &[&str]) -> String {
    let request = sent
        .iter()
        .fold(TestRequest::with_uri("/context"), |request, id| request.append_header(("x-request-id", *id)));
    let answer = call(&World::default(), request).await;
    let told = answer.header("x-request-id").unwrap().to_owned();
    assert_eq!(answer.body, told, "handler and response agree");
    told
}

#[actix_web::test]
async fn a_well_formed_id_is_kept() {
    for id in ["a", "01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11", "A.b_c:d-9", &"x".repeat(128)] {
        assert_eq!(named(&[id]).await, id);
    }
}

#[actix_web::test]
async fn any_other_is_replaced_by_a_new_one() {
    for sent in [
        &[][..],
        &[""],
        &["a b"],
        &["a\"b"],
        &["a,b"],
        &[&"x".repeat(129)],
        &["one", "two"],
        &["same", "same"],
    ] {
        let told = named(sent).await;
        assert!(!sent.contains(&told.as_str()), "{sent:?}");
        assert_eq!((told.len(), told.as_bytes()[14]), (36, b'7'), "a UUIDv7: {told}");
    }
}

#[actix_web::test]
async fn responses_and_failures_of_every_kind_are_named() {
    for target in ["/ok", "/nowhere", "/panic/7", "/slow/7", "/status/302", "/kept", "/stream"] {
        let request = TestRequest::with_uri(target).insert_header(("x-request-id", "mine"));
        let answer = call(&World::default(), request).await;
        assert_eq!(answer.header("x-request-id"), Some("mine"), "{target}");
        let millis: f64 = answer.header("x-process-time").unwrap().parse().unwrap();
        assert!((0.0..10_000.0).contains(&millis), "{target}: {millis}");
    }
}

#[test]
fn a_name_and_a_trace_are_passed_on() {
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let request_id = RequestId::parse("mine").unwrap();
    let (trace_context, trace_state) =
        (TraceContext::parse(trace).ok(), TraceState::parse("congo=t61rcWkgMzE").ok());
    let context = RequestContext { request_id, trace: trace_context, trace_state };
    let headers: Vec<_> = outgoing_headers(&context).collect();
    assert_eq!(
        headers,
        [
            ("x-request-id", "mine".to_owned()),
            ("traceparent", trace.to_owned()),
            ("tracestate", "congo=t61rcWkgMzE".to_owned()),
        ]
    );
}

#[actix_web::test]
async fn each_layer_works_alone_and_names_errors_that_nobody_rendered() {
    use actix_web::{App, HttpResponse, dev::Service as _, error::ErrorForbidden, test::init_service};
    use palisade_core::{Ids, SystemClock, SystemRandom};
    use palisade_http::{Layer as _, process_time::ProcessTime, request_id::RequestIds};
    use std::sync::Arc;

    let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemRandom));
    let app = init_service(
        App::new()
            .wrap_fn(|request, next| {
                assert!(request.extensions().get::<RequestContext>().is_some());
                drop(next.call(request));
                async { Err::<actix_web::dev::ServiceResponse, _>(ErrorForbidden("no")) }
            })
            .wrap(ProcessTime.layered())
            .wrap(RequestIds::new(ids).layered()),
    )
    .await;
    let request = TestRequest::default().insert_header(("x-request-id", "mine")).to_request();
    let response: HttpResponse = match app.call(request).await {
        Ok(_) => panic!("it fails"),
        Err(error) => error.error_response(),
    };
    assert_eq!(response.headers().get("x-request-id").unwrap(), "mine");
    assert!(response.headers().contains_key("x-process-time"));
}
