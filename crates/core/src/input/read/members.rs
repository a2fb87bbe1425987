//! The members of a struct: in the order of their declaration, so that problems are told in that order.

use std::{cell::Cell, slice::Iter};

use serde::de::{DeserializeSeed, MapAccess, value::BorrowedStrDeserializer};
use serde_json::{Map, Value};

use super::{
    marks::{Instead, Mark},
    node::Node,
    pass::{Path, Step},
    refused::{Refused, unknown},
};

pub(super) struct Members<'de, 'p> {
    node: Node<'de, 'p>,
    /// None where a stand-in is read.
    given: Option<&'de Map<String, Value>>,
    fields: &'static [&'static str],
    rest: Iter<'static, &'static str>,
    /// Members at which the pass ends come after all others.
    is_late: bool,
    known: usize,
    value: Option<&'de Value>,
    last: &'p Cell<&'de str>,
}

impl<'de, 'p> Members<'de, 'p> {
    pub(super) fn new(
        node: Node<'de, 'p>,
        given: Option<&'de Map<String, Value>>,
        fields: &'static [&'static str],
        last: &'p Cell<&'de str>,
    ) -> Self {
        let given = given.filter(|members| !members.is_empty());
        Self { node, given, fields, rest: fields.iter(), is_late: false, known: 0, value: None, last }
    }

    fn next(&mut self) -> Option<&'static str> {
        if self.given.is_none() && self.node.mark.is_none() {
            return None;
        }
        loop {
            let Some(name) = self.rest.next() else {
                if !self.is_late {
                    self.tell_unknown();
                }
                if self.is_late || !self.node.mark.is_some_and(Mark::is_last) {
                    return None;
                }
                self.is_late = true;
                self.rest = self.fields.iter();
                continue;
            };
            let mark = self.node.mark.and_then(|mark| mark.below(name));
            if self.is_late != mark.is_some_and(Mark::is_last) {
                continue;
            }
            self.value = self.given.and_then(|members| find(members, name));
            self.known += usize::from(self.value.is_some());
            let is_left_out = mark.is_some_and(|mark| mark.instead == Some(Instead::Nothing));
            if is_left_out {
                // The problem is told again.
                let path = Path { outer: Some(self.node.path), step: Step::Member(name) };
                self.node.below(&path, None);
            } else if self.value.is_some() || self.node.mark.is_some_and(|mark| mark.missing.contains(name)) {
                return Some(name);
            }
        }
    }

    /// A member of no name that the struct knows, with `deny_unknown_fields` or without.
    fn tell_unknown(&self) {
        let Some(members) = self.given.filter(|members| members.len() > self.known) else { return };
        for name in members.keys().filter(|name| !self.fields.contains(&name.as_str())) {
            self.node.tell(unknown().at(name));
        }
    }
}

/// The member; in a small object faster than by its index.
fn find<'de>(members: &'de Map<String, Value>, name: &str) -> Option<&'de Value> {
    if members.len() > 8 {
        return members.get(name);
    }
    members.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}

impl<'de> MapAccess<'de> for Members<'de, '_> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        let Some(name) = self.next() else { return Ok(None) };
        self.last.set(name);
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refused> {
        let name = self.last.get();
        let path = Path { outer: Some(self.node.path), step: Step::Member(name) };
        self.node.below(&path, self.value).read(seed)
    }
}
