//! Many at once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use palisade_testkit::{TestApp, TestDatabase, wait};
use serde_json::json;

use crate::support::{app_on, on_each_database};

on_each_database! {
    sixty_four_writers_never_see_a_server_error;
    writers_of_two_processes_never_see_a_server_error;
}

/// Answers of `/health` while others sign in.
const PROBES: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_does_not_queue_behind_sixty_four_clients_that_sign_in() {
    // On a busy machine the threads that hash, which give way to all others, get next to nothing.
    let app = TestApp::builder().set("server.request_timeout_seconds", 600).spawn().await;
    let app = Arc::new(app);
    app.register("ann").await;
    let (done, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..64)
        .map(|_| {
            let (app, done, ended) = (Arc::clone(&app), Arc::clone(&done), Arc::clone(&ended));
            tokio::spawn(async move {
                let body = json!({"username": "ann", "password": "wrong-Tractor-93-lamp"});
                let mut statuses = Vec::new();
                while !done.load(Ordering::Relaxed) {
                    statuses.push(app.post("/api/v1/auth/login").json(&body).await.status);
                    ended.fetch_add(1, Ordering::Relaxed);
                }
                statuses
            })
        })
        .collect();
    wait::until("the first sign-in has ended", async || ended.load(Ordering::Relaxed) > 0).await;
    let before = ended.load(Ordering::Relaxed);
    for _ in 0..PROBES {
        app.get("/health").await.expect(200);
    }
    let meanwhile = ended.load(Ordering::Relaxed) - before;
    done.store(true, Ordering::Relaxed);
    let statuses: Vec<u16> = join_all(clients).await.into_iter().flat_map(Result::unwrap).collect();
    assert!(statuses.iter().all(|status| [401, 503].contains(status)), "{statuses:?}");
    // Behind them, each would have to wait for half of the sixty-four, those on its worker.
    assert!(meanwhile < 8 * PROBES, "{meanwhile} sign-ins ended before {PROBES} answers of /health");
}

async fn sixty_four_writers_never_see_a_server_error(database: TestDatabase) {
    let app = app_on(&database).await;
    let ann = app.register("ann").await;
    let writer = async |number: usize| {
        let mut statuses = Vec::new();
        for round in 0..5 {
            let call = app.patch("/api/v1/users/me").token(&ann.access_token);
            statuses.push(call.json(&json!({"name": format!("Name {number} {round}")})).await.status);
            statuses.push(app.get("/api/v1/users/me").token(&ann.access_token).await.status);
        }
        statuses
    };
    let statuses: Vec<u16> = join_all((0..64).map(writer)).await.into_iter().flatten().collect();
    assert!(statuses.iter().all(|status| *status < 500), "{statuses:?}");
    let refused = statuses.iter().filter(|status| **status != 200).count();
    assert!(refused * 2 < statuses.len(), "{refused} of {} were refused", statuses.len());
}

async fn writers_of_two_processes_never_see_a_server_error(database: TestDatabase) {
    let (one, two) = (app_on(&database).await, app_on(&database).await);
    let admin = one.admin().await;
    let (token, _) = two.login(&admin.email, &admin.password).await;
    let writer = async |number: usize| {
        let (app, token) =
            if number.is_multiple_of(2) { (&one, &admin.access_token) } else { (&two, &token) };
        let mut statuses = Vec::new();
        for round in 0..4 {
            let name = format!("user_{number}_{round}");
            let body = json!({"email": format!("{name}@example.com"), "username": name});
            statuses.push(app.post("/api/v1/users").token(token).json(&body).await.status);
        }
        statuses
    };
    let statuses: Vec<u16> = join_all((0..32).map(writer)).await.into_iter().flatten().collect();
    assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
}

#[tokio::test]
async fn more_sign_ins_than_the_queue_takes_are_told_to_come_back() {
    let app = TestApp::builder().set("auth.hash_queue_limit", 1).spawn().await;
    let body = json!({"username": "nobody", "password": "wrong-Tractor-93-lamp"});
    let calls = (0..40).map(|_| app.post("/api/v1/auth/login").json(&body).into_future());
    let answers = join_all(calls).await;
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!busy.is_empty() && answers.iter().any(|answer| answer.status == 401));
    for answer in busy {
        assert_eq!((answer.reason().as_str(), answer.header("retry-after")), ("auth.busy", "2"));
    }
}
