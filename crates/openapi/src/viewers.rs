//! The API document and its two viewers.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{
    HttpResponse,
    http::Method,
    web::{self, Data, Path, ServiceConfig},
};
use bytes::Bytes;
use palisade_core::{Error, ErrorKind};
use palisade_http::{Result, extract::IfNoneMatch, page::escaped, routes::RouteTable};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use crate::asset::Asset;

pub(super) const OPENAPI: &str = "/openapi.json";
pub(super) const DOCS: &str = "/docs";
pub(super) const REDOC: &str = "/redoc";
const DOCS_PAGE: &str = include_str!("../assets/docs.html");
const REDOC_PAGE: &str = include_str!("../assets/redoc.html");
const VERSIONS: &str = include_str!("../assets/versions.html");
const DOCS_START: &str =
    concat!(include_str!("../assets/versions.js"), include_str!("../assets/docs.start.js"));
const REDOC_START: &str =
    concat!(include_str!("../assets/versions.js"), include_str!("../assets/redoc.start.js"));
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// The API document, ready to be served. Clones share it, so make one and give a clone to each worker.
#[derive(Clone)]
pub struct Documents {
    service: String,
    openapi: Asset,
    /// The documents of further versions, by name.
    versions: Vec<(String, Asset)>,
    docs: Asset,
    redoc: Asset,
    redoc_script: Asset,
    swagger: Arc<SwaggerFiles>,
}

impl Documents {
    /// Serves this document, as [`finish`](crate::finish) returns it.
    ///
    /// # Errors
    /// 500 when it has no JSON form.
    pub fn new(openapi: &OpenApi) -> Result<Self, Error> {
        let json = openapi.to_json().map_err(Error::internal)?;
        let service = escaped(&openapi.info.title);
        let redoc: &'static [u8] = include_bytes!("../assets/redoc.standalone.js.gz");
        Ok(Self {
            docs: viewer(DOCS_PAGE, &service, DOCS, &[]),
            redoc: viewer(REDOC_PAGE, &service, REDOC, &[]),
            service,
            openapi: Asset::new("application/json", json),
            versions: Vec::new(),
            redoc_script: Asset::gzipped(SCRIPT, redoc),
            swagger: Arc::default(),
        })
    }

    /// Adds the document of another version of the API, at `/openapi/{name}.json`. Both viewers then link to all versions and
    /// show the one in `?version={name}`.
    ///
    /// # Errors
    /// 500 when it has no JSON form.
    pub fn with_version(mut self, name: &str, openapi: &OpenApi) -> Result<Self, Error> {
        let json = openapi.to_json().map_err(Error::internal)?;
        self.versions.push((name.to_owned(), Asset::new("application/json", json)));
        self.docs = viewer(DOCS_PAGE, &self.service, DOCS, &self.versions);
        self.redoc = viewer(REDOC_PAGE, &self.service, REDOC, &self.versions);
        Ok(self)
    }

    /// Adds `/openapi.json`, `/docs` and `/redoc` with their files. Call it on the app, not in a scope: pages name their files
    /// by full paths.
    pub fn configure(&self, config: &mut ServiceConfig) {
        let asset = |asset: &Asset| {
            let asset = asset.clone();
            web::get().to(move |held: IfNoneMatch| {
                let answer = asset.answer(&held);
                async move { answer }
            })
        };
        for (name, document) in &self.versions {
            config.route(&of_version(name), asset(document));
        }
        let start = Asset::new(SCRIPT, REDOC_START);
        config
            .route(OPENAPI, asset(&self.openapi))
            .route(DOCS, asset(&self.docs))
            .route("/docs/", asset(&self.docs))
            .service(
                web::resource("/docs/{file}")
                    .app_data(Data::from(Arc::clone(&self.swagger)))
                    .route(web::get().to(swagger_file)),
            )
            .route(REDOC, asset(&self.redoc))
            .route("/redoc/redoc.standalone.js", asset(&self.redoc_script))
            .route("/redoc/start.js", asset(&start));
    }

    /// Adds the routes of [`configure`](Self::configure) to the table; anyone may call them. `versions` are the names of
    /// further versions.
    #[must_use]
    pub fn declare(table: RouteTable, versions: &[String]) -> RouteTable {
        let routes =
            [OPENAPI, DOCS, "/docs/", "/docs/{file}", REDOC, "/redoc/redoc.standalone.js", "/redoc/start.js"];
        let routes =
            routes.map(str::to_owned).into_iter().chain(versions.iter().map(|name| of_version(name)));
        routes.fold(table, |table, pattern| table.with_public(Method::GET, pattern))
    }
}

/// A viewer's page, with links to all versions where there are several.
fn viewer(page: &str, service: &str, at: &str, further: &[(String, Asset)]) -> Asset {
    let mut versions = String::new();
    if !further.is_empty() {
        let links = further.iter().map(|(name, _)| escaped(name));
        let links = links.map(|name| format!("<a href=\"{at}?version={name}\">{name}</a>"));
        let first = format!("<a href=\"{at}\">v1</a>");
        versions = VERSIONS.replace("{links}", &(first + &links.collect::<String>()));
    }
    Asset::viewer(page.replace("{versions}", &versions).replace("{service}", service))
}

impl fmt::Debug for Documents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Documents").finish_non_exhaustive()
    }
}

/// Path of the document of a version.
fn of_version(name: &str) -> String {
    format!("/openapi/{name}.json")
}

async fn swagger_file(
    held: IfNoneMatch,
    name: Path<String>,
    files: Data<SwaggerFiles>,
) -> Result<HttpResponse> {
    files.get(&name)?.answer(&held)
}

/// Files of Swagger UI that were requested so far, our own ones among them.
#[derive(Default)]
struct SwaggerFiles(Mutex<HashMap<String, Asset>>);

impl SwaggerFiles {
    fn get(&self, name: &str) -> Result<Asset, Error> {
        let mut served = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asset) = served.get(name) {
            return Ok(asset.clone());
        }
        let asset = Self::read(name)?;
        served.insert(name.to_owned(), asset.clone());
        Ok(asset)
    }

    fn read(name: &str) -> Result<Asset, Error> {
        match name {
            "swagger-initializer.js" => return Ok(Asset::new(SCRIPT, DOCS_START)),
            "docs.css" => return Ok(Asset::new(STYLE, include_str!("../assets/docs.css"))),
            _ => {}
        }
        let media_type = match name.rsplit('.').next() {
            Some("js") => SCRIPT,
            Some("css") => STYLE,
            Some("png") => "image/png",
            _ => return Err(ErrorKind::NotFound.into()),
        };
        let found = utoipa_swagger_ui::serve(name, Arc::new(Config::from(OPENAPI)));
        let file = found.map_err(|error| Error::internal(error.to_string()))?.ok_or(ErrorKind::NotFound)?;
        let content = match file.bytes {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        Ok(if file.gzpipped { Asset::gzipped(media_type, content) } else { Asset::new(media_type, content) })
    }
}
