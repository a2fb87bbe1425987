//! The value of `If-Match` and `If-None-Match`.

use std::str::FromStr;

use super::{ETag, Malformed};

/// Which states of a resource are meant (RFC 9110 §13.1.1, §13.1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `*`: any state, as long as the resource exists.
    Any,
    /// One of these.
    Tags(Vec<ETag>),
}

impl Condition {
    /// Longest list that is looked at, in bytes.
    pub const MAX_LENGTH: usize = 4_096;

    /// Whether `current` is meant, byte for byte: for `If-Match`, which guards a change.
    #[must_use]
    pub fn matches_strongly(&self, current: &ETag) -> bool {
        self.any(|tag| tag.same_bytes(current))
    }

    /// Whether `current` is meant by its meaning: for `If-None-Match`, which spares a transfer.
    #[must_use]
    pub fn matches_weakly(&self, current: &ETag) -> bool {
        self.any(|tag| tag.same_meaning(current))
    }

    fn any(&self, same: impl Fn(&ETag) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::Tags(tags) => tags.iter().any(same),
        }
    }
}

impl FromStr for Condition {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text.len() > Self::MAX_LENGTH {
            return Err(Malformed);
        }
        let mut rest = text.trim_matches(blank);
        if rest == "*" {
            return Ok(Self::Any);
        }
        let mut tags = Vec::new();
        while !rest.is_empty() {
            let (tag, tail) = first_tag(rest)?;
            tags.extend(tag);
            rest = tail;
        }
        if tags.is_empty() { Err(Malformed) } else { Ok(Self::Tags(tags)) }
    }
}

/// The first element of a list, if it is not empty (RFC 9110 §5.6.1.2 allows that), and what follows it. A
/// comma within the quotes belongs to the tag, so a list cannot be split at its commas.
fn first_tag(text: &str) -> Result<(Option<ETag>, &str), Malformed> {
    if let Some(rest) = text.strip_prefix(',') {
        return Ok((None, rest.trim_start_matches(blank)));
    }
    let quote = text.find('"').ok_or(Malformed)?;
    let (opening, inside) = text.split_at_checked(quote + 1).ok_or(Malformed)?;
    let length = opening.len() + inside.find('"').ok_or(Malformed)? + 1;
    let (tag, rest) = text.split_at_checked(length).ok_or(Malformed)?;
    let rest = rest.trim_start_matches(blank);
    let rest = match rest.strip_prefix(',') {
        Some(rest) => rest.trim_start_matches(blank),
        None if rest.is_empty() => rest,
        None => return Err(Malformed),
    };
    Ok((Some(tag.parse()?), rest))
}

fn blank(character: char) -> bool {
    character == ' ' || character == '\t'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_the_examples_of_the_standard() {
        for (text, count) in [
            ("\"xyzzy\"", 1),
            ("\"xyzzy\", \"r2d2xxxx\", \"c3piozzzz\"", 3),
            ("W/\"xyzzy\", W/\"r2d2xxxx\"", 2),
            (" ,\"a,b\" ,, \"\",", 2),
        ] {
            assert!(matches!(text.parse(), Ok(Condition::Tags(tags)) if tags.len() == count), "{text}");
        }
        assert_eq!("*".parse(), Ok(Condition::Any));
    }

    #[test]
    fn refuses_what_is_no_list_of_tags() {
        for text in ["", ",", "xyzzy", "\"a", "\"a\" \"b\"", "w/\"a\"", "*, \"a\"", "W/ \"a\"", "'a'"] {
            assert_eq!(text.parse::<Condition>(), Err(Malformed), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(tags in prop::collection::vec(("[!#-~]{0,9}", any::<bool>()), 1..6)) {
            let tags: Vec<_> = tags.into_iter().map(|(opaque, weak)| ETag { opaque, weak }).collect();
            let text = tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            prop_assert_eq!(text.parse(), Ok(Condition::Tags(tags)));
        }

        #[test]
        fn any_text_gives_a_verdict(text in "[ ,W/\"*a-c]*") {
            let _ = text.parse::<Condition>();
        }
    }
}
