//! What keeps a reader from bringing back what somebody changed while it read.

use super::{LONG, Suite, token};
use crate::{CacheKey, Claimed, Over, Pattern, Tag};

/// Something happens to a key while a reader reads its source.
#[derive(Debug, Clone, Copy)]
enum Change {
    Delete,
    DeleteMatching,
    DeleteTagged,
    Set,
    SetMany,
    BeginWrite,
    Write,
    WriteThrough,
}

const CHANGES: [Change; 8] = [
    Change::Delete,
    Change::DeleteMatching,
    Change::DeleteTagged,
    Change::Set,
    Change::SetMany,
    Change::BeginWrite,
    Change::Write,
    Change::WriteThrough,
];

impl Suite {
    pub(super) async fn holds_of_forgetting(&self) {
        for change in CHANGES {
            self.a_claim_does_not_outlive(change).await;
            self.a_refresh_does_not_outlive(change).await;
        }
    }

    async fn a_claim_does_not_outlive(&self, change: Change) {
        let (key, tag, claim) = (self.key(), self.tag(), token());
        let granted = self.claim_for(&key, claim, LONG, std::slice::from_ref(&tag)).await;
        assert_eq!(granted, Claimed::Granted);
        self.carry_out(change, &key, &tag).await;
        assert!(!self.cache.renew(&key, claim, LONG).await.unwrap(), "after {change:?}");
        self.is_refused(change, &key, Over::Claim(claim)).await;
    }

    async fn a_refresh_does_not_outlive(&self, change: Change) {
        let (key, tag) = (self.key(), self.tag());
        let version = self.set_tagged(&key, "out of date", &[&tag]).await;
        self.carry_out(change, &key, &tag).await;
        self.is_refused(change, &key, Over::Value(version)).await;
    }

    async fn carry_out(&self, change: Change, key: &CacheKey, tag: &Tag) {
        match change {
            Change::Delete => drop(self.delete(key).await),
            Change::DeleteMatching => {
                let pattern = Pattern::new(format!("{key}*")).unwrap();
                self.cache.delete_matching(&pattern).await.unwrap();
            }
            Change::DeleteTagged => drop(self.cache.delete_tagged(tag).await.unwrap()),
            Change::Set => drop(self.set(key, "new").await),
            Change::SetMany => self.cache.set_many(vec![super::entry(key, "new")]).await.unwrap(),
            Change::BeginWrite => drop(self.begin(key).await),
            Change::Write | Change::WriteThrough => {
                let write = self.begin(key).await;
                let written = matches!(change, Change::WriteThrough).then_some("new");
                self.end(key, write, written).await;
            }
        }
    }

    async fn is_refused(&self, change: Change, key: &CacheKey, over: Over) {
        assert!(!self.fill(key, "out of date", over).await, "after {change:?}");
        let wanted = match change {
            Change::Set | Change::SetMany | Change::WriteThrough => Some("new"),
            _ => None,
        };
        assert_eq!(self.text(key).await.as_deref(), wanted, "after {change:?}");
    }
}
