//! Reading `.env`.
//!
//! Written here and not taken from dotenvy, whose parser looks into the process environment for every `$`,
//! strips the quotes out of `CORS_ORIGINS=["https://a.example"]` and does not say on which line it stopped.
//!
//! A line is `NAME=value`, with `export` before it or not, or a comment. A value without quotes ends at the end
//! of the line or at ` #`. In `'…'` everything stands for itself; in `"…"` `\n \r \t \" \\ \$` are what they are
//! elsewhere; both may go over several lines. `$` stands for itself: nothing is expanded.

use std::{iter::Peekable, str::Lines};

/// A variable of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) line: usize,
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A line that is not understood. Its text is not kept: it may hold a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Malformed {
    pub(crate) line: usize,
    pub(crate) reason: &'static str,
}

/// Every variable of the file in order, and every line that is not understood.
pub(crate) fn parse(bytes: &[u8]) -> (Vec<Entry>, Vec<Malformed>) {
    let mut malformed = Vec::new();
    if let Err(error) = std::str::from_utf8(bytes) {
        let before = bytes.iter().take(error.valid_up_to());
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        malformed.push(Malformed { line, reason: "is not UTF-8 text" });
    }
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut entries = Vec::new();
    let mut reader = Reader { lines: text.lines().peekable(), line: 0 };
    while let Some(line) = reader.next() {
        let number = reader.line;
        match reader.entry(line) {
            Ok(Some((name, text))) => entries.push(Entry { line: number, name, text }),
            Ok(None) => {}
            Err(reason) => malformed.push(Malformed { line: number, reason }),
        }
    }
    (entries, malformed)
}

#[derive(Clone)]
struct Reader<'a> {
    lines: Peekable<Lines<'a>>,
    line: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a str> {
        self.line += 1;
        self.lines.next()
    }

    fn entry(&mut self, line: &'a str) -> Result<Option<(String, String)>, &'static str> {
        let line = line.trim_start();
        if line.is_empty() || line.starts_with('#') {
            return Ok(None);
        }
        let (name, value) = line.split_once('=').ok_or("is not NAME=value")?;
        let name = name.trim();
        let name =
            name.strip_prefix("export").filter(|rest| rest.starts_with(char::is_whitespace)).unwrap_or(name);
        let name = name.trim();
        if !is_name(name) {
            return Err("has a name that is not made of letters, digits and underscores");
        }
        Ok(Some((name.to_owned(), self.value(value.trim_start())?)))
    }

    fn value(&mut self, text: &'a str) -> Result<String, &'static str> {
        match text.strip_prefix(['"', '\'']) {
            Some(inside) if text.starts_with('"') => self.quoted('"', inside),
            Some(inside) => self.quoted('\'', inside),
            None => Ok(until_comment(text).to_owned()),
        }
    }

    /// What stands between quotes. When the quote never ends the following lines are left to be read on their
    /// own, so that one missing quote is one problem.
    fn quoted(&mut self, quote: char, first: &str) -> Result<String, &'static str> {
        let mut ahead = self.clone();
        let mut text = String::new();
        let mut line = first;
        loop {
            if let Some(rest) = take_quoted(line, quote, &mut text) {
                let rest = rest.trim_start();
                *self = ahead;
                let ended = rest.is_empty() || rest.starts_with('#');
                return if ended { Ok(text) } else { Err("has text after the closing quote") };
            }
            text.push('\n');
            line = ahead.next().ok_or("has a quote that is never closed")?;
        }
    }
}

/// Adds the quoted part of a line to `text`; gives what stands behind the closing quote if it is on this line.
fn take_quoted<'a>(line: &'a str, quote: char, text: &mut String) -> Option<&'a str> {
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            c if c == quote => return Some(chars.as_str()),
            '\\' if quote == '"' => match chars.clone().next() {
                Some(escaped) if unescape(escaped).is_some() => {
                    text.extend(unescape(escaped));
                    chars.next();
                }
                _ => text.push('\\'),
            },
            c => text.push(c),
        }
    }
    None
}

fn unescape(c: char) -> Option<char> {
    match c {
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        '"' | '\\' | '$' => Some(c),
        _ => None,
    }
}

fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

fn until_comment(text: &str) -> &str {
    if text.starts_with('#') {
        return "";
    }
    let comment = text.char_indices().zip(text.chars().skip(1));
    let comment =
        comment.filter(|((_, before), c)| before.is_whitespace() && *c == '#').map(|((at, _), _)| at).next();
    comment.and_then(|at| text.get(..at)).unwrap_or(text).trim_end()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(text: &str) -> Vec<(String, String)> {
        let (entries, malformed) = parse(text.as_bytes());
        assert_eq!(malformed, []);
        entries.into_iter().map(|entry| (entry.name, entry.text)).collect()
    }

    fn value(text: &str) -> String {
        values(&format!("A={text}\n")).pop().unwrap().1
    }

    #[test]
    fn plain_values_end_at_the_line_or_at_a_comment() {
        assert_eq!(value("1  "), "1");
        assert_eq!(value("two words # comment"), "two words");
        assert_eq!(value("a#b"), "a#b");
        assert_eq!(value(" # nothing"), "");
        assert_eq!(value("it's"), "it's");
    }

    #[test]
    fn json_keeps_its_quotes_and_dollars_stand_for_themselves() {
        assert_eq!(value(r#"["https://a", "https://b"]"#), r#"["https://a", "https://b"]"#);
        assert_eq!(value("pa$$word${HOME}"), "pa$$word${HOME}");
    }

    #[test]
    fn quoted_values_may_hold_anything_and_span_lines() {
        assert_eq!(value(r#""a # \"b\" \n\$c\d" # comment"#), "a # \"b\" \n$c\\d");
        assert_eq!(value("'a\\n\nb'"), "a\\n\nb");
        assert_eq!(
            values("export  A = 1\r\n\u{20}\r\nB='x\r\ny'\r\n"),
            [("A".to_owned(), "1".to_owned()), ("B".to_owned(), "x\ny".to_owned())]
        );
    }

    #[test]
    fn each_bad_line_is_named_and_the_rest_is_read() {
        let (entries, malformed) =
            parse(b"\xEF\xBB\xBFA=1\nnonsense\n2B=1\nC=\"open\nD='x' y\nE=5\nF=\xFF\n");
        let lines: Vec<_> = malformed.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [7, 2, 3, 4, 5]);
        let names: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.line)).collect();
        assert_eq!(names, [("A", 1), ("E", 6), ("F", 7)]);
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_verdict(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
            let (entries, malformed) = parse(&bytes);
            prop_assert!(entries.iter().all(|entry| (1..=lines).contains(&entry.line)));
            prop_assert!(malformed.iter().all(|problem| (1..=lines).contains(&problem.line)));
        }

        #[test]
        fn a_double_quoted_value_survives(text in "[^\r]*") {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
            prop_assert_eq!(value(&format!("\"{escaped}\"")), text);
        }

        #[test]
        fn a_single_quoted_value_survives(text in "[^\r']*") {
            prop_assert_eq!(value(&format!("'{text}'")), text);
        }
    }
}
