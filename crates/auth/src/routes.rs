//! The `/auth` routes. The handlers find an [`Auth`](crate::Auth) as `web::Data<Auth>`.

mod body;
mod documented;
mod password;
mod public;
mod root;
mod sessions;
mod throttles;
mod unprefixed;

use utoipa_actix_web::service_config::ServiceConfig;

pub use documented::{NewPassword, document_password_length};
pub use root::configure_root;

/// What the groups of these routes are for, by their names in the API document.
pub const TAGS: &[(&str, &str)] =
    &[("auth", "Sign up, sign in, stay signed in, sign out, change the password.")];

/// The same of the public keys.
pub const KEY_TAGS: &[(&str, &str)] =
    &[("keys", "The public keys by which other services verify access tokens.")];

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
