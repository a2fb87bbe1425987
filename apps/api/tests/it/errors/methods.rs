//! Methods that an address does not take, and HEAD.

use std::collections::{BTreeMap, BTreeSet};

use palisade_testkit::TestApp;
use reqwest::Method;

use super::{
    Form, problems_of,
    walk::{NOBODY, Route, list, routes},
};

#[tokio::test]
async fn a_method_that_an_address_does_not_take_is_a_405_that_lists_the_others() {
    let app = TestApp::spawn().await;
    let mut addresses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for route in routes(&app).await {
        addresses.entry(route.pattern).or_default().insert(route.method.to_string());
    }
    let mut findings = BTreeSet::new();
    for (pattern, taken) in &addresses {
        let others = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"];
        for method in others.iter().filter(|method| !taken.contains(**method)) {
            let method: Method = method.parse().unwrap();
            let route =
                Route { method, pattern: pattern.clone(), takes_json: false, statuses: BTreeSet::new() };
            for form in Form::BOTH {
                findings.extend(refused(&app, &route, taken, form).await);
            }
        }
    }
    assert!(findings.is_empty(), "{}", list(&findings));
}

async fn refused(app: &TestApp, route: &Route, taken: &BTreeSet<String>, form: Form) -> Vec<String> {
    let call = app.call(route.method.clone(), &route.path(NOBODY));
    let answer = call.header("accept", form.media_type()).await;
    let mut problems = problems_of(&answer, form);
    let allowed: BTreeSet<String> =
        answer.header("allow").split(',').map(|method| method.trim().to_owned()).collect();
    if answer.status != 405 {
        problems.push(format!("{} in place of 405", answer.status));
    }
    let own = |method: &&String| !["HEAD", "OPTIONS"].contains(&method.as_str());
    if !allowed.iter().filter(own).eq(taken) {
        problems.push(format!("Allow is {allowed:?}, documented are {taken:?}"));
    }
    problems.into_iter().map(|problem| format!("{}: {problem}", answer.request)).collect()
}

#[tokio::test]
async fn options_lists_what_an_address_takes() {
    let app = TestApp::spawn().await;
    let mut findings = BTreeSet::new();
    for route in routes(&app).await {
        let answer = app.call(Method::OPTIONS, &route.path(NOBODY)).await;
        let allowed: Vec<&str> = answer.header("allow").split(", ").collect();
        if answer.status != 204 || !allowed.contains(&route.method.as_str()) || !allowed.contains(&"OPTIONS")
        {
            findings.insert(format!("OPTIONS {}: {} {allowed:?}", route.pattern, answer.status));
        }
        for method in ["PUT", "TRACE"] {
            if allowed.contains(&method) {
                findings.insert(format!("OPTIONS {} promises {method}", route.pattern));
            }
        }
    }
    let me: Vec<String> = app
        .call(Method::OPTIONS, "/api/v1/users/me")
        .await
        .header("allow")
        .split(", ")
        .map(str::to_owned)
        .collect();
    assert_eq!(me, ["GET", "HEAD", "OPTIONS", "PATCH"]);
    assert!(findings.is_empty(), "{}", list(&findings));
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::spawn().await;
    let mut findings = BTreeSet::new();
    for route in routes(&app).await.iter().filter(|route| route.method == Method::GET) {
        let path = route.path(NOBODY);
        let (head, get) = (app.call(Method::HEAD, &path).await, app.get(&path).await);
        findings
            .extend(problems_of(&head, Form::Envelope).into_iter().map(|found| format!("{path}: {found}")));
        if head.status != get.status || head.header("content-type") != get.header("content-type") {
            findings.insert(format!("HEAD {path}: {} {:?}, GET: {}", head.status, head.headers, get.status));
        }
        if !head.body.is_empty() {
            findings.insert(format!("HEAD {path} has a body"));
        }
    }
    assert!(findings.is_empty(), "{}", list(&findings));
}

#[tokio::test]
async fn an_address_that_is_none_is_a_404_with_any_method_and_any_spelling() {
    let app = TestApp::spawn().await;
    let mut findings = BTreeSet::new();
    let paths = [
        "/nowhere",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v2/users",
        "/api/v1/users/me/nothing",
        "/favicon.ico",
        "/.env",
        "/api/v1/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/a%00b",
        "/%ff%fe",
        "/%zz",
        "/a;b=c",
    ];
    for path in paths {
        for method in ["GET", "POST", "PUT", "DELETE", "OPTIONS", "BREW"] {
            let answer = app.call(method.parse().unwrap(), path).await;
            findings.extend(
                problems_of(&answer, Form::Envelope)
                    .into_iter()
                    .map(|found| format!("{method} {path}: {found}")),
            );
            if !(400..500).contains(&answer.status) {
                findings.insert(format!("{method} {path}: {}", answer.status));
            }
        }
    }
    assert!(findings.is_empty(), "{}", list(&findings));
}

#[tokio::test]
async fn another_spelling_of_a_guarded_address_meets_the_same_guard_or_none_at_all() {
    let app = TestApp::spawn().await;
    let spellings = [
        "/%61pi/v1/users",
        "//api/v1/users",
        "/api//v1/users",
        "/api/v1//users",
        "/api/v1/users/",
        "/API/v1/users",
        "/api/v1/users%2f",
        "/api/v1/./users",
        "/api/v1/x/../users",
        "/api/v1/users;a=b",
        "/api/v1/users%00",
    ];
    for spelling in spellings {
        let request = format!("GET {spelling} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = palisade_testkit::TestResponse::from_raw(&app.raw(request).await).unwrap();
        assert!([400, 401, 404].contains(&answer.status), "{spelling}: {}", answer.status);
        assert_eq!(problems_of(&answer, Form::Envelope), Vec::<String>::new(), "{spelling}");
    }
}
