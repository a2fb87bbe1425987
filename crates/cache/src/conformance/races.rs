//! Readers and writers of one key, all at once.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use palisade_core::{Random, SystemRandom};
use tokio::task::{JoinSet, yield_now};

use super::{LONG, Suite, entry, token};
use crate::{Cache, CacheKey, Claimed, Hit, Over};

const ROUNDS: usize = 8;
const TASKS: usize = 12;
const STEPS: usize = 40;

impl Suite {
    pub(super) async fn holds_in_races(&self) {
        for _ in 0..ROUNDS {
            self.nothing_out_of_date_stays().await;
            self.who_sets_a_value_finds_it().await;
        }
    }

    /// However many read meanwhile, and may be keeping copies of what was there before.
    async fn who_sets_a_value_finds_it(&self) {
        let (key, done) = (self.key(), Arc::new(AtomicBool::new(false)));
        let mut readers = JoinSet::new();
        for _ in 0..4 {
            let (cache, key, done) = (self.cache.clone(), key.clone(), done.clone());
            readers.spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    cache.get(&key).await.unwrap();
                    yield_now().await;
                }
            });
        }
        for value in 0..STEPS {
            let value = value.to_string();
            if value.ends_with('5') {
                self.cache.set_many(vec![entry(&key, &value)]).await.unwrap();
            } else {
                self.set(&key, &value).await;
            }
            assert_eq!(self.text(&key).await, Some(value));
        }
        done.store(true, Ordering::SeqCst);
        readers.join_all().await;
    }

    /// Each write makes the source greater, so that what is older is less.
    async fn nothing_out_of_date_stays(&self) {
        let world = Arc::new(World {
            cache: self.cache.clone(),
            key: self.key(),
            source: AtomicU64::new(1),
            written: AtomicU64::new(1),
        });
        let mut tasks = JoinSet::new();
        for _ in 0..TASKS {
            let world = world.clone();
            tasks.spawn(async move {
                for _ in 0..STEPS {
                    world.step().await;
                }
            });
        }
        tasks.join_all().await;
        let source = world.source.load(Ordering::SeqCst);
        assert!(
            self.get(&world.key).await.is_none_or(|hit| number(&hit) == source),
            "the source has {source}"
        );
        let claimed = self.claim(&world.key, token()).await;
        assert!(matches!(claimed, Claimed::Granted | Claimed::Hit(_)), "all have ended: {claimed:?}");
    }
}

struct World {
    cache: Arc<dyn Cache>,
    key: CacheKey,
    source: AtomicU64,
    /// What the source had at least when the last write ended.
    written: AtomicU64,
}

impl World {
    async fn step(&self) {
        match random() % 8 {
            0 => self.write(Through::No).await,
            1 => self.write(Through::Yes).await,
            2 => drop(self.cache.delete(&self.key).await.unwrap()),
            _ => self.read().await,
        }
    }

    async fn read(&self) {
        let written = self.written.load(Ordering::SeqCst);
        let check = |hit: Hit| {
            let found = number(&hit);
            assert!(found >= written, "{found} is older than {written}, which had been written before");
        };
        if let Some(hit) = self.cache.get(&self.key).await.unwrap() {
            check(hit);
            return;
        }
        let claim = token();
        match self.cache.claim(&self.key, claim, LONG, &[]).await.unwrap() {
            Claimed::Granted => self.fetch(claim).await,
            Claimed::Hit(hit) => check(hit),
            Claimed::Taken | Claimed::Writing => {}
        }
    }

    async fn fetch(&self, claim: crate::Token) {
        dawdle().await;
        let value = self.source.load(Ordering::SeqCst).to_string();
        dawdle().await;
        self.cache.fill(entry(&self.key, value), Over::Claim(claim)).await.unwrap();
        // Where it was refused there is nothing to release.
        self.cache.release(&self.key, claim).await.unwrap();
    }

    async fn write(&self, through: Through) {
        let write = token();
        self.cache.begin_write(&self.key, write, LONG).await.unwrap();
        dawdle().await;
        let value = self.source.fetch_add(1, Ordering::SeqCst) + 1;
        dawdle().await;
        let written = (through == Through::Yes).then(|| entry(&self.key, value.to_string()));
        self.cache.end_write(&self.key, write, written).await.unwrap();
        self.written.fetch_max(value, Ordering::SeqCst);
    }
}

/// Lets others go first, sometimes.
async fn dawdle() {
    for _ in 0..random() % 4 {
        yield_now().await;
    }
}

fn random() -> u64 {
    let random: &dyn Random = &SystemRandom;
    u64::from_le_bytes(random.bytes())
}

fn number(hit: &Hit) -> u64 {
    std::str::from_utf8(&hit.value).unwrap().parse().unwrap()
}

/// Whether a write leaves its value.
#[derive(PartialEq, Eq)]
enum Through {
    Yes,
    No,
}
