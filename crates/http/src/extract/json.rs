//! JSON text, read strictly.

mod checked;
mod surrogates;

use palisade_core::Error;
use serde_json::Value;

/// The value that `body` holds, in which at most `depth` arrays and objects stand within each other.
///
/// # Errors
/// 400 when it is empty, no UTF-8, no JSON or nested more deeply; 422 naming each member that an object has twice, of which
/// different readers would believe different ones (RFC 8259 §4).
pub(super) fn parse(body: &[u8], depth: usize) -> Result<Value, Error> {
    let text = std::str::from_utf8(body).map_err(|_| Error::bad_request("The body is not valid UTF-8"))?;
    if text.trim_ascii().is_empty() {
        return Err(Error::bad_request("The body is empty"));
    }
    let text = surrogates::mark(text);
    let checked = checked::read(&text, depth)?;
    if checked.duplicates.is_empty() { Ok(checked.value) } else { Err(Error::validation(checked.duplicates)) }
}

#[cfg(test)]
mod tests {
    use palisade_core::FieldError;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parse(body: &[u8]) -> Result<Value, Error> {
        super::parse(body, 32)
    }

    #[test]
    fn what_is_nested_too_deeply_is_told() {
        let nested = |depth: usize| format!("{}1{}", "[{\"a\":".repeat(depth), "}]".repeat(depth));
        assert!(parse(nested(16).as_bytes()).is_ok());
        let siblings = format!("[{}]", ["[[]]"; 100].join(","));
        assert!(super::parse(siblings.as_bytes(), 3).is_ok());
        assert!(super::parse(b"1", 0).is_ok() && super::parse(b"[]", 0).is_err());
        for text in [nested(17), "[".repeat(100_000), nested(17).replace('1', "[[\"[\"]]")] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert_eq!(
                (error.status(), error.message()),
                (400, "The body is nested more than 32 levels deep")
            );
        }
        assert!(parse(br#"["[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["]"#).is_ok());
    }

    #[test]
    fn tells_what_is_no_json_without_the_parser_s_words() {
        let deep = "[".repeat(100_000);
        for body in ["", " \n", "{", "{\"a\":}", "nul", "{} {}", "{'a':1}", "1e999", "\u{feff}{}", &deep] {
            let error = parse(body.as_bytes()).unwrap_err();
            assert_eq!(error.status(), 400, "{body}");
            assert!(!error.message().contains("line") && !error.message().contains("column"), "{error}");
        }
        assert_eq!(parse(b"{\"a\":\"\xff\"}").unwrap_err().status(), 400);
    }

    #[test]
    fn names_each_member_given_twice() {
        let error = parse(br#"{"a":1,"b":[{"c":1,"c":2}],"a":3,"a":4}"#).unwrap_err();
        let named: Vec<_> = error.fields().iter().map(|field| field.field.as_str()).collect();
        assert_eq!(named, ["/b/0/c", "/a", "/a"]);
        assert_eq!(error.fields()[0].code, "duplicate");
    }

    #[test]
    fn many_repetitions_below_a_long_name_are_not_kept() {
        let repeated = format!("{{{}}}", ["\"a\":1"; 10_000].join(","));
        let body = format!("{{\"{}\":[{repeated}]}}", "k".repeat(500_000));
        let error = parse(body.as_bytes()).unwrap_err();
        let kept: usize = error.fields().iter().map(|field| field.field.len()).sum();
        assert_eq!(error.fields().len(), FieldError::MOST);
        assert!(kept < 64 * 1_024, "{kept}");
    }

    #[test]
    fn a_lone_surrogate_reads_as_nul_which_no_text_may_hold() {
        assert_eq!(parse(br#"{"a":"x\ud800y"}"#).unwrap(), json!({"a": "x\0y"}));
    }

    proptest! {
        #[test]
        fn reads_what_the_usual_parser_reads(value in any_json()) {
            let text = value.to_string();
            let usual: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(parse(text.as_bytes()).unwrap(), usual);
        }

        #[test]
        fn any_bytes_give_a_verdict(bytes: Vec<u8>) {
            let _ = parse(&bytes);
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e9..1e9).prop_map(Value::from),
            ".*".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(".*", inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }
}
