//! A JSON value with the members that were given twice.

use std::fmt;

use palisade_core::FieldError;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A value, and a problem for each repetition of a member within it, of the first [`FieldError::MOST`]: each copies
/// the names above it, so that all of a large body's would fill the memory. Of a repeated member the first stays.
pub(super) struct Checked {
    pub(super) value: Value,
    pub(super) duplicates: Vec<FieldError>,
}

impl From<Value> for Checked {
    fn from(value: Value) -> Self {
        Self { value, duplicates: Vec::new() }
    }
}

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Checked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Checked, E> {
        Ok(Value::Null.into())
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Checked, E> {
        Ok(Value::Bool(flag).into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Checked, E> {
        Ok(Value::from(number).into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Checked, E> {
        Ok(Value::from(number).into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Checked, E> {
        let number = Number::from_f64(number).ok_or_else(|| E::custom("number out of range"))?;
        Ok(Value::Number(number).into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Checked, E> {
        Ok(Value::from(text).into())
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Checked, E> {
        Ok(Value::String(text).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Checked, A::Error> {
        let (mut values, mut duplicates) = (Vec::new(), Vec::new());
        while let Some(item) = items.next_element::<Checked>()? {
            take(&mut duplicates, item.duplicates, &values.len().to_string());
            values.push(item.value);
        }
        Ok(Checked { value: Value::Array(values), duplicates })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Checked, A::Error> {
        let (mut values, mut duplicates) = (Map::new(), Vec::new());
        while let Some((name, member)) = members.next_entry::<String, Checked>()? {
            take(&mut duplicates, member.duplicates, &name);
            if values.contains_key(&name) {
                take(&mut duplicates, [FieldError::unplaced("duplicate", "is given more than once")], &name);
            } else {
                values.insert(name, member.value);
            }
        }
        Ok(Checked { value: Value::Object(values), duplicates })
    }
}

/// Adds the problems found below `name`, as far as there is room.
fn take(known: &mut Vec<FieldError>, found: impl IntoIterator<Item = FieldError>, name: &str) {
    let room = FieldError::MOST.saturating_sub(known.len());
    known.extend(found.into_iter().take(room).map(|problem| problem.at(name)));
}
