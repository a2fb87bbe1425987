//! `docs/configuration.md`.

use serde_json::Value;

use crate::schema::{Alias, Items, Schema, Section, Setting, plain};

const HEAD: &str = "\
# Configuration

<!-- Generated from the settings structs; a test compares. -->

Settings come from six layers; a later one overrides an earlier one:

1. the built-in defaults,
2. `palisade.toml`,
3. `palisade.{environment}.toml`, where `APP_ENVIRONMENT` says which,
4. `.env`,
5. environment variables,
6. the command line.

In a file a setting is a key in the table of its section; as a variable it is `SECTION_FIELD`. Booleans are
`true/false/1/0/yes/no/on/off`, lists a JSON array or values between commas. An empty variable counts as unset,
except that it empties a list. In `.env` nothing is expanded: `$` stands for itself.

A secret may stand in a file of its own: the variable with `_FILE` behind it (in a settings file the key with
`_file`) names it. One line end at the end of a secret is dropped, in a file as in a variable. Secrets are never shown.

Some settings are also read from the names that other programs use, see [below](#names-of-other-programs). Beside a
setting's own variable such a name does not count; each is noted at start and by `config check`.

An unknown key in a file and a misspelt variable stop the program; a variable that merely looks related, such as
those a cluster makes for its services, does not. All problems are reported together, each with where it is.
";

/// `docs/configuration.md`: the layers and rules, then a table per section.
#[must_use]
pub fn markdown(schema: &Schema) -> String {
    let sections: String = schema.sections().iter().map(section).collect();
    format!("{HEAD}{sections}{}{}", standards(schema), other_names(schema))
}

/// The sections whose variables are a public standard.
fn standards(schema: &Schema) -> String {
    let standards = schema.sections().iter().filter_map(|section| {
        let standard = section.standard.as_ref()?;
        let prefix = section.name.to_ascii_uppercase();
        let decided_by = schema.find(&standard.key).map_or(&standard.key, |setting| &setting.variable);
        Some(format!(
            "\n`{prefix}_…` are the variables of {}, which other programs read too. They are looked at only where \
             `{decided_by}` has `{}`; a value that this program does not understand is passed over with a note.\n",
            standard.of, standard.word
        ))
    });
    let standards: String = standards.collect();
    if standards.is_empty() { standards } else { format!("\n## Standards of others\n{standards}") }
}

/// What becomes of each name that is not a setting's own.
fn other_names(schema: &Schema) -> String {
    let names =
        schema.settings().flat_map(|setting| setting.aliases.iter().map(move |alias| (alias, setting)));
    let mut rows: Vec<_> = names.map(|(alias, setting)| other_name(alias, setting)).collect();
    rows.sort();
    if rows.is_empty() {
        return String::new();
    }
    let rows = rows.concat();
    format!("\n## Names of other programs\n\n| variable | what becomes of it |\n|---|---|\n{rows}")
}

fn other_name(alias: &Alias, setting: &Setting) -> String {
    let own = &setting.variable;
    let mut meaning = match (&alias.map, alias.unit) {
        _ if alias.is_never_read() => "ignored".to_owned(),
        (Some(map), _) => {
            let word = |value: &Value| match value {
                Value::Null => "nothing".to_owned(),
                value => format!("`{own}={}`", plain(value)),
            };
            let values: Vec<_> =
                map.iter().map(|(key, value)| format!("`{key}` is {}", word(value))).collect();
            values.join(", ")
        }
        (None, Some(unit)) => format!("`{own}`, converted from {}", unit.name()),
        (None, None) => format!("`{own}`"),
    };
    if let Some(instead) = &alias.instead {
        meaning.push_str(if alias.is_never_read() { ": " } else { "; else ignored: " });
        meaning.push_str(instead);
    } else if alias.ignore_invalid {
        meaning.push_str("; a value that cannot be meant for it is ignored");
    }
    format!("| `{}` | {} |\n", alias.name, cell(&meaning))
}

fn section(section: &Section) -> String {
    let doc = if section.doc.is_empty() { String::new() } else { format!("{}\n\n", section.doc) };
    let items: String = section.items.iter().map(items).collect();
    format!("\n## {}\n\n{doc}{}{items}", section.name, table(&section.settings))
}

/// The table of one item, whose name is the operator's.
fn items(items: &Items) -> String {
    let doc = if items.doc.is_empty() { String::new() } else { format!("{}\n\n", items.doc) };
    format!(
        "### {}\n\n{doc}One table for each name that you choose, `[{}]`, as variables `{}_…`: lower-case letters, digits, \
         `-` and `_`. In a variable `-` is `_`.\n\n{}",
        items.key,
        items.table(),
        items.variable(),
        table(&items.settings)
    )
}

fn table(settings: &[Setting]) -> String {
    let rows: String = settings.iter().map(row).collect();
    let head = "| key | variable | type | default | meaning |\n|---|---|---|---|---|\n";
    if rows.is_empty() { rows } else { format!("{head}{rows}") }
}

fn row(setting: &Setting) -> String {
    let cells = [
        format!("`{}`", setting.field),
        format!("`{}`", setting.variable),
        cell(&setting.kind.to_string()),
        default(setting),
        meaning(setting),
    ];
    format!("| {} |\n", cells.join(" | "))
}

fn default(setting: &Setting) -> String {
    match (&setting.default, &setting.default_by_environment) {
        (None, _) => cell(&setting.default_text()),
        (Some(value), words) => {
            let value = plain(value);
            let value = if value.is_empty() { "empty".to_owned() } else { format!("`{}`", cell(&value)) };
            words.as_ref().map_or(value.clone(), |words| format!("{value} ({})", cell(words)))
        }
    }
}

fn meaning(setting: &Setting) -> String {
    let mut text = cell(&setting.doc);
    if let Some(file) = setting.file_variable() {
        text.push_str(&format!(" Secret; also as `{file}`."));
    }
    let names: Vec<_> = setting.accepted().map(accepted_name).collect();
    if !names.is_empty() {
        text.push_str(&format!(" Also accepted: {}.", names.join(", ")));
    }
    text.trim_start().to_owned()
}

/// An accepted name with its unit, when that is not the setting's.
fn accepted_name(alias: &Alias) -> String {
    let unit = alias.unit.map(|unit| format!(" (in {})", unit.name()));
    format!("`{}`{}", alias.name, unit.unwrap_or_default())
}

/// Text in one cell: a line end or a bar would end it.
fn cell(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}
