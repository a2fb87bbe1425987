//! The commands beside `serve`.

use super::harness::{SECRET, Setup};

#[tokio::test]
async fn config_check_says_that_all_is_well_or_what_is_not() {
    Setup::new().command(&["config", "check"]).run().await.expect(0);
    Setup::production().command(&["config", "check"]).run().await.expect(0);
    let broken = Setup::new().set("SERVER_PORT", "many");
    broken.command(&["config", "check"]).run().await.expect(2).says(&["SERVER_PORT"]);
    assert_eq!(std::fs::read_dir(broken.folder()).unwrap().count(), 0, "a check leaves nothing behind");
}

#[tokio::test]
async fn config_dump_shows_each_setting_with_its_origin_and_no_secret() {
    let setup = Setup::production()
        .set("DATABASE_URL", "postgres://app:hunter2@db.example.com/app")
        .file("palisade.toml", "[log]\nlevel = \"warn\"\n");
    let ended = setup.command(&["config", "dump"]).run().await.expect(0).never_says(&["hunter2", SECRET]);
    let line = |section: &str, field: &str| {
        let lines = ended.stdout.lines().skip_while(|line| *line != format!("[{section}]"));
        let found =
            lines.skip(1).take_while(|line| !line.starts_with('[')).find(|line| line.starts_with(field));
        found.unwrap_or_else(|| panic!("no {section}.{field} in\n{}", ended.stdout)).to_owned()
    };
    assert!(line("server", "port").contains("environment variable SERVER_PORT"));
    assert!(line("log", "level").contains("palisade.toml:2") && line("log", "level").contains("warn"));
    assert!(line("server", "keep_alive_seconds").contains("default"));
    assert!(line("auth", "jwt_secret").contains("***"));
}

#[tokio::test]
async fn config_explain_tells_all_about_one_setting() {
    for key in ["server.port", "SERVER_PORT"] {
        let ended = Setup::new().command(&["config", "explain", key]).run().await.expect(0);
        for part in ["server.port", "SERVER_PORT", "PORT", "8000"] {
            assert!(ended.stdout.contains(part), "no {part} in\n{}", ended.stdout);
        }
    }
    let secret = Setup::production().command(&["config", "explain", "auth.jwt_secret"]).run().await.expect(0);
    secret.never_says(&[SECRET]);
    let unknown = Setup::new().command(&["config", "explain", "server.prot"]).run().await.expect(2);
    unknown.says(&["server.prot"]);
}

#[tokio::test]
async fn routes_lists_who_may_call_what() {
    let ended = Setup::new().command(&["routes"]).run().await.expect(0);
    for part in ["/api/v1/users/{id}", "/api/v1/auth/login", "/health", "GET", "POST", "users:"] {
        assert!(ended.stdout.contains(part), "no {part} in\n{}", ended.stdout);
    }
}

#[tokio::test]
async fn health_asks_a_running_server() {
    let setup = Setup::new();
    let running = setup.start().await;
    let ask = setup.command(&["health"]).set("SERVER_PORT", running.api.port().to_string());
    let ended = ask.run().await.expect(0);
    assert!(ended.stdout.contains("\"ok\""), "{}", ended.stdout);
    running.signal(nix::sys::signal::Signal::SIGTERM);
    running.ended().await.expect(0);
    ask.run().await.expect(1);
}

#[tokio::test]
async fn the_first_admin_can_be_made_from_the_command_line() {
    let setup = Setup::new();
    let create =
        setup.command(&["users", "create", "--admin", "--email", "root@example.com", "--username", "root"]);
    create.input("violet-Tractor-93-lamp\n").run().await.expect(3).says(&["create_users"]);
    setup.command(&["migrate"]).run().await.expect(0);
    let weak = create.input("password1\n").run().await;
    assert!(matches!(weak.status.code(), Some(1 | 2)), "{weak:?}");
    weak.says(&["password"]).never_says(&["password1"]);
    create.input("violet-Tractor-93-lamp\n").run().await.expect(0);
    let twice = create.input("violet-Tractor-93-lamp\n").run().await.expect(1);
    twice.says(&["taken"]).never_says(&["UNIQUE", "INSERT"]);

    let running = setup.start().await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let login = serde_json::json!({"username": "root", "password": "violet-Tractor-93-lamp"});
    let signed_in = client.post(running.url("/api/v1/auth/login")).json(&login).send().await.unwrap();
    assert_eq!(signed_in.status(), 200);
    assert!(!running.told().contains("/setup/"), "{}", running.told());
}

#[tokio::test]
async fn version_and_help_need_no_settings() {
    let broken = Setup::new().set("SERVER_PORT", "many");
    for argument in ["--version", "--help"] {
        let ended = broken.command(&[argument]).run().await.expect(0);
        assert!(ended.stdout.contains("api"), "{ended:?}");
    }
}
