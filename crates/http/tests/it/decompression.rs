//! Compressed request bodies, whole, damaged and hostile.

use std::{
    future::{Future as _, poll_fn},
    io::Write as _,
    rc::Rc,
    sync::Arc,
    task::Poll,
};

use actix_web::{
    App, HttpResponse,
    test::{TestRequest, call_service, init_service, read_body},
    web::{self, Bytes},
};
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use palisade_core::{ErrorFormat, SystemClock};
use palisade_http::{
    Layer as _, body_limit::BodyLimit, coders::Coders, decompression::Decompression, renderer::Renderer,
};
use palisade_telemetry::metrics::Off;
use palisade_testkit::bombs;
use tokio::sync::Notify;

const LIMIT: usize = 100_000;

pub(crate) fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn br(data: &[u8]) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4_096, 5, 22);
    encoder.write_all(data).unwrap();
    encoder.into_inner()
}

/// The status, and the body as the handler got it.
async fn send(limit: usize, coding: &str, body: impl Into<Bytes>) -> (u16, Bytes) {
    let body = body.into();
    let request = TestRequest::post().insert_header(("content-length", body.len()));
    request_with(limit, request.insert_header(("content-encoding", coding)).set_payload(body)).await
}

async fn request_with(limit: usize, request: TestRequest) -> (u16, Bytes) {
    let echo = |request: actix_web::HttpRequest, body: Bytes| async move {
        let headers = request.headers();
        assert!(!headers.contains_key("content-encoding") && !headers.contains_key("content-length"));
        HttpResponse::Ok().body(body)
    };
    let layers = BodyLimit::new(limit).then(Decompression::new(Coders::default()));
    let config = web::PayloadConfig::new(usize::MAX);
    let app = App::new().app_data(config).route("/", web::post().to(echo)).wrap(layers.layered());
    let response = call_service(&init_service(app).await, request.to_request()).await;
    (response.status().as_u16(), read_body(response).await)
}

/// Text that compresses badly enough to come in many pieces.
fn text() -> Vec<u8> {
    (0_u32..20_000).flat_map(|number| (number.wrapping_mul(2_654_435_761) >> 12).to_le_bytes()).collect()
}

#[actix_web::test]
async fn each_coding_is_read() {
    for data in [Vec::new(), b"hello".to_vec(), text(), vec![b' '; LIMIT]] {
        for (coding, body) in
            [("gzip", gzip(&data)), ("x-gzip", gzip(&data)), ("deflate", deflate(&data)), ("BR", br(&data))]
        {
            let (status, got) = send(LIMIT, coding, body).await;
            assert_eq!((status, got.len()), (200, data.len()), "{coding}");
            assert!(got == data, "{coding}");
        }
    }
}

#[actix_web::test]
async fn the_members_of_a_gzip_file_belong_together() {
    let (status, got) = send(LIMIT, "gzip", [gzip(b"one "), gzip(b"two")].concat()).await;
    assert_eq!((status, &*got), (200, &b"one two"[..]));
}

#[actix_web::test]
async fn damaged_data_is_a_400() {
    let whole = text();
    for (coding, body) in [("gzip", gzip(&whole)), ("deflate", deflate(&whole)), ("br", br(&whole))] {
        let mut damages = vec![
            b"{\"title\":\"a\"}".to_vec(),
            body[..body.len() - 1].to_vec(),
            body[..body.len() / 2].to_vec(),
            body[..1].to_vec(),
            [&body[..], b"more"].concat(),
        ];
        if coding == "gzip" {
            let mut wrong_sum = body.clone();
            let place = wrong_sum.len() - 6;
            wrong_sum[place] ^= 1;
            damages.push(wrong_sum);
        }
        for (index, damaged) in damages.into_iter().enumerate() {
            assert_eq!(send(LIMIT, coding, damaged).await.0, 400, "{coding}, damage {index}");
        }
    }
}

#[actix_web::test]
async fn other_codings_are_a_415_that_names_ours() {
    for coding in ["zstd", "compress", "gzip, gzip", "gzip, br", "identity, gzip", "x"] {
        let (status, body) = send(LIMIT, coding, gzip(b"{}")).await;
        assert_eq!(status, 415, "{coding}: {body:?}");
    }
    let twice = TestRequest::post()
        .append_header(("content-encoding", "gzip"))
        .append_header(("content-encoding", "identity"))
        .insert_header(("content-length", 2))
        .set_payload("{}");
    assert_eq!(request_with(LIMIT, twice).await.0, 415);
}

#[actix_web::test]
async fn the_limit_holds_for_what_comes_out() {
    for (coding, encode) in [("gzip", gzip as fn(&[u8]) -> Vec<u8>), ("deflate", deflate), ("br", br)] {
        assert_eq!(send(LIMIT, coding, encode(&vec![0; LIMIT])).await.0, 200, "{coding}");
        assert_eq!(send(LIMIT, coding, encode(&vec![0; LIMIT + 1])).await.0, 413, "{coding}");
    }
}

#[actix_web::test]
async fn the_limit_holds_for_what_is_sent_too() {
    assert_eq!(send(1_000, "gzip", gzip(&text())).await.0, 413);
}

#[actix_web::test]
async fn ten_gibibytes_of_zeros_end_at_the_limit() {
    for (coding, body) in [("gzip", bombs::gzip(10_240)), ("br", bombs::brotli(10_240))] {
        // As large as may be sent, so that only what comes out is too large.
        assert_eq!(send(16 * 1024 * 1024, coding, body).await.0, 413, "{coding}");
    }
}

#[actix_web::test]
async fn a_body_that_finds_no_memory_is_a_503_and_one_that_is_answered_gives_it_back() {
    tokio::time::pause();
    let answered = Rc::new(Notify::new());
    let handler = {
        let answered = Rc::clone(&answered);
        move |body: Bytes| {
            let answered = Rc::clone(&answered);
            async move {
                if body == "wait" {
                    answered.notified().await;
                }
                HttpResponse::Ok().finish()
            }
        }
    };
    // Memory for one.
    let layers = Renderer::new(ErrorFormat::Envelope, Arc::new(SystemClock))
        .then(Decompression::new(Coders::new(1, &(Arc::new(Off) as _))));
    let app = init_service(App::new().route("/", web::post().to(handler)).wrap(layers.layered())).await;
    let send = |text: &[u8]| {
        let body = gzip(text);
        let request = TestRequest::post().insert_header(("content-length", body.len()));
        call_service(&app, request.insert_header(("content-encoding", "gzip")).set_payload(body).to_request())
    };
    let mut first = Box::pin(send(b"wait"));
    let begun = poll_fn(|cx| Poll::Ready(first.as_mut().poll(cx))).await;
    assert!(begun.is_pending());
    let refused = send(b"").await;
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers().get("retry-after").unwrap(), "1");
    answered.notify_one();
    assert_eq!(first.await.status(), 200);
    assert_eq!(send(b"").await.status(), 200);
}
