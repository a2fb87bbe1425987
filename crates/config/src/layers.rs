//! The layers, from the weakest to the strongest: `palisade.toml`, `palisade.{environment}.toml`, `.env`, the
//! environment, the command line. The built-in defaults lie below them, in the structs themselves.

mod cluster;
mod conflicts;
mod file;
mod secret_file;
mod text;
mod variables;

use palisade_core::Environment;
use serde_json::Value;

use crate::{Origin, Problems, Sources, schema::Schema};

/// The setting that says which `palisade.{environment}.toml` is read.
pub(crate) const ENVIRONMENT_KEY: &str = "app.environment";

/// A value that a layer gives a setting.
#[derive(Clone)]
pub(crate) struct Assignment {
    pub(crate) key: String,
    pub(crate) value: Value,
    pub(crate) origin: Origin,
    /// The name under which it was given.
    name: String,
    /// Whether that name is the one of a secret's file.
    file: bool,
}

/// Everything the layers say.
pub(crate) struct Layers {
    pub(crate) environment: Environment,
    /// From the weakest to the strongest.
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) problems: Problems,
    pub(crate) notes: Vec<String>,
}

/// The reading of layers, one after the other.
struct Reading<'a> {
    schema: &'a Schema,
    sources: &'a Sources,
    problems: Problems,
    notes: Vec<String>,
    /// What the layer at hand has given so far.
    assignments: Vec<Assignment>,
}

impl Layers {
    /// Reads all layers; the one of the environment's own file last, because the others decide which it is.
    pub(crate) fn read(sources: &Sources, schema: &Schema) -> Self {
        let problems = Problems::of(schema);
        let mut reading = Reading { schema, sources, problems, notes: Vec::new(), assignments: Vec::new() };
        let file = reading.layer(|reading| reading.file("palisade.toml"));
        let variables = reading.layer(|reading| {
            reading.dot_env();
            reading.environment();
        });
        let overrides = reading.layer(Reading::overrides);
        let chosen =
            file.iter().chain(&variables).chain(&overrides).rfind(|given| given.key == ENVIRONMENT_KEY);
        let environment =
            chosen.map_or_else(|| default_environment(schema), |given| environment(&given.value));
        let own = reading.layer(|reading| reading.file(&format!("palisade.{environment}.toml")));
        reading.refuse_another_environment(&own, environment);
        Self {
            environment,
            assignments: [file, own, variables, overrides].concat(),
            problems: reading.problems,
            notes: reading.notes,
        }
    }
}

impl Reading<'_> {
    /// What `read` assigns, after a look at whether it contradicts itself.
    fn layer(&mut self, read: impl FnOnce(&mut Self)) -> Vec<Assignment> {
        read(self);
        let assignments = std::mem::take(&mut self.assignments);
        conflicts::report(&assignments, &mut self.problems);
        assignments
    }

    fn overrides(&mut self) {
        for given in &self.sources.overrides {
            let origin = Origin::CommandLine { flag: given.flag.clone() };
            match (self.schema.name(&given.name), &given.text) {
                (None, _) => self.unknown_override(&given.name, origin),
                (Some(name), None) => {
                    self.problems.add(&name.setting.key, origin, "is given without a value")
                }
                (Some(name), Some(text)) => self.text(name, &given.name, text, origin),
            }
        }
    }

    fn unknown_override(&mut self, name: &str, origin: Origin) {
        let meant = self.schema.suggest(name).map(str::to_owned);
        self.problems.add_with_hint(name, origin, "is not a setting", meant);
    }

    /// A file that is read because of the environment cannot change it.
    fn refuse_another_environment(&mut self, own: &[Assignment], environment: Environment) {
        for given in own.iter().filter(|given| given.key == ENVIRONMENT_KEY) {
            if self::environment(&given.value) != environment {
                let message = format!("must not change in the file that is read for `{environment}`");
                self.problems.add(ENVIRONMENT_KEY, given.origin.clone(), message);
            }
        }
    }
}

fn environment(value: &Value) -> Environment {
    serde_json::from_value(value.clone()).unwrap_or_default()
}

fn default_environment(schema: &Schema) -> Environment {
    let default = schema.find(ENVIRONMENT_KEY).and_then(|setting| setting.default.as_ref());
    default.map(environment).unwrap_or_default()
}
