//! From [`tracing`]'s many kinds of values to one.

use std::{error::Error, fmt::Debug};

use tracing::field::{Field, Visit};

use super::value::{Chain, Shown, Value};

/// Takes in the fields of an event or a span.
pub(crate) trait TakeFields {
    /// Takes in one.
    fn add(&mut self, name: &'static str, value: Value<'_>);

    /// Takes in one that is an error: with its causes as one text, where nothing else is done with it.
    fn add_error(&mut self, name: &'static str, error: &(dyn Error + 'static)) {
        self.add(name, Value::Text(&Chain(error)));
    }
}

/// Hands each field on, but for what the `log` crate's bridge adds: that is in the metadata already.
pub(crate) struct Each<'a, T>(pub(crate) &'a mut T);

impl<T: TakeFields> Each<'_, T> {
    fn add(&mut self, field: &Field, value: Value<'_>) {
        if !is_bridged(field.name()) {
            self.0.add(field.name(), value);
        }
    }
}

fn is_bridged(name: &str) -> bool {
    matches!(name, "log.target" | "log.module_path" | "log.file" | "log.line")
}

impl<T: TakeFields> Visit for Each<'_, T> {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Value::Bool(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Value::Signed(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, Value::Unsigned(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, Value::Float(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.add(field, Value::Text(&value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.add(field, Value::Text(&value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, Value::Str(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.0.add_error(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, Value::Text(&Shown(value)));
    }
}
