//! The edge: who may call what, and the `/auth` routes. The handlers find an [`Auth`](crate::Auth) as
//! `web::Data<Auth>`.

mod access;
mod authorization;
mod body;
mod caller;
mod password;
mod public;
mod root;
mod sessions;
mod throttles;
mod unprefixed;
mod verified;

use utoipa_actix_web::service_config::ServiceConfig;

pub use access::{Access, access};
pub use caller::Caller;
pub use root::configure_root;

/// The routes under the API prefix: sign in, renew, end, list, change password.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(public::login)
        .service(public::refresh)
        .service(sessions::logout)
        .service(sessions::logout_all)
        .service(sessions::list)
        .service(sessions::revoke)
        .service(password::change);
}
