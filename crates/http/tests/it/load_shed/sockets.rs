//! Clients on real connections that do not wait for their turn.

use std::sync::Arc;

use actix_web::{App, web};
use palisade_http::{
    Layer as _,
    load_shed::{Capacity, LoadShed},
};
use palisade_testkit::{Client, wait};
use tokio::sync::Semaphore;

use super::bounds;
use crate::{held::exempt, served::serve_app};

/// Waits until the capacity is as wanted.
async fn until(capacity: &Capacity, in_flight: u32, queued: u32) {
    let what = format!("{in_flight} in flight, {queued} queued");
    let wanted = (in_flight, queued);
    wait::until(&what, async || (capacity.in_flight(), capacity.queued()) == wanted).await;
}

#[actix_web::test]
async fn a_client_that_goes_away_gives_its_place_up() {
    let capacity = Capacity::new(bounds(1, 2));
    let gate = Arc::new(Semaphore::new(0));
    let (layers, handlers) = (capacity.clone(), Arc::clone(&gate));
    let running = serve_app(move || {
        let gate = Arc::clone(&handlers);
        let held = move || {
            let gate = Arc::clone(&gate);
            async move {
                gate.acquire().await.unwrap().forget();
                "held"
            }
        };
        App::new().route("/held", web::get().to(held)).wrap(LoadShed::new(layers.clone(), exempt()).layered())
    })
    .await;
    let address = running.bound()[0].address;
    let mut clients = Vec::new();
    for (in_flight, queued) in [(1, 0), (1, 1), (1, 2)] {
        let mut client = Client::connect(address).await;
        client.send("GET /held HTTP/1.1\r\nhost: a\r\n\r\n").await;
        until(&capacity, in_flight, queued).await;
        clients.push(client);
    }
    clients.remove(1).reset();
    until(&capacity, 1, 1).await;
    clients.remove(0).reset();
    until(&capacity, 1, 0).await;
    gate.add_permits(1);
    assert_eq!(clients[0].response().await.status, 200);
    until(&capacity, 0, 0).await;
}
