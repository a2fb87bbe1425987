//! The server with one more domain: quotations that everybody reads and some may add.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{
    HttpResponse, get, post,
    web::{Data, Json},
};
use palisade_config::{Named, Problems, Rules};
use palisade_core::{Environment, Error, ErrorKind, error::Reason};
use palisade_http::{access::Caller, extract::Body};
use palisade_server::{Domain, Failure, Foundation, Server};
use palisade_telemetry::metrics::{Common, Operation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

/// The settings section `quotes`: `QUOTES_LIMIT`, or `limit` under `[quotes]` in `palisade.toml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    /// How many quotations are kept.
    #[schemars(range(min = 1, max = 10_000))]
    limit: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { limit: 100 }
    }
}

impl Rules for Settings {
    fn check(&self, environment: Environment, problems: &mut Problems) {
        if environment.is_production() && self.limit < 10 {
            problems.reject("quotes.limit", "must be at least 10 in production");
        }
    }
}

/// A collection, named by the operator: `COLLECTIONS_PLAYS_TITLE`, or `title` under `[collections.plays]`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Collection {
    /// What readers call it.
    title: String,
    /// The language of its quotations.
    #[serde(default = "english")]
    language: String,
}

fn english() -> String {
    "en".to_owned()
}

impl Rules for Collection {
    fn check(&self, _: Environment, problems: &mut Problems) {
        if self.title.trim().is_empty() {
            problems.reject("title", "must not be empty");
        }
    }
}

/// The service: what the handlers call.
struct Quotes {
    limit: usize,
    collections: Named<Collection>,
    texts: Mutex<Vec<String>>,
    /// Counts what means the same in every domain.
    counted: Common,
}

impl Quotes {
    async fn start(foundation: Arc<Foundation>) -> Result<Arc<Self>, Failure> {
        let limit = foundation.section::<Settings>()?.limit;
        let collections = foundation.named::<Collection>()?.clone();
        let counted = Common::new(foundation.telemetry());
        Ok(Arc::new(Self { limit, collections, texts: Mutex::default(), counted }))
    }

    fn add(&self, text: String) -> Result<(), Error> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if texts.len() >= self.limit {
            return Err(Error::conflict("There are enough quotations").with_reason("quotes.full"));
        }
        texts.push(text);
        self.counted.processed("quote", Operation::Created, 1);
        Ok(())
    }
}

/// List quotations
#[utoipa::path(tag = "quotes", security(()), responses((status = 200, description = "All", body = Vec<String>)))]
#[get("/quotes")]
async fn list(quotes: Data<Arc<Quotes>>) -> Json<Vec<String>> {
    Json(quotes.texts.lock().unwrap_or_else(PoisonError::into_inner).clone())
}

/// List collections
#[utoipa::path(
    tag = "quotes",
    security(()),
    responses((status = 200, description = "Titles and languages by name", body = BTreeMap<String, [String; 2]>))
)]
#[get("/collections")]
async fn list_collections(quotes: Data<Arc<Quotes>>) -> Json<BTreeMap<String, [String; 2]>> {
    let collections = quotes.collections.iter();
    Json(
        collections
            .map(|(name, Collection { title, language })| (name.clone(), [title.clone(), language.clone()]))
            .collect(),
    )
}

/// The body of `POST /quotes`. Whatever is wrong with it is answered at once, by 422.
#[derive(Deserialize, Validate, ToSchema)]
struct NewQuote {
    /// What was said.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "Brevity is the soul of wit.")]
    text: String,
}

/// Add a quotation
#[utoipa::path(
    tag = "quotes",
    security(("bearer" = ["quotes:write"])),
    request_body = NewQuote,
    responses((status = 204, description = "It is kept"), (status = 409, description = "`quotes.full`"))
)]
#[post("/quotes")]
async fn add(
    quotes: Data<Arc<Quotes>>,
    _: Caller,
    Body(new): Body<NewQuote>,
) -> palisade_http::Result<HttpResponse> {
    quotes.add(new.text)?;
    Ok(HttpResponse::NoContent().finish())
}

/// Everything that the domain brings.
fn quotes() -> Domain {
    Domain::new("quotes")
        .reasons(&[Reason::new("quotes.full", ErrorKind::Conflict, "As many are kept as may be.")])
        .permission("quotes:write", "Add quotations.")
        .grant("user", ["quotes:write"])
        .tags(&[("quotes", "What people have said.")])
        .settings::<Settings>("quotes")
        .named_settings::<Collection>("collections")
        .service(Quotes::start)
        .routes(|config| {
            config.service(list).service(add).service(list_collections);
        })
}

fn main() -> ExitCode {
    Server::new("extended")
        .version(env!("CARGO_PKG_VERSION"))
        .domain(palisade_users::domain())
        .domain(palisade_auth::domain())
        .domain(quotes())
        .main()
}
