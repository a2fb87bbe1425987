//! What can be run: the statements of sea-query, rendered for a dialect and checked.

use std::sync::Arc;

use chrono::SubsecRound;
use sea_query::{
    DeleteStatement, InsertStatement, QueryStatementWriter, SelectStatement, UpdateStatement, Value, Values,
    WithQuery,
};
use sea_query_sqlx::SqlxValues;

use crate::{Dialect, Error};

/// A statement of sea-query: select, insert, update, delete, or one with a common table expression.
pub trait Statement: sealed::Render + Send + Sync {}

pub(crate) mod sealed {
    use super::{Built, Dialect, Error};

    /// How a statement becomes SQL.
    pub trait Render {
        /// Whether it changes nothing, so that SQLite may run it beside the writer.
        fn only_reads(&self) -> bool;
        /// The SQL with its values.
        fn render(&self, dialect: Dialect) -> Result<Built, Error>;
    }
}

/// SQL with placeholders, and the values for them.
pub struct Built {
    pub(crate) sql: Arc<String>,
    pub(crate) values: SqlxValues,
}

macro_rules! statements {
    ($($statement:ty: $only_reads:expr;)*) => {$(
        impl Statement for $statement {}
        impl sealed::Render for $statement {
            fn only_reads(&self) -> bool {
                $only_reads
            }

            fn render(&self, dialect: Dialect) -> Result<Built, Error> {
                build(dialect, self)
            }
        }
    )*};
}

statements! {
    SelectStatement: true;
    InsertStatement: false;
    UpdateStatement: false;
    DeleteStatement: false;
    WithQuery: false;
}

fn build(dialect: Dialect, statement: &impl QueryStatementWriter) -> Result<Built, Error> {
    let (sql, Values(mut values)) = dialect.render(statement);
    for value in &mut values {
        settle(value)?;
    }
    Ok(Built { sql: Arc::new(sql), values: SqlxValues(Values(values)) })
}

/// Brings a value to what all three databases keep alike, or refuses it on all three.
fn settle(value: &mut Value) -> Result<(), Error> {
    match value {
        // PostgreSQL and MySQL keep microseconds; SQLite would keep more and compare unequal.
        Value::ChronoDateTimeUtc(Some(time)) => *time = time.trunc_subsecs(6),
        // PostgreSQL refuses NUL in text; SQLite and MySQL would store it.
        Value::String(Some(text)) if text.contains('\0') => {
            return Err(Error::statement("22021", "a bound text holds NUL, which PostgreSQL cannot store"));
        }
        // There is no unsigned 64-bit integer outside MySQL.
        Value::BigUnsigned(Some(number)) if i64::try_from(*number).is_err() => {
            return Err(Error::statement("22003", "a bound integer is beyond 63 bits"));
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use sea_query::{Expr, ExprTrait, LockType, Query};

    use super::{sealed::Render, *};

    #[test]
    fn a_row_lock_is_asked_only_where_it_exists() {
        let select = Query::select().column("id").from("users").lock(LockType::Update).to_owned();
        let sql = |dialect| select.render(dialect).unwrap().sql.to_string();
        assert!(!sql(Dialect::Sqlite).contains("FOR UPDATE"));
        assert!(sql(Dialect::Postgres).ends_with("FOR UPDATE"));
        assert!(sql(Dialect::MySql).ends_with("FOR UPDATE"));
    }

    #[test]
    fn sqlite_keeps_the_plan_of_a_limited_select() {
        let select = Query::select().column("id").from("users").limit(50).to_owned();
        let sql = |dialect| select.render(dialect).unwrap().sql.to_string();
        assert!(sql(Dialect::Sqlite).ends_with(" LIMIT ? + 0"));
        assert!(sql(Dialect::Postgres).ends_with(" LIMIT $1"));
        assert!(sql(Dialect::MySql).ends_with(" LIMIT ?"));
    }

    #[test]
    fn nul_and_large_integers_are_refused_on_all() {
        for value in [Expr::val("a\0b"), Expr::val(u64::MAX)] {
            let select = Query::select().expr(value.eq(1)).to_owned();
            for dialect in Dialect::ALL {
                assert!(matches!(Render::render(&select, dialect), Err(Error::Statement { .. })));
            }
        }
    }
}
