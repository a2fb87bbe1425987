//! Patterns of one's own.

use regex::{Regex, RegexBuilder};

use super::HIDDEN;

const MOST: usize = 32;
const LONGEST: usize = 1_000;
/// Most bytes of a pattern in the machine's form, and of what the machine remembers of texts; a Unicode class takes
/// some ten thousand.
const SIZE: usize = 512 * 1_024;

/// Why masking cannot be set up so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MaskError {
    /// A pattern is not understood, or is too large.
    #[error("the pattern `{pattern}` cannot be used: {problem}")]
    Pattern {
        /// The pattern, cut when it is long.
        pattern: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A name of a field has neither letter nor digit.
    #[error("`{name}` is not the name of a field")]
    Field {
        /// The name.
        name: String,
    },
    /// There are too many of something.
    #[error("there are more than {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
}

/// The patterns, each of which sees what those before it have left.
#[derive(Debug)]
pub(super) struct Custom(Vec<Regex>);

impl Custom {
    /// `None` when there are no patterns.
    pub(super) fn new(patterns: &[String]) -> Result<Option<Self>, MaskError> {
        if patterns.len() > MOST {
            return Err(MaskError::TooMany { what: "patterns", most: MOST });
        }
        let all = patterns.iter().map(|pattern| compile(pattern)).collect::<Result<Vec<_>, _>>()?;
        Ok((!all.is_empty()).then_some(Self(all)))
    }

    /// The text with each match replaced, and where the place `end` of the text has moved; `None` when there is none.
    pub(super) fn mask(&self, text: &str, end: usize) -> Option<(String, usize)> {
        self.0.iter().fold(None, |shown, pattern| {
            let (text, end) = shown.as_ref().map_or((text, end), |(text, end)| (text.as_str(), *end));
            replace(pattern, text, end).or(shown)
        })
    }
}

fn compile(pattern: &str) -> Result<Regex, MaskError> {
    let refuse = |problem: String| MaskError::Pattern {
        pattern: pattern.chars().take(100).collect(),
        // The crate's text shows the pattern again, over several lines; its last one says what is wrong.
        problem: problem.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    };
    if pattern.len() > LONGEST {
        return Err(refuse(format!("it is longer than {LONGEST} bytes")));
    }
    let built = RegexBuilder::new(pattern).size_limit(SIZE).dfa_size_limit(SIZE).nest_limit(50).build();
    let regex = built.map_err(|error| refuse(error.to_string()))?;
    if regex.is_match("") {
        return Err(refuse("it matches the empty text, and so everywhere".to_owned()));
    }
    Ok(regex)
}

fn replace(pattern: &Regex, text: &str, end: usize) -> Option<(String, usize)> {
    let mut out = String::new();
    let (mut done, mut moved) = (0, None);
    for found in pattern.find_iter(text).filter(|found| !found.is_empty() && found.as_str() != HIDDEN) {
        if found.start() >= end {
            moved = moved.or_else(|| Some(out.len() + end - done));
        }
        out.push_str(text.get(done..found.start()).unwrap_or_default());
        out.push_str(HIDDEN);
        done = found.end();
        if done >= end {
            moved = moved.or(Some(out.len()));
        }
    }
    (done > 0).then(|| {
        let moved = moved.unwrap_or_else(|| out.len() + end - done);
        out.push_str(text.get(done..).unwrap_or_default());
        (out, moved)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Masker, mask::Settings};

    fn masker(patterns: &[&str]) -> Result<Masker, MaskError> {
        let patterns = patterns.iter().map(ToString::to_string).collect();
        Masker::new(&Settings { patterns, ..Settings::default() })
    }

    #[test]
    fn hides_what_a_pattern_matches() {
        let mask =
            masker(&[r"\bEMP-\d{4}\b", "(?x) zeta  # a comment", "(?<a>beta)", "(?<a>gamma)"]).unwrap();
        assert_eq!(
            mask.text("EMP-1234 zeta beta gamma ulla@example.com"),
            "*** *** *** *** u***@example.com"
        );
        assert_eq!(mask.text("EMP-12345"), "EMP-12345");
    }

    #[test]
    fn refuses_what_cannot_be_used() {
        for (pattern, problem) in [
            ("(", "the pattern `(` cannot be used: unclosed group"),
            ("a*", "the pattern `a*` cannot be used: it matches the empty text, and so everywhere"),
        ] {
            assert_eq!(masker(&[pattern]).unwrap_err().to_string(), problem);
        }
        for pattern in [&"x".repeat(1_001), r"\w{1000}", &"(".repeat(60)] {
            assert!(masker(&[pattern]).is_err());
        }
        assert_eq!(masker(&["x"; 33]).unwrap_err().to_string(), "there are more than 32 patterns");
    }
}
