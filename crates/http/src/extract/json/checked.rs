//! A JSON value with the members that were given twice.

use std::{cell::Cell, fmt};

use palisade_core::FieldError;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The value that `text` holds.
///
/// # Errors
/// 400 when it is no JSON, or when more than `depth` arrays and objects stand within each other.
pub(super) fn read(text: &str, depth: usize) -> Result<Checked, palisade_core::Error> {
    let too_deep = Cell::new(false);
    let mut json = serde_json::Deserializer::from_str(text);
    let read = Reader { depth_left: depth, too_deep: &too_deep }.deserialize(&mut json);
    read.and_then(|checked| json.end().map(|()| checked)).map_err(|error| {
        let error_text = if too_deep.get() {
            format!("The body is nested more than {depth} levels deep")
        } else {
            "The body is not valid JSON".to_owned()
        };
        palisade_core::Error::bad_request(error_text).with_source(error)
    })
}

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

/// Reads one value, and with copies of itself the values within.
#[derive(Clone, Copy)]
struct Reader<'a> {
    depth_left: usize,
    /// Set where the text is nested too deeply; a parser's error alone does not tell.
    too_deep: &'a Cell<bool>,
}

impl Reader<'_> {
    fn within<E: Error>(self) -> Result<Self, E> {
        match self.depth_left.checked_sub(1) {
            Some(depth_left) => Ok(Self { depth_left, ..self }),
            None => {
                self.too_deep.set(true);
                Err(E::custom("nested too deeply"))
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Checked;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Checked, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
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
        let within = self.within()?;
        let (mut values, mut duplicates) = (Vec::new(), Vec::new());
        while let Some(item) = items.next_element_seed(within)? {
            take(&mut duplicates, item.duplicates, &values.len().to_string());
            values.push(item.value);
        }
        Ok(Checked { value: Value::Array(values), duplicates })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Checked, A::Error> {
        let within = self.within()?;
        let (mut values, mut duplicates) = (Map::new(), Vec::new());
        while let Some(name) = members.next_key::<String>()? {
            let member = members.next_value_seed(within)?;
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
