//! Requests as `Deserialize` and `Validate` types: every problem at once, never a value.

mod hostile;
mod kinds;
mod pairs;
mod rules;
mod stand_ins;

use palisade_core::{Error, input};
use serde::de::DeserializeOwned;
use serde_json::Value;
use validator::Validate;

/// The pointers and codes of what is wrong with a body.
fn problems<T: DeserializeOwned + Validate>(body: Value) -> Vec<String> {
    shown(input::read::<T>(&body).err())
}

fn shown(error: Option<Error>) -> Vec<String> {
    let fields = error.iter().flat_map(Error::fields);
    fields.map(|problem| format!("{} {}", problem.field, problem.code)).collect()
}

/// The first problem in words.
fn message<T: DeserializeOwned + Validate>(body: Value) -> String {
    let error = input::read::<T>(&body).err().unwrap();
    error.fields()[0].message.to_string()
}
