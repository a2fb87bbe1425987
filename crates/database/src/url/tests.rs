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

/// The options that the driver gets, and the names of those that are noted.
fn options(text: &str) -> (String, Vec<String>) {
    let url = parse(text);
    let kept = match &url.target {
        Target::Postgres(url) | Target::MySql(url) => url.query().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    let name = |note: &String| note.split('`').nth(1).unwrap_or_default().to_owned();
    (kept, url.notes().iter().map(name).collect())
}

#[test]
fn harmless_libpq_options_are_accepted_and_noted() {
    // As managed services hand it out.
    let text = "postgresql://u:p@ep-1.example.com/db?sslmode=require&channel_binding=require";
    assert_eq!(options(text), ("sslmode=require".into(), vec!["channel_binding".into()]));
    for option in [
        "channel_binding=prefer",
        "gssencmode=disable",
        "sslnegotiation=direct",
        "target_session_attrs=read-write",
        "target_session_attrs=any",
        "connect_timeout=10",
        "keepalives=1",
        "keepalives_idle=30",
        "keepalives_interval=5",
        "keepalives_count=3",
        "tcp_user_timeout=1000",
        "load_balance_hosts=disable",
        "client_encoding=UTF8",
        "sslcompression=0",
        "pgbouncer=true",
        "connection_limit=5",
        "schema=public",
    ] {
        let name = option.split('=').next().unwrap().to_owned();
        assert_eq!(options(&format!("postgres://h/db?{option}")), (String::new(), vec![name]), "{option}");
    }
}

#[test]
fn libpq_options_that_mean_something_are_honoured() {
    let kept = |option: &str| {
        let (kept, notes) = options(&format!("postgres://h/db?{option}"));
        assert_eq!(notes, [""; 0], "{option}");
        kept
    };
    assert_eq!(kept("application_name=shop"), "application_name=shop");
    assert_eq!(kept("fallback_application_name=shop"), "application_name=shop");
    assert_eq!(kept("options=-c%20search_path%3Dshop"), "options=-c+search_path%3Dshop");
    assert_eq!(kept("schema=shop"), "options=-c+search_path%3Dshop");
    assert_eq!(kept("ssl=true"), "sslmode=require");
    let both = options("postgres://h/db?fallback_application_name=a&application_name=b");
    assert_eq!(both, ("application_name=b".into(), vec!["fallback_application_name".into()]));
}

#[test]
fn options_of_other_mysql_drivers_are_accepted() {
    let kept = |option: &str| options(&format!("mysql://h/db?{option}")).0;
    assert_eq!(kept("useSSL=false&allowPublicKeyRetrieval=true"), "ssl-mode=DISABLED");
    assert_eq!(
        kept("useSSL=true&requireSSL=true&verifyServerCertificate=false"),
        "ssl-mode=REQUIRED&ssl-mode=REQUIRED"
    );
    assert_eq!(kept("tls=skip-verify&parseTime=true&loc=Local"), "ssl-mode=REQUIRED");
    assert_eq!(kept("tls=true"), "ssl-mode=VERIFY_IDENTITY");
    assert_eq!(kept("sslMode=VERIFY_CA"), "ssl-mode=VERIFY_CA");
    assert_eq!(kept("ssl-mode=VERIFY_CA&useSSL=false"), "ssl-mode=VERIFY_CA");
    assert_eq!(kept("unix_socket=/run/mysqld/mysqld.sock"), "socket=%2Frun%2Fmysqld%2Fmysqld.sock");
    assert_eq!(kept("charset=utf8mb4"), "charset=utf8mb4");
    // What `utf8` means to MySQL holds no emoji.
    assert_eq!(options("mysql://h/db?charset=utf8"), (String::new(), vec!["charset".into()]));
    assert_eq!(kept("serverTimezone=UTC&characterEncoding=utf8&autoReconnect=true&connectTimeout=5000"), "");
}

#[test]
fn options_of_sqlite_drivers_are_accepted() {
    assert_eq!(file("sqlite://a.db?mode=rwc&cache=shared&timeout=5"), "a.db");
    assert_eq!(options("sqlite:///a.db?check_same_thread=false").1, ["check_same_thread"]);
}

#[test]
fn options_that_ask_for_more_than_there_is_are_refused() {
    for (text, option) in [
        ("postgres://h/db?gssencmode=require", "gssencmode"),
        ("postgres://h/db?target_session_attrs=standby", "target_session_attrs"),
        ("postgres://h/db?client_encoding=LATIN1", "client_encoding"),
        ("postgres://h/db?schema=a;b", "schema"),
        ("mysql://h/db?tls=my-config", "tls"),
    ] {
        assert_eq!(DatabaseUrl::parse(text).unwrap_err(), UrlError::WrongOption(option.into()), "{text}");
    }
    for text in
        ["postgres://h/db?require_auth=scram-sha-256", "postgres://h/db?sslcrl=a.crl", "mysql://h/db?x=1"]
    {
        assert!(matches!(DatabaseUrl::parse(text), Err(UrlError::UnknownOption(_))), "{text}");
    }
}

#[test]
fn a_note_holds_no_value() {
    let url = parse("postgres://h/db?connect_timeout=hunter2");
    assert_eq!(url.notes(), ["`connect_timeout` has no effect: set DATABASE_CONNECT_TIMEOUT_MS"]);
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
