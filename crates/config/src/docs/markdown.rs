//! `docs/configuration.md`.

use crate::schema::{Schema, Section, Setting};

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
`_file`) names it, and one line end at its end is dropped. Secrets are never shown.

An unknown key in a file and a misspelt variable stop the program; a variable that merely looks related, such as
those a cluster makes for its services, does not. All problems are reported together, each with where it is.
";

/// `docs/configuration.md`: the layers and rules, then a table per section.
#[must_use]
pub fn markdown(schema: &Schema) -> String {
    let sections: String = schema.sections().iter().map(section).collect();
    format!("{HEAD}{sections}")
}

fn section(section: &Section) -> String {
    let doc = if section.doc.is_empty() { String::new() } else { format!("{}\n\n", section.doc) };
    let rows: String = section.settings.iter().map(row).collect();
    format!(
        "\n## {}\n\n{doc}| key | variable | type | default | meaning |\n|---|---|---|---|---|\n{rows}",
        section.name
    )
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
            let value = crate::schema::plain(value);
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
    if !setting.aliases.is_empty() {
        let names: Vec<_> = setting.aliases.iter().map(|alias| format!("`{}`", alias.name)).collect();
        text.push_str(&format!(" Also accepted: {}.", names.join(", ")));
    }
    text.trim_start().to_owned()
}

/// Text in one cell: a line end or a bar would end it.
fn cell(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    words.join(" ").replace('|', "\\|")
}
