//! One test, three databases.

use std::future::Future;

use palisade_database::{Dialect, Migrations};

use super::TestDatabase;

/// Writes a test once and runs it on SQLite, PostgreSQL and MariaDB, each as a test of its own.
///
/// ```
/// # mod example {
/// use palisade_testkit::TestDatabase;
///
/// palisade_testkit::on_every_database! {
///     migrations: [],
///
///     async fn answers(test: TestDatabase) {
///         test.database().check().await.unwrap();
///     }
/// }
/// # }
/// ```
///
/// makes the tests `answers::sqlite`, `answers::postgres` and `answers::mysql`. In `migrations` stand the domains' lists,
/// as `[&palisade_users::MIGRATIONS]`.
#[macro_export]
macro_rules! on_every_database {
    (
        migrations: $migrations:tt,
        $($(#[$attribute:meta])* async fn $name:ident($database:ident: $type:ty) $body:block)+
    ) => {$(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, clippy::allow_attributes, reason = "a test may use nothing from around it")]
            use super::*;

            async fn test($database: $type) $body

            fn run(dialect: $crate::databases::Dialect) {
                $crate::databases::run(dialect, &$migrations, test);
            }

            #[test]
            fn sqlite() {
                run($crate::databases::Dialect::Sqlite);
            }

            #[test]
            fn postgres() {
                run($crate::databases::Dialect::Postgres);
            }

            #[test]
            fn mysql() {
                run($crate::databases::Dialect::MySql);
            }
        }
    )+};
}

/// Runs a test on a new database of a dialect, in a runtime of its own with two threads.
///
/// # Panics
/// When the test does, or there is no database for it.
#[expect(clippy::expect_used, reason = "a test without a runtime has failed")]
pub fn run<T: Future<Output = ()>>(
    dialect: Dialect,
    migrations: &[&'static Migrations],
    test: impl FnOnce(TestDatabase) -> T,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be built");
    runtime.block_on(async { test(TestDatabase::new(dialect, migrations).await).await });
}
