//! What goes with a request.

use std::sync::Arc;

use palisade_core::{
    Ids, Parse as _, RequestContext, RequestId, SeededRandom, SystemClock, TraceContext, TraceState,
};
use palisade_resilience::client::{
    Request,
    header::{HOST, HeaderName, HeaderValue, TRANSFER_ENCODING},
};

use super::{
    get, options,
    origin::{Origin, answer},
    upstream,
};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

async fn heard(make: impl Fn(Request) -> Request) -> String {
    let origin = Origin::start(|_| answer(200, "", "")).await;
    upstream(options()).send(make(get(origin.port()))).await.unwrap();
    origin.heard().remove(0)
}

#[tokio::test]
async fn the_id_of_the_request_and_its_place_in_a_trace_arrive() {
    let ids = Ids::new(Arc::new(SystemClock), Arc::new(SeededRandom::new(1)));
    let context = RequestContext {
        request_id: RequestId::generate(&ids),
        trace: Some(TraceContext::parse(PARENT).unwrap()),
        trace_state: TraceState::parse("congo=t61rcWkgMzE").ok(),
    };
    let heard = heard(|request| request.context(&context)).await;
    assert!(heard.contains(&format!("x-request-id: {}\r\n", context.request_id)), "{heard}");
    assert!(heard.contains(&format!("traceparent: {PARENT}\r\n")), "{heard}");
    assert!(heard.contains("tracestate: congo=t61rcWkgMzE\r\n"), "{heard}");
}

#[tokio::test]
async fn what_is_malformed_does_not_arrive() {
    let nothing = TraceContext { trace_id: [0; 16], parent_id: [1; 8], sampled: false };
    let request_id = RequestId::parse("r-1").unwrap();
    let context = RequestContext { request_id, trace: Some(nothing), trace_state: None };
    let with_context = heard(|request| request.context(&context)).await;
    assert!(with_context.contains("x-request-id: r-1\r\n") && !with_context.contains("traceparent"));
    let by_hand = HeaderValue::from_static("a,b c");
    let by_hand = heard(|request| {
        let request = request.header(HeaderName::from_static("x-request-id"), by_hand.clone());
        request.header(HeaderName::from_static("traceparent"), by_hand.clone())
    });
    let by_hand = by_hand.await;
    assert!(!by_hand.contains("x-request-id") && !by_hand.contains("traceparent"), "{by_hand}");
}

#[tokio::test]
async fn the_connections_headers_are_not_the_callers_and_nothing_asks_for_compression() {
    let heard = heard(|request| {
        let request = request.header(HOST, HeaderValue::from_static("admin.internal"));
        request.header(TRANSFER_ENCODING, HeaderValue::from_static("chunked"))
    });
    let heard = heard.await;
    assert!(heard.contains("host: upstream.test:") && !heard.contains("admin.internal"), "{heard}");
    for name in ["transfer-encoding", "accept-encoding", "referer", "cookie"] {
        assert!(!heard.contains(name), "{heard}");
    }
}
