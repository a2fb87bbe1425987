//! What has a tag.

use tokio::task::JoinSet;

use super::{LONG, Suite, tagged, token};
use crate::{CacheKey, Claimed, Over, Tag};

impl Suite {
    pub(super) async fn holds_of_tags(&self) {
        self.a_tag_takes_what_has_it().await;
        self.any_text_is_a_tag().await;
        self.a_tag_takes_any_number().await;
        self.a_claim_goes_with_its_tag().await;
        self.what_is_filled_or_written_has_its_tags().await;
        self.a_tag_is_not_lost_to_its_deletion().await;
    }

    async fn delete_tagged(&self, tag: &Tag) -> u64 {
        self.cache.delete_tagged(tag).await.unwrap()
    }

    async fn a_tag_takes_what_has_it(&self) {
        let (red, round, unused) = (self.tag(), self.tag(), self.tag());
        let (apple, ball, brick, plain) = (self.key(), self.key(), self.key(), self.key());
        self.set_tagged(&apple, "apple", &[&red, &round]).await;
        self.set_tagged(&ball, "ball", &[&round]).await;
        self.set_tagged(&brick, "brick", &[&red]).await;
        self.set(&plain, "plain").await;
        assert_eq!(self.delete_tagged(&unused).await, 0);
        assert_eq!(self.delete_tagged(&red).await, 2);
        assert_eq!((self.text(&apple).await, self.text(&brick).await), (None, None));
        assert_eq!(self.text(&ball).await.as_deref(), Some("ball"));
        assert_eq!(self.delete_tagged(&red).await, 0, "again");
        assert_eq!(self.delete_tagged(&round).await, 1, "one has gone before");
        assert_eq!(self.text(&plain).await.as_deref(), Some("plain"));
        self.set_tagged(&apple, "another", &[&red]).await;
        assert_eq!(self.delete_tagged(&red).await, 1, "it has the tag again");
    }

    async fn any_text_is_a_tag(&self) {
        let space = self.space();
        let longest = "t".repeat(CacheKey::MAX_BYTES - space.len());
        let texts = ["", " ", "*", "?", "[a]", "{a}", "\\", "a:b", "ä", "日本", &longest];
        let tags: Vec<Tag> = texts.iter().map(|text| Tag::new(format!("{space}{text}")).unwrap()).collect();
        let keys: Vec<CacheKey> = tags.iter().map(|_| self.key()).collect();
        for (tag, key) in tags.iter().zip(&keys) {
            self.set_tagged(key, "value", &[tag]).await;
        }
        for (tag, key) in tags.iter().zip(&keys) {
            assert_eq!(self.delete_tagged(tag).await, 1, "{tag:?}");
            assert_eq!(self.get(key).await, None);
        }
    }

    async fn a_tag_takes_any_number(&self) {
        let tag = self.tag();
        let keys: Vec<CacheKey> = (0..1_200).map(|_| self.key()).collect();
        self.cache.set_many(keys.iter().map(|key| tagged(key, "value", &[&tag])).collect()).await.unwrap();
        assert_eq!(self.delete_tagged(&tag).await, 1_200);
        assert!(self.cache.get_many(&keys).await.unwrap().iter().all(Option::is_none));
    }

    async fn a_claim_goes_with_its_tag(&self) {
        let (tag, other) = (self.tag(), self.tag());
        let (goes, stays) = (self.key(), self.key());
        let (one, two) = (token(), token());
        self.claim_for(&goes, one, LONG, &[other.clone(), tag.clone()]).await;
        self.claim_for(&stays, two, LONG, std::slice::from_ref(&other)).await;
        assert_eq!(self.delete_tagged(&tag).await, 0, "a claim is no value");
        assert!(!self.fill(&goes, "out of date", Over::Claim(one)).await);
        assert!(self.fill(&stays, "value", Over::Claim(two)).await);
        assert_eq!(self.get(&goes).await, None);
    }

    pub(super) async fn a_renewed_claim_goes_with_its_tag(&self) {
        let (tag, key, claim, span) = (self.tag(), self.key(), token(), self.time.brief());
        self.claim_for(&key, claim, span, std::slice::from_ref(&tag)).await;
        for _ in 0..4 {
            self.time.pass(span / 3).await;
            assert!(self.cache.renew(&key, claim, span).await.unwrap());
        }
        // A good moment to clean up what belongs to the tag no more.
        self.set_tagged(&self.key(), "another", &[&tag]).await;
        assert_eq!(self.delete_tagged(&tag).await, 1);
        assert!(!self.fill(&key, "out of date", Over::Claim(claim)).await);
    }

    async fn what_is_filled_or_written_has_its_tags(&self) {
        let tag = self.tag();
        let (filled, refilled, written) = (self.key(), self.key(), self.key());
        let claim = self.granted(&filled).await;
        assert!(self.cache.fill(tagged(&filled, "value", &[&tag]), Over::Claim(claim)).await.unwrap());
        let version = self.set(&refilled, "value").await;
        assert!(self.cache.fill(tagged(&refilled, "value", &[&tag]), Over::Value(version)).await.unwrap());
        let write = self.begin(&written).await;
        self.cache.end_write(&written, write, Some(tagged(&written, "value", &[&tag]))).await.unwrap();
        assert_eq!(self.delete_tagged(&tag).await, 3);
    }

    /// Whoever tags a key while the tag is being deleted may lose the value, and never the tag alone.
    async fn a_tag_is_not_lost_to_its_deletion(&self) {
        for _ in 0..60 {
            let (tag, set, claimed, claim) = (self.tag(), self.key(), self.key(), token());
            let mut race = JoinSet::new();
            for _ in 0..3 {
                let (cache, tag, set) = (self.cache.clone(), tag.clone(), set.clone());
                race.spawn(async move {
                    cache.set(tagged(&set, "value", &[&tag])).await.unwrap();
                    cache.delete_tagged(&tag).await.unwrap();
                    cache.set(tagged(&set, "value", &[&tag])).await.unwrap();
                });
            }
            let (cache, tags, key) = (self.cache.clone(), [tag.clone()], claimed.clone());
            race.spawn(async move {
                let granted = cache.claim(&key, claim, LONG, &tags).await.unwrap();
                assert_eq!(granted, Claimed::Granted);
            });
            race.join_all().await;
            self.delete_tagged(&tag).await;
            assert_eq!(self.get(&set).await, None);
            assert!(!self.fill(&claimed, "out of date", Over::Claim(claim)).await);
        }
    }
}
