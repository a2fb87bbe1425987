//! Bodies pass as if nobody looked.

use std::{
    cell::Cell,
    pin::pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use actix_web::{
    dev::Service as _,
    error::PayloadError,
    test::{TestRequest, init_service},
    web::Bytes,
};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use proptest::{collection::vec, prelude::*};

use super::{
    app, in_pieces, layer,
    listener::{Heard, Level},
    next, post, send,
};

const MEDIA: [&str; 6] = [
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "image/png",
    "multipart/form-data",
    "",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// Each piece is the same piece of memory, whatever it holds, and the same as without the layer.
    #[test]
    fn every_piece_passes_as_it_is(
        pieces in vec(vec(any::<u8>(), 0..40), 0..12),
        around in -2_i64..=2,
        media in prop::sample::select(&MEDIA[..]),
        path in prop::sample::select(&["/pass", "/echo"][..]),
    ) {
        let pieces: Vec<Bytes> = pieces.into_iter().map(Bytes::from).collect();
        let total: usize = pieces.iter().map(Bytes::len).sum();
        let most = usize::try_from(i64::try_from(total).unwrap() + around).unwrap_or(0);
        let request = || in_pieces(post(path, media), stream::iter(pieces.clone().into_iter().map(Ok)));
        let heard = Heard::default();
        let (with, without) = actix_rt::System::new().block_on(async {
            let _guard = heard.listen(Level::INFO);
            (send(Some(layer().max_body_size(most)), request()).await, send(None, request()).await)
        });
        prop_assert_eq!(&with.pieces, &without.pieces);
        prop_assert_eq!(with.body(), pieces.concat());
        prop_assert_eq!((with.status, with.size), (without.status, without.size));
        prop_assert!(with.headers.iter().eq(without.headers.iter()));
        if path == "/pass" {
            // actix-web leaves out what is empty.
            let filled = |pieces: &[Bytes]| pieces.iter().filter(|piece| !piece.is_empty()).cloned().collect::<Vec<_>>();
            let places = |pieces: &[Bytes]| filled(pieces).iter().map(|piece| piece.as_ptr()).collect::<Vec<_>>();
            prop_assert_eq!(places(&with.pieces), places(&pieces));
        }
        for event in [heard.exchange().0, heard.exchange().1] {
            prop_assert_eq!(event["body_bytes"].as_u64(), u64::try_from(total).ok(), "{}", event);
            let is_shown = !event["body"].as_str().unwrap().starts_with('(');
            prop_assert_eq!(event["truncated"] == true, is_shown && total > most, "{}", event);
            prop_assert_eq!(event.get("incomplete"), None, "{}", event);
        }
    }
}

#[actix_web::test]
async fn a_piece_does_not_wait_for_the_next() {
    let heard = Heard::default();
    let _guard = heard.listen(Level::INFO);
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let pieces = stream::poll_fn(move |cx| receiver.poll_recv(cx));
    let app = init_service(app(Some(layer()))).await;
    let response = app.call(in_pieces(post("/pass", "text/plain"), pieces)).await.unwrap();
    let mut body = pin!(response.into_body());
    for text in ["one ", "two ", "three"] {
        assert!(next(body.as_mut()).now_or_never().is_none());
        sender.try_send(Ok::<_, PayloadError>(Bytes::from_static(text.as_bytes()))).unwrap();
        let piece = next(body.as_mut()).now_or_never().expect("what has come has passed");
        assert_eq!(piece.unwrap().ok().unwrap(), text);
        assert!(heard.events().is_empty());
    }
    drop(sender);
    assert!(next(body.as_mut()).await.is_none());
    let (request, response) = heard.exchange();
    assert_eq!((&request["body"], &response["body"]), (&"one two three".into(), &"one two three".into()));
}

/// A piece that counts how many of it live.
struct Alive {
    bytes: Vec<u8>,
    living: Arc<AtomicUsize>,
}

impl Alive {
    fn piece(living: &Arc<AtomicUsize>) -> Bytes {
        living.fetch_add(1, Ordering::SeqCst);
        Bytes::from_owner(Self { bytes: vec![b'a'; 65_536], living: Arc::clone(living) })
    }
}

impl AsRef<[u8]> for Alive {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        self.living.fetch_sub(1, Ordering::SeqCst);
    }
}

#[actix_web::test]
async fn nothing_is_held_of_what_has_passed_both_ways() {
    let heard = Heard::default();
    let _guard = heard.listen(Level::INFO);
    let (living, most) = (Arc::new(AtomicUsize::new(0)), Rc::new(Cell::new(0)));
    let (counted, seen) = (Arc::clone(&living), Rc::clone(&most));
    // 5 MB.
    let pieces = stream::iter(0..80).map(move |_| {
        let piece = Alive::piece(&counted);
        seen.set(seen.get().max(counted.load(Ordering::SeqCst)));
        Ok(piece)
    });
    let app = init_service(app(Some(layer().max_body_size(10)))).await;
    let response = app.call(in_pieces(post("/pass", "text/plain"), pieces)).await.unwrap();
    let mut body = pin!(response.into_body());
    let mut bytes = 0;
    while let Some(piece) = next(body.as_mut()).await {
        bytes += piece.ok().unwrap().len();
    }
    assert_eq!((bytes, most.get(), living.load(Ordering::SeqCst)), (80 * 65_536, 1, 0));
    for event in [heard.exchange().0, heard.exchange().1] {
        assert_eq!((&event["body_bytes"], &event["truncated"]), (&bytes.into(), &true.into()), "{event}");
        assert!(event["body"].as_str().unwrap().len() <= 10, "{event}");
    }
}

#[actix_web::test]
async fn where_nobody_listens_a_body_is_not_even_wrapped() {
    use actix_web::{
        body::{BoxBody, MessageBody as _},
        dev::{Payload, ServiceRequest},
    };
    use palisade_http::layer::Hook as _;

    let wrapped = |level| {
        let heard = Heard::default();
        let _guard = heard.listen(level);
        let mut request: ServiceRequest = post("/echo", "text/plain").set_payload("x").to_srv_request();
        let layer = layer();
        let kept = layer.before(&mut request).ok().unwrap();
        let payload = actix_web::HttpMessage::take_payload(&mut request);
        let is_wrapped = matches!(payload, Payload::Stream { .. });
        let response = request.into_response(actix_web::HttpResponse::Ok().body(BoxBody::new("x")));
        let response = layer.after(kept, Ok(response)).unwrap();
        // A body in memory stays one, so that layers outside may take it whole.
        assert_eq!(response.into_body().try_into_bytes().ok().unwrap(), "x");
        drop(payload);
        (is_wrapped, heard.events().len())
    };
    assert_eq!(wrapped(Level::WARN), (false, 0));
    assert_eq!(wrapped(Level::INFO), (true, 2));
    let heard = Heard::default();
    let _guard = heard.listen(Level::WARN);
    assert_eq!(send(Some(layer()), TestRequest::with_uri("/ignore").to_request()).await.status, 204);
    assert!(heard.events().is_empty());
}
