//! The first connection says precisely what is wrong, and never the password.

use std::{net::TcpListener, sync::Arc};

use palisade_core::SystemClock;
use palisade_database::{Database, Error, Settings};
use palisade_testkit::{mysql_url, postgres_url};

async fn failure(url: &str) -> Error {
    let settings = Settings { connect_timeout_ms: 500, ..Settings::for_url(url) };
    let error = Database::connect(&settings, Arc::new(SystemClock)).await.unwrap_err();
    let core = palisade_core::Error::new(palisade_core::Kind::Internal, "x").with_source(error.to_string());
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
