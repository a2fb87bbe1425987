//! Migrations: refused, applied by command, applied once.

use palisade_testkit::TestDatabase;

use super::harness::Setup;

#[tokio::test]
async fn production_names_pending_migrations_and_serves_once_they_are_applied() {
    let setup = Setup::production();
    let ended = setup.run().await.expect(3);
    let ended = ended.says(&["pending", "create_users", "api migrate"]);
    assert!(!ended.stderr.contains("panicked"));

    let applied = setup.command(&["migrate"]).run().await.expect(0);
    assert!(applied.stdout.contains("create_users"), "{applied:?}");
    let again = setup.command(&["migrate"]).run().await.expect(0);
    assert!(!again.stdout.contains("create_users"), "{again:?}");
    let running = setup.start().await;
    running.signal(nix::sys::signal::Signal::SIGTERM);
    running.ended().await.expect(0);
}

#[tokio::test]
async fn two_servers_that_start_at_once_apply_each_migration_once() {
    for database in TestDatabase::all(&[]).await {
        let setup = || Setup::new().set("DATABASE_URL", database.url()).set("LOG_FORMAT", "json");
        let (one, two, three) = (setup(), setup(), setup());
        let servers = tokio::join!(one.start(), two.start(), three.start());
        let migrated = [&servers.0, &servers.1, &servers.2]
            .map(|server| server.log().iter().filter(|line| line["message"] == "database.migrated").count());
        let total: usize = migrated.iter().sum();
        let status = one.command(&["migrate", "status"]).run().await.expect(0).stdout;
        let applied = status.split_whitespace().next().and_then(|count| count.parse::<usize>().ok());
        assert!(total > 0 && applied == Some(total), "{migrated:?}\n{status}");
        for server in [servers.0, servers.1, servers.2] {
            server.signal(nix::sys::signal::Signal::SIGTERM);
            server.ended().await.expect(0);
        }
    }
}
