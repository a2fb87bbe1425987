//! One route, many spellings of its address: each meets every guard of the route, or is refused.

use std::collections::BTreeSet;

use palisade_testkit::{TestApp, TestResponse};

use crate::errors::{Form, problems_of};

/// A route for whoever is signed in, and one for admins.
const ROUTES: [(&str, &str); 2] = [("/api/v1/users", "me"), ("/api/v1", "users")];

/// What a spelling is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Taken {
    /// The route itself.
    Route,
    /// An address that is none.
    Elsewhere,
    /// No address at all.
    Refused,
}

/// Spellings of `{base}/{name}`.
fn spellings(base: &str, name: &str) -> Vec<(String, Taken)> {
    let (first, rest) = name.split_at(1);
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let tail = base.trim_start_matches("/api");
    let mut all = vec![
        (format!("{base}/{name}"), Taken::Route),
        (format!("{base}/{name}?"), Taken::Route),
        (format!("{base}/{name}?x=%2e%2e//;"), Taken::Route),
        (format!("{base}/{}{rest}", escaped(first)), Taken::Route),
        (format!("{base}/{}", escaped(name)), Taken::Route),
        (format!("{base}/{}", escaped(name).to_lowercase()), Taken::Route),
        (format!("/%61pi{tail}/{name}"), Taken::Route),
        (format!("/%61%70%69/%76%31{}/{name}", tail.trim_start_matches("/v1")), Taken::Route),
        (format!("http://a{base}/{name}"), Taken::Route),
        (format!("HTTP://A:80{base}/{name}"), Taken::Route),
        (format!("https://a{base}/{name}"), Taken::Route),
        (format!("{base}/{name}/"), Taken::Elsewhere),
        (format!("{base}/{}", name.to_uppercase()), Taken::Elsewhere),
        (format!("{}/{name}", base.to_uppercase()), Taken::Elsewhere),
        (format!("/Api{tail}/{name}"), Taken::Elsewhere),
        (format!("{base}/{name}%20"), Taken::Elsewhere),
        (format!("{base}/%20{name}"), Taken::Elsewhere),
        (format!("{base}/{name}."), Taken::Elsewhere),
        (format!("{base}/{name}%2e"), Taken::Elsewhere),
        (format!("{base}/{name}.json"), Taken::Elsewhere),
        (format!("{base}/{name}%3F"), Taken::Elsewhere),
        (format!("{base}/{name}%23"), Taken::Elsewhere),
        (format!("{base}/%EF%BC%8F{name}"), Taken::Elsewhere),
        (format!("{base}/{name}+"), Taken::Elsewhere),
        (format!("{base}%2B{name}"), Taken::Elsewhere),
    ];
    let refused = [
        "//BASE/NAME",
        "BASE//NAME",
        "BASE///NAME",
        "BASE/NAME//",
        "/./BASE/NAME",
        "BASE/./NAME",
        "BASE/NAME/.",
        "BASE/../LAST/NAME",
        "/x/..BASE/NAME",
        "BASE/x/../NAME",
        "BASE/NAME/..",
        "/..BASE/NAME",
        "BASE/%2e/NAME",
        "BASE/%2E%2e/LAST/NAME",
        "BASE/.%2e/LAST/NAME",
        "BASE/NAME/%2e",
        "BASE%2FNAME",
        "BASE%2fNAME",
        "BASE/%2FNAME",
        "BASE/NAME%2F",
        "BASE%5CNAME",
        "BASE\\NAME",
        "BASE/NAME\\",
        "BASE/NAME;x",
        "BASE/NAME;x=y",
        "BASE;x/NAME",
        "BASE/..;/LAST/NAME",
        "BASE/NAME%3Bx",
        ";/BASE/NAME",
        "BASE/NAME%00",
        "BASE/%00NAME",
        "BASE/NAME%00.json",
        "BASE/NAME%0a",
        "BASE/NAME%0D%0A",
        "BASE/%09NAME",
        "BASE/NAME%7f",
        "BASE/NAME%C2%85",
        "BASE/%2561NAME",
        "BASE/%252e%252e/LAST/NAME",
        "BASE%252FNAME",
        "BASE/NAME%2500",
        "BASE/%zzNAME",
        "BASE/NAME%",
        "BASE/NAME%4",
        "BASE/NAME?x=%zz",
        "BASE/NAME?x=%00",
        "BASE/NAME?%",
        "BASE/%c0%aeNAME",
        "BASE/%c0%ae%c0%ae/LAST/NAME",
        "BASE%c0%afNAME",
        "BASE/NAME%ff",
        "BASE/%u0061NAME",
        "BASE/NAME|",
        "BASE/{NAME}",
        "BASE/\"NAME\"",
        "BASE/NAME\u{e9}",
        "BASE/\u{ff4d}NAME",
        "http://bBASE/NAME",
        "http://a:81BASE/NAME",
        "http://u@aBASE/NAME",
        "ftp://aBASE/NAME",
        "http:///BASE/NAME",
        "a:80",
        "*",
        "LAST/NAME",
        "?BASE/NAME",
        "\\BASE\\NAME",
        "BASE/ NAME",
        "BASE/NAME\0",
        "BASE/\tNAME",
        "/\u{0}BASE/NAME",
    ];
    let last = base.rsplit('/').next().unwrap_or_default();
    all.extend(refused.map(|text| {
        (text.replace("BASE", base).replace("NAME", name).replace("LAST", last), Taken::Refused)
    }));
    all
}

