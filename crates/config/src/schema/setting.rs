//! One setting and what is known of it.

use palisade_core::Secret;
use serde_json::Value;

use super::{Alias, Form, ValueKind, follow, kind::Shape, text};

/// One setting: a field of a section.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Setting {
    /// `section.field`, as in `rate_limit.requests`.
    pub key: String,
    /// The table in `palisade.toml`: `rate_limit`, or `providers.google` of an item.
    pub section: String,
    /// The key within the table.
    pub field: String,
    /// The environment variable: `SECTION_FIELD`, unless the field's schema has another `x-env-name`.
    pub variable: String,
    /// Which values it takes.
    pub kind: ValueKind,
    /// Whether its value must never be shown (`writeOnly` in the schema).
    pub secret: bool,
    /// Whether it must be given because it has no default.
    pub required: bool,
    /// The built-in default; `None` when there is none or when it may not be shown. `x-default` in the
    /// schema says it where serialising the default would not (a secret shows as `***`).
    pub default: Option<Value>,
    /// How the default depends on the environment, from `x-default-by-environment`.
    pub default_by_environment: Option<String>,
    /// What it is for, from the doc comment.
    pub doc: String,
    /// Other names.
    pub aliases: Vec<Alias>,
    /// What a value of a [`Standard`](super::Standard) variable must look like to count, from `x-env-form`.
    pub form: Option<Form>,
    /// The value that stands for what a [`Standard`](super::Standard) variable says and this program does not know,
    /// from `x-env-else`.
    pub otherwise: Option<Value>,
}

impl Setting {
    pub(super) fn read(section: &str, field: &str, node: &Value, root: &Value) -> Self {
        let shape = Shape::read(node, root);
        let usual = format!("{}_{}", variable_of(section), field.to_ascii_uppercase());
        let variable = text(node, "x-env-name").unwrap_or_else(|| usual.clone());
        let doc = text(node, "description").or_else(|| text(follow(node, root), "description"));
        let aliases = node.get("x-env-aliases").and_then(Value::as_array);
        let unused = (usual != variable).then(|| Alias::unread(usual, format!("set {variable}")));
        Self {
            key: format!("{section}.{field}"),
            section: section.to_owned(),
            field: field.to_owned(),
            variable,
            kind: shape.kind,
            secret: shape.secret,
            required: false,
            default: default(node),
            default_by_environment: text(node, "x-default-by-environment"),
            doc: doc.unwrap_or_default(),
            aliases: aliases.into_iter().flatten().filter_map(Alias::read).chain(unused).collect(),
            form: text(node, "x-env-form").as_deref().and_then(Form::read),
            otherwise: node.get("x-env-else").cloned(),
        }
    }

    /// The variable that names a file holding the value; secrets have one.
    #[must_use]
    pub fn file_variable(&self) -> Option<String> {
        self.secret.then(|| format!("{}_FILE", self.variable))
    }

    /// The other names that are read.
    pub fn accepted(&self) -> impl Iterator<Item = &Alias> {
        self.aliases.iter().filter(|alias| !alias.is_never_read())
    }

    /// The default in words: a value, how the environment decides it, or that there is none.
    #[must_use]
    pub fn default_text(&self) -> String {
        match (&self.default_by_environment, &self.default) {
            (Some(words), None) => words.clone(),
            (Some(words), Some(value)) => format!("{} ({words})", plain(value)),
            (None, Some(value)) => plain(value),
            (None, None) if self.required => "none: it must be set".to_owned(),
            (None, None) => "unset".to_owned(),
        }
    }
}

/// The beginning of the variables of a table: in them only letters, digits and `_` can stand.
pub(crate) fn variable_of(table: &str) -> String {
    table.to_ascii_uppercase().replace(['.', '-'], "_")
}

fn default(node: &Value) -> Option<Value> {
    let shown = node.get("x-default").or_else(|| node.get("default"))?;
    let hidden = shown.is_null() || shown.as_str() == Some(Secret::REDACTED);
    (!hidden).then(|| shown.clone())
}

/// A value as one writes it into an environment variable.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(is_plain_item) => {
            items.iter().map(plain).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    }
}

/// Whether an item of a list survives being joined with commas.
fn is_plain_item(item: &Value) -> bool {
    match item {
        Value::String(text) => {
            !text.is_empty() && text.trim() == text && !text.contains(',') && !text.starts_with('[')
        }
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    }
}
