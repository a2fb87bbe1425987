//! The items of a list.

use serde::de::{DeserializeSeed, SeqAccess};
use serde_json::Value;

use super::{
    node::Node,
    pass::{Path, Step},
    refused::Refused,
};

pub(super) struct Items<'de, 'p> {
    node: Node<'de, 'p>,
    given: &'de [Value],
    length: usize,
    next: usize,
}

impl<'de, 'p> Items<'de, 'p> {
    /// The items, and stand-ins until there are `least`.
    pub(super) fn new(node: Node<'de, 'p>, given: &'de [Value], least: usize) -> Self {
        Self { node, given, length: given.len().max(least), next: 0 }
    }

    /// How many items there are without stand-ins.
    pub(super) fn given(&self) -> usize {
        self.given.len()
    }

    /// The same with exactly `length` items.
    pub(super) fn of(self, length: usize) -> Self {
        Self { length, ..self }
    }
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = Refused;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        if self.next == self.length {
            return Ok(None);
        }
        let path = Path { outer: Some(self.node.path), step: Step::Item(self.next) };
        let item = self.node.below(&path, self.given.get(self.next));
        self.next += 1;
        item.read(seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.length - self.next)
    }
}
