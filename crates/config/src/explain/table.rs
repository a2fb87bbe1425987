//! Everything about one table.

use std::{collections::BTreeMap, fmt};

use crate::{
    dump,
    schema::{Items, Schema, Section},
    shown::Shown,
};

/// Everything about one table of settings. It shows as a text for a person; values are redacted.
#[derive(Debug, Clone)]
pub struct TableExplanation {
    name: String,
    doc: String,
    items: Option<Items>,
    /// The tables with their values and origins, as TOML.
    tables: Vec<String>,
}

impl TableExplanation {
    pub(crate) fn new(name: &str, schema: &Schema, shown: &BTreeMap<String, Shown>) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let items = schema.items().find(|items| items.key == name || items.table() == name);
        let section = schema.sections().iter().find(|section| section.name == name);
        let is_within = |section: &&Section| {
            section.name == name
                || schema.items_of(&section.name).zip(items).is_some_and(|(one, other)| one.key == other.key)
        };
        let tables =
            schema.sections().iter().filter(is_within).filter_map(|section| dump::table(section, shown));
        let doc = section.map(|section| &section.doc).filter(|doc| !doc.is_empty());
        let doc = doc.or(items.map(|items| &items.doc)).or(section.map(|section| &section.doc))?;
        Some(Self { doc: doc.clone(), items: items.cloned(), tables: tables.collect(), name })
    }
}

impl fmt::Display for TableExplanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.name)?;
        self.doc.lines().try_for_each(|line| writeln!(f, "  {line}"))?;
        if let Some(items) = &self.items {
            writeln!(
                f,
                "\n  one table for each name, [{}], as variables {}_…",
                items.table(),
                items.variable()
            )?;
            for setting in &items.settings {
                let default = setting.default_text();
                writeln!(f, "  {}  {}, default {default}", setting.key, setting.kind)?;
            }
        }
        self.tables.iter().try_for_each(|table| write!(f, "\n{table}"))
    }
}
