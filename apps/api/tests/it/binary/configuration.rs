//! Settings that are right, wherever they come from.

use palisade_testkit::wait;

use super::harness::{Running, SECRET, Setup};

async fn get(running: &Running, path: &str) -> reqwest::Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.get(running.url(path)).send().await.unwrap()
}

#[tokio::test]
async fn without_any_setting_it_serves_and_keeps_its_data_under_data() {
    let setup = Setup::new();
    let running = setup.start().await;
    assert_eq!(get(&running, "/health").await.text().await.unwrap(), r#"{"status":"ok"}"#);
    let files: Vec<String> = std::fs::read_dir(setup.folder().join("data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(files.iter().any(|file| file == "palisade.db"), "{files:?}");
    assert_eq!(std::fs::read_dir(setup.folder()).unwrap().count(), 1);
}

#[tokio::test]
async fn the_banner_tells_where_everything_is_and_how_to_become_admin() {
    let running = Setup::new().start().await;
    let api = running.api.to_string();
    wait::until("the banner shows the link", async || running.told().contains("/setup/")).await;
    let banner = running.told();
    for part in [&api, &format!("{api}/docs"), &running.management.to_string(), "30 minutes"] {
        assert!(banner.contains(part), "no {part} in {banner}");
    }
    let link = banner.split_whitespace().find(|word| word.contains("/setup/")).unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let body = serde_json::json!({"email": "a@example.com", "username": "chief", "password": "violet-Tractor-93-lamp"});
    let answer = client.post(link).json(&body).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert_eq!(status, 201, "{text} {:#?}", running.log());
    let token = link.rsplit('/').next().unwrap();
    assert!(running.log().iter().all(|line| !line.to_string().contains(token)));
}

#[tokio::test]
async fn the_variables_a_cluster_injects_disturb_nothing() {
    let setup = Setup::new()
        .set("REDIS_PORT", "tcp://10.0.0.1:6379")
        .set("REDIS_SERVICE_HOST", "10.0.0.1")
        .set("REDIS_PORT_6379_TCP", "tcp://10.0.0.1:6379")
        .set("DATABASE_SERVICE_HOST", "10.0.0.2")
        .set("DATABASE_PORT", "tcp://10.0.0.2:5432")
        .set("DATABASE_PORT_5432_TCP_ADDR", "10.0.0.2")
        .set("SERVER_SERVICE_PORT", "80")
        .set("SERVER_PORT_8000_TCP", "tcp://10.0.0.3:8000")
        .set("APP_SERVICE_HOST", "10.0.0.4")
        .set("KUBERNETES_PORT", "tcp://10.0.0.5:443")
        .set("HOSTNAME", "pod-1")
        .set("PATH", "/usr/bin")
        .set("LOG_DIR", "/var/log");
    let running = setup.start().await;
    assert_eq!(get(&running, "/health").await.status(), 200);
}

#[tokio::test]
async fn a_service_named_like_a_section_disturbs_nothing() {
    // A service called "server" makes the cluster inject SERVER_PORT itself.
    let ended = Setup::new()
        .set("SERVER_PORT", "tcp://10.0.0.1:8000")
        .set("PORT", "0")
        .command(&["config", "check"])
        .run()
        .await;
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
}

#[tokio::test]
async fn a_short_name_beside_our_own_is_noted_and_does_not_count() {
    let setup = Setup::new()
        .set("PORT", "1")
        .set("METRICS_PORT", "1")
        .set("AUTH_JWT_SECRET", SECRET)
        .set("JWT_SECRET", "something else that another program reads");
    let ended = setup.command(&["config", "check"]).run().await.expect(0);
    for (name, own) in
        [("PORT", "SERVER_PORT"), ("METRICS_PORT", "MANAGEMENT_PORT"), ("JWT_SECRET", "AUTH_JWT_SECRET")]
    {
        let note = format!("note: {name} is ignored: {own} is set too, and wins\n");
        assert!(ended.stdout.contains(&note), "{}", ended.stdout);
    }
    let running = setup.start().await;
    assert_eq!(get(&running, "/health").await.status(), 200);
}

#[tokio::test]
async fn a_port_that_is_none_is_noted_and_does_not_count() {
    let ended = Setup::new()
        .unset("SERVER_PORT")
        .set("PORT", "tcp://10.0.0.1:80")
        .set("HOST", "build-box")
        .command(&["config", "check"])
        .run()
        .await
        .expect(0);
    for name in ["PORT", "HOST"] {
        assert!(ended.stdout.contains(&format!("note: {name} is ignored: ")), "{}", ended.stdout);
    }
}

#[tokio::test]
async fn options_of_a_database_url_that_do_nothing_are_noted() {
    let url =
        "postgres://app:hunter2@db/app?channel_binding=require&connect_timeout=10&application_name=shop";
    let ended = Setup::new().set("DATABASE_URL", url).command(&["config", "check"]).run().await.expect(0);
    let ended = ended.never_says(&["hunter2"]);
    for option in ["channel_binding", "connect_timeout"] {
        let note = format!("note: DATABASE_URL: `{option}` has no effect: ");
        assert!(ended.stdout.contains(&note), "{}", ended.stdout);
    }
    assert!(!ended.stdout.contains("application_name"), "{}", ended.stdout);
}

#[tokio::test]
async fn each_layer_overrules_the_one_below() {
    let dump = |setup: Setup| async move {
        let ended = setup.command(&["config", "dump"]).run().await.expect(0);
        ended.stdout.lines().find(|line| line.contains("keep_alive_seconds")).unwrap().to_owned()
    };
    let files = || {
        Setup::new()
            .file("palisade.toml", "[server]\nkeep_alive_seconds = 11\n")
            .file("palisade.test.toml", "[server]\nkeep_alive_seconds = 12\n")
    };
    assert!(dump(Setup::new()).await.contains("75"));
    assert!(dump(files()).await.contains("11"));
    assert!(dump(files().set("APP_ENVIRONMENT", "test")).await.contains("12"));
    let env_file = || files().set("APP_ENVIRONMENT", "test").file(".env", "SERVER_KEEP_ALIVE_SECONDS=13\n");
    assert!(dump(env_file()).await.contains("13"));
    assert!(dump(env_file().set("SERVER_KEEP_ALIVE_SECONDS", "14")).await.contains("14"));
    let setup = env_file().set("SERVER_KEEP_ALIVE_SECONDS", "14");
    let ended =
        setup.command(&["config", "dump", "--set", "server.keep_alive_seconds=15"]).run().await.expect(0);
    assert!(ended.stdout.contains("15"), "{}", ended.stdout);
}

#[tokio::test]
async fn a_secret_may_lie_in_a_file() {
    let setup = Setup::production().unset("AUTH_JWT_SECRET").file("secret", &format!("{SECRET}\n"));
    let setup = setup.set("AUTH_JWT_SECRET_FILE", "secret");
    setup.command(&["config", "check"]).run().await.expect(0).never_says(&[SECRET]);
    let setup = setup.set("AUTH_JWT_SECRET_FILE", "nowhere");
    setup.run().await.expect(2).says(&["AUTH_JWT_SECRET_FILE", "nowhere"]);
}

#[tokio::test]
async fn the_documents_are_closed_in_production() {
    let setup = Setup::production().set("DATABASE_MIGRATE_ON_START", "true");
    let running = setup.start().await;
    for path in ["/openapi.json", "/docs", "/redoc", "/docs/", "/docs/swagger-ui.css"] {
        let answer = get(&running, path).await;
        assert_eq!(answer.status(), 404, "{path}");
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(body["error"]["code"], "not_found", "{path}");
    }
    let setup = Setup::production().set("DATABASE_MIGRATE_ON_START", "true").set("APP_DOCS_ENABLED", "true");
    let running = setup.start().await;
    assert_eq!(get(&running, "/openapi.json").await.status(), 200);
}

#[tokio::test]
async fn production_shows_no_banner_and_no_link() {
    let running = Setup::production().set("DATABASE_MIGRATE_ON_START", "true").start().await;
    get(&running, "/health").await;
    assert_eq!(running.told(), "");
}
