//! The corpus on every route of the API document.

use std::collections::BTreeSet;

use palisade_testkit::TestApp;
use reqwest::Method;
use serde_json::Value;

use super::{
    Form,
    corpus::{CORPUS, Case},
    problems_of,
};

/// A route of the document.
pub(super) struct Route {
    pub(super) method: Method,
    /// As documented.
    pub(super) pattern: String,
    pub(super) takes_json: bool,
    /// The statuses it says it may answer with.
    pub(super) statuses: BTreeSet<String>,
}

impl Route {
    /// The address with each parameter replaced by `value`.
    pub(super) fn path(&self, value: &str) -> String {
        let segment =
            |segment: &str| if segment.starts_with('{') { value.to_owned() } else { segment.to_owned() };
        self.pattern.split('/').map(segment).collect::<Vec<_>>().join("/")
    }
}

/// Every route of `/openapi.json`.
pub(super) async fn routes(app: &TestApp) -> Vec<Route> {
    let document = app.get("/openapi.json").await.expect(200).json();
    let mut routes = Vec::new();
    for (pattern, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            if !operation["responses"].is_object() {
                continue;
            }
            let takes_json = operation["requestBody"]["content"].get("application/json").is_some();
            let statuses = operation["responses"].as_object().unwrap().keys().cloned().collect();
            routes.push(Route { method, pattern: pattern.clone(), takes_json, statuses });
        }
    }
    assert!(routes.len() > 15, "the document lists only {} routes", routes.len());
    routes
}

/// An id that nothing has.
pub(super) const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

/// Ids that are none.
const BAD_IDS: &[&str] = &[
    "x",
    "1",
    "-1",
    "%00",
    "%20",
    "%ff",
    "%F0%9F%98%80",
    "%2e%2e%2fme",
    "01890000-0000-7000-8000-00000000000g",
    "01890000000070008000000000000000",
    "%7B01890000-0000-7000-8000-000000000000%7D",
    "00000000-0000-0000-0000-000000000000",
    "'%20OR%201=1",
];

#[tokio::test]
async fn every_route_answers_every_malformed_request_from_the_catalogue() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let mut findings = BTreeSet::new();
    for route in routes(&app).await {
        // Some of these requests end the session that sends them: each route has its own.
        let (token, _) = app.login(&admin.email, &admin.password).await;
        for form in Form::BOTH {
            for case in CORPUS {
                findings.extend(try_case(&app, &route, case, form, &token).await);
            }
            for accept in ["text/html", "image/png", "garbage;;;/", "*/*;q=0"] {
                findings.extend(try_accept(&app, &route, accept).await);
            }
        }
    }
    assert!(findings.is_empty(), "{}", list(&findings));
}

