//! What several of these tests need.

use std::future::IntoFuture as _;

use palisade_testkit::{Call, TestApp, TestDatabase, TestResponse, wait};

/// Makes a test per database of each function named: `name::sqlite`, `name::postgres`, `name::mysql`. The database
/// is empty, so that the server under test applies its own migrations.
macro_rules! on_each_database {
    ($($name:ident;)*) => {$(
        mod $name {
            use palisade_testkit::databases::{Dialect, run};

            #[test]
            fn sqlite() {
                run(Dialect::Sqlite, &[], super::$name);
            }

            #[test]
            fn postgres() {
                run(Dialect::Postgres, &[], super::$name);
            }

            #[test]
            fn mysql() {
                run(Dialect::MySql, &[], super::$name);
            }
        }
    )*};
}
pub(crate) use on_each_database;

/// The server on that database.
pub(crate) async fn app_on(database: &TestDatabase) -> TestApp {
    TestApp::builder().database(database).spawn().await
}

/// Whether the text is the canonical spelling of a UUID of version 7 (RFC 9562 §5.7).
pub(crate) fn is_uuid_v7(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let lower_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(|group| group.bytes().all(lower_hex))
        && groups[2].starts_with('7')
}

/// Repeats the call until its answer is as wanted, and gives that answer.
pub(crate) async fn until(call: impl Fn() -> Call, wanted: impl Fn(&TestResponse) -> bool) -> TestResponse {
    wait::for_ok("the answer that is wanted", async || {
        let answer = call().into_future().await;
        if wanted(&answer) {
            return Ok(answer);
        }
        Err(format!("{} is still {} {}", answer.request, answer.status, answer.text()))
    })
    .await
}

/// Waits until the call is refused with 401.
pub(crate) async fn gone(call: impl Fn() -> Call) {
    until(call, |answer| answer.status == 401).await;
}
