//! Many keys in one round trip.

use palisade_redis::redis::{Pipeline, Value, cmd};

use super::{RedisCache, millis, scripts};
use crate::{Entry, Hit, Key, Result};

impl RedisCache {
    /// A pipeline of `GET`, not `MGET`: a cluster keeps the keys in different slots.
    pub(super) async fn find_many(&self, keys: &[Key]) -> Result<Vec<Option<Hit>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<String> = keys.iter().map(|key| self.names.of(key)).collect();
        let mut asked = Pipeline::with_capacity(keys.len());
        for name in &names {
            asked.cmd("GET").arg(name);
        }
        let answers = self.redis.query_all(&asked).await?;
        let mut found = Vec::with_capacity(keys.len());
        for ((key, name), answer) in keys.iter().zip(&names).zip(answers) {
            found.push(match answer {
                Ok(Value::BulkString(bytes)) => self.open(key, name, bytes.into()).await,
                // Of another type.
                Err(_) => {
                    self.discard(key, cmd("UNLINK").arg(name)).await;
                    None
                }
                Ok(_) => None,
            });
        }
        Ok(found)
    }

    pub(super) async fn keep(&self, entries: Vec<Entry>) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut told = Pipeline::with_capacity(entries.len() * 2);
        for entry in &entries {
            self.add_tags(&mut told, &entry.key, &entry.tags, entry.ttl.duration());
            let name = self.names.of(&entry.key);
            let ttl = millis(entry.ttl.duration());
            told.cmd("SET").arg(&name).arg(self.frames.seal(&name, entry)).arg("PX").arg(ttl);
            told.cmd("PUBLISH").arg(&*self.names.channel).arg(scripts::told(&entry.key));
        }
        self.redis.query_all(&told).await?.into_iter().try_for_each(|answer| answer.map(drop))?;
        Ok(())
    }
}
