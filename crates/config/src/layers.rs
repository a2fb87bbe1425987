//! The layers, from the weakest to the strongest: `palisade.toml`, `palisade.{environment}.toml`, `.env`, the
//! environment, the command line. The built-in defaults lie below them, in the structs themselves.

mod cluster;
mod conflicts;
mod file;
mod items;
mod line_end;
mod provided;
mod secret_file;
mod standard;
mod text;
mod variables;

use std::collections::BTreeMap;

use palisade_core::Environment;
use serde_json::{Map, Value};

use crate::{Origin, Problems, Sources, schema::Schema};
use items::FoundItems;

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

impl Assignment {
    /// A value that the program itself gives.
    pub(crate) fn in_code(key: &str, value: Value) -> Self {
        let name = key.to_owned();
        Self { key: key.to_owned(), value, origin: Origin::Default, name, file: false }
    }

    /// Says that an item is there, also where it gives no value.
    pub(crate) fn item(table: &str, origin: Origin) -> Self {
        let (key, name) = (table.to_owned(), table.to_owned());
        Self { key, value: Value::Object(Map::new()), origin, name, file: false }
    }

    /// The section of its setting.
    pub(crate) fn section(&self) -> &str {
        self.key.split_once('.').map_or(&self.key, |(section, _)| section)
    }
}

/// A variable, from `.env` or from the environment.
#[derive(Clone)]
struct Variable {
    name: String,
    text: String,
    origin: Origin,
}

/// Everything the layers say.
pub(crate) struct Layers {
    pub(crate) environment: Environment,
    /// From the weakest to the strongest.
    pub(crate) assignments: Vec<Assignment>,
    pub(crate) problems: Problems,
    pub(crate) notes: Vec<String>,
    items: FoundItems,
}

/// The reading of layers, one after the other.
struct Reading<'a> {
    schema: &'a Schema,
    sources: &'a Sources,
    problems: Problems,
    notes: Vec<String>,
    /// What the layer at hand has given so far.
    assignments: Vec<Assignment>,
    /// The settings that the layer at hand gives under their own names, with that name.
    own: BTreeMap<String, String>,
    /// The items whose names were found.
    items: FoundItems,
    /// Variables of sections that are another's standard; whether they count depends on other settings.
    standard: Vec<Variable>,
}

impl Layers {
    /// Reads all layers. Where they name items, they are read again with the settings of these items known, which the
    /// schema has then.
    pub(crate) fn read(sources: &Sources, schema: Schema) -> (Schema, Self) {
        let first = Self::read_once(sources, &schema);
        let names = first.items.names(&schema);
        if names.is_empty() {
            return (schema, first);
        }
        let schema = schema.with_items(&names);
        let mut layers = Self::read_once(sources, &schema);
        layers.items.report_collisions(&schema, &mut layers.problems);
        (schema, layers)
    }

    /// The layer of the environment's own file is read last, because the others decide which it is.
    fn read_once(sources: &Sources, schema: &Schema) -> Self {
        let mut reading = Reading::new(schema, sources);
        let file = reading.layer(|reading| reading.file("palisade.toml"));
        let provided = reading.layer(Reading::provided);
        let variables = reading.layer(|reading| {
            let given = [reading.dot_env(), reading.environment()].concat();
            reading.variables(given);
        });
        let overrides = reading.layer(Reading::overrides);
        let chosen = file
            .iter()
            .chain(&provided)
            .chain(&variables)
            .chain(&overrides)
            .rfind(|given| given.key == ENVIRONMENT_KEY);
        let environment =
            chosen.map_or_else(|| default_environment(schema), |given| environment(&given.value));
        let own = reading.layer(|reading| reading.file(&format!("palisade.{environment}.toml")));
        reading.refuse_another_environment(&own, environment);
        let decided =
            [file.clone(), own.clone(), provided.clone(), variables.clone(), overrides.clone()].concat();
        let standard = reading.layer(|reading| reading.standard_variables(&decided));
        Self {
            environment,
            assignments: [file, own, provided, variables, standard, overrides].concat(),
            problems: reading.problems,
            notes: reading.notes,
            items: reading.items,
        }
    }
}

impl<'a> Reading<'a> {
    fn new(schema: &'a Schema, sources: &'a Sources) -> Self {
        Self {
            schema,
            sources,
            problems: Problems::of(schema),
            notes: Vec::new(),
            assignments: Vec::new(),
            own: BTreeMap::new(),
            items: FoundItems::default(),
            standard: Vec::new(),
        }
    }
}

impl Reading<'_> {
    /// What `read` assigns, after a look at whether it contradicts itself.
    fn layer(&mut self, read: impl FnOnce(&mut Self)) -> Vec<Assignment> {
        self.own.clear();
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
                (Some(name), Some(text)) if name.alias.is_some() => {
                    self.alias(name, &given.name, text, origin)
                }
                (Some(name), Some(text)) => self.text(name, &given.name, text, origin),
            }
        }
    }

    fn unknown_override(&mut self, name: &str, origin: Origin) {
        self.items.key(self.schema, &name.to_ascii_lowercase(), &origin);
        self.items.variable(self.schema, &name.to_ascii_uppercase());
        let meant = self.schema.suggest(name).map(str::to_owned);
        self.problems.add_with_hint(name, origin, self.not_a_setting(name), meant);
    }

    /// What is said of a key that is not known: of an item's, with those that it can have.
    fn not_a_setting(&self, key: &str) -> String {
        let items = key.rsplit_once('.').and_then(|(table, _)| self.schema.items_of(table));
        items.map_or_else(
            || "is not a setting".to_owned(),
            |items| {
                let known: Vec<_> =
                    items.settings.iter().map(|setting| format!("`{}`", setting.field)).collect();
                format!("is not a setting: [{}] has {}", items.table(), known.join(", "))
            },
        )
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
