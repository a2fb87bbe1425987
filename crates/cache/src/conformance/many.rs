//! Many at a time.

use super::{Suite, entry};
use crate::{CacheKey, Entry, Token};

impl Suite {
    pub(super) async fn holds_of_many(&self) {
        self.many_are_found_in_the_order_asked().await;
        self.many_are_kept().await;
        self.none_are_many_too().await;
    }

    async fn many_are_found_in_the_order_asked(&self) {
        let keys: Vec<CacheKey> = (0..6).map(|_| self.key()).collect();
        for number in [0, 2, 5] {
            self.set(&keys[number], &number.to_string()).await;
        }
        // Taken by a reader and by a writer: neither is a value.
        self.granted(&keys[3]).await;
        self.begin(&keys[4]).await;
        let order = [5, 0, 1, 2, 2, 3, 4, 0];
        let asked: Vec<CacheKey> = order.iter().map(|number| keys[*number].clone()).collect();
        let found: Vec<Option<String>> = self.texts(&asked).await;
        let wanted = order.map(|number| [0, 2, 5].contains(&number).then(|| number.to_string()));
        assert_eq!(found, wanted);
    }

    async fn many_are_kept(&self) {
        let keys: Vec<CacheKey> = (0..250).map(|_| self.key()).collect();
        let entries: Vec<Entry> = keys.iter().map(|key| entry(key, key.as_str())).collect();
        let versions: Vec<Token> = entries.iter().map(|entry| entry.version).collect();
        self.cache.set_many(entries).await.unwrap();
        let found = self.cache.get_many(&keys).await.unwrap();
        for ((key, version), hit) in keys.iter().zip(versions).zip(found) {
            let hit = hit.unwrap();
            assert_eq!((&*hit.value, hit.version), (key.as_str().as_bytes(), version));
        }
        // Of two values of one key the later.
        let (key, other) = (&keys[0], &keys[1]);
        let entries = vec![entry(key, "first"), entry(other, "other"), entry(key, "last")];
        self.cache.set_many(entries).await.unwrap();
        assert_eq!(self.texts(&keys[..2]).await, [Some("last".to_owned()), Some("other".to_owned())]);
    }

    async fn none_are_many_too(&self) {
        assert_eq!(self.cache.get_many(&[]).await.unwrap(), []);
        self.cache.set_many(Vec::new()).await.unwrap();
    }

    async fn texts(&self, keys: &[CacheKey]) -> Vec<Option<String>> {
        let found = self.cache.get_many(keys).await.unwrap();
        found.into_iter().map(|hit| hit.map(|hit| String::from_utf8(hit.value.to_vec()).unwrap())).collect()
    }
}
