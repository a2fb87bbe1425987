//! Which SQL a server speaks.

use std::fmt;

use sea_query::{MysqlQueryBuilder, PostgresQueryBuilder, QueryStatementWriter, SqliteQueryBuilder, Values};

/// The database behind a [`Database`](crate::Database).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite, embedded: one file, no server.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
}

impl Dialect {
    /// All three, for a test that must hold on each.
    pub const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::MySql];

    /// The name in logs, metrics and the folder of a domain's migrations.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        }
    }

    /// Whether a failed migration leaves nothing behind. MySQL commits before and after each `CREATE`
    /// or `ALTER` (MySQL 8.4 Manual §15.3.3), so that half a file can stay.
    #[must_use]
    pub const fn has_transactional_ddl(self) -> bool {
        !matches!(self, Self::MySql)
    }

    pub(crate) fn render(self, statement: &impl QueryStatementWriter) -> (String, Values) {
        match self {
            Self::Sqlite => {
                let (sql, values) = statement.build(SqliteQueryBuilder);
                (without_bound_limit(sql), values)
            }
            Self::Postgres => statement.build(PostgresQueryBuilder),
            Self::MySql => statement.build(MysqlQueryBuilder),
        }
    }
}

/// Hides the bound value of `LIMIT ?` from SQLite's planner. SQLite plans by that value and compiles the statement again
/// whenever one is bound (`sqlite3ExprIsInteger`), which costs twice as much as reading a row by its key. It does not
/// look into a sum.
fn without_bound_limit(sql: String) -> String {
    if sql.contains(" LIMIT ?") { sql.replace(" LIMIT ?", " LIMIT ? + 0") } else { sql }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
