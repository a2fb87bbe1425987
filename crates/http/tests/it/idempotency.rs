//! Requests with an `Idempotency-Key`.

mod answers;
mod callers;
mod interrupted;
mod requests;
mod routes;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actix_web::{
    App, Error, HttpMessage as _,
    body::to_bytes,
    dev::{Service as _, ServiceFactory, ServiceRequest, ServiceResponse},
    http::Method,
    test::{TestRequest, init_service, try_call_service},
    web::Data,
};
use palisade_core::{
    ErrorFormat, Id, Ids, ManualClock, Parse as _, Principal, Subject, SystemClock, SystemRandom,
};
use palisade_http::{
    Layer as _, body_limit::BodyLimit, idempotency::IdempotencyKeys, renderer::Renderer,
    request_id::RequestIds, timeout::Timeout,
};
use palisade_idempotency::{FingerprintKey, Idempotency, IdempotencyParts, MemoryIdempotencyStore};
use palisade_telemetry::metrics::Off;
use tokio::sync::Notify;

use crate::world::Answer;

/// What the tests look at besides the answers.
#[derive(Clone)]
struct World {
    clock: Arc<ManualClock>,
    keys: IdempotencyKeys,
    seen: Seen,
}

/// What the handlers saw.
#[derive(Clone, Default)]
struct Seen {
    calls: Arc<AtomicUsize>,
    begun: Arc<Notify>,
    dropped: Arc<Notify>,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        let idempotency = Idempotency::new(IdempotencyParts {
            store: Arc::new(MemoryIdempotencyStore::new(1 << 20)),
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            fingerprints: FingerprintKey::generate(&SystemRandom),
            ttl: Duration::from_secs(3_600),
            lease: Duration::from_secs(60),
            telemetry: Off::shared(),
        });
        let keys = IdempotencyKeys::new(idempotency).keep_up_to(10_000);
        Self { clock, keys, seen: Seen::default() }
    }

    /// How often a handler has run.
    fn calls(&self) -> usize {
        self.seen.calls.load(Ordering::SeqCst)
    }

    async fn send(&self, request: TestRequest) -> Answer {
        let app = init_service(app(self)).await;
        let response = try_call_service(&app, request.to_request()).await.unwrap().into_parts().1;
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: to_bytes(response.into_body()).await.unwrap_or_default(),
        }
    }
}

/// The layer with those around it that matter to it. A caller is whoever `x-user` names.
fn app(
    world: &World,
) -> App<
    impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>
    + use<>,
> {
    let clock = Arc::new(SystemClock);
    let ids = Ids::new(clock.clone(), Arc::new(SystemRandom));
    App::new()
        .app_data(Data::new(world.seen.clone()))
        .configure(routes::routes)
        .wrap(world.keys.clone().layered())
        .wrap_fn(|request, next| {
            let user = request.headers().get("x-user").map(|value| value.to_str().unwrap().to_owned());
            if let Some(user) = user {
                request.extensions_mut().insert(principal(&user));
            }
            next.call(request)
        })
        .wrap(
            RequestIds::new(ids)
                .then(Renderer::new(ErrorFormat::Envelope, clock))
                .then(Timeout::after(Duration::from_millis(200)))
                .then(BodyLimit::new(5_000))
                .layered(),
        )
}

fn principal(user: &str) -> Principal {
    Principal {
        subject: Subject::User(Id::parse(user).unwrap()),
        session_id: Some(Ids::new(Arc::new(SystemClock), Arc::new(SystemRandom)).id()),
        roles: Arc::default(),
        permissions: Arc::default(),
    }
}

/// `POST target` with that key and body.
fn post(target: &str, key: &str, body: &'static str) -> TestRequest {
    keyed(Method::POST, target, key).insert_header(("content-type", "text/plain")).set_payload(body)
}

fn keyed(method: Method, target: &str, key: &str) -> TestRequest {
    TestRequest::with_uri(target).method(method).insert_header(("idempotency-key", key))
}

#[track_caller]
fn assert_replay(answer: &Answer, first: &Answer) {
    assert_eq!(answer.header("idempotency-replayed"), Some("true"), "{answer:?}");
    assert_eq!(first.header("idempotency-replayed"), None, "{first:?}");
    assert_eq!((answer.status, &answer.body), (first.status, &first.body));
}
