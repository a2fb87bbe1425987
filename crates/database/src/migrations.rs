//! The migrations of a domain, embedded in the program.

use crate::Dialect;

/// The migrations of one domain crate, made by [`migrations!`](crate::migrations).
#[derive(Debug)]
pub struct Migrations {
    /// The domain, such as `users`.
    pub domain: &'static str,
    /// Its files, oldest first.
    pub files: &'static [Migration],
}

/// One migration, written for each dialect.
#[derive(Debug)]
pub struct Migration {
    /// When it was written, as `YYYYMMDDhhmmss`; over all domains it is unique and the order of application.
    pub version: i64,
    /// What it does, such as `create_users`.
    pub name: &'static str,
    /// For SQLite.
    pub sqlite: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
    /// For MySQL and MariaDB.
    pub mysql: &'static str,
}

impl Migration {
    /// The SQL for a dialect.
    #[must_use]
    pub const fn sql(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
            Dialect::MySql => self.mysql,
        }
    }
}

/// Embeds the files `migrations/{sqlite,postgres,mysql}/{version}_{name}.sql` of the crate that calls it.
///
/// ```text
/// pub static MIGRATIONS: palisade_database::Migrations = palisade_database::migrations!("users";
///     20261120000100, "create_users";
///     20261121090000, "add_locale";
/// );
/// ```
#[macro_export]
macro_rules! migrations {
    ($domain:literal $(; $version:literal, $name:literal)* $(;)?) => {
        $crate::Migrations {
            domain: $domain,
            files: &[$($crate::Migration {
                version: $version,
                name: $name,
                sqlite: $crate::migrations!(@file "sqlite", $version, $name),
                postgres: $crate::migrations!(@file "postgres", $version, $name),
                mysql: $crate::migrations!(@file "mysql", $version, $name),
            }),*],
        }
    };
    (@file $dialect:literal, $version:literal, $name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/", $dialect, "/", $version, "_", $name, ".sql"))
    };
}
