//! The service behind actix-web, as the server mounts it.

use std::sync::Arc;

use actix_web::{
    App, HttpResponse,
    body::to_bytes,
    get,
    http::{StatusCode, header::HeaderMap},
    post,
    test::{TestRequest, init_service, try_call_service},
    web::Data,
};
use palisade_auth::http::{Caller, configure, configure_root};
use palisade_http::{Layer as _, access::AccessControl, routes::RouteTable};
use serde_json::Value;
use utoipa_actix_web::{AppExt, scope, service_config::ServiceConfig};

use crate::world::World;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The first field that broke a rule, with its code.
    pub(crate) fn problem(&self) -> (&str, &str) {
        let first = &self.body["error"]["details"][0];
        (first["field"].as_str().unwrap_or_default(), first["code"].as_str().unwrap_or_default())
    }
}

/// What the API document says of the crate's own routes.
pub(crate) fn declared() -> RouteTable {
    let app = App::new().into_utoipa_app().configure(configure_root);
    palisade_openapi::route_table(&app.service(scope("/api/v1").configure(configure)).split_for_parts().1)
}

/// What a client gets from a server that mounts the crate and the probes below.
pub(crate) async fn call(world: &World, request: TestRequest) -> Answer {
    let mount = |config: &mut ServiceConfig<'_>| {
        configure(config);
        config
            .service(open)
            .service(signed_in)
            .service(with_permission)
            .service(write_with_permission)
            .service(secretive);
    };
    let (_, document) =
        App::new().into_utoipa_app().service(scope("/api/v1").configure(mount)).split_for_parts();
    let table = Arc::new(palisade_openapi::route_table(&document));
    let (app, _) = App::new()
        .into_utoipa_app()
        .app_data(Data::new(world.auth.clone()))
        .configure(configure_root)
        .service(
            scope("/api/v1")
                .wrap(AccessControl::new(Arc::new(world.auth.clone()), table).layered())
                .configure(mount),
        )
        .split_for_parts();
    let app = init_service(app).await;
    let response = match try_call_service(&app, request.to_request()).await {
        Ok(response) => response.into_parts().1.map_into_boxed_body(),
        Err(error) => error.error_response(),
    };
    let (status, headers) = (response.status(), response.headers().clone());
    let body = to_bytes(response.into_body()).await.unwrap_or_default();
    Answer { status, headers, body: serde_json::from_slice(&body).unwrap_or_default() }
}

#[utoipa::path(security(()), responses((status = 200)))]
#[get("/probe/open")]
async fn open(caller: Option<Caller>) -> HttpResponse {
    assert!(caller.is_none(), "a public route looks at no token");
    HttpResponse::Ok().finish()
}

#[utoipa::path(security(("bearer" = [])), responses((status = 200)))]
#[get("/probe/signed-in")]
async fn signed_in(Caller(caller): Caller) -> HttpResponse {
    HttpResponse::Ok().json(caller.subject.to_string())
}

#[utoipa::path(security(("bearer" = ["users:read"])), responses((status = 200)))]
#[get("/probe/with-permission")]
async fn with_permission() -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[utoipa::path(security(("bearer" = ["users:write"])), responses((status = 200)))]
#[post("/probe/with-permission")]
async fn write_with_permission() -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[utoipa::path(responses((status = 200)))]
#[post("/probe/secretive")]
async fn secretive() -> HttpResponse {
    HttpResponse::Ok().body("reached a route that says nothing of who may call it")
}
