//! How long values live.

use super::{Suite, entry};
use crate::{CacheKey, Claimed, Entry, Over, Ttl};

impl Suite {
    fn brief_entry(&self, key: &CacheKey, value: &str) -> Entry {
        Entry { ttl: Ttl::new(self.time.brief()).unwrap(), ..entry(key, value) }
    }

    pub(super) async fn a_value_lives_no_longer_than_it_was_to(&self) {
        let (set, filled, written) = (self.key(), self.key(), self.key());
        let claim = self.granted(&filled).await;
        let write = self.begin(&written).await;
        self.cache.set(self.brief_entry(&set, "set")).await.unwrap();
        assert!(self.cache.fill(self.brief_entry(&filled, "filled"), Over::Claim(claim)).await.unwrap());
        self.cache.end_write(&written, write, Some(self.brief_entry(&written, "written"))).await.unwrap();
        let (keys, brief) = ([set, filled, written], self.time.brief());
        for key in &keys {
            let hit = self.get(key).await.unwrap();
            assert!(hit.ttl == brief && hit.left <= brief && !hit.left.is_zero(), "{hit:?}");
        }
        self.time.pass(brief / 3).await;
        for key in &keys {
            let hit = self.get(key).await.unwrap();
            assert!(hit.ttl == brief && hit.left <= brief * 2 / 3 && !hit.left.is_zero(), "{hit:?}");
        }
        self.time.pass(brief * 2 / 3).await;
        assert_eq!(self.cache.get_many(&keys).await.unwrap(), [None, None, None]);
        for key in &keys {
            assert_eq!(self.get(key).await, None);
            assert!(!self.delete(key).await, "it had no value any more");
            self.granted(key).await;
        }
    }

    pub(super) async fn a_new_value_has_a_new_life(&self) {
        let (lengthened, shortened, refilled) = (self.key(), self.key(), self.key());
        self.cache.set(self.brief_entry(&lengthened, "brief")).await.unwrap();
        self.set(&lengthened, "long").await;
        self.set(&shortened, "long").await;
        self.cache.set(self.brief_entry(&shortened, "brief")).await.unwrap();
        let old = self.brief_entry(&refilled, "old");
        let version = old.version;
        self.cache.set(old).await.unwrap();
        assert!(self.fill(&refilled, "new", Over::Value(version)).await);
        self.time.pass(self.time.brief()).await;
        assert_eq!(self.text(&lengthened).await.as_deref(), Some("long"));
        assert_eq!(self.text(&shortened).await, None);
        assert_eq!(self.text(&refilled).await.as_deref(), Some("new"));
        assert!(matches!(self.claim(&lengthened, super::token()).await, Claimed::Hit(_)));
    }
}
