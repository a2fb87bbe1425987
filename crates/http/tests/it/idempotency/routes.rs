//! Handlers that count how often they run.

use std::{
    future,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Bytes, Data, Path},
};
use futures_util::stream;
use palisade_core::{Error, ErrorKind, FieldError};
use serde_json::json;
use tokio::sync::Notify;

use super::Seen;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/echo", web::to(echo))
        .route("/other", web::to(echo))
        .route("/slowly", web::post().to(slowly))
        .route("/hangs-once", web::post().to(hangs_once))
        .route("/nothing", web::delete().to(nothing))
        .route("/described", web::post().to(described))
        .route("/tokens", web::post().to(tokens))
        .route("/streamed", web::post().to(streamed))
        .route("/large/{bytes}", web::post().to(large))
        .route("/fails/{kind}", web::post().to(fails))
        .route("/status/{status}", web::post().to(bare));
}

/// How many times a handler has run, this time included.
fn count(seen: &Seen) -> usize {
    seen.calls.fetch_add(1, Ordering::SeqCst) + 1
}

async fn echo(seen: Data<Seen>, body: Bytes) -> HttpResponse {
    let body = String::from_utf8(body.to_vec()).unwrap();
    HttpResponse::Created()
        .insert_header(("location", "/echo/1"))
        .json(json!({"call": count(&seen), "body": body}))
}

async fn slowly(seen: Data<Seen>) -> HttpResponse {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    HttpResponse::Ok().json(json!({"call": count(&seen)}))
}

async fn hangs_once(seen: Data<Seen>) -> HttpResponse {
    let call = count(&seen);
    if call == 1 {
        let _when_dropped = WhenDropped(Arc::clone(&seen.dropped));
        seen.begun.notify_one();
        future::pending::<()>().await;
    }
    HttpResponse::Ok().json(json!({"call": call}))
}

struct WhenDropped(Arc<Notify>);

impl Drop for WhenDropped {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

async fn nothing(seen: Data<Seen>) -> HttpResponse {
    count(&seen);
    HttpResponse::NoContent().finish()
}

async fn described(seen: Data<Seen>) -> HttpResponse {
    count(&seen);
    HttpResponse::Ok()
        .insert_header(("etag", "\"1\""))
        .append_header(("link", "</a>"))
        .append_header(("link", "</b>"))
        .insert_header(("set-cookie", "session=secret"))
        .insert_header(("ratelimit", "\"login\";r=4"))
        .insert_header(("x-ratelimit-remaining", "4"))
        .insert_header(("access-control-allow-origin", "*"))
        .insert_header(("x-request-id", "of-the-handler"))
        .body("described")
}

async fn tokens(seen: Data<Seen>) -> HttpResponse {
    let call = count(&seen);
    HttpResponse::Ok().insert_header(("cache-control", "private, No-Store")).json(json!({"token": call}))
}

async fn streamed(seen: Data<Seen>) -> HttpResponse {
    let call = count(&seen).to_string();
    HttpResponse::Ok().streaming(stream::iter([Ok::<_, Error>(Bytes::from(call))]))
}

async fn large(seen: Data<Seen>, bytes: Path<usize>) -> HttpResponse {
    HttpResponse::Ok().body(count(&seen).to_string().repeat(*bytes))
}

async fn fails(seen: Data<Seen>, kind: Path<String>) -> palisade_http::Result<HttpResponse> {
    let call = count(&seen);
    let kind = ErrorKind::from_slug(&kind).unwrap();
    Err(match kind {
        ErrorKind::Validation => Error::validation(vec![FieldError::new("title", "too_long", "is too long")]),
        ErrorKind::ServiceUnavailable => Error::unavailable("Busy", Duration::from_secs(1)),
        kind => Error::new(kind, format!("Call {call}")).with_reason("books.reason"),
    }
    .into())
}

async fn bare(seen: Data<Seen>, status: Path<u16>) -> HttpResponse {
    count(&seen);
    HttpResponse::build(StatusCode::from_u16(*status).unwrap()).finish()
}
