//! What an API document declares.

use actix_web::http::Method;
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::openapi::{Deprecated, OpenApi, extensions::ExtensionsBuilder, path::Operation};

use super::{Deprecation, InvalidDeprecation, announced::absolute};
use crate::routes::{operations, operations_mut};

/// The extension of an operation that declares it deprecated.
const EXTENSION: &str = "x-deprecation";

/// What stands in the extension.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    since: NaiveDate,
    sunset: Option<NaiveDate>,
    successor: Option<String>,
}

/// Each deprecated operation with what is announced of it.
pub(super) fn all(
    openapi: &OpenApi,
    api_prefix: &str,
) -> impl Iterator<Item = Result<((Method, String), Deprecation), InvalidDeprecation>> {
    operations(openapi).filter_map(move |(method, pattern, operation)| match read(operation, api_prefix) {
        Ok(None) => None,
        Ok(Some(found)) => Some(Ok(((method, pattern.to_owned()), found))),
        Err(problem) => Some(Err(InvalidDeprecation::of(&method, pattern, problem))),
    })
}

/// Marks every operation under `prefix` as deprecated, with what is announced of it. One that is deprecated already keeps
/// what it says.
pub(super) fn mark(openapi: &mut OpenApi, prefix: &str, deprecation: &Deprecation) {
    let Deprecation { since, sunset, successor, .. } = deprecation;
    let said = [
        ("since", Some(since.to_string())),
        ("sunset", sunset.map(|day| day.to_string())),
        ("successor", successor.clone()),
    ];
    let said: Map<String, Value> =
        said.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))).collect();
    let is_under = |path: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('/'));
    let items = openapi.paths.paths.iter_mut().filter(|(path, _)| is_under(path));
    for operation in items.flat_map(|(_, item)| operations_mut(item)) {
        if !matches!(operation.deprecated, Some(Deprecated::True)) {
            operation.deprecated = Some(Deprecated::True);
            let extension = ExtensionsBuilder::new().add(EXTENSION, said.clone()).build();
            operation.extensions.get_or_insert_default().merge(extension);
        }
    }
}

fn read(operation: &Operation, api_prefix: &str) -> Result<Option<Deprecation>, String> {
    let marked = matches!(operation.deprecated, Some(Deprecated::True));
    let declared = operation.extensions.as_ref().and_then(|extensions| extensions.get(EXTENSION));
    match declared {
        None if marked => Err(format!("is marked, but has no {EXTENSION} that says since when")),
        None => Ok(None),
        Some(_) if !marked => Err("is declared, but the operation is not marked #[deprecated]".to_owned()),
        Some(declared) => {
            let declared = Declared::deserialize(declared)
                .map_err(|error| format!("cannot be read from its {EXTENSION}: {error}"))?;
            let Declared { since, sunset, successor } = declared;
            let successor = successor.map(|successor| absolute(&successor, api_prefix)).transpose()?;
            Deprecation::announced(since, sunset, successor).map(Some)
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use serde_json::json;
    use utoipa::openapi::path::OperationBuilder;

    use super::*;

    fn declared(value: Value) -> Result<Option<Deprecation>, String> {
        let extensions = ExtensionsBuilder::new().add(EXTENSION, value).build();
        let operation = OperationBuilder::new().deprecated(Some(Deprecated::True));
        read(&operation.extensions(Some(extensions)).build(), "/api/v1")
    }

    fn headers(value: Value) -> Vec<(String, String)> {
        let found = declared(value).unwrap().unwrap();
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        found.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
    }

    #[test]
    fn a_declaration_becomes_the_headers_of_the_standards() {
        let full = json!({"since": "2026-11-20", "sunset": "2027-06-01", "successor": "auth/login"});
        let expected = [
            ("deprecation", "@1795132800"),
            ("sunset", "Tue, 01 Jun 2027 00:00:00 GMT"),
            ("link", "</api/v1/auth/login>; rel=\"successor-version\""),
        ];
        assert_eq!(headers(full), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(headers(json!({"since": "2026-11-20"})).len(), 1);
    }

    #[test]
    fn a_successor_is_under_the_prefix_unless_it_says_where() {
        let link = |successor: &str| {
            let value = json!({"since": "2026-11-20", "successor": successor});
            declared(value).unwrap().unwrap().successor.unwrap()
        };
        assert_eq!(link("books"), "/api/v1/books");
        assert_eq!(link("/api/v2/books"), "/api/v2/books");
        assert_eq!(link("https://example.com/books"), "https://example.com/books");
    }

    #[test]
    fn what_makes_no_sense_is_found() {
        for nonsense in [
            json!(true),
            json!({}),
            json!({"since": "20.11.2026"}),
            json!({"since": "2026-02-30"}),
            json!({"since": "2026-11-20", "sunset": "2026-11-19"}),
            json!({"since": "2026-11-20", "sunset": "soon"}),
            json!({"since": "2026-11-20", "successor": ""}),
            json!({"since": "2026-11-20", "successor": "a b"}),
            json!({"since": "2026-11-20", "successor": "a>; rel=\"evil\""}),
            json!({"since": "2026-11-20", "sunst": "2027-06-01"}),
        ] {
            assert!(declared(nonsense.clone()).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn mark_and_declaration_go_together() {
        let marked = OperationBuilder::new().deprecated(Some(Deprecated::True)).build();
        assert!(read(&marked, "/api/v1").is_err());
        let value = json!({"since": "2026-11-20"});
        let extensions = ExtensionsBuilder::new().add(EXTENSION, value).build();
        let unmarked = OperationBuilder::new().extensions(Some(extensions)).build();
        assert!(read(&unmarked, "/api/v1").is_err());
        assert_eq!(read(&Operation::new(), "/api/v1"), Ok(None));
    }
}
