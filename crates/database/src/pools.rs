//! The pools behind a [`Database`](crate::Database).

use std::sync::Arc;

use crate::{
    connect::File,
    pool::{Pool, Size},
};

pub(crate) enum Pools {
    /// SQLite lets one writer in at a time; with one connection for writing, writers queue here in order and never
    /// see "database is locked". Readers run beside it (write-ahead log). In memory both are the same pool.
    Sqlite {
        writer: Arc<Pool>,
        readers: Arc<Pool>,
        /// None in memory.
        file: Option<Box<File>>,
    },
    Server(Arc<Pool>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Pools {
    /// The pool for what a statement does.
    pub(crate) const fn of(&self, access: Access) -> &Arc<Pool> {
        match (self, access) {
            (Self::Sqlite { readers, .. }, Access::Read) => readers,
            (Self::Sqlite { writer, .. }, Access::Write) => writer,
            (Self::Server(pool), _) => pool,
        }
    }

    pub(crate) fn size(&self) -> Size {
        let sizes: Vec<Size> = self.each().map(|pool| pool.size()).collect();
        let sum = |of: fn(&Size) -> u32| sizes.iter().map(of).sum();
        Size {
            open: sum(|size| size.open),
            idle: sum(|size| size.idle),
            limit: sum(|size| size.limit),
            waiting: sum(|size| size.waiting),
        }
    }

    pub(crate) fn retire(&self) {
        self.each().for_each(Pool::retire);
    }

    pub(crate) async fn close(&self) {
        // Readers first: the last connection to close writes the log into the file.
        for pool in self.each() {
            pool.close().await;
        }
    }

    /// Each pool once.
    fn each(&self) -> impl Iterator<Item = &Arc<Pool>> {
        let (first, second) = match self {
            Self::Sqlite { writer, readers, .. } if Arc::ptr_eq(writer, readers) => (writer, None),
            Self::Sqlite { writer, readers, .. } => (readers, Some(writer)),
            Self::Server(pool) => (pool, None),
        };
        std::iter::once(first).chain(second)
    }
}
