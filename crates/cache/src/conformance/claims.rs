//! Who may bring a value.

use tokio::task::JoinSet;

use super::{LONG, Suite, entry, hit_of, token};
use crate::{Claimed, Over};

impl Suite {
    pub(super) async fn holds_of_claims(&self) {
        self.of_many_claimers_one_is_granted().await;
        self.a_claim_is_no_value().await;
        self.a_claim_on_a_value_gives_it().await;
        self.only_the_holder_of_a_claim_fills().await;
        self.only_the_holder_of_a_claim_releases_it().await;
        self.a_value_gives_way_in_the_version_that_was_meant().await;
    }

    async fn of_many_claimers_one_is_granted(&self) {
        for _ in 0..4 {
            let key = self.key();
            let mut claimers = JoinSet::new();
            for _ in 0..64 {
                let (cache, key) = (self.cache.clone(), key.clone());
                claimers.spawn(async move { cache.claim(&key, token(), LONG, &[]).await.unwrap() });
            }
            let answers = claimers.join_all().await;
            let count = |wanted| answers.iter().filter(|answer| **answer == wanted).count();
            assert_eq!((count(Claimed::Granted), count(Claimed::Taken)), (1, 63), "{answers:?}");
        }
    }

    async fn a_claim_is_no_value(&self) {
        let key = self.key();
        self.granted(&key).await;
        assert_eq!(self.get(&key).await, None);
        assert_eq!(self.cache.get_many(std::slice::from_ref(&key)).await.unwrap(), [None]);
        assert!(!self.delete(&key).await);
    }

    async fn a_claim_on_a_value_gives_it(&self) {
        let key = self.key();
        let version = self.set(&key, "value").await;
        let claimed = self.claim(&key, token()).await;
        let hit = hit_of(claimed).unwrap();
        assert_eq!((&*hit.value, hit.version, hit.ttl), (&b"value"[..], version, LONG));
        assert!(hit.left <= LONG && hit.left > LONG / 2);
        assert_eq!(self.text(&key).await.as_deref(), Some("value"), "it stays");
    }

    async fn only_the_holder_of_a_claim_fills(&self) {
        let (key, other) = (self.key(), self.key());
        assert!(!self.fill(&key, "nobody's", Over::Claim(token())).await);
        let claim = self.granted(&key).await;
        assert!(!self.fill(&key, "a stranger's", Over::Claim(token())).await);
        assert!(!self.fill(&key, "a stranger's", Over::Value(claim)).await, "a claim is no version");
        assert!(!self.fill(&other, "value", Over::Claim(claim)).await, "it is another key's");
        assert_eq!((self.get(&key).await, self.get(&other).await), (None, None));
        let filled = entry(&key, "value");
        let version = filled.version;
        assert!(self.cache.fill(filled, Over::Claim(claim)).await.unwrap());
        assert_eq!(self.get(&key).await.unwrap().version, version);
        assert!(!self.fill(&key, "again", Over::Claim(claim)).await, "it was used");
        assert_eq!(self.text(&key).await.as_deref(), Some("value"));
    }

    pub(super) async fn a_claim_ends_by_itself(&self) {
        let (key, first, second) = (self.key(), token(), token());
        let brief = self.time.brief();
        assert_eq!(self.claim_for(&key, first, brief, &[]).await, Claimed::Granted);
        assert_eq!(self.claim(&key, second).await, Claimed::Taken);
        self.time.pass(brief).await;
        assert!(!self.cache.renew(&key, first, LONG).await.unwrap(), "it has ended");
        assert_eq!(self.claim(&key, second).await, Claimed::Granted);
        assert!(!self.fill(&key, "too late", Over::Claim(first)).await);
        self.cache.release(&key, first).await.unwrap();
        assert!(self.fill(&key, "value", Over::Claim(second)).await);
        assert_eq!(self.text(&key).await.as_deref(), Some("value"));
    }

    pub(super) async fn who_renews_a_claim_keeps_it(&self) {
        let (key, claim, brief) = (self.key(), token(), self.time.brief());
        assert!(!self.cache.renew(&key, claim, LONG).await.unwrap(), "there is none");
        assert_eq!(self.claim_for(&key, claim, brief, &[]).await, Claimed::Granted);
        assert!(!self.cache.renew(&key, token(), LONG).await.unwrap(), "it is not the stranger's");
        for _ in 0..4 {
            self.time.pass(brief / 3).await;
            assert!(self.cache.renew(&key, claim, brief).await.unwrap());
        }
        assert_eq!(self.claim(&key, token()).await, Claimed::Taken);
        assert!(self.fill(&key, "value", Over::Claim(claim)).await);
        assert!(!self.cache.renew(&key, claim, LONG).await.unwrap(), "it was used");
        assert_eq!(self.get(&key).await.unwrap().ttl, LONG);
    }

    async fn only_the_holder_of_a_claim_releases_it(&self) {
        let key = self.key();
        self.cache.release(&key, token()).await.unwrap();
        let claim = self.granted(&key).await;
        self.cache.release(&key, token()).await.unwrap();
        assert_eq!(self.claim(&key, token()).await, Claimed::Taken);
        self.cache.release(&key, claim).await.unwrap();
        assert!(!self.fill(&key, "too late", Over::Claim(claim)).await);
        let second = self.granted(&key).await;
        assert!(self.fill(&key, "value", Over::Claim(second)).await);
        self.cache.release(&key, second).await.unwrap();
        assert_eq!(self.text(&key).await.as_deref(), Some("value"), "a value is no claim");
        let write = self.begin(&key).await;
        self.cache.release(&key, write).await.unwrap();
        assert_eq!(self.claim(&key, token()).await, Claimed::Writing, "nor is a write");
    }

    async fn a_value_gives_way_in_the_version_that_was_meant(&self) {
        let key = self.key();
        assert!(!self.fill(&key, "of nothing", Over::Value(token())).await);
        let first = self.set(&key, "first").await;
        assert_eq!(self.text(&key).await.as_deref(), Some("first"));
        assert!(!self.fill(&key, "another", Over::Value(token())).await);
        assert!(!self.fill(&key, "another", Over::Claim(first)).await, "a version is no claim");
        assert!(self.fill(&key, "second", Over::Value(first)).await);
        assert_eq!(self.text(&key).await.as_deref(), Some("second"));
        assert!(!self.fill(&key, "third", Over::Value(first)).await, "that version is gone");
        let second = self.get(&key).await.unwrap().version;
        self.delete(&key).await;
        assert!(!self.fill(&key, "third", Over::Value(second)).await, "it was deleted");
        self.begin(&key).await;
        assert!(!self.fill(&key, "third", Over::Value(second)).await, "it is being written");
        assert_eq!(self.get(&key).await, None);
    }
}
