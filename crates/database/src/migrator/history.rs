//! The table `palisade_migrations`: what was applied, when, and from which text.

use chrono::{DateTime, Utc};
use sea_query::{Expr, ExprTrait, InsertStatement, Order, Query, SelectStatement, UpdateStatement};

use super::Step;
use crate::{Database, Dialect, Error, Migration, MigrationError, Row};

pub(super) const TABLE: &str = "palisade_migrations";

/// A row of the table.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) version: i64,
    domain: String,
    name: String,
    checksum: String,
    /// Nothing while MySQL is in the middle of the file.
    applied_at: Option<DateTime<Utc>>,
    /// How many statements took effect before one failed.
    progress: Option<i64>,
}

impl Record {
    pub(super) fn from_row(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            version: row.get("version")?,
            domain: row.get("domain")?,
            name: row.get("name")?,
            checksum: row.get("checksum")?,
            applied_at: row.get("applied_at")?,
            progress: row.get("progress")?,
        })
    }

    /// Whether it is whole and came from the text that the program holds.
    pub(super) fn check(
        &self,
        dialect: Dialect,
        migration: Option<&Migration>,
    ) -> Result<(), MigrationError> {
        let Self { version, domain, name, progress, .. } = self;
        if self.applied_at.is_none() {
            return Err(MigrationError::Interrupted {
                version: *version,
                domain: domain.clone(),
                name: name.clone(),
                progress: *progress,
            });
        }
        match migration {
            Some(migration) if checksum(migration.sql(dialect)) != self.checksum => {
                Err(MigrationError::Changed { version: *version, domain: domain.clone(), name: name.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// All records, oldest first; none when the table was not made yet.
pub(super) async fn read(database: &Database) -> Result<Vec<Record>, Error> {
    let table = database.fetch_optional(&find_table(database.dialect())).await?;
    if table.is_none() {
        return Ok(Vec::new());
    }
    database.fetch_all(&select()).await?.iter().map(Record::from_row).collect()
}

pub(super) const fn create_table(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => {
            "CREATE TABLE IF NOT EXISTS palisade_migrations (version INTEGER NOT NULL PRIMARY KEY, \
             domain TEXT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TEXT, progress INTEGER)"
        }
        Dialect::Postgres => {
            "CREATE TABLE IF NOT EXISTS palisade_migrations (version BIGINT NOT NULL PRIMARY KEY, \
             domain TEXT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at TIMESTAMPTZ, progress BIGINT)"
        }
        Dialect::MySql => {
            "CREATE TABLE IF NOT EXISTS palisade_migrations (version BIGINT NOT NULL PRIMARY KEY, \
             domain VARCHAR(64) NOT NULL, name VARCHAR(190) NOT NULL, checksum VARCHAR(128) NOT NULL, \
             applied_at DATETIME(6), progress BIGINT) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"
        }
    }
}

pub(super) fn select() -> SelectStatement {
    Query::select()
        .columns(["version", "domain", "name", "checksum", "applied_at", "progress"])
        .from(TABLE)
        .order_by("version", Order::Asc)
        .to_owned()
}

pub(super) fn insert(step: &Step, dialect: Dialect, applied_at: Option<DateTime<Utc>>) -> InsertStatement {
    Query::insert()
        .into_table(TABLE)
        .columns(["version", "domain", "name", "checksum", "applied_at"])
        .values_panic([
            step.migration.version.into(),
            step.domain.into(),
            step.migration.name.into(),
            checksum(step.migration.sql(dialect)).into(),
            applied_at.into(),
        ])
        .to_owned()
}

pub(super) fn finish(step: &Step, applied_at: DateTime<Utc>) -> UpdateStatement {
    Query::update()
        .table(TABLE)
        .value("applied_at", applied_at)
        .and_where(Expr::col("version").eq(step.migration.version))
        .to_owned()
}

pub(super) fn note_progress(step: &Step, statements: u64) -> UpdateStatement {
    Query::update()
        .table(TABLE)
        .value("progress", i64::try_from(statements).unwrap_or(i64::MAX))
        .and_where(Expr::col("version").eq(step.migration.version))
        .to_owned()
}

/// SHA-384 of the text in hexadecimal digits. Line ends do not count: version control may rewrite them.
pub(super) fn checksum(sql: &str) -> String {
    let text = sqlx::SqlSafeStr::into_sql_str(sqlx::AssertSqlSafe(sql.replace("\r\n", "\n")));
    let kind = sqlx::migrate::MigrationType::Simple;
    let migration = sqlx::migrate::Migration::new(0, "".into(), kind, text, false);
    migration.checksum.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn find_table(dialect: Dialect) -> SelectStatement {
    let mut select = Query::select();
    select.expr_as(Expr::val(1_i32), "found");
    match dialect {
        Dialect::Sqlite => select
            .from("sqlite_master")
            .and_where(Expr::col("type").eq("table"))
            .and_where(Expr::col("name").eq(TABLE)),
        Dialect::Postgres => select
            .from(("information_schema", "tables"))
            .and_where(Expr::col("table_schema").eq(Expr::cust("current_schema()")))
            .and_where(Expr::col("table_name").eq(TABLE)),
        Dialect::MySql => select
            .from(("information_schema", "tables"))
            .and_where(Expr::col("table_schema").eq(Expr::cust("DATABASE()")))
            .and_where(Expr::col("table_name").eq(TABLE)),
    };
    select
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_do_not_change_a_checksum_and_text_does() {
        assert_eq!(checksum("a;\r\nb;"), checksum("a;\nb;"));
        assert_ne!(checksum("a;"), checksum("b;"));
    }
}
