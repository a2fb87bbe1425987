//! Reading a `Deserialize` type with every problem reported at once.
//!
//! serde stops at the first problem. Here a value of the wrong type is reported and a *stand-in* (zero, an empty text, an
//! empty list) is read in its place, so that the same pass goes on. What a type refuses by itself, and a member that is
//! missing, end a pass: the place is *marked*, and the next pass reads a stand-in there. A value with stand-ins is
//! checked for broken rules like any other and then dropped. A request without problems takes one pass.

mod deserializer;
mod entries;
mod items;
mod marks;
mod members;
mod node;
mod pass;
mod refused;
mod rules;
mod strict;
mod variant;

use std::{cell::Cell, marker::PhantomData};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, map::Entry};
use validator::Validate;

pub use self::rules::broken;
use self::{
    marks::Mark,
    node::Node,
    pass::{Names, Pass, Source},
};
use crate::{Error, FieldError};

/// Reads a `T` from JSON text that nothing is wrong with: none where it is no JSON, has a problem that [`read`] would
/// tell, a member twice, or more than `depth` arrays and objects within each other. It makes no tree of values, and so
/// takes half of the time.
#[must_use]
pub fn read_text<T: DeserializeOwned + Validate>(text: &str, depth: usize) -> Option<T> {
    strict::read(text, depth).filter(|read: &T| read.validate().is_ok())
}

/// Reads a `T` from a request body.
///
/// # Errors
/// 422 with every member that is missing, of the wrong type or unknown, and every broken rule.
pub fn read<T: DeserializeOwned + Validate>(body: &Value) -> Result<T, Error> {
    Reading::new(body, Source::Body).checked()
}

/// Reads a `T` from the pairs of a query string or a form. A name may be given more than once where `T` has a list.
///
/// # Errors
/// As [`read`], and where a member is given twice that is not a list.
pub fn read_pairs<T: DeserializeOwned + Validate>(
    pairs: impl IntoIterator<Item = (String, String)>,
) -> Result<T, Error> {
    let mut members = Map::new();
    for (name, text) in pairs {
        match members.entry(name) {
            Entry::Vacant(place) => drop(place.insert(Value::String(text))),
            Entry::Occupied(mut given) => match given.get_mut() {
                Value::Array(texts) => texts.push(Value::String(text)),
                first => *first = Value::Array(vec![first.take(), Value::String(text)]),
            },
        }
    }
    Reading::new(&Value::Object(members), Source::Pairs).checked()
}

/// The most values that are looked at again after the first pass. A body of more problems than that allows is told those
/// that were found by then.
const MOST_REREAD: usize = 200_000;

struct Reading<'de> {
    value: &'de Value,
    source: Source,
    marks: Mark,
    left: Cell<usize>,
}

impl<'de> Reading<'de> {
    fn new(value: &'de Value, source: Source) -> Self {
        Self { value, source, marks: Mark::default(), left: Cell::new(usize::MAX) }
    }

    fn checked<T: DeserializeOwned + Validate>(mut self) -> Result<T, Error> {
        let (read, mut problems) = self.all::<T>();
        let broken = read.as_ref().and_then(|read| read.validate().err());
        match (read, broken) {
            (Some(read), None) if problems.is_empty() => return Ok(read),
            (_, Some(broken)) => rules::add(&mut problems, broken, &self.names::<T>(), self.value),
            _ => {}
        }
        problems.truncate(FieldError::MOST);
        Err(Error::validation(problems))
    }

    /// The value, with stand-ins where there are problems; none when a type takes no stand-in.
    fn all<T: DeserializeOwned>(&mut self) -> (Option<T>, Vec<FieldError>) {
        loop {
            let pass = Pass::new(self.source, &self.left);
            let read = Node::root(self.value, &self.marks, &pass).read(PhantomData::<T>);
            let (problems, refusal) = pass.end();
            if let Ok(read) = read {
                return (Some(read), problems);
            }
            if !refusal.is_some_and(|refusal| self.marks.learn(refusal)) {
                return (None, self.marks.with_problems(problems));
            }
            self.left.set(self.left.get().min(MOST_REREAD));
        }
    }

    /// The names of the members of each struct within, in order: found by one more pass.
    fn names<T: DeserializeOwned>(&self) -> Names {
        self.left.set(usize::MAX);
        let pass = Pass::collecting_names(self.source, &self.left);
        let read = Node::root(self.value, &self.marks, &pass).read(PhantomData::<T>);
        drop(read);
        pass.into_names()
    }
}
