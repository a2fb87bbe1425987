//! What a domain brings takes part in everything that the server's own parts do.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use actix_web::{HttpResponse, get};
use async_trait::async_trait;
use palisade_health::{Check, CheckError};
use palisade_server::{Domain, Failure, Foundation};
use palisade_testkit::TestApp;

use crate::notes;

#[tokio::test]
async fn its_routes_have_its_permissions_its_settings_and_its_errors() {
    let app = TestApp::builder().server(notes::server()).set("notes.limit", 1).spawn().await;
    let (ann, root) = (app.register("ann").await, app.admin().await);
    app.get("/api/v1/notes").await.expect(401);
    app.get("/api/v1/notes").token(&ann.access_token).await.expect(403);
    app.post("/api/v1/notes").token(&ann.access_token).body("text/plain", "milk").await.expect(201);
    let full =
        app.post("/api/v1/notes").token(&ann.access_token).body("text/plain", "eggs").await.expect(409);
    assert_eq!(full.reason(), "notes.full");
    let listed = app.get("/api/v1/notes").token(&root.access_token).await.expect(200);
    assert_eq!(listed.json(), serde_json::json!(["milk"]));
}

#[tokio::test]
async fn its_metrics_are_read_and_its_documents_are_served() {
    let app = TestApp::builder()
        .server(notes::server())
        .set("telemetry.mode", serde_json::json!(["prometheus"]))
        .spawn()
        .await;
    let ann = app.register("ann").await;
    app.post("/api/v1/notes").token(&ann.access_token).body("text/plain", "milk").await.expect(201);
    let metrics = format!("http://{}/metrics", app.management().unwrap());
    let metrics = app.get(&metrics).await.expect(200).text();
    assert!(metrics.contains("notes_written_total 1"), "{metrics}");
    let document = app.get("/openapi.json").await.expect(200).json();
    assert!(document["paths"]["/api/v1/notes"]["post"].is_object(), "{document}");
    assert_eq!(document["info"]["version"], "1.2.3");
    assert!(app.get("/errors/conflict").await.expect(200).text().contains("notes.full"));
}

struct Printer(Arc<AtomicUsize>);

#[async_trait]
impl Check for Printer {
    fn name(&self) -> &str {
        "printer"
    }

    fn critical(&self) -> bool {
        true
    }

    async fn check(&self) -> Result<(), CheckError> {
        match self.0.load(Ordering::SeqCst) {
            0 => Err(CheckError::new("has no paper")),
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn its_health_check_decides_and_its_steps_run_in_order() {
    let (paper, steps) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (checked, started, stopped) = (Arc::clone(&paper), Arc::clone(&steps), Arc::clone(&steps));
    let printing = Domain::new("printing")
        .health_check(move |_: Arc<Foundation>| {
            let check: Arc<dyn Check> = Arc::new(Printer(Arc::clone(&checked)));
            std::future::ready(Ok::<_, Failure>(check))
        })
        .on_start(move |_: Arc<Foundation>| {
            started.store(1, Ordering::SeqCst);
            std::future::ready(Ok::<_, Failure>(()))
        })
        .on_stop(move |_: Arc<Foundation>| {
            let stopped = Arc::clone(&stopped);
            async move {
                stopped.fetch_add(10, Ordering::SeqCst);
                Ok::<_, Failure>(())
            }
        });
    let app = TestApp::builder().server(notes::server().domain(printing)).spawn().await;
    assert_eq!(steps.load(Ordering::SeqCst), 1);
    app.get("/ready").await.expect(503);
    app.stop();
    assert_eq!(steps.load(Ordering::SeqCst), 11);
}

#[utoipa::path(security(("bearer" = [])), responses((status = 200)))]
#[get("/mine")]
async fn mine() -> HttpResponse {
    HttpResponse::Ok().finish()
}

#[tokio::test]
async fn routes_of_the_program_itself_are_guarded_and_documented_like_others() {
    let server = notes::server().routes(|config| {
        config.service(mine);
    });
    let app = TestApp::builder().server(server).spawn().await;
    let ann = app.register("ann").await;
    app.get("/api/v1/mine").await.expect(401);
    app.get("/api/v1/mine").token(&ann.access_token).await.expect(200);
    let document = app.get("/openapi.json").await.expect(200).json();
    assert!(document["paths"]["/api/v1/mine"]["get"].is_object());
}

#[tokio::test]
async fn a_start_that_fails_says_why() {
    let failing = Domain::new("failing")
        .on_start(async |_| Err::<(), _>(Failure::Other(anyhow::anyhow!("the printer is on fire"))));
    let started = TestApp::builder().server(notes::server().domain(failing)).try_spawn().await;
    assert!(started.unwrap_err().contains("the printer is on fire"));
}

struct Entry(&'static str);

#[tokio::test]
async fn what_others_contribute_is_collected_by_its_type() {
    let found = Arc::new(std::sync::Mutex::new(Vec::new()));
    let finds = Arc::clone(&found);
    let menu =
        Domain::new("menu").contribute("of another type").on_start(move |foundation: Arc<Foundation>| {
            let entries = foundation.facts().contributions::<Entry>();
            finds.lock().unwrap().extend(entries.map(|(domain, Entry(title))| (domain, *title)));
            std::future::ready(Ok::<_, Failure>(()))
        });
    let news = Domain::new("news").contribute(Entry("today")).contribute(Entry("yesterday"));
    let server =
        notes::server().domain(menu).domain(news).domain(Domain::new("shop").contribute(Entry("new")));
    let _app = TestApp::builder().server(server).spawn().await;
    assert_eq!(*found.lock().unwrap(), [("news", "today"), ("news", "yesterday"), ("shop", "new")]);
}
