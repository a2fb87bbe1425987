//! The driver's pools behind a [`Database`](crate::Database).

use sqlx::{MySqlPool, PgPool, SqlitePool};

use crate::{
    Dialect,
    connection::{Connection, Held},
};

pub(crate) enum Pools {
    /// SQLite lets one writer in at a time; with one connection for writing, writers queue here in order and never
    /// see "database is locked". Readers run beside it (write-ahead log). In memory both are the same pool.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
    MySql(MySqlPool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// Connections of all pools together.
pub(crate) struct Size {
    pub(crate) open: u32,
    pub(crate) idle: u32,
    pub(crate) limit: u32,
}

impl Pools {
    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite { .. } => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
            Self::MySql(_) => Dialect::MySql,
        }
    }

    pub(crate) async fn acquire(&self, access: Access) -> Result<Connection, sqlx::Error> {
        match (self, access) {
            (Self::Sqlite { readers, .. }, Access::Read) => {
                readers.acquire().await.map(Held::new).map(Connection::Sqlite)
            }
            (Self::Sqlite { writer, .. }, Access::Write) => {
                writer.acquire().await.map(Held::new).map(Connection::Sqlite)
            }
            (Self::Postgres(pool), _) => pool.acquire().await.map(Held::new).map(Connection::Postgres),
            (Self::MySql(pool), _) => pool.acquire().await.map(Held::new).map(Connection::MySql),
        }
    }

    pub(crate) fn size(&self) -> Size {
        match self {
            Self::Sqlite { writer, readers } if std::ptr::eq(writer.options(), readers.options()) => {
                size(readers)
            }
            Self::Sqlite { writer, readers } => {
                let (one, many) = (size(writer), size(readers));
                Size { open: one.open + many.open, idle: one.idle + many.idle, limit: one.limit + many.limit }
            }
            Self::Postgres(pool) => size(pool),
            Self::MySql(pool) => size(pool),
        }
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
            Self::MySql(pool) => pool.close().await,
        }
    }
}

fn size<DB: sqlx::Database>(pool: &sqlx::Pool<DB>) -> Size {
    Size {
        open: pool.size(),
        idle: u32::try_from(pool.num_idle()).unwrap_or(u32::MAX),
        limit: pool.options().get_max_connections(),
    }
}
