//! How each Rust type is read from a column of each dialect.

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::Value as Json;
use sqlx::{Row as _, error::UnexpectedNullError};
use uuid::Uuid;

use super::{Inner, Row};
use crate::Error;

/// A type that [`Row::get`] gives.
pub trait Column: sealed::Sealed + Sized {
    /// Reads the column `name`.
    ///
    /// # Errors
    /// [`Error::Decode`].
    fn read(row: &Row, name: &str) -> Result<Self, Error>;
}

mod sealed {
    pub trait Sealed {}
}

/// A type that a database keeps; `None` is NULL.
pub trait Scalar: Sized {
    /// What it is called in an error.
    #[doc(hidden)]
    const WHAT: &'static str;

    #[doc(hidden)]
    fn scalar(row: &Row, name: &str) -> Result<Option<Self>, sqlx::Error>;
}

impl<T: Scalar> sealed::Sealed for T {}
impl<T: Scalar> sealed::Sealed for Option<T> {}

impl<T: Scalar> Column for T {
    fn read(row: &Row, name: &str) -> Result<Self, Error> {
        match T::scalar(row, name) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(problem(name, "is NULL")),
            Err(error) => Err(decode(name, T::WHAT, &error)),
        }
    }
}

impl<T: Scalar> Column for Option<T> {
    fn read(row: &Row, name: &str) -> Result<Self, Error> {
        T::scalar(row, name).map_err(|error| decode(name, T::WHAT, &error))
    }
}

/// The driver's text is dropped: it quotes the value that it could not read.
fn decode(name: &str, what: &str, error: &sqlx::Error) -> Error {
    match error {
        sqlx::Error::ColumnNotFound(_) => problem(name, "is not in the row"),
        sqlx::Error::ColumnDecode { source, .. } if source.is::<UnexpectedNullError>() => {
            problem(name, "is NULL")
        }
        _ => problem(name, &format!("does not hold {what}")),
    }
}

fn problem(name: &str, problem: &str) -> Error {
    Error::Decode { column: name.to_owned(), problem: problem.to_owned() }
}

/// The driver's own conversion, on all three.
macro_rules! direct {
    ($($type:ty: $what:literal;)*) => {$(
        impl Scalar for $type {
            const WHAT: &'static str = $what;

            fn scalar(row: &Row, name: &str) -> Result<Option<Self>, sqlx::Error> {
                match &row.0 {
                    Inner::Sqlite(row) => row.try_get(name),
                    Inner::Postgres(row) => row.try_get(name),
                    Inner::MySql(row) => row.try_get(name),
                }
            }
        }
    )*};
}

direct! {
    String: "text";
    bool: "a boolean";
    f64: "a number";
    Uuid: "a UUID";
    Vec<u8>: "bytes";
}

impl Scalar for i64 {
    const WHAT: &'static str = "a 64-bit integer";

    /// PostgreSQL's driver is strict about widths and MySQL's about signs; a reader need not be.
    fn scalar(row: &Row, name: &str) -> Result<Option<Self>, sqlx::Error> {
        match &row.0 {
            Inner::Sqlite(row) => row.try_get(name),
            Inner::Postgres(row) => row
                .try_get(name)
                .or_else(|error| {
                    row.try_get::<Option<i32>, _>(name).map(|n| n.map(Self::from)).map_err(|_| error)
                })
                .or_else(|error| {
                    row.try_get::<Option<i16>, _>(name).map(|n| n.map(Self::from)).map_err(|_| error)
                }),
            Inner::MySql(row) => row.try_get(name).or_else(|error| {
                let unsigned: Option<u64> = row.try_get(name).map_err(|_| error)?;
                unsigned.map(Self::try_from).transpose().map_err(|error| sqlx::Error::Decode(error.into()))
            }),
        }
    }
}

impl Scalar for i32 {
    const WHAT: &'static str = "a 32-bit integer";

    fn scalar(row: &Row, name: &str) -> Result<Option<Self>, sqlx::Error> {
        let wide = i64::scalar(row, name)?;
        wide.map(Self::try_from).transpose().map_err(|error| sqlx::Error::Decode(error.into()))
    }
}

impl Scalar for DateTime<Utc> {
    const WHAT: &'static str = "a time";

    fn scalar(row: &Row, name: &str) -> Result<Option<Self>, sqlx::Error> {
        let time: Option<Self> = match &row.0 {
            Inner::Sqlite(row) => row.try_get(name),
            Inner::Postgres(row) => row.try_get(name),
            Inner::MySql(row) => row.try_get(name),
        }?;
        Ok(time.map(|time| time.trunc_subsecs(6)))
    }
}

impl Scalar for Json {
    const WHAT: &'static str = "JSON";

    /// Takes a column of a JSON type, and one of text that holds JSON.
    fn scalar(row: &Row, name: &str) -> Result<Option<Self>, sqlx::Error> {
        match &row.0 {
            Inner::Sqlite(row) => row.try_get(name),
            Inner::Postgres(row) => row.try_get(name).or_else(|error| {
                let text: Option<String> = row.try_get(name).map_err(|_| error)?;
                let json = text.as_deref().map(serde_json::from_str).transpose();
                json.map_err(|error| sqlx::Error::Decode(error.into()))
            }),
            Inner::MySql(row) => row.try_get(name),
        }
    }
}
