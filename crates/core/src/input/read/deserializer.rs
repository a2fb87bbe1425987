//! serde's methods. Each gives the visitor the value if it has the wanted type, and else, after telling so, a stand-in.

use std::{borrow::Cow, cell::Cell, fmt::Display, ops::RangeInclusive};

use serde::de::{Deserializer, Expected, Visitor};
use serde_json::Value;

use super::{
    super::{Shape, digits, parsed},
    entries::Entries,
    items::Items,
    members::Members,
    node::Node,
    refused::{Refused, choice},
    variant::Variant,
};
use crate::FieldError;

/// Texts that one type or another takes: what is left of a request is checked with them. The last resort is to stop.
const TEXTS: [&str; 14] = [
    "",
    "a",
    "0",
    "1970-01-01T00:00:00Z",
    "1970-01-01",
    "1970-01-01T00:00:00",
    "00:00:00",
    "00000000-0000-0000-0000-000000000000",
    "http://localhost/",
    "127.0.0.1",
    "::1",
    "127.0.0.0/8",
    "a@example.com",
    "UTC",
];

impl<'de, 'p> Node<'de, 'p> {
    /// The text, if it is one that every database can keep.
    fn text(self) -> Option<&'de str> {
        match self.given? {
            Value::String(text) => self.without_nul(text),
            _ => {
                self.wrong_type("must be a string");
                None
            }
        }
    }

    fn without_nul(self, text: &'de str) -> Option<&'de str> {
        if text.contains('\0') {
            self.tell(parsed::nul());
            return None;
        }
        Some(text)
    }

    fn stand_in_text(self) -> &'static str {
        TEXTS.get(self.attempt).copied().unwrap_or_default()
    }

    fn integer<N: TryFrom<i128> + Display>(self, bounds: RangeInclusive<N>) -> Option<N> {
        let number = match self.given? {
            Value::Number(number) if !number.is_f64() => number.as_i128(),
            Value::String(text) if self.is_pairs() => {
                let rest = text.strip_prefix('-').unwrap_or(text);
                digits(rest).and_then(|_| text.parse().ok())
            }
            _ => {
                self.wrong_type("must be a whole number");
                return None;
            }
        };
        let number = number.and_then(|number| N::try_from(number).ok());
        if number.is_none() {
            let (least, most) = (bounds.start(), bounds.end());
            let message = format!("must be a whole number between {least} and {most}");
            self.tell(FieldError::unplaced("invalid_number", message));
        }
        number
    }

    fn float(self) -> Option<f64> {
        let number = match self.given? {
            Value::Number(number) => return number.as_f64(),
            // No sign but a minus, no "inf", no "nan": what is a number in JSON.
            Value::String(text) if self.is_pairs() => serde_json::from_str(text).ok(),
            _ => {
                self.wrong_type("must be a number");
                return None;
            }
        };
        if number.is_none() {
            self.tell(FieldError::unplaced("invalid_number", "must be a number"));
        }
        number
    }

    fn boolean(self) -> Option<bool> {
        match self.given? {
            Value::Bool(flag) => return Some(*flag),
            Value::String(text) if self.is_pairs() => match text.as_str() {
                "true" => return Some(true),
                "false" => return Some(false),
                _ => self.tell(FieldError::unplaced("invalid_boolean", "must be true or false")),
            },
            _ => self.wrong_type("must be true or false"),
        }
        None
    }

    /// The text of a value that parses itself.
    fn parsable(self, shape: Shape) -> Option<Cow<'de, str>> {
        match (self.given?, shape) {
            (Value::String(text), shape) if self.is_pairs() || shape == Shape::String => {
                self.without_nul(text).map(Cow::Borrowed)
            }
            (Value::Number(number), Shape::Integer) if !number.is_f64() => Some(number.to_string().into()),
            (Value::Bool(flag), Shape::Boolean) => Some(flag.to_string().into()),
            _ => {
                self.wrong_type(shape.wrong());
                None
            }
        }
    }

    /// The items; of a stand-in none at first, then one, for types that want one.
    fn items(self) -> Items<'de, 'p> {
        match self.given {
            Some(Value::Array(items)) => Items::new(self, items, 0),
            Some(text @ Value::String(_)) if self.is_pairs() => {
                Items::new(self, std::slice::from_ref(text), 0)
            }
            _ => {
                self.wrong_type("must be an array");
                Items::new(self.stand_in(), &[], self.attempt.min(1))
            }
        }
    }

    fn any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match (self.given, self.attempt) {
            (Some(Value::Bool(flag)), _) => visitor.visit_bool(*flag),
            (Some(Value::Number(number)), _) => match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => visitor.visit_u64(number),
                (_, Some(number)) => visitor.visit_i64(number),
                _ => visitor.visit_f64(number.as_f64().unwrap_or_default()),
            },
            (Some(Value::String(text)), _) => match self.without_nul(text) {
                Some(text) => visitor.visit_borrowed_str(text),
                None => visitor.visit_str(""),
            },
            (Some(Value::Array(_)), _) | (None, 4) => visitor.visit_seq(self.items()),
            (Some(Value::Object(_)), _) | (None, 5) => self.deserialize_map(visitor),
            (Some(Value::Null), _) | (None, 0) => visitor.visit_unit(),
            (None, 1) => visitor.visit_str(""),
            (None, 2) => visitor.visit_u64(0),
            (None, 3) => visitor.visit_bool(false),
            (None, attempt) => visitor.visit_str(TEXTS.get(attempt).copied().unwrap_or_default()),
        }
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident $type:ty;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            let number = self.integer(<$type>::MIN..=<$type>::MAX);
            visitor.$visit(number.or_else(|| self.attempt.try_into().ok()).unwrap_or_default())
        })*
    };
}

