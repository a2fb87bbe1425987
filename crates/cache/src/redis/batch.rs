//! Many keys in one round trip.

use palisade_redis::redis::{Pipeline, Value};

use super::{RedisCache, millis, scripts};
use crate::{CacheKey, Entry, Hit, Result};

impl RedisCache {
    /// A pipeline of `GET`, not `MGET`: a cluster keeps the keys in different slots.
    pub(super) async fn find_many(&self, keys: &[CacheKey]) -> Result<Vec<Option<Hit>>> {
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
                Ok(_) => None,
                Err(error) => self.of_another_type(key, name, error).await?,
            });
        }
        Ok(found)
    }

    pub(super) async fn keep(&self, entries: Vec<Entry>) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let mut kept = Pipeline::with_capacity(entries.len());
        for entry in &entries {
            let (key, tags, ttl) = (&entry.key, &entry.tags, entry.ttl);
            // Before, so that a pipeline that is cut off leaves no value that its tags do not find.
            self.add_tags(&mut kept, key, tags, ttl.duration());
            self.add_set(&mut kept, entry);
            // After, because who deletes by the tag right now takes a key out that had no value.
            self.add_tags(&mut kept, key, tags, ttl.duration());
        }
        self.redis.query_all(&kept).await?.into_iter().try_for_each(|answer| answer.map(drop))?;
        Ok(())
    }
    fn add_set(&self, pipeline: &mut Pipeline, entry: &Entry) {
        let name = self.names.of(&entry.key);
        pipeline
            .cmd("EVAL")
            .arg(include_str!("set.lua"))
            .arg(1)
            .arg(&name)
            .arg(self.frames.seal(&name, entry))
            .arg(millis(entry.ttl.duration()))
            .arg(&*self.names.channel)
            .arg(scripts::told(&entry.key));
    }
}
