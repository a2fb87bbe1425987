//! The server as it is, but `GET /api/v1/users/{id}` answers from memory as the peers do, so that what is measured
//! is the way through the layers and not the database.
//!
//! It takes the settings of `api`, and all of its other routes are there, to sign up and to log in by.

use std::{num::NonZero, sync::Arc};

use actix_web::{
    HttpResponse, get,
    web::{Data, Path, ServiceConfig},
};
use anyhow::Context as _;
use palisade_api::{
    base::Base,
    compose,
    observability::Observability,
    pipeline::create_app_with,
    settings::{self, Settings},
};
use palisade_database::Startup;
use palisade_http::server::{Hooks, Listener, Options, Server, Signals, serve};
use quick_cache::sync::Cache;
use serde::Serialize;

/// The same 192 bytes of JSON that the peers answer with.
#[derive(Debug, Serialize)]
struct User {
    id: String,
    username: String,
    email: String,
    full_name: String,
    role: &'static str,
    active: bool,
    created_at: &'static str,
    updated_at: &'static str,
}

type Users = Cache<String, Arc<User>>;

/// Whatever user is asked for; each is made once.
#[get("/api/v1/users/{id}")]
async fn cached_user(id: Path<String>, users: Data<Users>) -> HttpResponse {
    let id = id.into_inner();
    let user = users.get(&id).unwrap_or_else(|| {
        let user = Arc::new(user(&id));
        users.insert(id, Arc::clone(&user));
        user
    });
    HttpResponse::Ok().json(&*user)
}

fn user(id: &str) -> User {
    User {
        id: id.to_owned(),
        username: "user42".to_owned(),
        email: "user42@example.com".to_owned(),
        full_name: "Example User 42".to_owned(),
        role: "member",
        active: true,
        created_at: "2025-01-01T00:00:00Z",
        updated_at: "2025-06-01T00:00:00Z",
    }
}

fn main() -> anyhow::Result<()> {
    let settings = settings::load(&[]).map_err(|failure| anyhow::anyhow!("{failure}"))?.settings;
    let observability = Observability::install(&settings).map_err(|failure| anyhow::anyhow!("{failure}"))?;
    actix_rt::System::new().block_on(run(settings, observability.clone()))?;
    observability.close();
    Ok(())
}

async fn run(settings: Settings, observability: Observability) -> anyhow::Result<()> {
    let listener = Listener::bind("api", &settings.server.host, settings.server.port)?;
    let mut startup = Startup::new(&settings.database);
    let base = Base::new(settings, observability).map_err(|failure| anyhow::anyhow!("{failure}"))?;
    let parts = compose::compose(Arc::new(base), &mut startup).await;
    let parts = parts.map_err(|failure| anyhow::anyhow!("{failure}"))?;
    compose::migrator().run(&parts.foundation.database).await.context("the migrations failed")?;
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let workers = parts.foundation.settings.server.workers.unwrap_or(cores);
    let (clock, ids) = (Arc::clone(&parts.foundation.clock), parts.foundation.ids.clone());
    let (parts, users) = (Arc::new(parts), Data::new(Users::new(10_000)));
    let own = move |config: &mut ServiceConfig| {
        config.app_data(users.clone()).service(cached_user);
    };
    let server = Server::new(Options::default(), clock, ids)
        .listen(listener, workers, move || create_app_with(&parts, own.clone()))
        .context("the listener does not start")?;
    serve(server, Signals::from_system()?, Hooks::default()).await.context("the server does not start")?;
    Ok(())
}
