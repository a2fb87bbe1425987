//! What is kept and found.

use super::{LONG, Suite, entry, hit_of, token};

impl Suite {
    pub(super) async fn holds_of_values(&self) {
        self.what_was_set_is_found().await;
        self.what_was_deleted_is_gone().await;
        self.any_bytes_are_a_value().await;
        self.each_value_has_a_version_of_its_own().await;
        self.what_is_held_is_counted().await;
    }

    async fn what_was_set_is_found(&self) {
        let key = self.key();
        assert_eq!(self.get(&key).await, None, "nobody has set it");
        let version = self.set(&key, "one").await;
        let hit = self.get(&key).await.unwrap();
        assert_eq!((&*hit.value, hit.version, hit.ttl), (&b"one"[..], version, LONG));
        assert!(hit.left <= LONG && hit.left > LONG / 2, "{hit:?}");
        self.set(&key, "another, which is longer").await;
        assert_eq!(self.text(&key).await.as_deref(), Some("another, which is longer"));
        self.set(&key, "").await;
        assert_eq!(self.text(&key).await.as_deref(), Some(""));
    }

    async fn what_was_deleted_is_gone(&self) {
        let key = self.key();
        assert!(!self.delete(&key).await, "there is nothing to delete");
        self.set(&key, "one").await;
        assert!(self.delete(&key).await);
        assert_eq!(self.get(&key).await, None);
        assert!(!self.delete(&key).await, "it was deleted before");
        self.set(&key, "two").await;
        assert_eq!(self.text(&key).await.as_deref(), Some("two"));
    }

    async fn any_bytes_are_a_value(&self) {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let large: Vec<u8> = all.iter().copied().cycle().take(1 << 20).collect();
        let values: [&[u8]; 8] =
            [b"", b"\0", b"v1 ", b"r1 0123456789abcdef", b"w1 ", b"\xff\xfe", &all, &large];
        for value in values {
            let key = self.key();
            self.cache.set(entry(&key, value)).await.unwrap();
            assert!(self.get(&key).await.unwrap().value == value, "{} bytes", value.len());
            let hit = hit_of(self.claim(&key, token()).await).unwrap();
            assert!(hit.value == value, "{} bytes", value.len());
        }
    }

    async fn each_value_has_a_version_of_its_own(&self) {
        let key = self.key();
        let one = self.set(&key, "same").await;
        let first = self.get(&key).await.unwrap();
        let two = self.set(&key, "same").await;
        let second = self.get(&key).await.unwrap();
        assert_eq!((first.version, second.version), (one, two));
        assert_ne!(one, two);
        assert_eq!(first.value, second.value);
    }

    async fn what_is_held_is_counted(&self) {
        for _ in 0..5 {
            self.cache.set(entry(&self.key(), vec![0; 1_000])).await.unwrap();
        }
        let stats = self.cache.stats().await.unwrap();
        // Others may use the store too.
        assert!(stats.entries >= 5 && stats.bytes.is_none_or(|bytes| bytes >= 5_000), "{stats:?}");
    }
}
