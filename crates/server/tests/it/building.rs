//! What does not fit together is found before anything runs, and both sides are named.

use std::sync::Arc;

use actix_web::{HttpResponse, get};
use palisade_core::{ErrorKind, error::Reason};
use palisade_database::{Migration, Migrations};
use palisade_events::{Delivery, Event};
use palisade_server::{Domain, Failure, Foundation, Server};

use crate::notes;

fn problems(server: Server) -> Vec<String> {
    server.build().map_or_else(|error| error.problems().to_vec(), |_| Vec::new())
}

fn with(domain: Domain) -> Vec<String> {
    problems(notes::server().domain(domain))
}

#[track_caller]
fn names(found: &[String], words: &[&str]) {
    assert_eq!(found.len(), 1, "{found:#?}");
    for word in words {
        assert!(found[0].contains(word), "{word} is missing: {}", found[0]);
    }
}

#[test]
fn a_server_of_fitting_parts_is_built() {
    assert_eq!(problems(notes::server()), Vec::<String>::new());
    assert_eq!(problems(Server::new("nothing")), Vec::<String>::new());
}

#[test]
fn a_domain_without_a_name_or_with_another_s_name_is_refused() {
    names(&with(Domain::new(" ")), &["a domain has no name"]);
    names(&with(Domain::new("notes")), &["two domains", "`notes`"]);
    names(&with(Domain::new("health")), &["two domains", "`health`"]);
}

#[test]
fn one_migration_version_in_two_domains_is_refused() {
    static FILES: &[Migration] =
        &[Migration { version: 20_261_120_000_100, name: "x", sqlite: "", postgres: "", mysql: "" }];
    static MIGRATIONS: Migrations = Migrations { domain: "ledger", files: FILES };
    names(&with(Domain::new("ledger").migrations(&MIGRATIONS)), &["20261120000100", "`ledger`"]);
}

#[test]
fn one_reason_in_two_domains_is_refused() {
    let reason = Reason::new("notes.full", ErrorKind::Conflict, "Another meaning.");
    names(&with(Domain::new("ledger").reasons(&[reason])), &["`notes.full`", "`notes`", "`ledger`"]);
}

mod clash {
    palisade_telemetry::metrics! {
        /// Another metric of a name that is taken.
        pub(super) struct Metrics {
            /// How many notes there are, by whom.
            notes: Counter["by"] = "notes_written_total",
        }
    }
}

#[test]
fn a_metric_with_other_labels_is_refused_and_the_same_one_is_shared() {
    let clash = Domain::new("ledger").metrics(&[clash::Metrics::DECLARED]);
    names(&with(clash), &["`notes_written_total`", "`notes`", "`ledger`"]);
    let program = notes::server().domain(Domain::new("ledger").metrics(notes::METRICS)).build().unwrap();
    let declared = program.metrics().iter().filter(|metric| metric.name == "notes_written_total").count();
    assert_eq!(declared, 1);
}

#[utoipa::path(security(()), responses((status = 200)))]
#[get("/notes")]
async fn same_route() -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[utoipa::path(responses((status = 200)))]
#[get("/open-to-whom")]
async fn undeclared() -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[utoipa::path(security(("bearer" = ["ledger:audit"])), responses((status = 200)))]
#[get("/ledger")]
async fn unknown_permission() -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[test]
fn one_route_in_two_domains_is_refused() {
    let clash = Domain::new("ledger").routes(|config| {
        config.service(same_route);
    });
    names(&with(clash), &["GET /api/v1/notes", "`notes`", "`ledger`"]);
}

#[test]
fn a_route_that_does_not_say_who_may_call_it_is_refused() {
    let open = Domain::new("ledger").routes(|config| {
        config.service(undeclared);
    });
    names(&with(open), &["GET /api/v1/open-to-whom", "`ledger`", "security"]);
}

#[test]
fn a_permission_that_no_domain_has_is_refused() {
    let asking = Domain::new("ledger").routes(|config| {
        config.service(unknown_permission);
    });
    names(&with(asking), &["GET /api/v1/ledger", "`ledger:audit`"]);
}

#[derive(serde::Serialize, serde::Deserialize)]
struct Written {}

impl Event for Written {
    const NAME: &'static str = "ledger.written";
}

fn heard() -> impl Fn(Arc<Foundation>) -> std::future::Ready<Result<Hears, Failure>> + Send + Sync {
    |_| std::future::ready(Ok(|_| std::future::ready(Ok(()))))
}

type Hears = fn(Delivery<Written>) -> std::future::Ready<palisade_core::Result<()>>;

#[test]
fn an_event_or_a_subscriber_of_two_domains_is_refused_and_one_without_its_event() {
    let ledger = || Domain::new("ledger").event::<Written>("A line was written.");
    let both = |other: Domain| problems(notes::server().domain(ledger()).domain(other));
    names(
        &both(Domain::new("books").event::<Written>("The same.")),
        &["`ledger.written`", "`ledger`", "`books`"],
    );
    let hears = |name| Domain::new(name).after_commit("ledger.copy", heard());
    names(&with(hears("copy")), &["`ledger.written`", "`copy`", "no domain has"]);
    assert_eq!(both(hears("copy")), Vec::<String>::new());
    assert_eq!(with(Domain::new("copy").after_commit_if_told("ledger.copy", heard())), Vec::<String>::new());
    let twice = problems(notes::server().domain(ledger()).domain(hears("copy")).domain(hears("second")));
    names(&twice, &["`ledger.copy`", "`copy`", "`second`"]);
}

