//! `.env.example`.

use crate::schema::{Alias, Items, Schema, Section, Setting, plain};

/// `.env.example`: every setting as a comment, with what it is for and its default. Copied to `.env` it changes
/// nothing until a line is uncommented.
#[must_use]
pub fn env_example(schema: &Schema) -> String {
    let mut text = String::from(
        "# Every setting with its default, generated from the code. Copy to `.env` and uncomment what you change.\n\
         # Booleans: true/false/1/0/yes/no/on/off. Lists: a JSON array or commas. An empty value counts as unset.\n",
    );
    for section in schema.sections() {
        text.push_str(&heading(section));
        section.settings.iter().for_each(|setting| text.push_str(&entry(setting)));
        for items in &section.items {
            text.push_str(&items_heading(items));
            items.settings.iter().for_each(|setting| text.push_str(&entry(setting)));
        }
    }
    text
}

fn heading(section: &Section) -> String {
    let doc = section.doc.lines().map(comment);
    format!("\n## {}\n{}", section.name, doc.collect::<String>())
}

fn items_heading(items: &Items) -> String {
    let doc = items.doc.lines().map(comment);
    format!(
        "\n### {}\n{}# Put a name of your choice in the place of <NAME>; there may be several.\n",
        items.table(),
        doc.collect::<String>()
    )
}

fn entry(setting: &Setting) -> String {
    let mut text = String::from("\n");
    setting.doc.lines().for_each(|line| text.push_str(&comment(line)));
    text.push_str(&comment(&format!("Type: {}.", setting.kind)));
    if let Some(words) = &setting.default_by_environment {
        text.push_str(&comment(&format!("Default: {words}.")));
    }
    if let Some(file) = setting.file_variable() {
        text.push_str(&comment(&format!("Secret. {file} may name a file that holds it.")));
    }
    let names: Vec<_> = setting.accepted().map(accepted_name).collect();
    if !names.is_empty() {
        text.push_str(&comment(&format!("Also accepted: {}.", names.join(", "))));
    }
    let default = setting.default.as_ref().map(|default| quoted(&plain(default)));
    text.push_str(&format!("# {}={}\n", setting.variable, default.unwrap_or_default()));
    text
}

/// An accepted name with its unit, when that is not the setting's.
fn accepted_name(alias: &Alias) -> String {
    alias.unit.map_or_else(|| alias.name.clone(), |unit| format!("{} (in {})", alias.name, unit.name()))
}

fn comment(line: &str) -> String {
    format!("# {line}").trim_end().to_owned() + "\n"
}

/// The text as `.env` reads it back.
fn quoted(text: &str) -> String {
    let special =
        text.starts_with(['"', '\'', '#']) || text.contains(" #") || text.contains(char::is_control);
    if !special && text.trim() == text {
        return text.to_owned();
    }
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r");
    format!("\"{escaped}\"")
}
