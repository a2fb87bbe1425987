//! A small domain for the tests.

use std::sync::{Arc, Mutex};

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Json},
};
use palisade_config::{Problems, Rules};
use palisade_core::{Environment, ErrorKind, error::Reason};
use palisade_http::access::Caller;
use palisade_server::{Domain, Failure, Foundation, Server};
use palisade_telemetry::metrics::Declaration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

palisade_telemetry::metrics! {
    /// What is measured of notes.
    pub(crate) struct Metrics {
        /// Notes that were written.
        written: Counter[] = "notes_written_total",
    }
}

/// What is measured of notes.
pub(crate) const METRICS: &[&[Declaration]] = &[Metrics::DECLARED];

/// The section `notes`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// How many notes there may be.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { limit: 2 }
    }
}

impl Rules for Settings {
    fn check(&self, environment: Environment, problems: &mut Problems) {
        if environment.is_production() && self.limit == 1 {
            problems.reject("notes.limit", "must be at least 2 in production");
        }
    }
}

/// The notes, and how many there may be.
pub(crate) struct Notes {
    texts: Mutex<Vec<String>>,
    limit: usize,
    metrics: Metrics,
}

async fn notes(foundation: Arc<Foundation>) -> Result<Arc<Notes>, Failure> {
    let limit = foundation.section::<Settings>()?.limit;
    let metrics = Metrics::new(foundation.telemetry());
    Ok(Arc::new(Notes { texts: Mutex::default(), limit, metrics }))
}

#[utoipa::path(tag = "notes", security(("bearer" = ["notes:read"])), responses((status = 200, body = Vec<String>)))]
#[get("/notes")]
async fn list(notes: Data<Arc<Notes>>) -> Json<Vec<String>> {
    Json(notes.texts.lock().unwrap().clone())
}

#[utoipa::path(
    tag = "notes",
    security(("bearer" = [])),
    request_body(content = String, content_type = "text/plain"),
    responses((status = 201, body = String))
)]
#[post("/notes")]
async fn write(notes: Data<Arc<Notes>>, _: Caller, text: String) -> palisade_http::Result<HttpResponse> {
    let mut texts = notes.texts.lock().unwrap();
    if texts.len() == notes.limit {
        let full = palisade_core::Error::conflict("There are enough notes").with_reason("notes.full");
        return Err(full.into());
    }
    notes.metrics.written.with([]).increment();
    texts.push(text.clone());
    Ok(HttpResponse::Created().json(text))
}

/// The domain.
pub(crate) fn domain() -> Domain {
    Domain::new("notes")
        .reasons(&[Reason::new(
            "notes.full",
            ErrorKind::Conflict,
            "There are as many notes as there may be.",
        )])
        .metrics(METRICS)
        .permission("notes:read", "See all notes.")
        .grant("admin", ["notes:read"])
        .tags(&[("notes", "Short texts.")])
        .settings::<Settings>("notes")
        .service(notes)
        .routes(|config| {
            config.service(list).service(write);
        })
}

/// A server with users, sign-in and notes.
pub(crate) fn server() -> Server {
    Server::new("noted")
        .version("1.2.3")
        .domain(palisade_users::domain())
        .domain(palisade_auth::domain())
        .domain(domain())
}
