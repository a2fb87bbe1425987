//! The first pass over JSON text: straight into the type, without a tree of values in between. It is strict, and says
//! nothing of what is wrong: whatever it does not take is read again by the passes that do.

use std::{collections::HashSet, fmt};

use serde::{
    de::{
        DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess,
        VariantAccess, Visitor,
    },
    forward_to_deserialize_any,
};

use super::entries::Key;

/// The `T` that `text` holds; none where it breaks any rule of JSON, of a request's body or of `T`.
pub(super) fn read<T: DeserializeOwned>(text: &str, depth: usize) -> Option<T> {
    let mut json = serde_json::Deserializer::from_str(text);
    let read = T::deserialize(Strict { inner: &mut json, depth }).ok()?;
    json.end().ok()?;
    Some(read)
}

/// A deserializer, a visitor or an access to the parts of a value, watched.
struct Strict<I> {
    inner: I,
    /// How many more arrays and objects may stand within each other.
    depth: usize,
}

fn refused<E: Error>() -> E {
    E::custom("refused")
}

fn text<E: Error>(text: &str) -> Result<(), E> {
    if text.contains('\0') { Err(refused()) } else { Ok(()) }
}

impl<I> Strict<I> {
    fn within<J, E: Error>(inner: J, depth: usize) -> Result<Strict<J>, E> {
        depth.checked_sub(1).map(|depth| Strict { inner, depth }).ok_or_else(refused)
    }
}

macro_rules! watched {
    ($($method:ident ($($name:ident: $type:ty),*);)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method($($name,)* Strict { inner: visitor, depth: self.depth })
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<D> {
    type Error = D::Error;

    watched! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_seq();
        deserialize_tuple(length: usize);
        deserialize_tuple_struct(name: &'static str, length: usize);
        deserialize_map();
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
    }

    forward_to_deserialize_any! { i128 u128 }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_struct(name, fields, Struct { visitor, fields, depth: self.depth })
    }

    /// Bytes are not looked into, so they are left to the other passes.
    fn deserialize_bytes<V: Visitor<'de>>(self, _: V) -> Result<V::Value, D::Error> {
        Err(refused())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, _: V) -> Result<V::Value, D::Error> {
        Err(refused())
    }

    /// What is ignored is looked into.
    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_any(visitor)
    }
}

macro_rules! forwarded {
    ($($method:ident $type:ty;)*) => {
        $(fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    forwarded! {
        visit_bool bool;
        visit_i64 i64;
        visit_u64 u64;
        visit_f64 f64;
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<V::Value, E> {
        text(value)?;
        self.inner.visit_str(value)
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<V::Value, E> {
        text(value)?;
        self.inner.visit_borrowed_str(value)
    }

    fn visit_string<E: Error>(self, value: String) -> Result<V::Value, E> {
        text(&value)?;
        self.inner.visit_string(value)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Strict { inner: deserializer, depth: self.depth })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Strict { inner: deserializer, depth: self.depth })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(Strict::<A>::within(items, self.depth)?)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        let Strict { inner: members, depth } = Strict::<A>::within(members, self.depth)?;
        self.inner.visit_map(Entries { members, depth, seen: HashSet::new() })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Strict { inner: variant, depth: self.depth })
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Strict { inner: deserializer, depth: self.depth })
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.inner.next_element_seed(Strict { inner: seed, depth: self.depth })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Strict<A> {
    type Error = A::Error;
    type Variant = Strict<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let (name, variant) = self.inner.variant_seed(seed)?;
        Ok((name, Strict { inner: variant, depth: self.depth }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Strict<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.newtype_variant_seed(Strict::<S>::within(seed, self.depth)?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(length, Strict::<V>::within(visitor, self.depth)?)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let Strict { inner: visitor, depth } = Strict::<V>::within(visitor, self.depth)?;
        self.inner.struct_variant(fields, Struct { visitor, fields, depth })
    }
}

/// The visitor of a struct: it takes an object, with each member at most once and none that the struct lacks.
struct Struct<V> {
    visitor: V,
    fields: &'static [&'static str],
    depth: usize,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Struct<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<V::Value, A::Error> {
        let Strict { inner: members, depth } = Strict::<A>::within(members, self.depth)?;
        self.visitor.visit_map(Members { members, depth, fields: self.fields, seen: 0 })
    }
}

struct Members<A> {
    members: A,
    depth: usize,
    fields: &'static [&'static str],
    /// A bit for each field.
    seen: u128,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Self { members, fields, seen, .. } = self;
        members.next_key_seed(Name {
            seed,
            take: |name: &str| {
                let index = fields.iter().position(|field| *field == name);
                let bit = index.and_then(|index| 1_u128.checked_shl(u32::try_from(index).ok()?));
                let is_new = bit.is_some_and(|bit| *seen & bit == 0);
                *seen |= bit.unwrap_or_default();
                is_new
            },
        })
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.members.next_value_seed(Strict { inner: seed, depth: self.depth })
    }
}

/// The members of a map, each at most once.
struct Entries<A> {
    members: A,
    depth: usize,
    seen: HashSet<String>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Entries<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Self { members, seen, .. } = self;
        members.next_key_seed(Name {
            seed,
            take: |name: &str| !name.contains('\0') && seen.insert(name.to_owned()),
        })
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.members.next_value_seed(Strict { inner: seed, depth: self.depth })
    }

    fn size_hint(&self) -> Option<usize> {
        self.members.size_hint()
    }
}

/// A member's name, if `take` takes it.
struct Name<S, F> {
    seed: S,
    take: F,
}

impl<'de, S: DeserializeSeed<'de>, F: FnOnce(&str) -> bool> DeserializeSeed<'de> for Name<S, F> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, S: DeserializeSeed<'de>, F: FnOnce(&str) -> bool> Visitor<'de> for Name<S, F> {
    type Value = S::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<S::Value, E> {
        if !(self.take)(name) {
            return Err(refused());
        }
        self.seed.deserialize(Key::new(name))
    }
}
