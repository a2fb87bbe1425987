//! How a line is laid out.

use std::fmt::Write;

use palisade_core::Environment;
use tracing::{Level, Metadata};

use super::{console, json, stamp::Stamp, value::Value};
use crate::{Format, Settings};

/// The form of every line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    form: Form,
    include_caller: bool,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    Json,
    Console,
    Coloured,
}

impl Layout {
    pub(super) fn new(settings: &Settings, environment: Environment, is_terminal: bool) -> Self {
        let form = match settings.format(environment, is_terminal) {
            Format::Json => Form::Json,
            Format::Console if is_terminal => Form::Coloured,
            Format::Console => Form::Console,
        };
        Self { form, include_caller: settings.include_caller }
    }

    /// Writes one field.
    pub(super) fn field(self, fields: &mut String, name: &str, value: Value<'_>) {
        match self.form {
            Form::Json => json::member(fields, name, value),
            Form::Console | Form::Coloured => console::field(fields, name, value),
        }
    }

    /// Writes one field whose value is a JSON object already.
    pub(super) fn object(self, fields: &mut String, name: &str, json: &str) {
        match self.form {
            Form::Json => fields.extend([",\"", name, "\":", json]),
            Form::Console | Form::Coloured => fields.extend([" ", name, "=", json]),
        }
    }

    /// Writes the message.
    pub(super) fn message(self, message: &mut String, text: &str) {
        match self.form {
            Form::Json => json::string(message, text),
            Form::Console | Form::Coloured => console::text(message, text),
        }
    }

    /// Puts the parts together, with the line's end.
    pub(super) fn line(self, line: &mut String, stamp: &mut Stamp, parts: &Parts<'_>) {
        let now = palisade_core::Clock::now(&palisade_core::SystemClock);
        match self.form {
            Form::Json => {
                line.push_str("{\"timestamp\":\"");
                stamp.write(line, now);
                line.push_str("\",\"level\":\"");
                line.push_str(parts.level());
                line.push_str("\",\"target\":");
                json::string(line, parts.target);
                line.push_str(",\"message\":");
                line.push_str(if parts.message.is_empty() { "\"\"" } else { parts.message });
            }
            Form::Console | Form::Coloured => {
                stamp.write(line, now);
                let (start, end) = self.colour(parts);
                let _ = write!(line, " {start}{:>8}{end} ", parts.level());
                console::text(line, parts.target);
                let _ = write!(line, ": {}", parts.message);
            }
        }
        line.push_str(parts.fields);
        self.caller(line, parts.metadata);
        line.push_str(if matches!(self.form, Form::Json) { "}\n" } else { "\n" });
    }

    fn caller(self, line: &mut String, metadata: &Metadata<'_>) {
        let place = metadata.file().zip(metadata.line()).filter(|_| self.include_caller);
        if let Some((file, number)) = place {
            self.field(line, "caller", Value::Text(&format_args!("{file}:{number}")));
        }
    }

    /// The escape sequences before and after the level on a terminal (ECMA-48 §8.3.117).
    fn colour(self, parts: &Parts<'_>) -> (&'static str, &'static str) {
        let start = match (self.form, parts.critical, *parts.metadata.level()) {
            (Form::Json | Form::Console, ..) => return ("", ""),
            (_, true, _) => "\x1b[1;37;41m",
            (_, _, Level::ERROR) => "\x1b[31m",
            (_, _, Level::WARN) => "\x1b[33m",
            (_, _, Level::INFO) => "\x1b[32m",
            _ => "\x1b[2m",
        };
        (start, "\x1b[0m")
    }
}

/// The parts of a line, the message and fields already in the layout's form.
pub(super) struct Parts<'a> {
    pub(super) metadata: &'a Metadata<'a>,
    pub(super) target: &'a str,
    pub(super) critical: bool,
    pub(super) message: &'a str,
    pub(super) fields: &'a str,
}

impl Parts<'_> {
    fn level(&self) -> &'static str {
        if self.critical { "CRITICAL" } else { self.metadata.level().as_str() }
    }
}
