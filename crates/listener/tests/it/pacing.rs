//! Clients that ignore `Retry-After`.

use std::{num::NonZeroU32, time::Duration};

use actix_web::{App, http::Method};
use futures_util::future::join_all;
use palisade_http::{
    Layer as _,
    exempt_routes::ExemptRoutes,
    load_shed::{Bounds, Capacity, LoadShed},
};
use palisade_listener::{RefusalPacing, Running};
use palisade_testkit::{Client, wait};

use crate::world::{listener, options, routes, server};

async fn paced(pacing: &RefusalPacing) -> Running {
    let factory = || App::new().configure(routes);
    let listener = listener().pace_refusals(pacing.clone());
    server(options()).listen(listener, 1, factory).unwrap().start().await.unwrap()
}

async fn ask(client: &mut Client, path: &str) -> u16 {
    client.send(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")).await;
    client.response().await.status
}

#[tokio::test]
async fn clients_that_ignore_retry_after_are_delayed_until_they_are_served_again() {
    let pacing = RefusalPacing::at_most(Duration::from_millis(100));
    let server = paced(&pacing).await;
    let address = server.bound()[0].address;
    let mut good = Client::connect(address).await;
    let mut crowd = join_all((0..50).map(|_| Client::connect(address))).await;
    wait::until("early retries are delayed", async || {
        assert_eq!(ask(&mut good, "/").await, 200);
        let refused = join_all(crowd.iter_mut().map(|client| ask(client, "/refuses"))).await;
        assert!(refused.iter().all(|status| *status == 503), "{refused:?}");
        pacing.delayed() > 0
    })
    .await;
    let served = join_all(crowd.iter_mut().map(|client| ask(client, "/"))).await;
    assert!(served.iter().all(|status| *status == 200), "{served:?}");
    let before = pacing.delayed();
    join_all(crowd.iter_mut().map(|client| ask(client, "/"))).await;
    assert_eq!(pacing.delayed(), before, "a client that was served is not delayed");
}

#[tokio::test]
async fn retries_that_would_be_served_too_late_are_refused() {
    // Only a few simultaneous retries pass within ten milliseconds.
    let pacing = RefusalPacing::at_most(Duration::from_millis(20));
    let bounds = Bounds { in_flight: NonZeroU32::new(1_000).unwrap(), queued: 0, patience: Duration::ZERO };
    let capacity = Capacity::new(bounds);
    let shed = LoadShed::new(capacity.clone(), ExemptRoutes::new([(Method::GET, "/peer")]));
    let factory = move || App::new().configure(routes).wrap(shed.clone().layered());
    let listener = listener().pace_refusals(pacing.clone());
    let server = server(options()).listen(listener, 1, factory).unwrap().start().await.unwrap();
    let address = server.bound()[0].address;
    let mut good = Client::connect(address).await;
    let mut crowd = join_all((0..200).map(|_| Client::connect(address))).await;
    wait::until("some retries are refused", async || {
        assert_eq!(ask(&mut good, "/").await, 200);
        join_all(crowd.iter_mut().map(|client| ask(client, "/refuses"))).await;
        join_all(crowd.iter_mut().map(|client| ask(client, "/"))).await.contains(&503)
    })
    .await;
    assert!(capacity.shed() > 0);
    join_all(crowd.iter_mut().map(|client| ask(client, "/refuses"))).await;
    let probes = join_all(crowd.iter_mut().map(|client| ask(client, "/peer"))).await;
    assert!(probes.iter().all(|status| *status == 200), "exempt routes are served: {probes:?}");
}

#[tokio::test]
async fn no_request_is_delayed_without_pacing() {
    let pacing = RefusalPacing::at_most(Duration::ZERO);
    let server = paced(&pacing).await;
    let address = server.bound()[0].address;
    let mut crowd = join_all((0..50).map(|_| Client::connect(address))).await;
    for path in ["/", "/refuses", "/refuses"] {
        join_all(crowd.iter_mut().map(|client| ask(client, path))).await;
    }
    assert_eq!(pacing.delayed(), 0);
}
