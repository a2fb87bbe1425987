//! `api` with one more domain, whose route `GET /api/v1/memory/{id}` answers from memory as the peers do, so that what is
//! measured is the way through the layers and not the database.

use std::{process::ExitCode, sync::Arc};

use actix_web::{
    HttpResponse, get,
    web::{Data, Path},
};
use palisade_server::{Domain, Failure, Foundation};
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

type Users = Arc<Cache<String, Arc<User>>>;

/// Whatever user is asked for; each is made once.
#[utoipa::path(security(("bearer" = [])), responses((status = 200)))]
#[get("/memory/{id}")]
async fn cached_user(id: Path<String>, users: Data<Users>) -> HttpResponse {
    let id = id.into_inner();
    let user = users.get(&id).unwrap_or_else(|| {
        let user = Arc::new(user(&id));
        users.insert(id, Arc::clone(&user));
        user
    });
    HttpResponse::Ok().json(&*user)
}

async fn users(_: Arc<Foundation>) -> Result<Users, Failure> {
    Ok(Arc::new(Cache::new(10_000)))
}

fn main() -> ExitCode {
    let memory = Domain::new("memory").service(users).routes(|config| {
        config.service(cached_user);
    });
    palisade_api::server().domain(memory).main()
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
