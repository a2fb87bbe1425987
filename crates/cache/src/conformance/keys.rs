//! What names a value.

use super::Suite;
use crate::CacheKey;

impl Suite {
    pub(super) async fn holds_of_keys(&self) {
        self.any_text_is_a_key().await;
        self.keys_are_apart().await;
    }

    async fn any_text_is_a_key(&self) {
        let space = self.space();
        let longest = "k".repeat(CacheKey::MAX_BYTES - space.len());
        let almost = longest[1..].to_owned() + "l";
        let texts = [
            "", " ", "  ", ":", "::", ":a", "a:", "a", "A", "*", "?", "**", "[a]", "[^a]", "{a}", "{", "}{",
            "\\", "\\*", "\\\\", "a b", "%20", "\"", "'", "ä", "日本", "🦀", "\u{202e}", "\u{e9}",
            "e\u{301}", "$1", "../x", &longest, &almost,
        ];
        let keys: Vec<CacheKey> =
            texts.iter().map(|text| CacheKey::new(format!("{space}{text}")).unwrap()).collect();
        for key in &keys {
            assert_eq!(self.get(key).await, None, "{key} is new");
            self.set(key, key.as_str()).await;
        }
        for key in &keys {
            assert_eq!(self.text(key).await.as_deref(), Some(key.as_str()));
            assert!(self.delete(key).await, "{key}");
            assert_eq!(self.get(key).await, None, "{key}");
            let claim = self.granted(key).await;
            assert!(self.fill(key, "again", crate::Over::Claim(claim)).await, "{key}");
        }
    }

    async fn keys_are_apart(&self) {
        let space = self.space();
        let key = |text: &str| CacheKey::new(format!("{space}:{text}")).unwrap();
        let (one, others) =
            (key("users:1"), [key("users:10"), key("users:*"), key("users:"), key("users:1:x")]);
        for other in &others {
            self.set(other, "stays").await;
        }
        self.set(&one, "goes").await;
        assert!(self.delete(&one).await);
        for other in &others {
            assert_eq!(self.text(other).await.as_deref(), Some("stays"), "{other}");
        }
    }
}
