//! Changing what is cached.

use std::{fmt, sync::Arc, time::Duration};

use serde::Serialize;

use super::Shared;
use crate::{CacheKey, Entry, Recipe, Strategy, Token};

/// How long a key stays out of use when the process that writes its source dies: longer than any write takes.
const WRITE_SPAN: Duration = Duration::from_secs(30);

/// A change under way of what a key stands for, from before its source is written until after.
///
/// Dropping it without [`finish`](Self::finish) - the write failed, or its caller went away and nobody knows what became
/// of it - leaves the key out of use until whatever was written has been written: half a minute. Where the backend did
/// not hear of the beginning or of the end, this process reads the source until it has.
#[must_use = "the change ends when this is dropped"]
pub struct Change {
    shared: Arc<Shared>,
    key: CacheKey,
    write: Token,
    /// Whether the backend knows what there is to know.
    told: bool,
}

impl Change {
    pub(super) async fn begin(shared: Arc<Shared>, key: CacheKey) -> Self {
        let mut change = Self { write: shared.token(), shared, key, told: false };
        change.shared.doubts.begin(&change.key);
        change.shared.flights.detach(&change.key);
        let begun = change.shared.cache.begin_write(&change.key, change.write, WRITE_SPAN).await;
        change.told = change.shared.counting.succeeded(&begun);
        change
    }

    /// The source is written. The key is forgotten.
    pub async fn finish(self) {
        self.end(None).await;
    }

    /// The source is written and holds `value`, which is cached if the recipe says so and nobody else is writing.
    pub async fn finish_with(self, value: &impl Serialize, recipe: &Recipe) {
        let written = match recipe.strategy {
            Strategy::WriteThrough | Strategy::WriteBehind => {
                self.shared.entry(self.key.clone(), value, recipe.ttl, &recipe.tags).ok()
            }
            Strategy::CacheAside | Strategy::RefreshAhead => None,
        };
        self.end(written).await;
    }

    async fn end(mut self, written: Option<Entry>) {
        self.told = false;
        let ended = self.shared.cache.end_write(&self.key, self.write, written).await;
        self.told = self.shared.counting.succeeded(&ended);
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        if !self.told {
            self.shared.doubts.cast(&self.key);
        }
        // Who begins to read from here on must not join those who began before the write.
        self.shared.flights.detach(&self.key);
        self.shared.doubts.end(&self.key);
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("key", &self.key).field("told", &self.told).finish_non_exhaustive()
    }
}
