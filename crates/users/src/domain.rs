//! Users, as a server takes them.

use std::{future::ready, sync::Arc};

use palisade_auth::{Auth, Identities, Passwords, Settings as AuthSettings};
use palisade_cache::Caching;
use palisade_server::{Domain, Failure, Foundation};

use crate::{
    MIGRATIONS, READ, REASONS, Registration, Settings, SqlUserStore, UserCache, UserCreated, UserDeleted,
    UserDisabled, UserIdentities, UserStore, UserUpdated, Users, UsersParts, WRITE, command, http,
    routes::first_admin, subscribers,
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
        .service(cache)
        .service(users)
        .service(first_admin::setup)
        .event::<UserCreated>("An account came into being.")
        .event::<UserUpdated>("An account has changed.")
        .event::<UserDisabled>("An account that was active may no longer sign in.")
        .event::<UserDeleted>("An account is gone.")
        .after_commit(subscribers::CREATED, |_| ready(Ok::<_, Failure>(subscribers::created)))
        .after_commit(subscribers::UPDATED, |_, cache| ready(Ok::<_, Failure>(subscribers::updated(cache))))
        .after_commit(subscribers::DELETED, |_, cache| ready(Ok::<_, Failure>(subscribers::deleted(cache))))
        .announce(first_admin::invite)
        .command(command::users())
}

async fn store(foundation: Arc<Foundation>) -> Result<Arc<dyn UserStore>, Failure> {
    Ok(Arc::new(SqlUserStore::new(foundation.database().clone())))
}

async fn identities(_: Arc<Foundation>, store: Arc<dyn UserStore>) -> Result<Arc<dyn Identities>, Failure> {
    Ok(Arc::new(UserIdentities::new(store)))
}

async fn cache(foundation: Arc<Foundation>, caching: Option<Caching>) -> Result<UserCache, Failure> {
    let settings = &foundation.settings().cache;
    Ok(match caching {
        Some(caching) => UserCache::new(
            caching,
            settings.ttl(foundation.section::<Settings>()?.cache_ttl_seconds),
            settings.strategy,
        ),
        None => UserCache::off(),
    })
}

async fn users(
    foundation: Arc<Foundation>,
    store: Arc<dyn UserStore>,
    cache: UserCache,
    auth: Auth,
    passwords: Passwords,
) -> Result<Users, Failure> {
    let registration = match foundation.section::<AuthSettings>()?.registration_enabled {
        true => Registration::Open,
        false => Registration::Closed,
    };
    Ok(Users::new(UsersParts {
        store,
        cache,
        auth,
        passwords,
        registration,
        units: foundation.units().clone(),
        ids: foundation.ids().clone(),
        clock: Arc::clone(foundation.clock()),
        telemetry: Arc::clone(foundation.telemetry()),
    }))
}
