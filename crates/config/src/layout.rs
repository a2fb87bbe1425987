//! Which sections a program has, and how they are read.

mod collisions;
mod values;

use std::{any::type_name, collections::BTreeMap, fmt, marker::PhantomData, sync::Arc};

use figment::{Figment, providers::Serialized};
use schemars::{JsonSchema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    Loaded, Problems, Report, Rules, Sources,
    extract::{extract, report_missing},
    layers::{Assignment, Layers},
    schema::Schema,
    sections::{AnySection, Section, Sections},
};

/// The sections of a program: those of its own struct `T`, and those that are added to them.
///
/// ```
/// use palisade_config::{Capture, Layout, Problems, Rules, Sources};
/// use palisade_core::Environment;
/// use schemars::JsonSchema;
/// use serde::{Deserialize, Serialize};
///
/// # #[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
/// # #[serde(default, deny_unknown_fields)]
/// # struct AppSettings {}
/// # impl Rules for AppSettings { fn check(&self, _: Environment, _: &mut Problems) {} }
/// #[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
/// #[serde(default, deny_unknown_fields)]
/// struct NotesSettings {
///     /// The longest title, in characters.
///     max_title: Option<u16>,
/// }
///
/// impl Rules for NotesSettings {
///     fn check(&self, _: Environment, problems: &mut Problems) {
///         if self.max_title == Some(0) {
///             problems.reject("notes.max_title", "must be at least 1");
///         }
///     }
/// }
///
/// let layout = Layout::<AppSettings>::new().with::<NotesSettings>("notes");
/// let loaded = layout.load(&Sources::new(Capture::new([("NOTES_MAX_TITLE", "80")]))).unwrap();
/// assert_eq!(loaded.sections.get::<NotesSettings>().unwrap().max_title, Some(80));
/// ```
pub struct Layout<T> {
    added: Vec<Added>,
    base: PhantomData<fn() -> T>,
}

/// Reads a section of this name.
type ReadSection = fn(&Figment, &str) -> Result<Arc<dyn AnySection>, Box<figment::Error>>;

/// What is known of an added section.
#[derive(Clone, Copy)]
struct Added {
    name: &'static str,
    type_name: &'static str,
    schema: fn(&mut SchemaGenerator) -> schemars::Schema,
    read: ReadSection,
}

/// Two sections that cannot stand in one program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SectionError {
    /// The name cannot be a table's name and the beginning of variables.
    #[error(
        "`{0}` is no name of a settings section: use lower-case letters, digits and `_`, beginning with a letter"
    )]
    Name(String),
    /// Two sections of one name.
    #[error("the settings section `{0}` is there twice")]
    Section(String),
    /// One environment variable would set two settings.
    #[error("the variable {variable} would set both `{first}` and `{second}`")]
    Variable {
        /// The variable.
        variable: String,
        /// The key of one setting.
        first: String,
        /// The key of the other.
        second: String,
    },
    /// A setting that stands once for each item has a variable of its own, which would be that of every item.
    #[error(
        "`{0}` stands once for each name, so that `x-env-name` and `x-env-aliases` have no meaning on it"
    )]
    Alias(String),
    /// The section's struct has no fields, so that nothing could be set.
    #[error("the settings section `{0}` has no settings")]
    Empty(String),
}

