//! From what the layers say to the application's struct.

use std::collections::BTreeSet;

use figment::{
    Figment, Metadata, Profile, Provider,
    error::Kind,
    value::{Dict, Map, Value},
};

use crate::{Origin, Problems, layers::Assignment, schema::Schema};

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
            let key = error.path.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(".");
            let winner = assignments.iter().rfind(|given| given.key == key);
            let origin = winner.map_or(Origin::Default, |given| given.origin.clone());
            let secret = schema.find(&key).is_none_or(|setting| setting.secret);
            problems.set_origin(&key, None);
            problems.add(
                missing(&error.kind, &key).as_deref().unwrap_or(&key),
                origin,
                reason(&error.kind, secret),
            );
            if winner.is_some() {
                refused.insert(key);
            }
        }
        if refused.len() == before {
            return None;
        }
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
        Kind::MissingField(_) => "must be set: it has no default".to_owned(),
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
        let (section, field) = self.key.split_once('.').unwrap_or((&self.key, ""));
        let table = Dict::from([(field.to_owned(), value)]);
        Ok(Profile::Default.collect(Dict::from([(section.to_owned(), table.into())])))
    }
}
