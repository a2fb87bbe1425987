//! Which keys a pattern means.

use super::Suite;
use crate::{CacheKey, Over, Pattern};

impl Suite {
    pub(super) async fn holds_of_patterns(&self) {
        self.a_pattern_means_whole_keys().await;
        self.wildcards_stand_for_text_and_for_a_character().await;
        self.what_others_take_for_a_class_is_text().await;
        self.a_pattern_means_any_number_of_keys().await;
        self.a_claim_is_not_counted_and_ends().await;
    }

    async fn a_pattern_means_whole_keys(&self) {
        self.leaves("users:1", &["users:1"], &["users:10", "users:", "users:1:x", "users:11", "xusers:1"])
            .await;
        self.leaves("users", &[], &["users:1", "user", "userss"]).await;
    }

    async fn wildcards_stand_for_text_and_for_a_character(&self) {
        self.leaves("users:*", &["users:", "users:1", "users:1:x", "users:ä"], &["user:1", "usersx"]).await;
        self.leaves("*:1", &["a:1", "a:b:1", ":1"], &["a:10", "a1"]).await;
        self.leaves("u?", &["u1", "uß", "u日", "u*"], &["u", "u12", "v1"]).await;
        self.leaves("a*b?d", &["abcd", "axxbcd", "ab*d"], &["abd", "abcde"]).await;
    }

    async fn what_others_take_for_a_class_is_text(&self) {
        self.leaves("a[bc]", &["a[bc]"], &["ab", "ac", "a[b", "a[b]"]).await;
        self.leaves("a[^b]", &["a[^b]"], &["ac", "ab"]).await;
        self.leaves("a{b}c", &["a{b}c"], &["abc"]).await;
        self.leaves(r"a\*", &["a*"], &["ab", "a", r"a\", r"a\*"]).await;
        self.leaves(r"a\?\\", &[r"a?\"], &[r"ab\", r"a\?\\"]).await;
        self.leaves("a b:*", &["a b:c"], &["ab:c"]).await;
    }

    async fn a_pattern_means_any_number_of_keys(&self) {
        let names: Vec<String> = (0..1_500).map(|number| format!("k{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        self.leaves("k*", &names, &["l1"]).await;
    }

    async fn a_claim_is_not_counted_and_ends(&self) {
        let space = self.space();
        let (read, written) =
            (CacheKey::new(format!("{space}r")).unwrap(), CacheKey::new(format!("{space}w")).unwrap());
        let (claim, write) = (self.granted(&read).await, self.begin(&written).await);
        let pattern = Pattern::new(format!("{space}?")).unwrap();
        assert_eq!(self.cache.delete_matching(&pattern).await.unwrap(), 0);
        assert!(!self.fill(&read, "out of date", Over::Claim(claim)).await);
        self.end(&written, write, Some("out of date")).await;
        assert_eq!((self.get(&read).await, self.get(&written).await), (None, None));
    }

    /// Of keys with these names, all of which are in a space of their own, the pattern takes those and leaves these.
    async fn leaves(&self, pattern: &str, taken: &[&str], left: &[&str]) {
        let space = self.space();
        let key = |name: &str| CacheKey::new(format!("{space}|{name}")).unwrap();
        for name in taken.iter().chain(left) {
            self.set(&key(name), name).await;
        }
        let whole = Pattern::new(format!("{space}|{pattern}")).unwrap();
        let removed = self.cache.delete_matching(&whole).await.unwrap();
        for name in taken {
            assert_eq!(self.get(&key(name)).await, None, "{pattern} takes {name}");
        }
        for name in left {
            assert_eq!(self.text(&key(name)).await.as_deref(), Some(*name), "{pattern} leaves {name}");
        }
        assert_eq!(removed, taken.len() as u64, "{pattern}");
        assert_eq!(self.cache.delete_matching(&whole).await.unwrap(), 0, "{pattern}, again");
    }
}
