//! Words that all signals share.

use std::sync::Arc;

use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
};

use palisade_core::{Ids, SystemClock, SystemRandom};

use super::OtlpSettings;

/// Who sends: the attributes of the settings, the name, the version and, unless the settings name one, an id of this
/// process (<https://opentelemetry.io/docs/specs/semconv/resource/#service>).
pub(super) fn resource(settings: &OtlpSettings, service: &str, version: &str) -> Resource {
    let given = settings.attributes();
    let name = settings.service_name.clone();
    let has = |key: &str| given.iter().any(|(present, _)| present == key);
    let mut attributes = Vec::new();
    match name {
        Some(name) => attributes.push(text("service.name", name)),
        None if !has("service.name") => attributes.push(text("service.name", service.to_owned())),
        None => {}
    }
    if !has("service.version") {
        attributes.push(text("service.version", version.to_owned()));
    }
    if !has("service.instance.id") {
        let ids = Ids::new(Arc::new(SystemClock), Arc::new(SystemRandom));
        attributes.push(text("service.instance.id", ids.uuid().to_string()));
    }
    let is_named = settings.service_name.is_some();
    let given = given.into_iter().filter(|(key, _)| !(is_named && key == "service.name"));
    attributes.extend(given.map(|(key, value)| text(&key, value)));
    Resource { attributes, ..Resource::default() }
}

pub(super) fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: "palisade".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    }
}

pub(super) fn text(key: &str, value: String) -> KeyValue {
    attribute(key, Value::StringValue(value))
}

pub(super) fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(any(value)), ..KeyValue::default() }
}

pub(super) const fn any(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}

/// Nanoseconds since 1970.
pub(super) fn nanos(time: std::time::SystemTime) -> u64 {
    let since = time.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
