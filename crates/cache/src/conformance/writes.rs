//! What a key is while its source is written, and afterwards.

use super::{LONG, Suite, token};
use crate::{CacheKey, Claimed, Over};

impl Suite {
    pub(super) async fn holds_of_writes(&self) {
        self.while_it_is_written_nobody_reads_it().await;
        self.a_write_alone_leaves_its_value().await;
        self.overlapping_writes_leave_nothing().await;
        self.a_write_overlaps_one_that_has_ended_in_between().await;
        self.a_stranger_ends_nothing_well().await;
        self.a_value_set_during_a_write_does_not_stay().await;
    }

    async fn is_being_written(&self, key: &CacheKey) {
        assert_eq!(self.get(key).await, None);
        assert_eq!(self.claim(key, token()).await, Claimed::Writing);
        assert!(!self.fill(key, "out of date", Over::Claim(token())).await);
    }

    /// Nothing is there, and it can be used again.
    async fn is_free(&self, key: &CacheKey) {
        assert_eq!(self.get(key).await, None);
        let claim = self.granted(key).await;
        assert!(self.fill(key, "later", Over::Claim(claim)).await);
    }

    async fn while_it_is_written_nobody_reads_it(&self) {
        let (was_there, was_read, was_not) = (self.key(), self.key(), self.key());
        self.set(&was_there, "old").await;
        self.granted(&was_read).await;
        for key in [was_there, was_read, was_not] {
            let write = self.begin(&key).await;
            self.is_being_written(&key).await;
            assert!(!self.delete(&key).await, "there was no value");
            self.end(&key, write, None).await;
            self.is_free(&key).await;
        }
    }

    async fn a_write_alone_leaves_its_value(&self) {
        let key = self.key();
        for value in [Some("first"), Some("second"), None, Some("third")] {
            let write = self.begin(&key).await;
            self.end(&key, write, value).await;
            assert_eq!(self.text(&key).await.as_deref(), value);
        }
        // Once more, late or twice: nobody knows what has happened since.
        let write = self.begin(&key).await;
        self.end(&key, write, Some("fourth")).await;
        self.end(&key, write, Some("fourth")).await;
        self.is_free(&key).await;
    }

    async fn overlapping_writes_leave_nothing(&self) {
        for first_ends_first in [true, false] {
            for values in [[Some("one"), Some("two")], [None, Some("two")], [Some("one"), None]] {
                let key = self.key();
                self.set(&key, "old").await;
                let mut writes = [(self.begin(&key).await, values[0]), (self.begin(&key).await, values[1])];
                if !first_ends_first {
                    writes.reverse();
                }
                self.is_being_written(&key).await;
                self.end(&key, writes[0].0, writes[0].1).await;
                self.is_being_written(&key).await;
                self.end(&key, writes[1].0, writes[1].1).await;
                self.is_free(&key).await;
            }
        }
    }

    async fn a_write_overlaps_one_that_has_ended_in_between(&self) {
        let key = self.key();
        let (first, second) = (self.begin(&key).await, self.begin(&key).await);
        self.end(&key, first, Some("one")).await;
        let third = self.begin(&key).await;
        self.end(&key, third, Some("three")).await;
        self.is_being_written(&key).await;
        self.end(&key, second, Some("two")).await;
        self.is_free(&key).await;
    }

    async fn a_stranger_ends_nothing_well(&self) {
        let key = self.key();
        let write = self.begin(&key).await;
        self.end(&key, token(), Some("a stranger's")).await;
        self.is_being_written(&key).await;
        self.end(&key, write, Some("one of two")).await;
        self.is_free(&key).await;
        self.end(&key, token(), Some("a stranger's")).await;
        assert_eq!(self.get(&key).await, None, "what was there is in doubt");
    }

    async fn a_value_set_during_a_write_does_not_stay(&self) {
        let key = self.key();
        let write = self.begin(&key).await;
        self.set(&key, "of unknown age").await;
        self.end(&key, write, Some("of unknown age too")).await;
        self.is_free(&key).await;
    }

    pub(super) async fn a_write_ends_by_itself(&self) {
        let (key, brief) = (self.key(), self.time.brief());
        self.begin_for(&key, brief).await;
        self.is_being_written(&key).await;
        self.time.pass(brief).await;
        self.is_free(&key).await;
    }

    pub(super) async fn a_write_that_took_too_long_leaves_nothing(&self) {
        let (alone, before_a_value, before_a_claim, before_a_write) =
            (self.key(), self.key(), self.key(), self.key());
        let brief = self.time.brief();
        let late = [
            self.begin_for(&alone, brief).await,
            self.begin_for(&before_a_value, brief).await,
            self.begin_for(&before_a_claim, brief).await,
            self.begin_for(&before_a_write, brief).await,
        ];
        self.time.pass(brief).await;
        self.set(&before_a_value, "of unknown age").await;
        let claim = self.granted(&before_a_claim).await;
        let write = self.begin(&before_a_write).await;
        let keys = [&alone, &before_a_value, &before_a_claim, &before_a_write];
        for (key, write) in keys.into_iter().zip(late) {
            self.end(key, write, Some("of unknown age")).await;
            assert_eq!(self.get(key).await, None);
        }
        assert!(!self.fill(&before_a_claim, "of unknown age", Over::Claim(claim)).await);
        self.is_being_written(&before_a_write).await;
        self.end(&before_a_write, write, Some("of unknown age")).await;
        for key in keys {
            self.is_free(key).await;
        }
    }

    /// A writer that died keeps a key out of use for its own time, however many write after it.
    pub(super) async fn each_of_several_writes_has_its_own_time(&self) {
        let (short_first, long_first, brief) = (self.key(), self.key(), self.time.brief());
        let died = self.begin_for(&short_first, brief).await;
        let long = self.begin_for(&short_first, LONG).await;
        let other = self.begin_for(&long_first, LONG).await;
        self.begin_for(&long_first, brief).await;
        self.time.pass(brief).await;
        self.is_being_written(&short_first).await;
        self.is_being_written(&long_first).await;
        self.end(&short_first, long, Some("one of two")).await;
        self.is_free(&short_first).await;
        self.end(&long_first, other, Some("one of two")).await;
        self.is_free(&long_first).await;
        self.end(&short_first, died, Some("of unknown age")).await;
        assert_eq!(self.get(&short_first).await, None);
    }
}
