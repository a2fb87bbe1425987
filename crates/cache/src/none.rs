//! No cache at all.

use std::time::Duration;

use crate::{Answer, Cache, Claimed, Entry, Hit, Key, Over, Pattern, Stats, Tag, Token};

/// Keeps nothing and always says so: what uses a cache goes on without one.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCache;

impl Cache for NoCache {
    fn get<'a>(&'a self, _key: &'a Key) -> Answer<'a, Option<Hit>> {
        Answer::now(None)
    }

    fn get_many<'a>(&'a self, keys: &'a [Key]) -> Answer<'a, Vec<Option<Hit>>> {
        Answer::now(vec![None; keys.len()])
    }

    fn set(&self, _entry: Entry) -> Answer<'_, ()> {
        Answer::now(())
    }

    fn set_many(&self, _entries: Vec<Entry>) -> Answer<'_, ()> {
        Answer::now(())
    }

    fn delete<'a>(&'a self, _key: &'a Key) -> Answer<'a, bool> {
        Answer::now(false)
    }

    fn delete_matching<'a>(&'a self, _pattern: &'a Pattern) -> Answer<'a, u64> {
        Answer::now(0)
    }

    fn delete_tagged<'a>(&'a self, _tag: &'a Tag) -> Answer<'a, u64> {
        Answer::now(0)
    }

    fn claim<'a>(&'a self, _: &'a Key, _: Token, _: Duration, _: &'a [Tag]) -> Answer<'a, Claimed> {
        Answer::now(Claimed::Granted)
    }

    fn renew<'a>(&'a self, _key: &'a Key, _claim: Token, _span: Duration) -> Answer<'a, bool> {
        Answer::now(true)
    }

    fn fill(&self, _entry: Entry, _over: Over) -> Answer<'_, bool> {
        Answer::now(false)
    }

    fn release<'a>(&'a self, _key: &'a Key, _claim: Token) -> Answer<'a, ()> {
        Answer::now(())
    }

    fn begin_write<'a>(&'a self, _key: &'a Key, _write: Token, _span: Duration) -> Answer<'a, ()> {
        Answer::now(())
    }

    fn end_write<'a>(&'a self, _key: &'a Key, _write: Token, _written: Option<Entry>) -> Answer<'a, ()> {
        Answer::now(())
    }

    fn stats(&self) -> Answer<'_, Stats> {
        Answer::now(Stats::default())
    }
}
