//! The routes under `/users`, and `/auth/register`. They extract, call and answer; the rules are in
//! [`Users`](crate::Users).

mod answer;
#[cfg(feature = "domain")]
pub(crate) mod first_admin;
mod manage;
mod profile;
mod register;

use utoipa_actix_web::service_config::ServiceConfig;

/// What the group of these routes is for, by its name in the API document.
pub const TAGS: &[(&str, &str)] =
    &[("users", "Who exists: one's own profile, and everyone's for administrators.")];

/// Mounts the routes. They take `web::Data<Users>` and stand behind `palisade_auth::http::Access`, which holds
/// what each route's `security` says.
pub fn configure(config: &mut ServiceConfig<'_>) {
    // The first route that matches serves: `/users/me` would be an id after `/users/{id}`.
    config
        .service(register::register)
        .service(profile::me)
        .service(profile::update_me)
        .service(manage::list)
        .service(manage::create)
        .service(profile::get)
        .service(profile::update)
        .service(manage::delete);
}
