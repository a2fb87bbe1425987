//! What every request is measured by.

mod labels;
mod series;
mod sizes;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::{
    HttpMessage as _,
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
};
use palisade_core::Principal;
use palisade_telemetry::metrics::{Declaration, Telemetry};

use crate::{
    Rejection,
    layer::{EarlyResponse, Hook, Outcome},
    logged::{CLIENT_CLOSED_REQUEST, UNMATCHED},
    routes::{Answered, Route, RouteTable},
    snapshot::RequestSnapshot,
};
use labels::method;
use series::{Known, Series};
use sizes::Read;

palisade_telemetry::metrics! {
    /// What the edge measures.
    pub struct Metrics {
        /// Requests that were answered, by method, route pattern and status; `unmatched` is where no route is, 499 whose
        /// client did not wait.
        requests: Counter["method", "route", "status"] = "http_requests_total", at most 20000,
        /// How long it took until the response began, in seconds.
        duration: Histogram["method", "route", "status"] = "http_request_duration_seconds", at most 20000,
        /// Requests that are being answered.
        in_flight: Gauge[] = "http_requests_in_flight",
        /// Requests that a route has answered, by who called: `anonymous` or `user`.
        endpoint_calls: Counter["endpoint", "caller"] = "api_endpoint_calls_total", at most 10000,
        /// What was read of request bodies until they were answered, in bytes as they came.
        request_size: Histogram["method", "route"] = "http_request_size_bytes", at most 10000,
        /// The size of response bodies as they went, in bytes; of a stream, what of it went.
        response_size: Histogram["method", "route"] = "http_response_size_bytes", at most 10000,
        /// Requests that took longer than `TELEMETRY_SLOW_REQUEST_MS`.
        slow: Counter["method", "route"] = "slow_requests_total", at most 10000,
        /// Requests that were refused because there was too much to do: `overload` for all clients together, `surge` of one.
        shed: Counter["reason"] = "requests_shed_total",
        /// Answers that bear an error, by its code and status.
        errors: Counter["code", "status"] = "errors_total",
        /// Rules that input has broken, by route and the rule's code.
        validation_errors: Counter["route", "code"] = "validation_errors_total", at most 2000,
        /// Failures of ours that nothing has foreseen: a `panic`, or an `error` without an answer of its own.
        exceptions: Counter["kind"] = "exceptions_unhandled_total",
    }
}

/// What this layer measures.
pub const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];

/// What all workers measure requests with. Each worker has a [`layer`](Self::layer) of its own.
#[derive(Debug, Clone)]
pub struct RequestMetrics {
    metrics: Metrics,
    in_flight: Arc<AtomicUsize>,
    routes: Option<Arc<RouteTable>>,
    slow_after: Duration,
}

impl RequestMetrics {
    /// Measures into `telemetry`; a request that takes longer than `slow_after` is counted as slow.
    #[must_use]
    pub fn new(telemetry: &Arc<dyn Telemetry>, slow_after: Duration) -> Self {
        let metrics = Metrics::new(telemetry);
        let in_flight = Arc::new(AtomicUsize::new(0));
        let (gauge, counted) = (metrics.in_flight.with([]), Arc::clone(&in_flight));
        telemetry.before_reading(Box::new(move || gauge.set_count(counted.load(Ordering::Relaxed))));
        // What anybody can cause is there from the start: whoever tries out addresses adds next to nothing.
        for (method, status) in [("GET", 400), ("GET", 404), ("OTHER", 400), ("OTHER", 404), ("OTHER", 405)] {
            Series::new(&metrics, method, UNMATCHED, status);
        }
        for kind in ["panic", "error"] {
            metrics.exceptions.at_zero([kind]);
        }
        Self { metrics, in_flight, routes: None, slow_after }
    }

    /// The same, finding in `table` the route of a request that was lost with its handler.
    #[must_use]
    pub fn with_routes(self, table: Arc<RouteTable>) -> Self {
        Self { routes: Some(table), ..self }
    }

    /// Counts a panic below the layers, for `Server::on_panic` of `palisade-listener`.
    pub fn panic_counter(&self) -> impl Fn() + Send + Sync + 'static {
        let panics = self.metrics.exceptions.with(["panic"]);
        move || panics.increment()
    }

    /// The layer of one worker.
    #[must_use]
    pub fn layer(&self) -> MeasureRequests {
        MeasureRequests { shared: self.clone(), known: RefCell::default() }
    }
}

