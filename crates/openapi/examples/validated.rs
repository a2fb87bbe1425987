//! Bodies, queries and forms as types with `Deserialize`, `Validate` and `ToSchema`:
//! `cargo run -p palisade-openapi --example validated`, then
//! `curl http://127.0.0.1:8080/books --json '{"title":"","isbn":"1","pages":"many","colour":"red","author":{}}'`,
//! `curl 'http://127.0.0.1:8080/books?tag=a&tag=b&page=0'` and `curl http://127.0.0.1:8080/openapi.json`.

use std::sync::Arc;

use actix_web::{App, HttpResponse, HttpServer, get, patch, post, web::Json};
use palisade_core::{ErrorFormat, FieldError, SystemClock, input};
use palisade_http::{
    Layer as _,
    extract::{Body, FormOrBody, Query},
    renderer::Renderer,
};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};
use validator::{Validate, ValidationError};

/// The body of `POST /books`. Unknown members are refused without another word.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[expect(dead_code, reason = "the example only shows it")]
struct NewBook {
    /// As printed on the cover. The bound stands in the document, too.
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// A rule that several bodies need is a type.
    #[schema(value_type = String, pattern = "^[0-9]{13}$", min_length = 13, max_length = 13)]
    isbn: Isbn,
    /// Left out: unknown.
    #[validate(range(min = 1, max = 20_000))]
    #[schema(minimum = 1, maximum = 20_000)]
    pages: Option<u32>,
    #[validate(nested)]
    author: Author,
    #[serde(default)]
    #[validate(length(max = 10))]
    #[schema(max_items = 10)]
    tags: Vec<String>,
}

#[derive(Debug, Deserialize, Validate, ToSchema)]
#[validate(schema(function = "lived"))]
struct Author {
    #[validate(length(min = 1, max = 100))]
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(minimum = 0, maximum = 9_999)]
    born: Option<u16>,
    #[schema(minimum = 0, maximum = 9_999)]
    died: Option<u16>,
}

/// A rule of several members, told of the first that it names.
fn lived(author: &Author) -> Result<(), ValidationError> {
    if author.died.is_none() || author.born <= author.died {
        return Ok(());
    }
    Err(input::broken(&["died", "born"], "before_birth", "must not be before born"))
}

/// An ISBN: thirteen digits.
#[derive(Debug, Deserialize, Serialize)]
#[serde(try_from = "String")]
struct Isbn(String);

impl TryFrom<String> for Isbn {
    type Error = FieldError;

    fn try_from(text: String) -> Result<Self, FieldError> {
        if text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(text));
        }
        Err(FieldError::unplaced("invalid_isbn", "must be thirteen digits"))
    }
}

/// A change: what is left out stays. The title cannot be taken away, the number of pages can.
#[derive(Debug, Deserialize, Validate, ToSchema)]
struct BookChange {
    #[serde(default, deserialize_with = "input::settable")]
    #[validate(length(min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    title: Option<String>,
    #[serde(default, deserialize_with = "input::nullable")]
    #[validate(range(min = 1, max = 20_000))]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 20_000)]
    pages: Option<Option<u32>>,
}

/// What the list may be asked for.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
struct ListBooks {
    /// Given once for each tag.
    #[serde(default)]
    #[validate(length(max = 10))]
    #[param(max_items = 10)]
    tag: Vec<String>,
    #[validate(range(min = 1))]
    #[param(minimum = 1)]
    page: Option<u32>,
}

#[utoipa::path(request_body = NewBook, responses((status = 201, description = "Added")))]
#[post("/books")]
async fn add(Body(book): Body<NewBook>) -> HttpResponse {
    HttpResponse::Created().body(format!("{book:?}\n"))
}

#[utoipa::path(request_body = BookChange, responses((status = 200, description = "Changed")))]
#[patch("/books")]
async fn change(FormOrBody(change): FormOrBody<BookChange>) -> HttpResponse {
    HttpResponse::Ok().body(format!("{change:?}\n"))
}

#[utoipa::path(params(ListBooks), responses((status = 200, description = "The books")))]
#[get("/books")]
async fn list(Query(asked): Query<ListBooks>) -> HttpResponse {
    HttpResponse::Ok().body(format!("{asked:?}\n"))
}

#[derive(OpenApi)]
#[openapi(paths(add, change, list))]
struct Document;

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let server = HttpServer::new(|| {
        App::new()
            .service(add)
            .service(change)
            .service(list)
            .route("/openapi.json", actix_web::web::get().to(|| async { Json(Document::openapi()) }))
            .wrap(Renderer::new(ErrorFormat::Envelope, Arc::new(SystemClock)).layered())
    });
    server.bind(("127.0.0.1", 8080))?.run().await
}
