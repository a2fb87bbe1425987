//! Looking through all keys, a few at a time.

use palisade_redis::redis::{Pipeline, Value, cmd};

use super::{RedisCache, frame::MARK, scripts};
use crate::{CacheKey, Pattern, Result, Stats};

/// How many keys Redis looks at in one step of a scan: some tens of microseconds, in which it serves nobody else.
const STEP: u32 = 500;

impl RedisCache {
    /// By `SCAN`, never `KEYS`, which would hold everybody up for as long as it takes.
    pub(super) async fn delete_pattern(&self, pattern: &Pattern) -> Result<u64> {
        let mut removed = 0;
        let mut scan = Scan::new(pattern.glob(&self.names.prefix));
        while let Some(names) = scan.next(self).await? {
            let keys = self.keys_of(names).filter(|key| pattern.matches(key));
            removed += self.delete_all(&keys.collect::<Vec<_>>()).await?;
        }
        // Also what Redis has let go of may still be in the memory of other processes.
        let told = format!("p{}", pattern.as_str());
        self.redis.query::<Value>(cmd("PUBLISH").arg(&*self.names.channel).arg(told)).await?;
        Ok(removed)
    }

    /// Removes keys in one round trip; says how many had a value.
    pub(super) async fn delete_all(&self, keys: &[CacheKey]) -> Result<u64> {
        if keys.is_empty() {
            return Ok(0);
        }
        let mut removal = Pipeline::with_capacity(keys.len());
        for key in keys {
            let text = include_str!("delete.lua");
            let (channel, told) = (&*self.names.channel, scripts::told(key));
            removal.cmd("EVAL").arg(text).arg(1).arg(self.names.of(key)).arg(channel).arg(told);
        }
        let answers = self.redis.query_all(&removal).await?;
        let mut removed = 0;
        for answer in answers {
            removed += u64::from(answer? == Value::Int(1));
        }
        Ok(removed)
    }

    /// Counts values and their bytes.
    pub(super) async fn count(&self, stats: &mut Stats) -> Result<()> {
        let mut bytes = 0;
        let mut scan = Scan::new(Pattern::everything().glob(&self.names.prefix));
        while let Some(names) = scan.next(self).await? {
            if names.is_empty() {
                continue;
            }
            let mut asked = Pipeline::with_capacity(names.len() * 2);
            for name in &names {
                asked.cmd("GETRANGE").arg(name).arg(0).arg(MARK.len() - 1);
                asked.cmd("STRLEN").arg(name);
            }
            let answers = self.redis.query_all(&asked).await?;
            for (name, answers) in names.iter().zip(answers.chunks(2)) {
                // Any other begins a claim. An error: not a text, so none of ours.
                if let [Ok(Value::BulkString(mark)), Ok(Value::Int(length))] = answers
                    && mark == MARK
                {
                    stats.entries += 1;
                    bytes += u64::try_from(*length).unwrap_or_default() + name.len() as u64;
                }
            }
        }
        stats.bytes = Some(bytes);
        Ok(())
    }

    fn keys_of(&self, names: Vec<String>) -> impl Iterator<Item = CacheKey> + '_ {
        names.into_iter().filter_map(|name| CacheKey::new(name.strip_prefix(&*self.names.prefix)?).ok())
    }
}

/// One walk over the keys that a glob lets through. A key may come twice.
struct Scan {
    glob: String,
    cursor: Option<String>,
}

impl Scan {
    fn new(glob: String) -> Self {
        Self { glob, cursor: Some("0".to_owned()) }
    }

    async fn next(&mut self, cache: &RedisCache) -> Result<Option<Vec<String>>> {
        let Some(cursor) = self.cursor.take() else { return Ok(None) };
        let mut step = cmd("SCAN");
        step.arg(cursor).arg("MATCH").arg(&self.glob).arg("COUNT").arg(STEP);
        let (next, names): (String, Vec<Vec<u8>>) = cache.redis.query(&step).await?;
        self.cursor = (next != "0").then_some(next);
        // What is no text is no key of ours.
        Ok(Some(names.into_iter().filter_map(|name| String::from_utf8(name).ok()).collect()))
    }
}