#[tokio::test]
async fn an_id_that_is_none_is_a_422_or_404_from_the_catalogue() {
    let app = TestApp::spawn().await;
    let admin = app.admin().await;
    let mut findings = BTreeSet::new();
    for route in routes(&app).await.iter().filter(|route| route.pattern.contains("{id}")) {
        for (id, form) in BAD_IDS.iter().flat_map(|id| Form::BOTH.map(|form| (id, form))) {
            let call = app.call(route.method.clone(), &route.path(id)).token(&admin.access_token);
            let call = call.body("application/json", r#"{"name":"x"}"#);
            let answer = call.header("accept", form.media_type()).await;
            findings.extend(
                problems_of(&answer, form).into_iter().map(|found| format!("{}: {found}", answer.request)),
            );
            if ![422, 404, 400].contains(&answer.status) {
                findings.insert(format!("{}: {} {}", answer.request, answer.status, answer.text()));
            }
            if ["x", "1", "-1", "01890000-0000-7000-8000-00000000000g"].contains(id) && answer.status != 422 {
                findings.insert(format!("{}: wanted 422, got {}", answer.request, answer.status));
            }
        }
    }
    assert!(findings.is_empty(), "{}", list(&findings));
}

async fn try_case(app: &TestApp, route: &Route, case: &Case, form: Form, token: &str) -> Vec<String> {
    let target = format!("{}{}", route.path(NOBODY), case.query);
    let mut call = app.call(route.method.clone(), &target).header("accept", form.media_type());
    if case.signed_in {
        call = call.token(token);
    }
    let answer = (case.spoil)(call).await;
    let mut problems = problems_of(&answer, form);
    if answer.status >= 500 {
        problems.push(format!("{} {}", answer.status, answer.text()));
    }
    // That a body may be too large is documented where there is one to send.
    let documented = route.statuses.contains(&answer.status.to_string());
    if !documented && (answer.status != 413 || route.takes_json) {
        problems.push(format!("answers {}, which it does not document", answer.status));
    }
    // The body of a request for a link that does not exist is not read.
    let is_link = route.pattern == "/setup/{token}" && route.method == Method::POST;
    let wanted = case.with_body.filter(|_| route.takes_json).map(|wanted| match wanted {
        400 | 422 if is_link => 410,
        told_by_the_head => told_by_the_head,
    });
    if wanted.is_some_and(|wanted| wanted != answer.status) {
        problems.push(format!("wanted {wanted:?}, got {} {}", answer.status, answer.text()));
    }
    let place = format!("{} {}{}, {} ({form:?})", route.method, route.pattern, case.query, case.name);
    problems.into_iter().map(|problem| format!("{place}: {problem}")).collect()
}

/// What a client accepts never changes that an error is one of the catalogue, in the default form. The link of the first
/// administrator alone is opened by people, and refuses browsers with a page.
async fn try_accept(app: &TestApp, route: &Route, accept: &str) -> Vec<String> {
    let call = app.call(route.method.clone(), &route.path(NOBODY)).token("garbage");
    let answer = call.body("application/json", "{").header("accept", accept).await;
    let problems = if accept == "text/html" && route.pattern == "/setup/{token}" {
        let is_page = answer.status == 410 && answer.text().contains("<h1>");
        if is_page { Vec::new() } else { vec![format!("{} {}", answer.status, answer.text())] }
    } else {
        problems_of(&answer, Form::Envelope)
    };
    problems.into_iter().map(|problem| format!("{} accepting {accept}: {problem}", answer.request)).collect()
}

pub(super) fn list(findings: &BTreeSet<String>) -> String {
    let shown: Vec<&str> = findings.iter().take(60).map(String::as_str).collect();
    format!("{} findings\n{}", findings.len(), shown.join("\n"))
}

#[tokio::test]
async fn a_client_that_names_no_form_gets_the_configured_one() {
    for (format, form) in [("envelope", Form::Envelope), ("problem", Form::Problem)] {
        let app = TestApp::builder().set("errors.format", format).spawn().await;
        for accept in ["*/*", "text/html", "application/*"] {
            let answer = app.get("/nowhere").header("accept", accept).await.expect(404);
            assert_eq!(problems_of(&answer, form), Vec::<String>::new(), "{format}, {accept}");
        }
        for form in Form::BOTH {
            let answer = app.get("/nowhere").header("accept", form.media_type()).await.expect(404);
            assert_eq!(problems_of(&answer, form), Vec::<String>::new(), "{format}, {form:?}");
        }
    }
}

#[tokio::test]
async fn the_preferred_of_two_accepted_forms_is_given() {
    let app = TestApp::spawn().await;
    for (accept, form) in [
        ("application/problem+json, application/json;q=0.5", Form::Problem),
        ("application/problem+json;q=0.5, application/json", Form::Envelope),
        ("application/problem+json;q=0, */*", Form::Envelope),
    ] {
        let answer = app.get("/nowhere").header("accept", accept).await.expect(404);
        assert_eq!(problems_of(&answer, form), Vec::<String>::new(), "{accept}");
    }
}

#[tokio::test]
async fn a_problem_names_the_address_it_happened_at() {
    let app = TestApp::spawn().await;
    let answer = app.get("/api/v1/nowhere?secret=1").header("accept", "application/problem+json").await;
    let body: Value = answer.expect(404).json();
    assert_eq!(body["instance"], "/api/v1/nowhere");
}