/// The layer that measures each request: how many, how long, how large, and what went wrong. It stands outside of
/// whatever may answer, like the log. Labels have a bounded number of values whatever clients send: methods beyond
/// those of RFC 9110 and `PATCH` are `OTHER`, a path is the pattern of its route, and where there is no route for
/// path and method it is `unmatched`.
///
/// Each worker finds the series of a request by one look into a table of its own.
#[derive(Debug)]
pub struct MeasureRequests {
    shared: RequestMetrics,
    known: RefCell<Known>,
}

impl MeasureRequests {
    fn series(&self, method: &'static str, route: &str, status: u16) -> Rc<Series> {
        self.known.borrow_mut().find(&self.shared.metrics, method, route, status)
    }
}

impl Hook for MeasureRequests {
    type Kept<'a> = Measured<'a>;

    fn before(&self, request: &mut ServiceRequest) -> Result<Measured<'_>, EarlyResponse> {
        self.shared.in_flight.fetch_add(1, Ordering::Relaxed);
        Ok(Measured {
            layer: self,
            snapshot: RequestSnapshot::of(request),
            start: Instant::now(),
            request_size: Read::of(request),
            is_done: Cell::new(false),
        })
    }

    fn after(&self, measured: Measured<'_>, outcome: Outcome) -> Outcome {
        match outcome {
            Ok(response) => {
                let is_head = *measured.snapshot.method() == Method::HEAD;
                let series = measured.answered(&response);
                Ok(response.map_body(|_, body| sizes::measured(body, is_head, series)))
            }
            Err(error) => {
                measured.failed(error.as_response_error().status_code().as_u16());
                Err(error)
            }
        }
    }
}

/// A request that is being answered.
pub struct Measured<'a> {
    layer: &'a MeasureRequests,
    snapshot: Rc<RequestSnapshot>,
    start: Instant,
    request_size: Read,
    is_done: Cell<bool>,
}

impl Measured<'_> {
    fn answered(self, response: &ServiceResponse) -> Rc<Series> {
        let request = response.request();
        let route = Answered::of(request);
        let declared = route.as_ref().filter(|route| self.is_declared(route)).map(Answered::pattern);
        let pattern = declared.unwrap_or_else(|| if route.is_none() { self.lost_route() } else { UNMATCHED });
        let series = self.done(pattern, response.status().as_u16());
        if declared.is_some() {
            let is_user = request.extensions().contains::<Principal>();
            if is_user { &series.by_user } else { &series.anonymous }.increment();
        }
        if let Some(rejection) = response.response().extensions().get::<Rejection>() {
            self.layer.shared.metrics.went_wrong(rejection.error(), pattern);
        }
        series
    }

    fn failed(self, status: u16) {
        let route = self.lost_route();
        self.done(route, status);
    }

    fn done(&self, route: &str, status: u16) -> Rc<Series> {
        self.is_done.set(true);
        let took = self.start.elapsed();
        let series = self.layer.series(method(self.snapshot.method()), route, status);
        series.requests.increment();
        let trace = self.snapshot.trace();
        series.duration.observe_in(took.as_secs_f64(), trace);
        series.request_size.observe_bytes(self.request_size.bytes());
        if took > self.layer.shared.slow_after {
            series.slow.increment();
        }
        series
    }

    /// Whether the route takes the method: who tries methods out finds none.
    fn is_declared(&self, route: &Answered) -> bool {
        match route {
            Answered::Found(route) => route.takes(self.snapshot.method()),
            Answered::Pattern(_) => true,
        }
    }

    /// The route that the path of a lost request falls under.
    fn lost_route(&self) -> &str {
        let found = self.layer.shared.routes.as_deref().and_then(|routes| routes.find(self.snapshot.path()));
        found.filter(|route| route.takes(self.snapshot.method())).map_or(UNMATCHED, Route::pattern)
    }
}

impl Drop for Measured<'_> {
    fn drop(&mut self) {
        self.layer.shared.in_flight.fetch_sub(1, Ordering::Relaxed);
        if !self.is_done.get() {
            let route = self.lost_route();
            self.done(route, CLIENT_CLOSED_REQUEST);
        }
    }
}

impl Metrics {
    fn went_wrong(&self, error: &palisade_core::Error, route: &str) {
        let code = error.kind().code();
        self.errors.with([code, labels::status(error.status()).as_str()]).increment();
        for field in error.fields() {
            self.validation_errors.with([route, &field.code]).increment();
        }
        if let Some(reason) = labels::shed(error) {
            self.shed.with([reason]).increment();
        }
        if let Some(kind) = labels::unhandled(error) {
            self.exceptions.with([kind]).increment();
        }
    }
}
