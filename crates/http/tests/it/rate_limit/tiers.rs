//! Policies that depend on the caller.

use std::sync::Arc;

use actix_web::{App, web};
use palisade_core::{Principal, Role};
use palisade_http::rate_limit::{By, RoleTiers, Tier, Tiers, limit};
use palisade_ratelimit::{Algorithm, Policy, Quota};

use super::desk::{Desk, from, ok, remaining, with_token};

fn tier(name: &str, requests: u32) -> Tier {
    Tier::new(Policy::new(name, Algorithm::SlidingWindow, [Quota::per_minute(requests)]).unwrap())
}

#[actix_web::test]
async fn a_role_has_its_own_limit_and_the_rest_the_usual_one() {
    let desk = Desk::new();
    let tiers = Arc::new(RoleTiers::new([(Role::admin(), tier("admins", 600))]));
    let limit = limit("api", Quota::per_minute(60)).by(By::User).tiers(tiers);
    let app = desk.serve(App::new().service(web::resource("/").wrap(limit).to(ok))).await;
    let admin = app.call(with_token("203.0.113.9", "admin")).await;
    assert_eq!((admin.header("x-ratelimit-limit"), remaining(&admin)), (Some("600"), 599));
    assert_eq!(admin.header("ratelimit-policy"), Some(r#""admins";q=600;w=60"#));
    assert_eq!(remaining(&app.call(with_token("203.0.113.9", "bob")).await), 59);
    assert_eq!(remaining(&app.call(with_token("203.0.113.9", "forged")).await), 59);
}

#[actix_web::test]
async fn tiers_change_while_the_server_runs() {
    let desk = Desk::new();
    let tiers = Arc::new(RoleTiers::new([(Role::user(), tier("users", 2))]));
    let limit = limit("api", Quota::per_minute(60)).by(By::User).tiers(tiers.clone());
    let app = desk.serve(App::new().service(web::resource("/").wrap(limit).to(ok))).await;
    let bob = || app.call(with_token("203.0.113.9", "bob"));
    assert_eq!((bob().await.status, bob().await.status, bob().await.status), (200, 200, 429));
    tiers.replace([(Role::user(), tier("users", 5))]);
    assert_eq!(bob().await.status, 200, "the new limit leaves room");
    tiers.replace([]);
    assert_eq!(bob().await.header("x-ratelimit-limit"), Some("60"));
}

/// Strangers get less than anyone who has signed in.
#[derive(Debug)]
struct LessForStrangers(Arc<Tier>);

impl Tiers for LessForStrangers {
    fn tier(&self, caller: Option<&Principal>) -> Option<Arc<Tier>> {
        caller.is_none().then(|| Arc::clone(&self.0))
    }
}

#[actix_web::test]
async fn a_limit_by_address_may_have_tiers_too() {
    let desk = Desk::new();
    let strangers = Arc::new(LessForStrangers(Arc::new(tier("strangers", 1))));
    let limit = limit("api", Quota::per_minute(60)).tiers(strangers);
    let app = desk.serve(App::new().service(web::resource("/").wrap(limit).to(ok))).await;
    assert_eq!(app.call(from("203.0.113.9")).await.status, 200);
    assert_eq!(app.call(from("203.0.113.9")).await.status, 429);
    assert_eq!(remaining(&app.call(with_token("203.0.113.9", "ann")).await), 59);
}
