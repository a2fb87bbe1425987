//! The document and its two viewers.

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
use palisade_core::{Error, Kind};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use super::asset::Asset;
use crate::{Result, extract::IfNoneMatch, routes::RouteTable};

const OPENAPI: &str = "/openapi.json";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The API document, ready to be served. Clones share it, so make one and give a clone to each worker.
#[derive(Clone)]
pub struct Documents {
    openapi: Asset,
    redoc: Asset,
    viewer: Arc<SwaggerFiles>,
}

impl Documents {
    /// The documents of a finished API.
    ///
    /// # Errors
    /// 500 when it has no JSON form.
    pub fn new(openapi: &OpenApi) -> Result<Self, Error> {
        let json = openapi.to_json().map_err(Error::internal)?;
        let redoc: &'static [u8] = include_bytes!("../../assets/redoc.standalone.js.gz");
        let viewer = Config::from(OPENAPI)
            // The validator of Swagger UI is a service elsewhere.
            .validator_url("none")
            .persist_authorization(false)
            .try_it_out_enabled(true);
        Ok(Self {
            openapi: Asset::new("application/json", json),
            redoc: Asset::gzipped(SCRIPT, redoc),
            viewer: Arc::new(SwaggerFiles { config: Arc::new(viewer), served: Mutex::default() }),
        })
    }

    /// Adds `/openapi.json`, `/docs` and `/redoc` with their files. They take the whole path, so this belongs
    /// to the app and not into a scope.
    pub fn configure(&self, config: &mut ServiceConfig) {
        let asset = |asset: &Asset| {
            let asset = asset.clone();
            web::get().to(move |held: IfNoneMatch| {
                let answer = asset.answer(&held);
                async move { answer }
            })
        };
        let docs = Asset::viewer(include_str!("../../assets/docs.html"));
        let page = Asset::viewer(include_str!("../../assets/redoc.html"));
        let start = Asset::new(SCRIPT, include_str!("../../assets/redoc.start.js"));
        config
            .route(OPENAPI, asset(&self.openapi))
            .route("/docs", asset(&docs))
            .route("/docs/", asset(&docs))
            .service(
                web::resource("/docs/{file}")
                    .app_data(Data::from(Arc::clone(&self.viewer)))
                    .route(web::get().to(swagger_file)),
            )
            .route("/redoc", asset(&page))
            .route("/redoc/redoc.standalone.js", asset(&self.redoc))
            .route("/redoc/start.js", asset(&start));
    }
}

impl fmt::Debug for Documents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Documents").finish_non_exhaustive()
    }
}

/// The table with the routes of [`Documents::configure`] added, which anyone may call.
#[must_use]
pub fn with_routes(table: RouteTable) -> RouteTable {
    let routes = [
        OPENAPI,
        "/docs",
        "/docs/",
        "/docs/{file}",
        "/redoc",
        "/redoc/redoc.standalone.js",
        "/redoc/start.js",
    ];
    routes.into_iter().fold(table, |table, pattern| table.with_public(Method::GET, pattern))
}

async fn swagger_file(
    held: IfNoneMatch,
    name: Path<String>,
    files: Data<SwaggerFiles>,
) -> Result<HttpResponse> {
    files.get(&name)?.answer(&held)
}

/// The files of Swagger UI.
struct SwaggerFiles {
    config: Arc<Config<'static>>,
    /// Those that were asked for: no more than Swagger UI has.
    served: Mutex<HashMap<String, Asset>>,
}

impl SwaggerFiles {
    fn get(&self, name: &str) -> Result<Asset, Error> {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asset) = served.get(name) {
            return Ok(asset.clone());
        }
        let asset = self.read(name)?;
        served.insert(name.to_owned(), asset.clone());
        Ok(asset)
    }

    fn read(&self, name: &str) -> Result<Asset, Error> {
        let media_type = match name.rsplit('.').next() {
            Some("js") => SCRIPT,
            Some("css") => "text/css; charset=utf-8",
            Some("png") => "image/png",
            _ => return Err(Kind::NotFound.into()),
        };
        let found = utoipa_swagger_ui::serve(name, Arc::clone(&self.config));
        let file = found.map_err(|error| Error::internal(error.to_string()))?.ok_or(Kind::NotFound)?;
        let content = match file.bytes {
            Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            Cow::Owned(bytes) => bytes.into(),
        };
        Ok(if file.gzpipped { Asset::gzipped(media_type, content) } else { Asset::new(media_type, content) })
    }
}
