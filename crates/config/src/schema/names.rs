//! From a name that someone wrote to the setting it means.

use std::collections::BTreeMap;

use super::{Alias, Section, Setting};

/// What a name means.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name<'a> {
    /// The setting.
    pub(crate) setting: &'a Setting,
    /// The accepted other name, when it is not the setting's own.
    pub(crate) alias: Option<&'a Alias>,
    /// Whether the value is the path of a file that holds the setting's value.
    pub(crate) file: bool,
}

/// Every name of every setting.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    variables: BTreeMap<String, Place>,
    keys: BTreeMap<String, Place>,
}

/// Where a setting stands: section, field, alias, and whether the name is that of a file.
#[derive(Debug, Clone, Copy)]
struct Place {
    section: usize,
    field: usize,
    alias: Option<usize>,
    file: bool,
}

impl Names {
    pub(super) fn of(sections: &[Section]) -> Self {
        let mut names = Self { variables: BTreeMap::new(), keys: BTreeMap::new() };
        // A setting's own name goes before another's alias, and both before a derived `_FILE`.
        names.add_all(sections, |names, place, setting| {
            names.keys.insert(setting.key.clone(), place);
            names.variables.insert(setting.variable.clone(), place);
        });
        names.add_all(sections, |names, place, setting| {
            for (index, alias) in setting.aliases.iter().enumerate() {
                names.variables.entry(alias.name.clone()).or_insert(Place { alias: Some(index), ..place });
            }
        });
        names.add_all(sections, |names, place, setting| {
            if setting.secret {
                names.add_files(Place { file: true, ..place }, setting);
            }
        });
        names
    }

    fn add_all(&mut self, sections: &[Section], add: impl Fn(&mut Self, Place, &Setting)) {
        for (section, table) in sections.iter().enumerate() {
            for (field, setting) in table.settings.iter().enumerate() {
                add(self, Place { section, field, alias: None, file: false }, setting);
            }
        }
    }

    fn add_files(&mut self, place: Place, setting: &Setting) {
        self.keys.entry(format!("{}_file", setting.key)).or_insert(place);
        self.variables.entry(format!("{}_FILE", setting.variable)).or_insert(place);
        for (index, alias) in setting.aliases.iter().enumerate() {
            let place = Place { alias: Some(index), ..place };
            self.variables.entry(format!("{}_FILE", alias.name)).or_insert(place);
        }
    }

    pub(super) fn variable<'a>(&self, name: &str, sections: &'a [Section]) -> Option<Name<'a>> {
        self.variables.get(name).and_then(|place| place.name(sections))
    }

    pub(super) fn key<'a>(&self, key: &str, sections: &'a [Section]) -> Option<Name<'a>> {
        self.keys.get(key).and_then(|place| place.name(sections))
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }
}

impl Place {
    fn name(self, sections: &[Section]) -> Option<Name<'_>> {
        let setting = sections.get(self.section)?.settings.get(self.field)?;
        let alias = self.alias.and_then(|index| setting.aliases.get(index));
        Some(Name { setting, alias, file: self.file })
    }
}
