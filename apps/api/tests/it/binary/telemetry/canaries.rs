//! What must not be seen is planted wherever a client can plant it, and looked for in everything that goes out.

use std::time::Duration;

use nix::sys::signal::Signal;
use palisade_testkit::{Inbox, wait};
use serde_json::json;

use super::{collector::exporting, dsn};

/// A password has no shape: it is known by where it stands.
const PASSWORD: &str = "violet-Tractor-93-lamp";

/// One of each kind.
const CANARIES: [&str; 7] = [
    "ulla.secret@example.com",
    "+1-555-867-5309",
    "4111-1111-1111-1111",
    "123-45-6789",
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    PASSWORD,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
];

#[tokio::test]
async fn an_unspent_link_and_our_own_tokens_are_told_nowhere() {
    let (inbox, sentry) = (Inbox::open().unwrap(), Inbox::open().unwrap());
    let running = exporting(&inbox)
        .set("SENTRY_DSN", dsn(&sentry))
        .set("LOG_LEVEL", "trace")
        .set("APP_DEBUG", "true")
        .set("REQUEST_LOGGING_ENABLED", "true")
        .start()
        .await;
    wait::until("the banner shows the link", async || running.told().contains("/setup/")).await;
    let banner = running.told();
    let link = banner.split_whitespace().find(|word| word.contains("/setup/")).unwrap();
    let token = link.rsplit('/').next().unwrap().to_owned();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    // Opened, mistyped, and named to others by whoever came from it; the link is good all the while.
    let paths = ["/setup/", "/Setup/", "/api/v1/setup/", "/setup/more/"];
    for path in paths.map(|path| format!("{path}{token}")).into_iter().chain([format!("/setup/{token}/")]) {
        for accept in ["text/html", "application/problem+json"] {
            let request = client.get(running.url(&path)).header("accept", accept).header("referer", link);
            let answer = request.send().await.unwrap();
            assert!(!answer.text().await.unwrap().contains(&token), "in the answer to {path}");
        }
    }
    let broken = client.post(link).header("accept", "application/problem+json").json(&json!({"email": "x"}));
    let problem = broken.send().await.unwrap();
    assert_eq!(problem.status(), 422);
    assert!(!problem.text().await.unwrap().contains(&token), "in the body of an error");
    // A token of another link, or one that somebody keeps elsewhere, is none of a form that we know.
    let guess = "k3J9-unknown-form-of-a-token";
    client.get(running.url(&format!("/setup/{guess}"))).send().await.unwrap();
    let person = json!({"email": "ann@example.org", "username": "ann", "password": PASSWORD});
    client.post(running.url("/api/v1/auth/register")).json(&person).send().await.unwrap();
    let pair = client.post(running.url("/api/v1/auth/login")).json(&person_login()).send().await.unwrap();
    let pair: serde_json::Value = pair.json().await.unwrap();
    let refresh = pair["refresh_token"].as_str().unwrap().to_owned();
    for path in [format!("/api/v1/auth/{refresh}"), format!("/api/v1/users?q={refresh}")] {
        client.get(running.url(&path)).header("x-note", &refresh).send().await.unwrap();
    }
    client.get(running.url("/health")).header("x-request-id", "the-last").send().await.unwrap();
    running.logged(|line| line["request_id"] == "the-last").await;
    running.signal(Signal::SIGTERM);
    let ended = running.ended().await.expect(0);
    let letters = inbox.letters().into_iter().chain(sentry.letters());
    let sent: Vec<u8> = letters.flat_map(|letter| letter.body).collect();
    let sent = String::from_utf8_lossy(&sent).into_owned();
    for shown in [&ended.stdout, &sent] {
        assert!(shown.contains("/setup/{token}"), "the path is shown by its pattern");
        for secret in [&token, &refresh, &guess.to_owned()] {
            let place = shown.find(secret.as_str());
            let place = place.map(|at| shown[at.saturating_sub(200)..(at + 100).min(shown.len())].to_owned());
            assert_eq!(place, None);
        }
    }
}

fn person_login() -> serde_json::Value {
    json!({"username": "ann", "password": PASSWORD})
}

#[tokio::test]
async fn nothing_that_goes_out_holds_a_whole_canary() {
    let (inbox, sentry) = (Inbox::open().unwrap(), Inbox::open().unwrap());
    let running = exporting(&inbox)
        .set("SENTRY_DSN", dsn(&sentry))
        .set("LOG_LEVEL", "trace")
        .set("APP_DEBUG", "true")
        .set("REQUEST_LOGGING_ENABLED", "true")
        .start()
        .await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for (number, canary) in CANARIES.into_iter().enumerate() {
        let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        // Where anything may stand, what has a shape is planted.
        let shaped = if canary == PASSWORD { "nothing" } else { canary };
        let password = if canary == PASSWORD { canary } else { "another-Pass-77-word" };
        let (encoded, shown) = (encode(canary), encode(shaped));
        let nested = json!({
            "email": if canary.contains('@') { canary } else { "ann@example.org" },
            "username": "ann",
            "password": password,
            "deep": {"list": [{"token": canary, "note": format!("call {shaped} now")}]},
        });
        for path in [format!("/{shown}"), format!("/api/v1/users/{shown}?email={shown}&token={encoded}")] {
            let request =
                client.get(running.url(&path)).header("x-request-id", shaped.replace(['@', '+'], "."));
            let request = request.header("user-agent", format!("agent {shaped}")).header("x-api-key", canary);
            let request = request.header("referer", format!("https://a.example/?token={canary}"));
            request.bearer_auth(canary).header("cookie", format!("session={canary}")).send().await.unwrap();
        }
        for path in ["/api/v1/auth/register", "/api/v1/auth/login", "/api/v1/auth/refresh"] {
            client.post(running.url(path)).json(&nested).send().await.unwrap();
            let form = [("username", shaped), ("password", password), ("grant_type", "password")];
            client.post(running.url(path)).form(&form).send().await.unwrap();
            // Broken off in the middle of the value.
            let cut = nested.to_string();
            let cut = &cut[..cut.rfind(canary).map_or(cut.len() / 2, |at| at + canary.len())];
            let body = client
                .post(running.url(path))
                .header("content-type", "application/json")
                .body(cut.to_owned());
            body.send().await.unwrap();
        }
        client
            .get(running.url("/health"))
            .header("x-request-id", format!("round-{number}"))
            .send()
            .await
            .unwrap();
    }
    running.logged(|line| line["request_id"] == "round-6").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    running.signal(Signal::SIGTERM);
    let ended = running.ended().await.expect(0);
    let letters = inbox.letters().into_iter().chain(sentry.letters());
    let sent: Vec<u8> = letters.flat_map(|letter| letter.body).collect();
    let sent = String::from_utf8_lossy(&sent).into_owned();
    assert!(sent.contains("http.request") && ended.stdout.lines().count() > 100);
    assert!(ended.stdout.contains("http.exchange.request") && sent.contains("http.exchange.response"));
    assert!(ended.stdout.contains("u***@example.com") && ended.stdout.contains("****-****-****-1111"));
    for canary in CANARIES {
        let shown = ended.stdout.lines().find(|line| line.contains(canary));
        assert_eq!(shown, None, "in the log: {canary}");
        assert!(!ended.stderr.contains(canary), "on standard error: {canary}");
        let place =
            sent.find(canary).map(|at| sent[at.saturating_sub(200)..(at + 100).min(sent.len())].to_owned());
        assert_eq!(place, None, "at the collector or Sentry: {canary}");
    }
}
