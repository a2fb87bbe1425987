//! A database's words without the values it quotes.

/// Replaces what stands between quotes by `…`. MySQL quotes values and names alike ('…'), PostgreSQL both in
/// double quotes: a name lost to the log costs a look at the statement, a value in the log costs a person's
/// privacy. Backquoted text is always a name and stays.
pub(super) fn without_values(message: &str) -> String {
    let mut shown = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(start) = rest.find(['\'', '"']) {
        let (before, quoted) = rest.split_at(start);
        shown.push_str(before);
        let quote = if quoted.starts_with('"') { '"' } else { '\'' };
        // To the last such quote: a value may hold quotes itself.
        let end = quoted.rfind(quote).filter(|end| *end > 0).unwrap_or(quoted.len());
        shown.push('…');
        rest = quoted.get(end + 1..).unwrap_or_default();
    }
    shown.push_str(rest);
    shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_words_stay_and_the_value_goes() {
        assert_eq!(
            without_values("invalid input syntax for type uuid: \"ann@example.com\""),
            "invalid input syntax for type uuid: …"
        );
        assert_eq!(without_values("no such table: users"), "no such table: users");
        assert_eq!(without_values("unclosed 'secret"), "unclosed …");
    }

    proptest! {
        #[test]
        fn no_quoted_value_ever_shows(value in "[a-z'\" ]{0,20}") {
            let marked = format!("SECRET{value}SECRET");
            let shown = without_values(&format!("Data too long '{marked}' at row 1"));
            prop_assert!(!shown.contains("SECRET"), "{shown}");
        }
    }
}
