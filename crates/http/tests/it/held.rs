//! An application whose handlers are held until they are let go.

use std::{pin::Pin, sync::Arc};

use actix_web::{
    App, Error,
    body::to_bytes,
    dev::{Service, ServiceResponse},
    http::Method,
    test::{TestRequest, init_service},
    web,
};
use futures_util::FutureExt as _;
use palisade_core::{ErrorFormat, SystemClock};
use palisade_http::{Layer, exempt_routes::ExemptRoutes, renderer::Renderer};
use tokio::sync::Semaphore;

use crate::world::Answer;

/// A request on its way.
pub(crate) type Flight = Pin<Box<dyn Future<Output = Result<ServiceResponse, Error>>>>;

/// The application, and what holds its handlers.
pub(crate) struct Held {
    call: Box<dyn Fn(TestRequest) -> Flight>,
    gate: Arc<Semaphore>,
}

impl Held {
    /// `GET /held` waits, `GET /health` and `GET /free` do not.
    pub(crate) async fn behind(layer: impl Layer) -> Self {
        let gate = Arc::new(Semaphore::new(0));
        let handlers = Arc::clone(&gate);
        let held = move || {
            let gate = Arc::clone(&handlers);
            async move {
                gate.acquire().await.unwrap().forget();
                "held"
            }
        };
        let renderer = Renderer::new(ErrorFormat::Envelope, Arc::new(SystemClock));
        let app = App::new()
            .route("/held", web::get().to(held))
            .route("/free", web::get().to(|| async { "free" }))
            .route("/health", web::get().to(|| async { "well" }))
            .wrap(renderer.then(layer).layered());
        let app = init_service(app).await;
        Self { call: Box::new(move |request| Box::pin(app.call(request.to_request()))), gate }
    }

    /// Sends a request; it comes as far as it can at once.
    pub(crate) fn send(&self, request: TestRequest) -> (Flight, Option<ServiceResponse>) {
        let mut flight = (self.call)(request);
        let response = (&mut flight).now_or_never().map(|outcome| outcome.expect("nothing fails here"));
        (flight, response)
    }

    /// Sends a request that must be held.
    pub(crate) fn hold(&self, request: TestRequest) -> Flight {
        let (flight, response) = self.send(request);
        assert!(response.is_none(), "answered {:?}", response.map(|response| response.status()));
        flight
    }

    /// The answer to a request that is answered at once.
    pub(crate) async fn ask(&self, request: TestRequest) -> Answer {
        let (_, response) = self.send(request);
        answer(response.expect("an answer at once")).await
    }

    /// Lets so many handlers go.
    pub(crate) fn let_go(&self, handlers: usize) {
        self.gate.add_permits(handlers);
    }
}

/// A `GET` request.
pub(crate) fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

/// What stays reachable.
pub(crate) fn exempt() -> ExemptRoutes {
    ExemptRoutes::new([(Method::GET, "/health")])
}

/// The answer as a client sees it.
pub(crate) async fn answer(response: ServiceResponse) -> Answer {
    Answer {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: to_bytes(response.into_body()).await.ok().unwrap(),
    }
}
