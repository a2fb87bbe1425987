//! The API document of an actix-web application: what it says of routes, and what clients see of it.
//!
//! The document that `utoipa` makes of the handlers is read into the plain tables of `palisade-http`, so that what is
//! documented is what is enforced: [`route_table`] says who may call which route, [`exempt_routes`] which routes are answered under
//! load, [`deprecations`] which ones go away. [`finish`] adds what the handlers do not say: the security schemes, and each
//! error that an operation can give. [`Documents`], [`ErrorPages`] and [`FrontPage`] (feature `pages`) serve the document,
//! its viewers, a page for each error and a page that leads to them, without asking another host for anything.
//!
//! ```
//! # #[cfg(feature = "pages")] {
//! use actix_web::App;
//! use palisade_openapi::{About, Documents, ErrorPages, FrontPage, finish, route_table};
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
//! let openapi = finish(app().split_for_parts().1, &about);
//! let routes = FrontPage::declare(Documents::declare(route_table(&openapi), &[]));
//! let (documents, front_page) = (Documents::new(&openapi)?, FrontPage::new("Books", true));
//! let served = app().into_app().configure(|config| {
//!     documents.configure(config);
//!     front_page.configure(config);
//! });
//! # let _ = (routes, served);
//! # }
//! # Ok::<(), palisade_core::Error>(())
//! ```
//!
//! What it deliberately does not do: describe handlers (`utoipa` does), or enforce anything (the layers of `palisade-http`
//! do).

#[cfg(feature = "pages")]
mod asset;
mod bodies;
mod bounds;
mod deprecation;
#[cfg(feature = "pages")]
mod errors;
mod exempt_routes;
mod finish;
#[cfg(feature = "pages")]
mod front_page;
mod header;
mod idempotency;
mod limits;
mod operations;
mod responses;
mod routes;
pub mod schema;
mod schemes;
#[cfg(feature = "pages")]
mod viewers;

pub use deprecation::{InvalidDeclaration, deprecate_all, deprecations};
#[cfg(feature = "pages")]
pub use errors::{ErrorPages, TAGS as ERROR_TAGS, error_routes, errors_markdown};
pub use exempt_routes::exempt_routes;
pub use finish::{About, finish};
#[cfg(feature = "pages")]
pub use front_page::FrontPage;
pub use limits::declare_limits;
pub use routes::route_table;
#[cfg(feature = "pages")]
pub use viewers::Documents;
