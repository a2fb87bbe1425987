//! A variant of an enum: its name alone, or the name with its content as the one member of an object.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, VariantAccess, Visitor, value::BorrowedStrDeserializer,
};
use serde_json::Value;

use super::{
    node::Node,
    pass::{Path, Step},
    refused::Refused,
};
use crate::FieldError;

pub(super) struct Variant<'de, 'p> {
    pub(super) node: Node<'de, 'p>,
    pub(super) name: &'de str,
    pub(super) content: Option<&'de Value>,
}

impl<'de> Variant<'de, '_> {
    /// Reads the content by `read`. A variant that needs one and has none is told of at the enum.
    fn content<R>(self, read: impl FnOnce(Node<'de, '_>) -> Result<R, Refused>) -> Result<R, Refused> {
        if self.content.is_none() {
            let message = format!("must be an object with the member {}", self.name);
            self.node.tell(FieldError::unplaced("invalid_type", message));
        }
        let path = Path { outer: Some(self.node.path), step: Step::Entry(self.name) };
        let node = self.node.below(&path, self.content);
        read(node).map_err(|refused| node.refuse(refused))
    }
}

impl<'de, 'p> EnumAccess<'de> for Variant<'de, 'p> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Refused> {
        let name = BorrowedStrDeserializer::<Refused>::new(self.name);
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de, '_> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        match self.content {
            None => Ok(()),
            Some(_) => self.content(|node| serde::Deserialize::deserialize(node)),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refused> {
        self.content(|node| node.read(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Refused> {
        self.content(|node| node.deserialize_tuple(length, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.content(|node| node.deserialize_struct("", fields, visitor))
    }
}
