//! What happens when there is more to do than is taken on.

mod model;
mod sockets;
mod stress;

use std::{num::NonZeroU32, time::Duration};

use actix_web::{
    App,
    test::{init_service, try_call_service},
    web,
};
use palisade_http::{
    Layer as _,
    load_shed::{Bounds, Capacity, LoadShed},
    panic_guard::PanicGuard,
};

use crate::held::{Held, answer, exempt, get};

/// Longer than any of these tests.
const PATIENT: Duration = Duration::from_secs(3_600);

fn bounds(in_flight: u32, queued: u32) -> Bounds {
    Bounds { in_flight: NonZeroU32::new(in_flight).unwrap(), queued, patience: PATIENT }
}

async fn app(bounds: Bounds) -> (Held, Capacity) {
    let capacity = Capacity::new(bounds);
    (Held::behind(LoadShed::new(capacity.clone(), exempt())).await, capacity)
}

#[actix_web::test]
async fn what_is_too_much_is_refused_in_the_standard_body() {
    let (app, capacity) = app(bounds(2, 1)).await;
    let flights = [(); 3].map(|()| app.hold(get("/held")));
    assert_eq!((capacity.in_flight(), capacity.queued(), capacity.shed()), (2, 1, 0));
    let refused = app.ask(get("/held")).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "service_unavailable"));
    assert_eq!(refused.json()["error"]["details"]["reason"], "load.shed");
    let seconds: u32 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3).contains(&seconds));
    assert_eq!(capacity.shed(), 1);
    app.let_go(3);
    for flight in flights {
        assert_eq!(flight.await.unwrap().status(), 200);
    }
    assert_eq!((capacity.in_flight(), capacity.queued()), (0, 0));
}

#[actix_web::test]
async fn clients_are_not_all_told_to_come_back_together() {
    let (app, _) = app(bounds(1, 0)).await;
    let _held = app.hold(get("/held"));
    let mut told = Vec::new();
    for _ in 0..6 {
        told.push(app.ask(get("/free")).await.header("retry-after").unwrap().to_owned());
    }
    told.sort();
    assert_eq!(told, ["1", "1", "2", "2", "3", "3"]);
}

#[actix_web::test]
async fn those_who_wait_are_served_in_order() {
    let (app, _) = app(bounds(1, 2)).await;
    let first = app.hold(get("/held"));
    let mut second = app.hold(get("/free"));
    let third = app.hold(get("/free"));
    drop(first);
    // The newcomer cannot overtake, though nothing is being answered at this moment.
    let newcomer = app.hold(get("/free"));
    assert_eq!(answer((&mut second).await.unwrap()).await.body, "free");
    assert_eq!(third.await.unwrap().status(), 200);
    assert_eq!(newcomer.await.unwrap().status(), 200);
}

#[actix_web::test]
async fn who_goes_away_leaves_the_queue_at_once() {
    let (app, capacity) = app(bounds(1, 1)).await;
    let held = app.hold(get("/held"));
    let waiting = app.hold(get("/free"));
    assert_eq!(app.ask(get("/free")).await.status, 503);
    drop(waiting);
    assert_eq!(capacity.queued(), 0);
    let _next = app.hold(get("/free"));
    drop(held);
    assert_eq!(capacity.in_flight(), 1, "the next one has it");
}

#[actix_web::test]
async fn nobody_waits_longer_than_said() {
    let (app, capacity) = app(Bounds { patience: Duration::from_millis(20), ..bounds(1, 1) }).await;
    let _held = app.hold(get("/held"));
    let waiting = answer(app.hold(get("/free")).await.unwrap()).await;
    assert_eq!((waiting.status, waiting.code().as_str()), (503, "service_unavailable"));
    assert_eq!((capacity.queued(), capacity.shed()), (0, 1));
}

#[actix_web::test]
async fn health_is_answered_when_everything_is_full_and_under_no_other_name() {
    let (app, capacity) = app(bounds(1, 0)).await;
    let _held = app.hold(get("/held"));
    assert_eq!(app.ask(get("/health")).await.body, "well");
    assert_eq!(app.ask(get("/%68ealth")).await.body, "well", "the same route to the router");
    for spelling in
        ["/health/", "//health", "/health;x", "/HEALTH", "/held/../health", "/health%2f", "/healthy"]
    {
        assert_eq!(app.ask(get(spelling)).await.status, 503, "{spelling}");
    }
    let post = get("/health").method(actix_web::http::Method::POST);
    assert_eq!(app.ask(post).await.status, 503);
    assert_eq!(capacity.in_flight(), 1);
}

#[actix_web::test]
async fn a_handler_that_panics_gives_its_place_back() {
    let capacity = Capacity::new(bounds(1, 0));
    let panics = || async {
        assert!(std::hint::black_box(false), "on purpose");
        "never"
    };
    let layers = PanicGuard.then(LoadShed::new(capacity.clone(), exempt()));
    let app = init_service(App::new().route("/", web::get().to(panics)).wrap(layers.layered())).await;
    for _ in 0..2 {
        assert_eq!(try_call_service(&app, get("/").to_request()).await.unwrap().status(), 500);
        assert_eq!(capacity.in_flight(), 0);
    }
}
