//! Which keys have a tag.

use std::time::Duration;

use palisade_redis::redis::{Cmd, Pipeline, Value, cmd};

use super::{RedisCache, millis};
use crate::{CacheKey, Result, Tag};

/// Keys that are removed at a time.
const CHUNK: usize = 500;

impl RedisCache {
    /// Notes that a key will have these tags for `span` at least.
    pub(super) async fn tag(&self, key: &CacheKey, tags: &[Tag], span: Duration) -> Result<()> {
        if tags.is_empty() {
            return Ok(());
        }
        let mut noted = Pipeline::with_capacity(tags.len());
        self.add_tags(&mut noted, key, tags, span);
        self.redis.query_all(&noted).await?.into_iter().try_for_each(|answer| answer.map(drop))?;
        Ok(())
    }

    pub(super) fn add_tags(&self, pipeline: &mut Pipeline, key: &CacheKey, tags: &[Tag], span: Duration) {
        for tag in tags {
            let set = self.names.of_tag(tag);
            pipeline
                .cmd("EVAL")
                .arg(include_str!("tag.lua"))
                .arg(1)
                .arg(set)
                .arg(key.as_str())
                .arg(millis(span));
        }
    }

    /// Chunk by chunk, and a member goes only when its key is gone: a run that is cut off leaves the rest to the next.
    /// Whoever tags a key meanwhile does not lose the tag to the end of this run.
    pub(super) async fn delete_tag(&self, tag: &Tag) -> Result<u64> {
        let set = self.names.of_tag(tag);
        let mut removed = 0;
        loop {
            let members: Vec<Vec<u8>> =
                self.redis.query(script(include_str!("tagged.lua"), &set).arg(CHUNK)).await?;
            let keys = members.iter().filter_map(|name| CacheKey::new(std::str::from_utf8(name).ok()?).ok());
            removed += self.delete_all(&keys.collect::<Vec<_>>()).await?;
            if members.is_empty() {
                return Ok(removed);
            }
            self.redis.query::<Value>(script(include_str!("untag.lua"), &set).arg(&members)).await?;
            // Those that are added from now on are not this run's: it would never end.
            if members.len() < CHUNK {
                return Ok(removed);
            }
        }
    }
}

/// By its text, because tags are rarely deleted.
fn script(text: &str, set: &str) -> Cmd {
    let mut call = cmd("EVAL");
    call.arg(text).arg(1).arg(set);
    call
}