async fn ask(app: &TestApp, target: &str, token: Option<&str>) -> TestResponse {
    let token = token.map_or_else(String::new, |token| format!("Authorization: Bearer {token}\r\n"));
    let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n{token}Connection: close\r\n\r\n");
    TestResponse::from_raw(&app.raw(request).await).expect(target)
}

/// The headers that every answer has, whatever it is about: those of the guards that stand before all routes.
fn guards(answer: &TestResponse) -> BTreeSet<String> {
    let of_this_answer = |name: &str| {
        matches!(name, "www-authenticate" | "content-length" | "connection") || name.contains("ratelimit")
    };
    answer.headers.keys().map(ToString::to_string).filter(|name| !of_this_answer(name)).collect()
}

/// What is wrong with the answers to all spellings of the route, sent with `token`; `known` answers the route.
async fn findings(app: &TestApp, base: &str, name: &str, token: Option<&str>, known: u16) -> Vec<String> {
    let usual = ask(app, &format!("{base}/{name}"), token).await;
    let (missing, health) = (ask(app, "/nowhere", token).await, ask(app, "/health", token).await);
    let everywhere = &guards(&missing) & &guards(&health);
    let mut findings = Vec::new();
    for (target, taken) in spellings(base, name) {
        let answer = ask(app, &target, token).await;
        let expected = match taken {
            Taken::Route => vec![known],
            Taken::Elsewhere if base.ends_with("users") => vec![401, 403, 404, 422],
            Taken::Elsewhere => vec![404],
            Taken::Refused => vec![400],
        };
        let mut problems = problems_of(&answer, Form::Envelope);
        if !expected.contains(&answer.status) {
            problems.push(format!("{} in place of {expected:?}: {}", answer.status, answer.text()));
        }
        if taken != Taken::Route && answer.status < 400 {
            problems.push(format!("let through: {}", answer.text()));
        }
        let missing = everywhere.difference(&guards(&answer)).cloned().collect::<Vec<_>>();
        // Of an answer to what is no HTTP at all, the application knows nothing.
        let below = answer.text().contains("not valid HTTP");
        if !missing.is_empty() && !below {
            problems.push(format!("without {missing:?}"));
        }
        if answer.status == known {
            problems.extend(uncounted(&usual, &answer));
        }
        findings.extend(problems.into_iter().map(|problem| format!("{target:?}: {problem}")));
    }
    findings
}

/// Where the usual spelling is counted by the rate limiter, this one must be.
fn uncounted(usual: &TestResponse, answer: &TestResponse) -> Option<String> {
    let counted =
        |answer: &TestResponse| answer.headers.keys().any(|name| name.as_str().contains("ratelimit"));
    (counted(usual) && !counted(answer)).then(|| "is not counted".to_owned())
}

#[tokio::test]
async fn without_a_token_no_spelling_leads_in() {
    let app = TestApp::spawn().await;
    for (base, name) in ROUTES {
        let found = findings(&app, base, name, None, 401).await;
        assert!(found.is_empty(), "{base}/{name}\n{}", found.join("\n"));
    }
}

#[tokio::test]
async fn no_spelling_makes_an_admin() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    let found = findings(&app, "/api/v1", "users", Some(&ann.access_token), 403).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[tokio::test]
async fn whoever_may_is_let_in_by_each_spelling_of_the_route_and_by_no_other() {
    let app = TestApp::spawn().await;
    let ann = app.register("ann").await;
    let found = findings(&app, "/api/v1/users", "me", Some(&ann.access_token), 200).await;
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn there_are_more_than_forty() {
    for (base, name) in ROUTES {
        let different: BTreeSet<_> = spellings(base, name).into_iter().map(|(target, _)| target).collect();
        assert!(different.len() >= 90, "{}", different.len());
    }
}
