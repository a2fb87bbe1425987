//! `GET /`: links to the documents, for somebody who knows only the host.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method,
        header::{HeaderValue, VARY},
    },
    web::{self, ServiceConfig},
};
use palisade_http::{
    Result,
    accept::prefers_html,
    extract::IfNoneMatch,
    page::{escaped, html},
    routes::RouteTable,
};
use serde_json::json;

use crate::{
    asset::Asset,
    errors::ERRORS,
    viewers::{DOCS, OPENAPI, REDOC},
};

const ROOT: &str = "/";

/// Answer of `GET /`: a page with links for a browser, a short JSON object for other clients. It names the documents only
/// where they are served.
#[derive(Debug, Clone)]
pub struct FrontPage {
    page: Asset,
    json: Asset,
}

impl FrontPage {
    /// The front page of `service`; `has_documents` says whether [`Documents`](crate::Documents) are served.
    #[must_use]
    pub fn new(service: &str, has_documents: bool) -> Self {
        let all = [
            (DOCS, "Documentation", "every operation, to read and to try out"),
            (REDOC, "Reference", "every operation, to read"),
            (OPENAPI, "API document", "OpenAPI, for tools"),
            (ERRORS, "Errors", "what each error means and what to do"),
        ];
        let served = all.into_iter().filter(|(target, ..)| has_documents || *target == ERRORS);
        let link = |(target, name, what)| format!("<li><a href=\"{target}\">{name}</a>: {what}</li>\n");
        let links: String = served.map(link).collect();
        let body = format!("<p>This is the HTTP API of {}.</p>\n<ul>\n{links}</ul>", escaped(service));
        let json = match has_documents {
            true => json!({"name": service, "docs": DOCS, "openapi": OPENAPI, "errors": ERRORS}),
            false => json!({"name": service, "errors": ERRORS}),
        };
        let page = Asset::page(html("API", service, &body));
        Self { page, json: Asset::new("application/json", json.to_string()) }
    }

    /// Adds `GET /`. Call it on the app, not in a scope.
    pub fn configure(&self, config: &mut ServiceConfig) {
        let own = self.clone();
        config.route(
            ROOT,
            web::get().to(move |request: HttpRequest, held: IfNoneMatch| {
                let answer = own.answer(&request, &held);
                async move { answer }
            }),
        );
    }

    /// Adds the route to the table; anyone may call it.
    #[must_use]
    pub fn declare(table: RouteTable) -> RouteTable {
        table.with_public(Method::GET, ROOT)
    }

    fn answer(&self, request: &HttpRequest, held: &IfNoneMatch) -> Result<HttpResponse> {
        let form = if prefers_html(request.headers()) { &self.page } else { &self.json };
        let mut response = form.answer(held)?;
        response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
        Ok(response)
    }
}
