//! Just enough of Rust's grammar to tell code from comments, text and tests.

use std::ops::Range;

/// The same text with comments and the contents of literals turned into spaces. Offsets and lines stay.
pub(crate) fn blank(text: &str) -> String {
    let mut code = text.as_bytes().to_vec();
    let mut at = 0;
    while at < code.len() {
        let (end, keep) = token(text, at);
        for byte in &mut code[at + keep..end - keep] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8(code).expect("whole characters were blanked")
}

/// Where what starts at `at` ends, and how many bytes at both its ends stay. Code passes with an empty range.
fn token(text: &str, at: usize) -> (usize, usize) {
    let rest = &text.as_bytes()[at..];
    let previous = at.checked_sub(1).map_or(b' ', |before| text.as_bytes()[before]);
    match rest {
        [b'/', b'/', ..] => (at + rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()), 0),
        [b'/', b'*', ..] => (at + block_comment(rest), 0),
        [b'"', ..] => (at + quoted(rest, b'"'), 1),
        [b'\'', ..] => character(text, at).map_or((at, 0), |end| (end, 1)),
        [b'r', b'"' | b'#', ..] if !is_name(previous) || matches!(previous, b'b' | b'c') => {
            raw(rest).map_or((at, 0), |length| (at + length, 1))
        }
        _ => (at, 0),
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest.get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() && rest[at] != quote {
        at += if rest[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(rest.len())
}

/// The end of a character literal, `None` for a lifetime.
fn character(text: &str, at: usize) -> Option<usize> {
    let inside = text.get(at + 1..)?.chars().next()?;
    if inside == '\\' {
        return Some(at + quoted(&text.as_bytes()[at..], b'\''));
    }
    let end = at + 1 + inside.len_utf8();
    (text.as_bytes().get(end) == Some(&b'\'')).then_some(end + 1)
}

/// The length of a raw string, `None` for a raw name such as `r#type`.
fn raw(rest: &[u8]) -> Option<usize> {
    let hashes = rest[1..].iter().take_while(|byte| **byte == b'#').count();
    let body = 2 + hashes;
    if rest.get(body - 1) != Some(&b'"') {
        return None;
    }
    let close = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    let length = rest[body..].windows(close.len()).position(|window| window == close)?;
    Some(body + length + close.len())
}

/// Whether the byte can stand within a name.
pub(crate) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Where the items under `#[cfg(test)]` stand in blanked code.
pub(crate) fn test_items(code: &str) -> Vec<Range<usize>> {
    let mut items: Vec<Range<usize>> = Vec::new();
    for mark in ["#[cfg(test)]", "#[cfg(all(test"] {
        for (start, _) in code.match_indices(mark) {
            if !items.iter().any(|item| item.contains(&start)) {
                items.push(start..item_end(code, start));
            }
        }
    }
    items
}

/// The end of the item whose first attribute starts at `start`: its closing brace, or its semicolon.
pub(crate) fn item_end(code: &str, start: usize) -> usize {
    let mut depth = 0;
    for (offset, byte) in code.as_bytes().iter().enumerate().skip(start) {
        match byte {
            b'{' | b'(' | b'[' => depth += 1,
            b'}' | b')' | b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(byte, b'}' | b';') {
            return offset + 1;
        }
    }
    code.len()
}

#[test]
fn comments_and_literals_are_not_code() {
    let text = "a /* b /* c */ d */ e // f\ng \"h\\\"i\" 'j' r#\"k\"l\"# 'm: n r#o '\\'' b\"p\" 'é' q";
    let code = blank(text);
    let words: Vec<&str> =
        code.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
    assert_eq!(words, ["a", "e", "g", "r", "m", "n", "r", "o", "b", "q"]);
    assert_eq!(code.len(), text.len());
    assert_eq!(code.lines().count(), 2);
}

#[test]
fn test_items_end_with_their_brace() {
    let code = "fn a() {}\n#[cfg(test)]\nmod tests { fn b() { if c {} } }\nfn d() {}\n#[cfg(test)]\nmod more;\nfn e() {}";
    let cut: Vec<&str> = test_items(code).into_iter().map(|item| &code[item]).collect();
    assert_eq!(cut.len(), 2);
    assert!(cut[0].ends_with("{ if c {} } }") && cut[1].ends_with("mod more;"), "{cut:?}");
}
