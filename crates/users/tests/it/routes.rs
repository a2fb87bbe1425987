//! The routes, behind the real access layer, as a client meets them.

mod answers;
mod documents;
mod lists;
mod manage;
mod profile;

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc};

use actix_web::{
    App,
    body::to_bytes,
    http::StatusCode,
    test::{TestRequest, init_service, try_call_service},
    web::Data,
};
use palisade_core::Secret;
use palisade_http::Layer as _;
use palisade_http::access::AccessControl;
use palisade_users::http::configure;
use serde_json::Value;
use utoipa_actix_web::AppExt;

use crate::world::World;

type Calling = Pin<Box<dyn Future<Output = Answer>>>;

/// The routes under `/api/v1`.
struct Api {
    call: Box<dyn Fn(TestRequest) -> Calling>,
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Value,
}

impl Api {
    async fn of(world: &World) -> Self {
        let scope = utoipa_actix_web::scope("/api/v1").configure(configure);
        let (app, document) = App::new()
            .into_utoipa_app()
            .app_data(Data::new(world.users.clone()))
            .service(scope)
            .split_for_parts();
        let routes = Arc::new(palisade_openapi::route_table(&document));
        let service = std::rc::Rc::new(
            init_service(app.wrap(AccessControl::new(Arc::new(world.auth.clone()), routes).layered())).await,
        );
        let call = move |request: TestRequest| -> Calling {
            let service = service.clone();
            Box::pin(async move {
                match try_call_service(&*service, request.to_request()).await {
                    Ok(response) => Answer::read(response.into_parts().1.map_into_boxed_body()).await,
                    Err(error) => Answer::read(error.error_response()).await,
                }
            })
        };
        Self { call: Box::new(call) }
    }

    async fn send(&self, request: TestRequest, token: Option<&Secret>) -> Answer {
        let request = match token {
            Some(token) => request.insert_header(("authorization", format!("Bearer {}", token.expose()))),
            None => request,
        };
        (self.call)(request).await
    }

    async fn get(&self, path: &str, token: &Secret) -> Answer {
        self.send(TestRequest::get().uri(path), Some(token)).await
    }

    async fn patch(&self, path: &str, token: &Secret, body: Value) -> Answer {
        self.send(TestRequest::patch().uri(path).set_json(body), Some(token)).await
    }
}

impl Answer {
    async fn read(response: actix_web::HttpResponse) -> Self {
        let status: StatusCode = response.status();
        let headers = response.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let bytes = to_bytes(response.into_body()).await.unwrap();
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        Self { status: status.as_u16(), headers, body }
    }

    /// The JSON pointers of the fields that are wrong.
    fn fields(&self) -> Vec<&str> {
        let details = self.body.pointer("/error/details").expect("an envelope with details");
        let fields = details.as_array().or_else(|| details["fields"].as_array()).expect("a list of fields");
        fields.iter().map(|field| field["field"].as_str().unwrap()).collect()
    }
}
