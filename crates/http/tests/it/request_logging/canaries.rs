//! What must not be read in any line, wherever it was sent.

use std::sync::Arc;

use actix_web::{
    App, HttpResponse,
    test::{TestRequest, call_service, init_service},
    web,
};
use palisade_core::{Ids, SystemClock, SystemRandom};
use palisade_http::{Layer as _, layers, log::RequestLog, request_id::RequestIds};
use serde_json::{Value, json};

use super::{
    in_pieces, layer,
    listener::{Heard, Level},
    send,
};
use crate::lines::logged;

/// Values that give themselves away by their form.
const CANARIES: [&str; 7] = [
    "ulla.tester@example.com",
    "4111 1111 1111 1111",
    "5500005555555559",
    "+1 (555) 123-4567",
    "536-22-1234",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
];

/// One that its field gives away.
const PASSWORD: &str = "hunter2-of-ulla";

fn encoded(text: &str) -> String {
    let keep = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    text.bytes()
        .map(|byte| if keep(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The text with one layer of percent-encoding taken off.
fn decoded(text: &str) -> String {
    let mut out = text.to_owned();
    for byte in 0x20..0x7f_u8 {
        out = out.replace(&format!("%{byte:02X}"), &char::from(byte).to_string());
    }
    out
}

/// Everything at once, in each place where it may stand.
fn requests(canary: &str) -> Vec<actix_http::Request> {
    let query = format!("q={}&password={PASSWORD}&{}", encoded(canary), encoded(canary));
    let target = format!("/echo/{}?{query}", encoded(canary));
    let nested = json!({"note": canary, "password": PASSWORD, "in": json!({"x": canary}).to_string()});
    let body = json!({"a": [{"b": {"c": canary}}, nested], "user": {"newPassword": [PASSWORD]}, "t": canary});
    let form = format!("note={}&user%5Bpassword%5D={PASSWORD}&x=1", encoded(canary));
    let text = format!("Mail {canary}, password: \"{PASSWORD}\"; and {canary} again");
    [
        ("application/json", body.to_string()),
        ("application/x-www-form-urlencoded", form),
        ("text/plain", text.clone()),
        ("application/xml", format!("<a b=\"{canary}\">{text}</a>")),
        ("image/png", text),
    ]
    .into_iter()
    .map(|(media, body)| {
        TestRequest::post()
            .uri(&target)
            .insert_header(("content-type", media))
            .insert_header(("authorization", canary))
            .insert_header(("cookie", format!("session={canary}")))
            .insert_header(("x-api-key", PASSWORD))
            .insert_header(("proxy-authorization", PASSWORD))
            .insert_header(("x-note", canary))
            .insert_header(("referer", format!("https://a.example/?{query}")))
            .set_payload(body)
            .to_request()
    })
    .collect()
}

#[track_caller]
fn assert_hides(text: &str, canary: &str) {
    for text in [text, &decoded(text)] {
        for secret in [canary, canary.trim_start_matches("Bearer "), PASSWORD] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

macro_rules! app {
    ($layers:expr) => {
        App::new()
            .route(
                "/echo/{rest:.*}",
                web::post().to(|request: actix_web::HttpRequest, body: web::Payload| async move {
                    let header = |name| request.headers().get(name).cloned().unwrap();
                    HttpResponse::Ok()
                        .insert_header(("content-type", header("content-type")))
                        .insert_header(("set-cookie", header("cookie")))
                        .insert_header(("x-note", header("x-note")))
                        .insert_header(("location", header("referer")))
                        .streaming(body)
                }),
            )
            .wrap($layers.layered())
    };
}

#[actix_web::test]
async fn no_canary_is_in_an_event() {
    for canary in CANARIES {
        let heard = Heard::default();
        let _guard = heard.listen(Level::TRACE);
        let app = init_service(app!(layer())).await;
        for request in requests(canary) {
            let response = call_service(&app, request).await;
            actix_web::body::to_bytes(response.into_body()).await.ok().unwrap();
        }
        assert_eq!(heard.events().len(), 10);
        for event in heard.events() {
            event
                .as_object()
                .unwrap()
                .values()
                .filter_map(Value::as_str)
                .for_each(|text| assert_hides(text, canary));
        }
    }
}

#[actix_web::test]
async fn no_canary_is_in_a_line_at_the_level_trace() {
    for canary in CANARIES {
        let lines = logged("trace", async {
            let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemRandom));
            let layers = layers![RequestIds::new(ids), RequestLog::default(), layer()];
            let app = init_service(app!(layers)).await;
            for request in requests(canary) {
                let response = call_service(&app, request).await;
                actix_web::body::to_bytes(response.into_body()).await.ok().unwrap();
            }
        })
        .await;
        let told = lines.iter().filter(|line| line.to_string().contains("http.exchange.re")).count();
        assert_eq!(told, 10);
        lines.iter().for_each(|line| assert_hides(&line.to_string(), canary));
    }
}

/// Cut at each place, and piece by piece, a body shows no canary either.
#[actix_web::test]
async fn no_canary_is_shown_by_a_cut() {
    for canary in CANARIES {
        let body = json!({"a": canary, "b": [canary], "password": PASSWORD}).to_string();
        for most in 0..=body.len() {
            let heard = Heard::default();
            let _guard = heard.listen(Level::INFO);
            let pieces = body.clone().into_bytes();
            let pieces: Vec<_> =
                pieces.chunks(7).map(|piece| Ok(web::Bytes::copy_from_slice(piece))).collect();
            let request = super::post("/pass", "application/json");
            let request = in_pieces(request, futures_util::stream::iter(pieces));
            send(Some(layer().max_body_size(most)), request).await;
            let (request, response) = heard.exchange();
            assert_hides(request["body"].as_str().unwrap(), canary);
            assert_hides(response["body"].as_str().unwrap(), canary);
        }
    }
}
