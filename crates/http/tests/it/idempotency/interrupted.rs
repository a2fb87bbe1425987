//! Requests that do not come to their end.

use std::sync::Arc;

use palisade_testkit::{Client, wait};
use tokio::sync::Notify;

use super::{World, app, post};
use crate::served::serve_app;

#[actix_web::test]
async fn a_request_whose_time_ran_out_may_be_sent_again() {
    let world = World::new();
    assert_eq!(world.send(post("/hangs-once", "k", "hello")).await.status, 504);
    let second = world.send(post("/hangs-once", "k", "hello")).await;
    assert_eq!((second.status, second.header("idempotency-replayed")), (200, None));
    assert_eq!(world.calls(), 2);
}

#[actix_web::test]
async fn a_client_that_goes_away_leaves_no_half_answer_and_frees_its_key() {
    let world = World::new();
    let served = world.clone();
    let running = serve_app(move || app(&served)).await;
    let connect = || Client::connect(running.bound()[0].address);
    let request = "POST /hangs-once HTTP/1.1\r\nhost: a\r\nidempotency-key: k\r\ncontent-length: 0\r\n\r\n";

    let mut impatient = connect().await;
    impatient.send(request).await;
    soon(&world.seen.begun).await;
    let mut twin = connect().await;
    twin.send(request).await;
    assert_eq!(twin.response().await.status, 409);
    drop(impatient);
    soon(&world.seen.dropped).await;

    twin.send(request).await;
    let answer = twin.response().await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"call":2}"#));
    twin.send(request).await;
    let again = twin.response().await;
    assert_eq!((again.body.as_str(), again.header("idempotency-replayed")), (r#"{"call":2}"#, Some("true")));
}

async fn soon(event: &Arc<Notify>) {
    wait::end_of("the request", event.notified()).await;
}
