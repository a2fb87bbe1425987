//! Anonymous sign-ups keep nobody from signing in.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use palisade_testkit::TestApp;
use serde_json::json;

/// Passwords that are dear to judge: rich in l33t substitutes, in words within words, in dates and in repeats.
fn dear_passwords() -> Vec<String> {
    let parts = ["4@8({[<3691!|70$5+%2", "p4$$w0rd(f00tb@11)", "11/11/1991.1.1.91", "aabaab|1!|1!"];
    let long = |part: &str| part.repeat(12).chars().take(100).collect();
    parts.iter().map(|part| long(part)).chain([long(&parts.concat())]).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn right_sign_ins_succeed_while_forty_clients_sign_up_with_dear_passwords() {
    let app = Arc::new(TestApp::spawn().await);
    let ann = app.register("ann").await;
    let (done, names) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let strangers: Vec<_> = (0..40)
        .map(|_| {
            let (app, done, names) = (Arc::clone(&app), Arc::clone(&done), Arc::clone(&names));
            tokio::spawn(async move {
                let mut statuses = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    let number = names.fetch_add(1, Ordering::Relaxed);
                    let (name, passwords) = (format!("stranger_{number}"), dear_passwords());
                    let password = &passwords[number % passwords.len()];
                    let email = format!("{name}@example.com");
                    let body = json!({"email": email, "username": name, "password": password});
                    statuses.push(app.post("/api/v1/auth/register").json(&body).await.status);
                }
                statuses
            })
        })
        .collect();
    for _ in 0..20 {
        let body = json!({"email": ann.email, "password": ann.password});
        let sign_ins = (0..4).map(|_| app.post("/api/v1/auth/login").json(&body).into_future());
        let statuses: Vec<u16> = join_all(sign_ins).await.into_iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [200; 4]);
    }
    done.store(true, Ordering::Relaxed);
    let statuses: Vec<u16> = join_all(strangers).await.into_iter().flat_map(Result::unwrap).collect();
    assert!(statuses.iter().all(|status| [201, 422, 503].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&201), "{statuses:?}");
}

#[tokio::test]
async fn a_long_password_is_judged_by_its_strongest_part() {
    let app = TestApp::spawn().await;
    let strong = "seven green herons wade slowly through the warm mud of a long june evening";
    for (name, password, status) in [
        ("phrase", strong.to_owned(), 201),
        ("mixed", format!("{}x9$Kq2!vbTz", "password".repeat(8)), 201),
        ("repeated", "password".repeat(12), 422),
        ("letter", "a".repeat(100), 422),
        ("l33t", "P@$$w0rd".repeat(12), 422),
    ] {
        let body = json!({"email": format!("{name}@example.org"), "username": name, "password": password});
        let answer = app.post("/api/v1/auth/register").json(&body).await;
        assert_eq!(answer.status, status, "{password}: {:?}", answer.json());
    }
}
