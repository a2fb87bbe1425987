//! Where a test's database lies, and how it is removed.

use anyhow::Result;
use palisade_core::{Random, SystemRandom};
use palisade_database::{Dialect, Migrator};
use tempfile::TempDir;

use super::{
    server::{run, with_database},
    template,
};
use crate::servers::{mysql_url, postgres_url};

pub(super) enum Place {
    File(TempDir),
    Server { admin: String, name: String, dialect: Dialect },
}

/// What removes a database from its server.
pub(super) struct Removal {
    admin: String,
    sql: String,
}

impl Place {
    /// Makes an empty place; on PostgreSQL with the schema in it.
    pub(super) async fn make(dialect: Dialect, migrator: &Migrator) -> Result<Self> {
        let name = format!("palisade_test_{}", random_name());
        match dialect {
            Dialect::Sqlite => Ok(Self::File(tempfile::Builder::new().prefix("palisade-sqlite-").tempdir()?)),
            Dialect::Postgres => {
                let admin = postgres_url();
                template::copy(&admin, migrator, &name).await?;
                Ok(Self::Server { admin, name, dialect })
            }
            Dialect::MySql => {
                let admin = mysql_url();
                let sql = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
                run(&admin, &sql).await?;
                Ok(Self::Server { admin, name, dialect })
            }
        }
    }

    pub(super) fn url(&self) -> Result<String> {
        match self {
            Self::File(folder) => Ok(format!("sqlite://{}", folder.path().join("test.db").display())),
            Self::Server { admin, name, .. } => with_database(admin, name),
        }
    }

    pub(super) fn removal(&self) -> Option<Removal> {
        let Self::Server { admin, name, dialect } = self else { return None };
        let force = if *dialect == Dialect::Postgres { " WITH (FORCE)" } else { "" };
        Some(Removal { admin: admin.clone(), sql: format!("DROP DATABASE IF EXISTS {name}{force}") })
    }
}

impl Removal {
    pub(super) async fn run(self) -> Result<()> {
        run(&self.admin, &self.sql).await
    }
}

fn random_name() -> String {
    let mut bytes = [0; 8];
    SystemRandom.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
