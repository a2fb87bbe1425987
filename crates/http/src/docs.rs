//! The API documents: `/openapi.json`, Swagger UI at `/docs`, ReDoc at `/redoc`, a page for each error under `/errors`,
//! and a front page that leads to them. Everything is served from the program itself; no page asks another host for anything.
//!
//! ```
//! use actix_web::App;
//! use palisade_http::{docs::{self, About, Documents, ErrorPages, FrontPage}, routes::RouteTable};
//! use utoipa_actix_web::AppExt;
//!
//! let app = || App::new().into_utoipa_app().configure(|config| ErrorPages::new("Books", &[]).configure(config));
//! let about = About {
//!     title: "Books",
//!     version: "1.0.0",
//!     environment: "production",
//!     license: "MIT",
//!     tags: &[("errors", "What each error means.")],
//!     reasons: &[],
//!     login: "/auth/login",
//!     idempotency_keys: false,
//! };
//! let openapi = docs::finish(app().split_for_parts().1, &about);
//! let routes = FrontPage::declare(docs::with_routes(RouteTable::from_openapi(&openapi)));
//! let (documents, front_page) = (Documents::new(&openapi)?, FrontPage::new("Books", true));
//! let served = app().into_app().configure(|config| {
//!     documents.configure(config);
//!     front_page.configure(config);
//! });
//! # let _ = (routes, served);
//! # Ok::<(), palisade_core::Error>(())
//! ```

mod asset;
mod bodies;
mod bounds;
mod errors;
mod finish;
mod front_page;
mod header;
mod idempotency;
mod limits;
mod responses;
mod schemes;
mod viewers;

pub use errors::{ErrorPages, TAGS as ERROR_TAGS, error_routes, errors_markdown};
pub use finish::{About, finish};
pub use front_page::FrontPage;
pub use limits::declare_limits;
pub use viewers::{Documents, with_routes, with_versions};
