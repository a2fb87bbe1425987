//! The API documents: `/openapi.json`, Swagger UI at `/docs`, ReDoc at `/redoc`, and a page for each error
//! under `/errors`. Everything is served from the program itself; no page asks another host for anything.
//!
//! ```
//! use actix_web::App;
//! use palisade_http::{docs::{self, Documents}, routes::RouteTable};
//!
//! # #[derive(utoipa::OpenApi)] #[openapi()] struct Api;
//! # let openapi = <Api as utoipa::OpenApi>::openapi();
//! let openapi = docs::finish(openapi, &docs::About { title: "Books", version: "1.0.0", login: "/auth/login" });
//! let table = docs::with_routes(RouteTable::from_openapi(&openapi));
//! let documents = Documents::new(&openapi)?;
//! let app = App::new()
//!     .configure(|config| documents.configure(config))
//!     .configure(|config| docs::ErrorPages::new(&[]).configure(config));
//! # let _ = (app, table);
//! # Ok::<(), palisade_core::Error>(())
//! ```

mod asset;
mod errors;
mod finish;
mod responses;
mod schemes;
mod viewers;

pub use errors::{ErrorPages, errors_markdown};
pub use finish::{About, finish};
pub use viewers::{Documents, with_routes};