impl<T> Layout<T>
where
    T: JsonSchema + Serialize + DeserializeOwned + Rules,
{
    /// The sections of `T` alone.
    #[must_use]
    pub fn new() -> Self {
        Self { added: Vec::new(), base: PhantomData }
    }

    /// The same with a section `S`, called `name` in files, and `NAME_…` in variables.
    #[must_use]
    pub fn with<S: Section>(mut self, name: &'static str) -> Self {
        self.added.push(Added {
            name,
            type_name: type_name::<S>(),
            schema: |generator| generator.subschema_for::<S>(),
            read: |figment, name| Ok(Arc::new(figment.extract_inner::<S>(name).map_err(in_order)?)),
        });
        self
    }

    /// Checks that no section and no variable is there twice.
    ///
    /// # Errors
    /// The first collision.
    pub fn check(&self) -> Result<(), SectionError> {
        let alone = Schema::of::<T>();
        let mut names: Vec<&str> = alone.sections().iter().map(|section| section.name.as_str()).collect();
        for Added { name, .. } in &self.added {
            if !is_name(name) {
                return Err(SectionError::Name((*name).to_owned()));
            }
            if names.contains(name) {
                return Err(SectionError::Section((*name).to_owned()));
            }
            names.push(name);
        }
        let schema = self.schema();
        if let Some(empty) =
            self.added.iter().find(|added| schema.sections().iter().all(|section| section.name != added.name))
        {
            return Err(SectionError::Empty(empty.name.to_owned()));
        }
        collisions::check(&schema)
    }

    /// What settings there are.
    #[must_use]
    pub fn schema(&self) -> Schema {
        let mut generator = SchemaGenerator::default();
        let mut root = generator.root_schema_for::<T>().to_value();
        let mut added = Map::new();
        for section in &self.added {
            added.insert(section.name.to_owned(), (section.schema)(&mut generator).to_value());
        }
        let definitions = generator.take_definitions(true);
        if let Some(root) = root.as_object_mut() {
            extend(root, "properties", added);
            extend(root, "$defs", definitions);
        }
        Schema::from_json(root)
    }

    /// Reads the settings from the sources: the structs' own defaults below, then the files, `.env`, the environment and
    /// the command line.
    ///
    /// # Errors
    /// Everything that is wrong, in one report.
    pub fn load(&self, sources: &Sources) -> Result<Loaded<T>, Report> {
        let (schema, layers) = Layers::read(sources, self.schema());
        let Layers { environment, assignments, mut problems, mut notes, .. } = layers;
        for given in &assignments {
            problems.set_origin(&given.key, Some(given.origin.clone()));
        }
        let read = self.read(&assignments, &schema, &mut problems);
        if let Some(settings) = &read.settings {
            settings.check(environment, &mut problems);
        }
        for (name, section) in read.sections.iter() {
            problems.within(name, |problems| section.check(environment, problems));
        }
        notes.append(&mut problems.take_notes());
        match read.settings {
            Some(settings) if problems.is_empty() => {
                Ok(Loaded::new((settings, read.sections), environment, schema, &assignments, notes))
            }
            _ => Err(Report::new(problems.into_found())),
        }
    }

    /// The settings that a JSON object of sections holds, over the defaults. Rules are not applied.
    ///
    /// # Errors
    /// Every value that cannot be read, every setting that is not known, and every section that is no object.
    pub fn read_values(&self, values: &Map<String, Value>) -> Result<(T, Sections), Report> {
        let schema = self.schema();
        let schema = schema.with_items(&values::names(values, &schema));
        let mut problems = Problems::of(&schema);
        let assignments = values::assignments(values, &schema, &mut problems);
        let Read { settings, sections } = self.read(&assignments, &schema, &mut problems);
        match settings {
            Some(settings) if problems.is_empty() => Ok((settings, sections)),
            _ => Err(Report::new(problems.into_found())),
        }
    }

    fn read(&self, assignments: &[Assignment], schema: &Schema, problems: &mut Problems) -> Read<T> {
        report_missing(assignments, schema, problems);
        let is_of = |given: &Assignment, name: &str| given.section() == name;
        let own: Vec<_> = assignments
            .iter()
            .filter(|given| !self.added.iter().any(|added| is_of(given, added.name)))
            .collect();
        let settings = extract(&own, Figment::new(), schema, problems, |figment| {
            figment.extract::<T>().map_err(Box::new)
        });
        let mut sections = Sections::default();
        for added in &self.added {
            let given: Vec<_> = assignments.iter().filter(|given| is_of(given, added.name)).collect();
            let empty = Figment::from(Serialized::default(added.name, BTreeMap::<String, String>::new()));
            let read = extract(&given, empty, schema, problems, |figment| (added.read)(figment, added.name));
            if let Some(section) = read {
                sections.insert(added.name, section);
            }
        }
        Read { settings, sections }
    }
}

/// What could be read.
struct Read<T> {
    settings: Option<T>,
    sections: Sections,
}

impl<T> Clone for Layout<T> {
    fn clone(&self) -> Self {
        Self { added: self.added.clone(), base: PhantomData }
    }
}

impl<T> Default for Layout<T>
where
    T: JsonSchema + Serialize + DeserializeOwned + Rules,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Layout<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.added.iter().map(|added| (added.name, added.type_name))).finish()
    }
}

/// The error with the section at the beginning of its path, where `extract_inner` puts it at the end.
fn in_order(mut error: figment::Error) -> Box<figment::Error> {
    if let Some(section) = error.path.pop() {
        error.path.insert(0, section);
    }
    Box::new(error)
}

/// Adds members to the object under `name`.
fn extend(root: &mut Map<String, Value>, name: &str, members: Map<String, Value>) {
    if let Value::Object(present) = root.entry(name).or_insert_with(|| Value::Object(Map::new())) {
        present.extend(members);
    }
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
