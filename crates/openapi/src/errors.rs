//! Error catalogue for readers: pages under `/errors`, and `docs/errors.md`.

mod html;
mod markdown;

use actix_web::{
    HttpResponse, get,
    web::{Data, Path},
};
use palisade_core::{
    Error, ErrorKind,
    error::{CATALOGUE, Reason},
};
use palisade_http::{Result, extract::IfNoneMatch};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    asset::Asset,
    schema::{ErrorSlug, HtmlPage},
};

pub use markdown::errors_markdown;

/// Path of the list of all errors.
pub(super) const ERRORS: &str = "/errors";

/// Pages under `/errors`. The `type` of each problem body is the address of one of them.
#[derive(Debug, Clone)]
pub struct ErrorPages {
    index: Asset,
    pages: Vec<(ErrorKind, Asset)>,
}

impl ErrorPages {
    /// Makes the pages of the catalogue, each with the reasons of its kind. `service` is the name in the browser's tab.
    #[must_use]
    pub fn new(service: &str, reasons: &[Reason]) -> Self {
        let page = |entry| Asset::page(html::page(entry, reasons, service));
        let pages = CATALOGUE.iter().map(|entry| (entry.kind, page(entry))).collect();
        Self { index: Asset::page(html::index(service)), pages }
    }

    /// Adds `GET /errors` and `GET /errors/{slug}`. Call it on the app, not in a scope: the addresses in error bodies have no
    /// prefix.
    pub fn configure(&self, config: &mut ServiceConfig<'_>) {
        error_routes(config.app_data(Data::new(self.clone())));
    }

    fn page(&self, slug: &str) -> Option<&Asset> {
        let kind = ErrorKind::from_slug(slug)?;
        self.pages.iter().find(|(present, _)| *present == kind).map(|(_, page)| page)
    }
}

/// `GET /errors` and `GET /errors/{slug}`, for an application that provides [`ErrorPages`] as `web::Data`.
pub fn error_routes(config: &mut ServiceConfig<'_>) {
    config.service(show_index).service(show_page);
}

/// Tag of these routes in the API document, with its description.
pub const TAGS: &[(&str, &str)] = &[("errors", "What each error means, for people.")];

/// List errors
///
/// Every kind of error, for people.
#[utoipa::path(
    tag = "errors",
    operation_id = "errors_list",
    security(()),
    responses((status = 200, description = "A page", content_type = "text/html", body = HtmlPage))
)]
#[get("/errors")]
async fn show_index(pages: Data<ErrorPages>, held: IfNoneMatch) -> Result<HttpResponse> {
    pages.index.answer(&held)
}

/// Explain an error
///
/// One kind of error, for people. The `type` of a problem body is the address of such a page.
#[utoipa::path(
    tag = "errors",
    operation_id = "errors_get",
    security(()),
    params(("slug" = inline(ErrorSlug), Path, description = "The error's code with hyphens", example = "not-found")),
    responses((status = 200, description = "A page", content_type = "text/html", body = HtmlPage))
)]
#[get("/errors/{slug}")]
async fn show_page(pages: Data<ErrorPages>, slug: Path<String>, held: IfNoneMatch) -> Result<HttpResponse> {
    let page = pages.page(&slug).ok_or_else(|| Error::from(ErrorKind::NotFound))?;
    page.answer(&held)
}
