//! What an event says, masked.

use std::{collections::BTreeMap, error::Error, fmt};

use serde_json::Value as Json;

use crate::{
    logs::{Chain, Hider, TakeFields, Value},
    mask::Masker,
};

/// The longest chain of causes that is told link by link.
const MOST_CAUSES: usize = 16;

/// What an event said.
#[derive(Default)]
pub(super) struct Told {
    pub(super) message: String,
    pub(super) is_critical: bool,
    /// By what events are searched and counted.
    pub(super) tags: BTreeMap<String, String>,
    pub(super) extra: BTreeMap<String, Json>,
    /// What went wrong.
    pub(super) errors: Vec<String>,
    /// And why, nearest first.
    pub(super) causes: Vec<String>,
}

/// Takes in the fields of an event.
pub(super) struct Fields<'a> {
    hider: Hider<'a>,
    told: Told,
}

impl<'a> Fields<'a> {
    pub(super) fn new(masker: &'a Masker, shown: &'a mut String) -> Self {
        Self { hider: Hider::new(masker, shown), told: Told::default() }
    }

    pub(super) fn told(self) -> Told {
        self.told
    }

    fn hidden(&mut self, name: &str, value: &dyn fmt::Display) -> String {
        let mut hidden = String::new();
        self.hider.with(name, Value::Text(value), |value| hidden = text(value));
        hidden
    }

    /// The links of a chain; as one text where something is hidden that reaches over the joint of two, so that no more is
    /// seen here than in the log's line.
    fn links(&mut self, name: &str, error: &(dyn Error + 'static)) -> Vec<String> {
        let whole = self.hidden(name, &Chain(error));
        let links = std::iter::successors(Some(error), |error| (*error).source()).take(MOST_CAUSES);
        let links: Vec<String> = links.map(|link| self.hidden(name, &link)).collect();
        if links.join(": ") == whole { links } else { vec![whole] }
    }
}

impl TakeFields for Fields<'_> {
    fn add(&mut self, name: &'static str, value: Value<'_>) {
        let told = &mut self.told;
        self.hider.with(name, value, |value| told.keep(name, value));
    }

    fn add_error(&mut self, name: &'static str, error: &(dyn Error + 'static)) {
        match name {
            "error" => self.told.errors = self.links(name, error),
            "cause" => self.told.causes = self.links(name, error),
            _ => self.add(name, Value::Text(&Chain(error))),
        }
    }
}

impl Told {
    fn keep(&mut self, name: &str, value: Value<'_>) {
        match name {
            "message" => self.message = text(value),
            "error" => self.errors.push(text(value)),
            "cause" => self.causes.push(text(value)),
            "critical" if matches!(value, Value::Bool(true)) => self.is_critical = true,
            "code" | "reason" | "route" | "method" | "status" | "request_id" | "trace_id" => {
                self.tags.insert(name.to_owned(), text(value));
            }
            _ => {
                self.extra.insert(name.to_owned(), json(value));
            }
        }
    }
}

fn text(value: Value<'_>) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Signed(value) => value.to_string(),
        Value::Unsigned(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::Str(text) => text.to_owned(),
        Value::Text(text) => text.to_string(),
    }
}

fn json(value: Value<'_>) -> Json {
    match value {
        Value::Bool(value) => value.into(),
        Value::Signed(value) => value.into(),
        Value::Unsigned(value) => value.into(),
        Value::Float(value) if value.is_finite() => value.into(),
        value => text(value).into(),
    }
}