macro_rules! same {
    ($($method:ident ($($argument:ty),*) as $other:ident;)*) => {
        $(fn $method<V: Visitor<'de>>(self, $(_: $argument,)* visitor: V) -> Result<V::Value, Refused> {
            self.$other(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Node<'de, '_> {
    type Error = Refused;

    integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
    }

    same! {
        deserialize_any() as any;
        deserialize_string() as deserialize_str;
        deserialize_identifier() as deserialize_str;
        deserialize_byte_buf() as deserialize_bytes;
        deserialize_unit_struct(&'static str) as deserialize_unit;
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_bool(self.boolean().unwrap_or_default())
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let stand_in = if self.attempt == 0 { 0.0 } else { 1.0 };
        visitor.visit_f64(self.float().unwrap_or(stand_in))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let mut characters = self.text().unwrap_or("a").chars();
        match (characters.next(), characters.next()) {
            (Some(one), None) => visitor.visit_char(one),
            _ => {
                self.tell(FieldError::unplaced("invalid_length", "must be one character"));
                visitor.visit_char('a')
            }
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.text() {
            Some(text) => visitor.visit_borrowed_str(text),
            None => visitor.visit_str(self.stand_in_text()),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.given {
            Some(Value::Array(_)) => visitor.visit_seq(self.items()),
            _ => visitor.visit_bytes(self.text().unwrap_or_else(|| self.stand_in_text()).as_bytes()),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match (self.given, self.attempt) {
            (Some(Value::Null), _) | (None, 0) => visitor.visit_none(),
            (Some(_), _) => visitor.visit_some(self),
            (None, attempt) => visitor.visit_some(Self { attempt: attempt - 1, ..self }),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        if self.given.is_some_and(|value| !value.is_null()) {
            self.wrong_type("must be null");
        }
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let Some(shape) = parsed::shape(name) else { return visitor.visit_newtype_struct(self) };
        match self.parsable(shape) {
            Some(text) => visitor.visit_str(&text),
            None => {
                let sample = (&visitor as &dyn Expected).to_string();
                visitor.visit_str(parsed::sample(&sample))
            }
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_seq(self.items())
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Refused> {
        let items = self.items();
        if items.given() != length {
            let message = format!("must hold exactly {length} items");
            // Of what is no list at all, this is no news.
            if matches!(self.given, Some(Value::Array(_))) || self.is_pairs() {
                self.tell(FieldError::unplaced("invalid_length", message));
            }
        }
        visitor.visit_seq(items.of(length))
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let last = Cell::new("");
        let (node, members) = self.object();
        let read = visitor.visit_map(Entries::new(node, members, &last));
        read.map_err(|refused| node.refuse_member(refused, last.get()))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let last = Cell::new("");
        let (node, members) = self.object();
        self.pass.name(|| self.path.pointer(), fields);
        let read = visitor.visit_map(Members::new(node, members, fields, &last));
        read.map_err(|refused| node.refuse_member(refused, last.get()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let stand_in = variants.get(self.attempt).or(variants.first()).copied().unwrap_or_default();
        visitor.visit_enum(match self.given {
            Some(Value::String(name)) => Variant { node: self, name, content: None },
            Some(Value::Object(members)) if members.len() == 1 => {
                let (name, content) = members.iter().next().unzip();
                Variant { node: self, name: name.map_or("", String::as_str), content }
            }
            _ => {
                self.wrong_type(choice(variants));
                Variant { node: self.stand_in(), name: stand_in, content: None }
            }
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_unit()
    }
}
