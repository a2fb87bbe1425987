//! Users, as a server takes them.

use std::sync::Arc;

use palisade_auth::{Auth, Identities, Passwords, Settings as AuthSettings};
use palisade_cache::Caching;
use palisade_core::ForgetUser;
use palisade_server::{Domain, Failure, Foundation};

use crate::{
    MIGRATIONS, Parts, READ, REASONS, Registration, Settings, SqlUserStore, UserCache, UserIdentities,
    UserStore, Users, WRITE, command, http, routes::first_admin,
};

/// Users: the routes under `/users`, sign-up, the link that makes the first admin, and `users create`. It needs
/// `palisade_auth::domain()`.
///
/// What a program can replace: `Arc<dyn UserStore>`.
#[must_use]
pub fn domain() -> Domain {
    Domain::new("users")
        .migrations(&MIGRATIONS)
        .reasons(REASONS)
        .reasons(first_admin::REASONS)
        .permission(READ, "See any user.")
        .permission(WRITE, "Add, change and remove any user.")
        .tags(http::TAGS)
        .tags(first_admin::TAGS)
        .routes(http::configure)
        .root_routes(first_admin::configure)
        .limited_root_route("/setup/{token}")
        .settings::<Settings>("users")
        .service(store)
        .service(identities)
        .service(users)
        .service(first_admin::setup)
        .announce(first_admin::invite)
        .command(command::users())
}

async fn store(foundation: Arc<Foundation>) -> Result<Arc<dyn UserStore>, Failure> {
    Ok(Arc::new(SqlUserStore::new(foundation.database().clone())))
}

async fn identities(_: Arc<Foundation>, store: Arc<dyn UserStore>) -> Result<Arc<dyn Identities>, Failure> {
    Ok(Arc::new(UserIdentities::new(store)))
}

async fn users(
    foundation: Arc<Foundation>,
    store: Arc<dyn UserStore>,
    caching: Option<Caching>,
    auth: Auth,
    passwords: Passwords,
    forget: Vec<Arc<dyn ForgetUser>>,
) -> Result<Users, Failure> {
    let registration = match foundation.section::<AuthSettings>()?.registration_enabled {
        true => Registration::Open,
        false => Registration::Closed,
    };
    let settings = &foundation.settings().cache;
    let cache = match caching {
        Some(caching) => UserCache::new(
            caching,
            settings.ttl(foundation.section::<Settings>()?.cache_ttl_seconds),
            settings.strategy,
        ),
        None => UserCache::off(),
    };
    let users = Users::new(Parts {
        store,
        cache,
        auth,
        passwords,
        registration,
        forget,
        ids: foundation.ids().clone(),
        clock: Arc::clone(foundation.clock()),
    });
    users.measure(foundation.telemetry());
    Ok(users)
}
