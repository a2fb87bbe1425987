//! The first connection says precisely what is wrong, and never the password.

use std::{net::TcpListener, sync::Arc};

use palisade_core::SystemClock;
use palisade_database::{Database, Error, Settings};
use palisade_telemetry::metrics::Off;
use palisade_testkit::{TestDatabase, mysql_url, postgres_url};

async fn failure(url: &str) -> Error {
    let settings = Settings { connect_timeout_ms: 500, ..Settings::for_url(url) };
    let error = Database::connect(&settings, Arc::new(SystemClock), &Off::shared()).await.unwrap_err();
    let core =
        palisade_core::Error::new(palisade_core::ErrorKind::Internal, "x").with_source(error.to_string());
    assert!(!format!("{error} {error:?} {core:?}").contains("s3cret"), "{error:?}");
    error
}

/// The URL of the shared server with other user, password and database.
fn with(url: &str, user: &str, database: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = host.split_once('/').unwrap().0;
    format!("{scheme}://{user}:s3cret@{host}/{database}")
}

#[tokio::test]
async fn nobody_listens() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for scheme in ["postgres", "mysql"] {
        let error = failure(&format!("{scheme}://ann:s3cret@127.0.0.1:{port}/name")).await;
        assert!(
            matches!(&error, Error::Unavailable { reason } if reason.contains(&port.to_string())),
            "{error}"
        );
    }
}

#[tokio::test]
async fn somebody_listens_and_says_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    for scheme in ["postgres", "mysql"] {
        let error = failure(&format!("{scheme}://ann:s3cret@127.0.0.1:{port}/name")).await;
        assert!(matches!(&error, Error::Unavailable { reason } if reason.contains("500 ms")), "{error}");
    }
}

#[tokio::test]
async fn a_database_that_does_not_exist() {
    for (url, user) in [(postgres_url(), "postgres"), (mysql_url(), "root")] {
        let url = if user == "root" {
            with(&url, user, "nowhere").replace(":s3cret", "")
        } else {
            with(&url, user, "nowhere")
        };
        let error = failure(&url).await;
        assert!(matches!(&error, Error::Configuration(text) if text.contains("no such database")), "{error}");
    }
}

#[tokio::test]
async fn a_refused_login() {
    let error = failure(&with(&mysql_url(), "nobody", "mysql")).await;
    assert!(matches!(&error, Error::Configuration(text) if text.contains("refused the login")), "{error}");
}

/// What may pass is told from settings that can never work: the program waits for the one and ends with the other.
#[tokio::test]
async fn a_server_that_has_no_connection_to_give_is_not_there_yet() {
    let (postgres, mysql) = (TestDatabase::postgres(&[]).await, TestDatabase::mysql(&[]).await);
    let role = format!("none_{}", std::process::id());
    let create = format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 0");
    postgres.database().execute_script(&create).await.unwrap();
    let error = failure(&with(postgres.url(), &role, "postgres")).await;
    assert!(matches!(&error, Error::Unavailable { reason } if reason.contains("53300")), "{error}");
    postgres.database().execute_script(&format!("DROP ROLE {role}")).await.unwrap();

    let create = format!("CREATE USER {role}@'%' IDENTIFIED BY 's3cret' WITH MAX_USER_CONNECTIONS 1");
    mysql
        .database()
        .execute_script(&format!("{create}; GRANT SELECT ON mysql.* TO {role}@'%'"))
        .await
        .unwrap();
    let url = with(mysql.url(), &role, "mysql");
    let held =
        Database::connect(&Settings::for_url(&*url), Arc::new(SystemClock), &Off::shared()).await.unwrap();
    let transaction = held.begin().await;
    let error = failure(&url).await;
    assert!(matches!(&error, Error::Unavailable { reason } if reason.contains("1226")), "{error}");
    drop(transaction);
    held.close().await;
    mysql.database().execute_script(&format!("DROP USER {role}@'%'")).await.unwrap();
}

#[tokio::test]
async fn a_server_without_the_encryption_that_is_demanded_is_a_setting_to_correct() {
    for url in [postgres_url() + "?sslmode=require", mysql_url() + "?ssl-mode=REQUIRED"] {
        let error = failure(&url).await;
        assert!(matches!(&error, Error::Configuration(text) if text.contains("TLS")), "{error}");
    }
}

#[tokio::test]
async fn a_wrong_url_and_a_wrong_option() {
    for url in ["postgres://ann:s3cret/x@host/name", "mysql://ann:s3cret@host/name?password=s3cret", "s3cret"]
    {
        let error = failure(url).await;
        assert!(matches!(&error, Error::Configuration(text) if text.starts_with("DATABASE_URL ")), "{error}");
    }
    let error = failure("postgres://ann:s3cret@127.0.0.1/name?sslmode=s3cret").await;
    assert!(matches!(&error, Error::Configuration(text) if text.contains("sslmode")), "{error}");
}
