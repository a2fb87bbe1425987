//! What these tests have in common: a clock that is turned by hand, callers that are known by their token.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{
    App, Error, HttpResponse,
    body::{MessageBody, to_bytes},
    dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse},
    http::header::AUTHORIZATION,
    test::{TestRequest, init_service},
};
use futures_util::future::ready;
use palisade_core::{
    Clock as _, ErrorFormat, Ids, ManualClock, Parse as _, Principal, Role, Subject, SystemRandom, UserId,
};
use palisade_http::{
    Layer,
    rate_limit::{Asking, Callers, Limits},
    renderer::Renderer,
};
use palisade_ratelimit::{LimitKey, MemoryOptions, MemoryRateLimiter, Timeline};
use sfv::{BareItem, List, ListEntry, Parser};

use crate::world::Answer;

pub(crate) const ANN: &str = "01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f11";
pub(crate) const BOB: &str = "01980a5c-7f3a-7cc2-9d52-6a0d0c6a8f22";

/// The time, and what counts by it.
pub(crate) struct Desk {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) limits: Limits,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        let limiter = MemoryRateLimiter::new(Timeline::following(clock.clone()), MemoryOptions::default());
        let limits = Limits::new(Arc::new(limiter), clock.clone()).identified_by(Arc::new(ByToken));
        Self { clock, limits }
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Seconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.clock.now().timestamp()
    }

    /// The app with these limits and the renderer, as a function from requests to answers.
    pub(crate) async fn serve<S, B>(&self, app: App<S>) -> Served<impl Answering + use<S, B>>
    where
        S: ServiceFactory<
                ServiceRequest,
                Config = (),
                Response = ServiceResponse<B>,
                Error = Error,
                InitError = (),
            > + 'static,
        B: MessageBody + 'static,
    {
        let renderer = Renderer::new(ErrorFormat::Envelope, self.clock.clone());
        let app = app.app_data(self.limits.clone()).wrap(renderer.layered());
        Served(init_service(app).await)
    }
}

pub(crate) trait Answering:
    Service<actix_http::Request, Response = ServiceResponse, Error = Error>
{
}

impl<S: Service<actix_http::Request, Response = ServiceResponse, Error = Error>> Answering for S {}

/// A running app.
pub(crate) struct Served<S>(S);

impl<S: Answering> Served<S> {
    pub(crate) async fn call(&self, request: TestRequest) -> Answer {
        let response = self.0.call(request.to_request()).await.expect("no error is lost").into_parts().1;
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: to_bytes(response.into_body()).await.ok().unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(from("203.0.113.9").uri(path)).await
    }

    /// The statuses of so many calls.
    pub(crate) async fn statuses(&self, path: &str, calls: usize) -> Vec<u16> {
        let mut statuses = Vec::new();
        for _ in 0..calls {
            statuses.push(self.get(path).await.status);
        }
        statuses
    }
}

/// A request of that client.
pub(crate) fn from(address: &str) -> TestRequest {
    TestRequest::default().peer_addr(SocketAddr::new(address.parse().unwrap(), 40_000))
}

/// A request of that client with a token.
pub(crate) fn with_token(address: &str, token: &str) -> TestRequest {
    from(address).insert_header((AUTHORIZATION, token))
}

pub(crate) fn remaining(answer: &Answer) -> i64 {
    answer
        .header("x-ratelimit-remaining")
        .unwrap_or_else(|| panic!("not limited: {answer:?}"))
        .parse()
        .unwrap()
}

/// A list of strings with whole numbers as parameters: each item with those that are named.
pub(crate) fn items(answer: &Answer, header: &str, parameters: [&str; 2]) -> Vec<(String, i64, i64)> {
    let value = answer.header(header).unwrap_or_else(|| panic!("no {header}: {answer:?}"));
    let list: List = Parser::new(value).parse().unwrap_or_else(|error| panic!("{header}: {value}: {error}"));
    let item = |entry: &ListEntry| {
        let ListEntry::Item(item) = entry else { panic!("an inner list: {value}") };
        let BareItem::String(name) = &item.bare_item else { panic!("no string: {value}") };
        let number = |parameter: &str| match item.params.get(parameter) {
            Some(BareItem::Integer(number)) => i64::from(*number),
            other => panic!("{parameter} is {other:?}: {value}"),
        };
        (name.as_str().to_owned(), number(parameters[0]), number(parameters[1]))
    };
    list.iter().map(item).collect()
}

pub(crate) async fn ok() -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// Takes `ann` and `bob` for tokens, and `admin` for one of Ann's with which she is an admin.
#[derive(Debug)]
struct ByToken;

impl Callers for ByToken {
    fn caller<'a>(&'a self, request: &'a ServiceRequest) -> Asking<'a, Arc<Principal>> {
        let token = request.headers().get(AUTHORIZATION).map(|value| value.to_str().unwrap());
        let caller = match token {
            Some("ann") => Some(principal(ANN, &["user"])),
            Some("bob") => Some(principal(BOB, &["user"])),
            Some("admin") => Some(principal(ANN, &["admin", "user"])),
            _ => None,
        };
        Box::pin(ready(caller.map(Arc::new)))
    }

    fn api_key<'a>(&'a self, request: &'a ServiceRequest) -> Asking<'a, LimitKey> {
        let shown = request.headers().get("x-api-key").is_some_and(|key| key == "valid");
        Box::pin(ready(shown.then(|| LimitKey::of("api_key", 7))))
    }
}

pub(crate) fn principal(user: &str, roles: &[&str]) -> Principal {
    let ids = Ids::new(Arc::new(ManualClock::default()), Arc::new(SystemRandom));
    Principal {
        subject: Subject::User(UserId::parse(user).unwrap()),
        session_id: Some(ids.id()),
        roles: Arc::new(roles.iter().map(|role| Role::parse(role).unwrap()).collect()),
        permissions: Arc::default(),
    }
}
