use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> DatabaseUrl {
    DatabaseUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn file(text: &str) -> String {
    parse(text)
        .file()
        .map(|path| path.display().to_string())
        .unwrap_or_else(|| panic!("{text} names no file"))
}

#[test]
fn sqlite_paths_follow_the_spelling() {
    assert_eq!(file("sqlite://data/palisade.db"), "data/palisade.db");
    assert_eq!(file("sqlite:///var/lib/palisade.db"), "/var/lib/palisade.db");
    assert_eq!(file("sqlite:data.db"), "data.db");
    assert_eq!(file("sqlite:///./data.db"), "./data.db");
    assert_eq!(file("sqlite+aiosqlite:///data/app.db"), "data/app.db");
    assert_eq!(file("sqlite+aiosqlite:////var/app.db"), "/var/app.db");
    assert_eq!(file("sqlite://my%20data.db?mode=rwc"), "my data.db");
}

#[test]
fn memory_has_several_spellings() {
    for text in [
        "sqlite::memory:",
        "sqlite://:memory:",
        "sqlite:///:memory:",
        "sqlite+aiosqlite://",
        "sqlite://x?mode=memory",
    ] {
        assert!(parse(text).is_in_memory(), "{text}");
    }
}

#[test]
fn servers_and_other_ecosystems_drivers() {
    for (text, dialect) in [
        ("postgres://u:p@host/name", Dialect::Postgres),
        ("postgresql://host/name", Dialect::Postgres),
        ("postgresql+asyncpg://u:p@host:5433/name?ssl=require", Dialect::Postgres),
        ("POSTGRES://host/name", Dialect::Postgres),
        ("postgres:///name?host=/var/run/postgresql", Dialect::Postgres),
        ("mysql://u:p@host/name?charset=utf8mb4", Dialect::MySql),
        ("mysql+aiomysql://u:p@host/name", Dialect::MySql),
        ("mariadb://host/name", Dialect::MySql),
    ] {
        assert_eq!(parse(text).dialect(), dialect, "{text}");
    }
}

#[test]
fn tells_which_part_is_wrong() {
    let error = |text: &str| DatabaseUrl::parse(text).unwrap_err();
    assert_eq!(error("  "), UrlError::Empty);
    assert_eq!(error("palisade.db"), UrlError::Scheme);
    assert_eq!(error("oracle://host/name"), UrlError::Scheme);
    assert_eq!(error("postgres:///name"), UrlError::NoHost);
    assert_eq!(error("postgres://host"), UrlError::NoDatabase);
    assert_eq!(error("mysql://host/"), UrlError::NoDatabase);
    assert_eq!(error("sqlite://"), UrlError::NoFile);
    assert_eq!(error("sqlite://data/"), UrlError::NoFile);
    assert_eq!(error("postgres://host/name?sslmod=require"), UrlError::UnknownOption("sslmod".into()));
    assert_eq!(error("sqlite://a.db?mode=fast"), UrlError::WrongOption("mode".into()));
    assert!(matches!(error("postgres://u:p@host:port/name"), UrlError::Malformed(_)));
}

#[test]
fn shows_all_but_the_password() {
    assert_eq!(
        parse("postgres://ann:s3cret@host:5433/name?sslmode=require").to_string(),
        "postgres://ann:***@host:5433/name"
    );
    assert_eq!(parse("sqlite://data/a.db").to_string(), "sqlite://data/a.db");
}

proptest! {
    /// Whatever characters a password has, escaped or not, no text made from the URL shows it.
    #[test]
    fn no_password_is_ever_shown(middle in "[ -~]{0,12}", scheme in "postgres|mysql") {
        let password = format!("hunter2{middle}hunter2");
        let shown = match DatabaseUrl::parse(&format!("{scheme}://ann:{password}@host/name")) {
            Ok(url) => format!("{url} {url:?}"),
            Err(error) => format!("{error} {error:?}"),
        };
        prop_assert!(!shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,60}") {
        let _any = DatabaseUrl::parse(&text);
        let _any = DatabaseUrl::parse(&format!("sqlite://{text}"));
        let _any = DatabaseUrl::parse(&format!("postgres://{text}"));
    }

    #[test]
    fn a_file_keeps_its_name(path in "[a-z][a-z0-9_/]{0,20}[a-z0-9]\\.db") {
        prop_assert_eq!(file(&format!("sqlite://{path}")), path);
    }
}
