//! From what the layers say to the application's struct.

use std::collections::BTreeSet;

use figment::{
    Figment, Metadata, Profile, Provider,
    error::Kind,
    value::{Dict, Map, Value},
};

use crate::{Origin, Problems, layers::Assignment, schema::Schema};

const MISSING: &str = "must be set: it has no default";

/// Merges the assignments over `base` and reads a `T` from them.
///
/// A value that the struct refuses is reported and left out, and the rest is read again: so every refusal is
/// found in one run. `None` when it cannot be read even so, which is reported too.
pub(crate) fn extract<T>(
    assignments: &[&Assignment],
    base: Figment,
    schema: &Schema,
    problems: &mut Problems,
    read: impl Fn(&Figment) -> Result<T, Box<figment::Error>>,
) -> Option<T> {
    let mut refused = BTreeSet::new();
    loop {
        let taken = assignments.iter().filter(|given| !refused.contains(&given.key));
        let figment = taken.fold(base.clone(), |figment, given| figment.merge(*given));
        let error = match read(&figment) {
            Ok(settings) => return Some(settings),
            Err(error) => error,
        };
        let before = refused.len();
        for error in *error {
            let key = key(&error.path, schema);
            let winner = assignments.iter().rfind(|given| given.key == key);
            let origin = winner.map_or(Origin::Default, |given| given.origin.clone());
            let secret = schema.find(&key).is_none_or(|setting| setting.secret);
            let missing = missing(&error.kind, &key);
            problems.set_origin(&key, None);
            // What an item lacks is reported with its place, of all items at once.
            if missing.as_ref().and_then(|key| schema.items_of(key.rsplit_once('.')?.0)).is_none() {
                problems.add(missing.as_deref().unwrap_or(&key), origin, reason(&error.kind, secret));
            }
            if winner.is_some() {
                refused.insert(key);
            }
        }
        if refused.len() == before {
            return None;
        }
    }
}

/// The key of the setting that a path leads into; of none, the path itself.
fn key(path: &[String], schema: &Schema) -> String {
    let keys = (1..=path.len())
        .map(|length| path.iter().take(length).map(String::as_str).collect::<Vec<_>>().join("."));
    let is_setting = |key: &String| schema.key(key).is_some();
    keys.into_iter().find(is_setting).unwrap_or_else(|| path.join("."))
}

/// Reports every setting without a default that an item lacks, with the place where the item stands.
pub(crate) fn report_missing(assignments: &[Assignment], schema: &Schema, problems: &mut Problems) {
    let lacks = |key: &str| assignments.iter().all(|given| given.key != key) && !problems.has(key);
    let missing: Vec<_> = schema
        .settings()
        .filter(|setting| {
            setting.required && schema.items_of(&setting.section).is_some() && lacks(&setting.key)
        })
        .collect();
    for setting in missing {
        let is_of = |given: &&Assignment| {
            given
                .key
                .strip_prefix(&setting.section)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let origin = assignments.iter().find(is_of).map_or(Origin::Default, |given| given.origin.clone());
        problems.add(&setting.key, origin, MISSING);
    }
}

/// The key of a field that has no default and was not given.
fn missing(kind: &Kind, path: &str) -> Option<String> {
    let Kind::MissingField(field) = kind else { return None };
    Some(if path.is_empty() { field.to_string() } else { format!("{path}.{field}") })
}

/// What the struct says against a value. Of a secret nothing: serde's words quote the value.
fn reason(kind: &Kind, secret: bool) -> String {
    match kind {
        Kind::MissingField(_) => MISSING.to_owned(),
        _ if secret => "has a value that is not valid".to_owned(),
        Kind::Message(message) => format!("is not valid: {message}"),
        other => format!("is not valid: {other}"),
    }
}

/// Each assignment is a provider, so that figment knows of each value where it comes from.
impl Provider for Assignment {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.origin.to_string())
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        let value = Value::serialize(&self.value)?;
        let nested =
            self.key.rsplit('.').fold(value, |inner, part| Dict::from([(part.to_owned(), inner)]).into());
        Ok(Profile::Default.collect(nested.into_dict().unwrap_or_default()))
    }
}
