//! The members of a map, and of a struct with `flatten`, which serde reads as one.

use std::{cell::Cell, marker::PhantomData};

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error, MapAccess, Visitor, value::StrDeserializer},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value, map::Iter};

use super::{
    super::parsed,
    marks::Instead,
    node::Node,
    pass::{Cure, Path, Step},
    refused::Refused,
};
use crate::FieldError;

pub(super) struct Entries<'de, 'p> {
    node: Node<'de, 'p>,
    given: Option<&'de Map<String, Value>>,
    rest: Option<Iter<'de>>,
    /// How many of the members that a pass before missed were given their stand-ins.
    missing: usize,
    value: Option<&'de Value>,
    last: &'p Cell<&'de str>,
}

impl<'de, 'p> Entries<'de, 'p> {
    pub(super) fn new(
        node: Node<'de, 'p>,
        given: Option<&'de Map<String, Value>>,
        last: &'p Cell<&'de str>,
    ) -> Self {
        Self { node, given, rest: given.map(Map::iter), missing: 0, value: None, last }
    }

    fn next(&mut self) -> Option<&'de str> {
        while let Some((name, value)) = self.rest.as_mut().and_then(Iterator::next) {
            let path = Path { outer: Some(self.node.path), step: Step::Entry(name) };
            let mark = self.node.mark.and_then(|mark| mark.below(name));
            if mark.is_some_and(|mark| mark.instead == Some(Instead::Nothing)) {
                // The problem is told again.
                self.node.below(&path, None);
            } else if name.contains('\0') {
                self.node.tell(parsed::nul().at(name));
            } else {
                self.value = Some(value);
                return Some(name);
            }
        }
        let missing = self.node.mark.and_then(|mark| mark.missing.get(self.missing).copied());
        self.missing += 1;
        self.value = None;
        missing.filter(|name| !self.given.is_some_and(|members| members.contains_key(*name)))
    }
}

impl<'de> MapAccess<'de> for Entries<'de, '_> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        let Some(name) = self.next() else { return Ok(None) };
        self.last.set(name);
        seed.deserialize(Key::new(name)).map(Some).map_err(|refused| match refused {
            Refused::Value(_) | Refused::Variant(_) => {
                let path = Path { outer: Some(self.node.path), step: Step::Entry(name) };
                let problem = FieldError::unplaced("invalid_key", "is not a name that is taken here");
                self.node.below(&path, self.value).end(Cure::LeaveOut, vec![problem]);
                Refused::Noted
            }
            other => other,
        })
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refused> {
        let name = self.last.get();
        let path = Path { outer: Some(self.node.path), step: Step::Entry(name) };
        self.node.below(&path, self.value).read(seed)
    }

    fn size_hint(&self) -> Option<usize> {
        self.rest.as_ref().map(ExactSizeIterator::len)
    }
}

/// The name of a member. JSON has no other names than texts; numbers are read from theirs.
pub(super) struct Key<'a, E> {
    name: &'a str,
    error: PhantomData<fn() -> E>,
}

impl<'a, E> Key<'a, E> {
    pub(super) fn new(name: &'a str) -> Self {
        Self { name, error: PhantomData }
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
            match self.name.parse() {
                Ok(number) => visitor.$visit(number),
                Err(_) => Err(E::custom("not a number")),
            }
        })*
    };
}

impl<'de, E: Error> Deserializer<'de> for Key<'_, E> {
    type Error = E;

    numbers! {
        deserialize_i8 visit_i8;
        deserialize_i16 visit_i16;
        deserialize_i32 visit_i32;
        deserialize_i64 visit_i64;
        deserialize_u8 visit_u8;
        deserialize_u16 visit_u16;
        deserialize_u32 visit_u32;
        deserialize_u64 visit_u64;
        deserialize_bool visit_bool;
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_str(self.name)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, E> {
        match parsed::shape(name) {
            Some(_) => visitor.visit_str(self.name),
            None => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        StrDeserializer::new(self.name).deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        f32 f64 i128 u128 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}
