//! From the sources to the settings, in four steps.

use palisade_core::Environment;
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Loaded, Report, Rules, Sources, extract::extract, layers::Layers, problem::Problems, schema::Schema,
};

/// Reads the settings of `T` from the sources: its own defaults below, then the files, `.env`, the environment
/// and the command line.
///
/// # Errors
/// Everything that is wrong, in one report.
pub fn load<T>(sources: &Sources) -> Result<Loaded<T>, Report>
where
    T: JsonSchema + Serialize + DeserializeOwned + Rules,
{
    let schema = Schema::of::<T>();
    let Layers { environment, assignments, mut problems, mut notes } = Layers::read(sources, &schema);
    for given in &assignments {
        problems.set_origin(&given.key, Some(given.origin.clone()));
    }
    let settings = extract::<T>(&assignments, &schema, &mut problems);
    let settings = checked(settings, environment, &mut problems);
    notes.append(&mut problems.take_notes());
    match settings {
        Some(settings) if problems.is_empty() => {
            Ok(Loaded::new(settings, environment, schema, &assignments, notes))
        }
        _ => Err(Report::new(problems.into_found())),
    }
}

fn checked<T: Rules>(settings: Option<T>, environment: Environment, problems: &mut Problems) -> Option<T> {
    settings.inspect(|settings| settings.check(environment, problems))
}
