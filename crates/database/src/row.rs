//! A row, with the same Rust values whatever database it came from.

mod column;

use std::fmt;

use sqlx::{mysql::MySqlRow, postgres::PgRow, sqlite::SqliteRow};

pub use column::Column;

use crate::Error;

/// One row of a result.
pub struct Row(Inner);

enum Inner {
    Sqlite(SqliteRow),
    Postgres(PgRow),
    MySql(MySqlRow),
}

impl Row {
    /// The value of the column `name`: `String`, `bool`, `i32`, `i64`, `f64`, `Uuid`, `DateTime<Utc>` (whole
    /// microseconds), `Vec<u8>`, `serde_json::Value`, or an `Option` of one of them.
    ///
    /// # Errors
    /// [`Error::Decode`] when there is no such column, it is NULL and no `Option` was asked, or it holds
    /// something else.
    pub fn get<T: Column>(&self, name: &str) -> Result<T, Error> {
        T::read(self, name)
    }
}

macro_rules! from_driver {
    ($($dialect:ident $row:ty;)*) => {$(
        impl From<$row> for Row {
            fn from(row: $row) -> Self {
                Self(Inner::$dialect(row))
            }
        }
    )*};
}

from_driver! {
    Sqlite SqliteRow;
    Postgres PgRow;
    MySql MySqlRow;
}

impl fmt::Debug for Row {
    /// Says nothing of what the row holds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Row")
    }
}
