//! Settings that stand once for each name that the operator chooses.

use serde_json::Value;

use super::{Setting, follow, properties, setting::variable_of, settings, text};
use crate::near;

/// Settings that stand once for each name that the operator chooses, such as those of several identity providers: a map
/// of structs, as a section or within one.
#[derive(Debug, Clone)]
pub struct Items {
    /// The table above those of the items: `providers`, or `auth.oidc` within a section.
    pub key: String,
    /// What an item is, from the doc comments.
    pub doc: String,
    /// The settings of an item, with `<name>` in the place of its name.
    pub settings: Vec<Setting>,
}

impl Items {
    /// Stands in documents where the operator's name does.
    pub const PLACEHOLDER: &str = "<name>";

    /// What a name is, as the words of a problem.
    pub(crate) const NAME_RULE: &str = "is not a name: use lower-case letters, digits, `-` and `_`, with a letter or a \
                                        digit at both ends";

    pub(super) fn read(key: &str, node: &Value, root: &Value) -> Option<Self> {
        let map = follow(node, root);
        let item = map.get("additionalProperties").filter(|_| properties(map).next().is_none())?;
        let table = follow(item, root);
        let settings = settings(&format!("{key}.{}", Self::PLACEHOLDER), table, root);
        let doc = text(table, "description").unwrap_or_default();
        (!settings.is_empty()).then(|| Self { key: key.to_owned(), doc, settings })
    }

    /// The table of one item: `providers.<name>`.
    #[must_use]
    pub fn table(&self) -> String {
        format!("{}.{}", self.key, Self::PLACEHOLDER)
    }

    /// What the variables of one item begin with: `PROVIDERS_<NAME>`.
    #[must_use]
    pub fn variable(&self) -> String {
        variable_of(&self.table())
    }

    /// The settings of the item `name`.
    pub(crate) fn settings_of(&self, name: &str) -> Vec<Setting> {
        let place = |text: &str| text.replacen(Self::PLACEHOLDER, name, 1);
        let named = |setting: &Setting| Setting {
            key: place(&setting.key),
            section: place(&setting.section),
            variable: setting.variable.replacen(&variable_of(Self::PLACEHOLDER), &variable_of(name), 1),
            ..setting.clone()
        };
        self.settings.iter().map(named).collect()
    }

    /// The name of the item whose variable this is. Of several settings in which it may end, the longest counts.
    pub(crate) fn name_in(&self, variable: &str) -> Option<String> {
        let rest = self.after_key(variable)?;
        let ends = self.settings.iter().flat_map(|setting| {
            let field = setting.field.to_ascii_uppercase();
            let file = setting.secret.then(|| format!("{field}_FILE"));
            [Some(field), file].into_iter().flatten()
        });
        let names = ends.filter_map(|end| rest.strip_suffix(&end)?.strip_suffix('_'));
        let name = names.min_by_key(|name| name.len())?;
        let is_upper = !name.bytes().any(|byte| byte.is_ascii_lowercase() || byte == b'-');
        Some(name.to_ascii_lowercase()).filter(|name| is_upper && is_item_name(name))
    }

    /// The variable that `variable` misspells at its end, when no item of its name is known.
    pub(crate) fn misspelt(&self, variable: &str) -> Option<String> {
        let words: Vec<_> = self.after_key(variable)?.split('_').collect();
        let candidates = self.settings.iter().filter_map(|setting| {
            let field = setting.field.to_ascii_uppercase();
            let name = words.len().checked_sub(field.split('_').count()).filter(|count| *count > 0)?;
            let name = words.get(..name)?.join("_");
            Some(setting.variable.replacen(&variable_of(Self::PLACEHOLDER), &name, 1))
        });
        let candidates: Vec<_> = candidates.collect();
        near::misspelt(variable, candidates.iter().map(String::as_str)).map(str::to_owned)
    }

    fn after_key<'a>(&self, variable: &'a str) -> Option<&'a str> {
        variable.strip_prefix(&variable_of(&self.key))?.strip_prefix('_')
    }
}

/// Whether a text may be the name of an item.
pub(crate) fn is_item_name(name: &str) -> bool {
    let is_end =
        |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let mut inner = name.bytes().filter(|byte| !matches!(byte, b'-' | b'_'));
    is_end(name.bytes().next()) && is_end(name.bytes().next_back()) && inner.all(|byte| is_end(Some(byte)))
}