#[test]
fn a_service_that_a_subscriber_needs_and_nobody_provides_is_named() {
    async fn copy(_: Arc<Foundation>, _: Bank) -> Result<Hears, Failure> {
        Ok(|_| std::future::ready(Ok(())))
    }
    let ledger =
        Domain::new("ledger").event::<Written>("A line was written.").after_commit("ledger.copy", copy);
    names(&with(ledger), &["`ledger`", "`ledger.written`", "Bank"]);
}

#[test]
fn a_settings_section_that_is_there_already_is_refused() {
    let ours = Domain::new("ledger").settings::<notes::Settings>("server");
    names(&with(ours), &["`ledger`", "`server`", "the server itself"]);
    let theirs = Domain::new("ledger").settings::<notes::Settings>("notes");
    names(&with(theirs), &["`ledger`", "`notes`"]);
    let odd = Domain::new("ledger").settings::<notes::Settings>("My Notes");
    names(&with(odd), &["`My Notes`", "`ledger`"]);
}

#[test]
fn a_variable_that_would_set_two_settings_is_refused() {
    // REDIS_POOL_LIMIT of `redis_pool.limit` and … there is no such setting; RATE_LIMIT of `rate.limit` meets none either.
    let apart = Domain::new("ledger").settings::<notes::Settings>("rate");
    assert_eq!(with(apart), Vec::<String>::new());
    let clash = Domain::new("ledger").settings::<Requests>("rate");
    names(&with(clash), &["RATE_LIMIT_REQUESTS", "`rate.limit_requests`", "`rate_limit.requests`"]);
}

/// A section whose variable is that of another section's setting.
#[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Requests {
    /// As `rate_limit.requests` has it.
    limit_requests: u32,
}

impl palisade_config::Rules for Requests {
    fn check(&self, _: palisade_core::Environment, _: &mut palisade_config::Problems) {}
}

#[derive(Clone)]
struct Ledger;

#[derive(Clone)]
struct Bank;

async fn ledger(_: Arc<Foundation>, _: Bank) -> Result<Ledger, Failure> {
    Ok(Ledger)
}

async fn bank(_: Arc<Foundation>, _: Ledger) -> Result<Bank, Failure> {
    Ok(Bank)
}

#[test]
fn a_service_that_nobody_provides_is_named_with_the_one_that_needs_it() {
    names(
        &with(Domain::new("ledger").service(ledger)),
        &["Ledger`", "`ledger`", "Bank`", "no domain provides"],
    );
}

#[test]
fn services_in_a_circle_are_named() {
    let circle = Domain::new("ledger").service(ledger).service(bank);
    names(&with(circle), &["circle", "Ledger`", "Bank`"]);
}

#[test]
fn one_service_of_two_domains_is_refused() {
    let clash = Domain::new("ledger").service(async |_| Ok::<_, Failure>(palisade_core::SystemClock));
    assert_eq!(with(clash.clone()), Vec::<String>::new());
    let other = Domain::new("bank").service(async |_| Ok::<_, Failure>(palisade_core::SystemClock));
    names(&problems(notes::server().domain(clash).domain(other)), &["`ledger`", "`bank`", "SystemClock`"]);
}

#[test]
fn everything_is_found_at_once() {
    let everything = Domain::new("ledger")
        .reasons(&[Reason::new("notes.full", ErrorKind::Conflict, "Another meaning.")])
        .service(ledger)
        .routes(|config| {
            config.service(same_route).service(undeclared);
        });
    let found = with(everything);
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn a_replacement_of_what_nobody_provides_is_refused() {
    async fn lonely(_: Arc<Foundation>) -> Result<Arc<u128>, Failure> {
        Ok(Arc::new(7))
    }
    names(
        &problems(notes::server().replace(lonely)),
        &["the program replaces", "u128", "no domain provides"],
    );
}

#[test]
fn the_metrics_of_all_domains_are_declared_by_the_server_and_may_be_declared_again() {
    use palisade_telemetry::metrics::Common;
    let domain = |name| Domain::new(name).metrics(&[Common::DECLARED]);
    let program = notes::server().domain(domain("ledger")).domain(domain("stock")).build().unwrap();
    for common in Common::DECLARED {
        assert_eq!(program.metrics().iter().filter(|metric| *metric == common).count(), 1, "{}", common.name);
    }
    let nothing = Server::new("nothing").build().unwrap();
    assert!(nothing.metrics().contains(&Common::DECLARED[0]));
}

#[test]
fn a_version_without_routes_cannot_be_deprecated() {
    let since = "2026-12-01".parse().unwrap();
    let deprecation = palisade_http::deprecation::Deprecation::new(since, None, None).unwrap();
    let server = notes::server().deprecate(palisade_server::ApiVersion::new(7), deprecation);
    names(&problems(server), &["deprecates the version v7"]);
}
