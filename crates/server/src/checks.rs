//! The health checks of the parts this server is built on.

use async_trait::async_trait;
use palisade_database::Database;
use palisade_health::{Check, CheckError};
use palisade_redis::Redis;

/// The database answers and takes writes. Without it nothing works, so it is critical.
#[derive(Debug)]
pub(crate) struct DatabaseCheck(Database);

impl DatabaseCheck {
    pub(crate) fn new(database: Database) -> Self {
        Self(database)
    }
}

#[async_trait]
impl Check for DatabaseCheck {
    fn name(&self) -> &'static str {
        "db"
    }

    fn critical(&self) -> bool {
        true
    }

    async fn check(&self) -> Result<(), CheckError> {
        self.0.check().await.map_err(|error| CheckError::new(error.to_string()))
    }
}

/// Redis answers. Everything goes on without it, each process for itself.
#[derive(Debug)]
pub(crate) struct RedisCheck(Redis);

impl RedisCheck {
    pub(crate) fn new(redis: Redis) -> Self {
        Self(redis)
    }
}

#[async_trait]
impl Check for RedisCheck {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn critical(&self) -> bool {
        false
    }

    async fn check(&self) -> Result<(), CheckError> {
        self.0.ping().await.map_err(CheckError::new)
    }
}
