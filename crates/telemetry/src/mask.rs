//! Masking: personal data and credentials do not reach a log, whoever wrote the text.
//!
//! | kind | example | becomes |
//! |---|---|---|
//! | e-mail address | `ulla@example.com` | `u***@example.com` |
//! | telephone number | `+1 (555) 123-4567` | `***-***-4567` |
//! | payment card | `4111 1111 1111 1111` | `****-****-****-1111` |
//! | social security number | `123-45-6789` | `***-**-****` |
//! | bank account | `DE89370400440532013000` | `***` |
//! | key or token | `sk_live_…`, `eyJ…`, `Bearer …`, `https://user:password@…`, a private key in PEM | `***` |
//! | sensitive field | `password=…`, `"api_key": "…"` | `***` |
//! | pattern of one's own | | `***` |
//!
//! ```
//! use palisade_telemetry::Masker;
//!
//! let mask = Masker::default();
//! assert_eq!(mask.text("mail to ulla@example.com"), "mail to u***@example.com");
//! assert_eq!(mask.value("new_password", "hunter2"), "***");
//! assert_eq!(mask.query("page=2&email=ulla%40example.com"), "page=2&email=u***@example.com");
//! assert_eq!(mask.json(r#"{"pin":1234}"#), r#"{"pin":"***"}"#);
//! ```
//!
//! [`forms::FORMS`] lists each form that is known, with a text that it must not damage; `docs/masking.md` is made of it.
//!
//! The kinds are found by one pass over the bytes that looks back and ahead by bounded distances, so its time
//! grows with the text and not faster; regular expressions run for patterns of one's own alone. What no rule can
//! know, such as a person's name in a sentence, is not found: such a value belongs into a [`Pii`].

mod bytes;
mod custom;
mod digits;
mod email;
mod escapes;
mod form;
pub mod forms;
mod found;
mod iban;
mod json;
mod keep;
mod names;
mod pairs;
mod pem;
mod pii;
mod scan;
mod shapes;
mod token;

use std::{borrow::Cow, sync::Arc};

use custom::Custom;
pub use custom::MaskError;
use names::Names;
pub use pii::{Personal, Pii};
use scan::Scan;

/// What stands for a hidden value.
pub(crate) const HIDDEN: &str = palisade_core::Secret::REDACTED;

/// Longest text that is masked, in bytes; of a longer one the rest is left out.
pub const MAX_BYTES: usize = 64 * 1_024;

/// How far beyond the end of what is kept is looked, in bytes, so that a cut leaves no half of something that
/// would have been masked whole. Longer than any address (RFC 5321 §4.5.3.1: 320 bytes) and most keys.
pub(crate) const MARGIN: usize = 1_024;

/// What is masked besides the kinds that are built in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// More names of fields whose values are hidden. Case, `-` and `_` make no difference, and a name also stands
    /// for those that end in it: `badge` for `oldBadge`. At most 128.
    pub fields: Vec<String>,
    /// Regular expressions of the crate `regex`; what they match is hidden. At most 32 of 1,000 bytes each.
    pub patterns: Vec<String>,
}

/// Hides personal data and credentials in texts. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Masker {
    rules: Arc<Rules>,
}

#[derive(Debug, Default)]
struct Rules {
    names: Names,
    custom: Option<Custom>,
}

/// Whether a [`Masker`] can be made of `settings`.
///
/// # Errors
/// As [`Masker::new`].
pub fn check(settings: &Settings) -> Result<(), MaskError> {
    Masker::new(settings).map(|_| ())
}

impl Masker {
    /// A masker that knows the kinds that are built in and those of `settings`.
    ///
    /// # Errors
    /// When a pattern is not understood, matches the empty text or is too large, when a field's name has no letter
    /// or digit, and when there are too many of either.
    pub fn new(settings: &Settings) -> Result<Self, MaskError> {
        let names = Names::with(&settings.fields)?;
        Ok(Self { rules: Arc::new(Rules { names, custom: Custom::new(&settings.patterns)? }) })
    }

    /// A text without what is to be hidden: the same one when there is nothing. Of a text longer than
    /// [`MAX_BYTES`] the rest is replaced by `…`.
    #[must_use]
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.text_within(text, MAX_BYTES)
    }

    /// The value of a field called `name`: `***` when the name is [sensitive](Self::is_sensitive), else as a
    /// [text](Self::text).
    #[must_use]
    pub fn value<'a>(&self, name: &str, text: &'a str) -> Cow<'a, str> {
        if !text.is_empty() && self.is_sensitive(name) { HIDDEN.into() } else { self.text(text) }
    }

    /// The value of a header (RFC 9110 §5).
    #[must_use]
    pub fn header<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        self.value(name, value)
    }

    /// The path of a URL, percent-encoded or not.
    #[must_use]
    pub fn path<'a>(&self, path: &'a str) -> Cow<'a, str> {
        self.text(path)
    }

    /// The query of a URL, without its `?`. A pair that hides nothing stays as it is.
    #[must_use]
    pub fn query<'a>(&self, query: &'a str) -> Cow<'a, str> {
        form::mask(self, query)
    }

    /// A body of the type `application/x-www-form-urlencoded`.
    #[must_use]
    pub fn form<'a>(&self, form: &'a str) -> Cow<'a, str> {
        form::mask(self, form)
    }

    /// A JSON text. One that is cut, broken or longer than [`MAX_BYTES`] is masked as text, which still hides the
    /// values of sensitive members.
    #[must_use]
    pub fn json(&self, json: &str) -> String {
        json::mask(self, json)
    }

    /// The same for a value that is parsed. What lies deeper than 16 levels becomes `"[too deep]"`; a string that
    /// holds an object or an array counts as one level.
    pub fn json_value(&self, value: &mut serde_json::Value) {
        json::mask_value(self, value, 0);
    }

    /// Whether values of a field called `name` are hidden whatever they are. Case, `-`, `_` and camel case make no
    /// difference, and the name may have words before: `newPassword`, `X-Api-Key`, `user[password]`.
    #[must_use]
    pub fn is_sensitive(&self, name: &str) -> bool {
        self.rules.names.contains(name)
    }

    /// As [`Self::text`], for a text of which `limit` bytes are kept.
    pub(crate) fn text_within<'a>(&self, text: &'a str, limit: usize) -> Cow<'a, str> {
        let Rules { names, custom } = &*self.rules;
        if text.len() > limit {
            return cut(names, custom.as_ref(), text, limit).into();
        }
        match custom.as_ref().and_then(|custom| custom.mask(text, text.len())) {
            None => masked(names, text).map_or(Cow::Borrowed(text), Cow::Owned),
            Some((text, _)) => masked(names, &text).unwrap_or(text).into(),
        }
    }
}

fn cut(names: &Names, custom: Option<&Custom>, text: &str, limit: usize) -> String {
    let (window, end) = (prefix(text, limit + MARGIN), text.floor_char_boundary(limit));
    let seen = custom.and_then(|custom| custom.mask(window, end));
    let (seen, end) = seen.as_ref().map_or((window, end), |(text, end)| (text.as_str(), *end));
    let kept = scan::mask(names, seen, end).unwrap_or_else(|| prefix(seen, end).to_owned());
    let mut kept = masked(names, &kept).unwrap_or(kept);
    kept.push('…');
    kept
}

/// The text without what is to be hidden, and also without what is written with escapes; `None` when there is
/// nothing.
fn masked(names: &Names, text: &str) -> Option<String> {
    if keep::is_whole(text) {
        return None;
    }
    let mut scan = Scan::new(names, text);
    if scan.next().is_none() && !scan.saw_escape() {
        return None;
    }
    let mut shown = settled(names, text);
    let mut plain = escapes::decode(shown.as_deref().unwrap_or(text));
    for _ in 0..escapes::MAX_LAYERS {
        let Some(text) = plain else { break };
        let masked = settled(names, &text);
        plain = escapes::decode(masked.as_deref().unwrap_or(&text));
        shown = masked.or(shown);
    }
    shown
}

/// Masks until nothing is left to mask: what was hidden may have stood between the halves of something.
fn settled(names: &Names, text: &str) -> Option<String> {
    let mut shown = scan::mask(names, text, text.len())?;
    for _ in 0..3 {
        match scan::mask(names, &shown, shown.len()) {
            Some(next) => shown = next,
            None => break,
        }
    }
    Some(shown)
}

fn prefix(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Holds what is shown of a text against what is to be seen of it.
    #[track_caller]
    pub(super) fn masks(text: &str, shown: &str) {
        assert_eq!(Masker::default().text(text), shown, "{text}");
    }

    #[test]
    fn what_hides_nothing_is_lent() {
        let mask = Masker::default();
        for text in ["", "GET", "/api/v1/users/{id}", "0193a1b2-7c3d-7e4f-8a5b-0123456789ab", "203.0.113.7"] {
            assert!(matches!(mask.text(text), Cow::Borrowed(_)), "{text}");
        }
        assert_eq!(mask.value("password", ""), "");
        assert_eq!(mask.header("X-Api-Key", "x"), "***");
        assert_eq!(mask.header("Accept", "x"), "x");
    }

    #[test]
    fn a_long_text_is_cut_and_no_half_is_left_at_the_cut() {
        let mask = Masker::default();
        for card in ["4111 1111 1111 1111", "ulla@example.com"] {
            for back in 0..card.len() + 2 {
                let text = format!("{} {card}{}", "ü".repeat((MAX_BYTES - back) / 2), " x".repeat(2_000));
                let shown = mask.text(&text);
                assert!(shown.len() < MAX_BYTES + 32 && shown.ends_with('…'));
                assert!(
                    !shown.contains("41") && !shown.contains("ul"),
                    "{back} {}",
                    &shown[shown.len() - 60..]
                );
            }
        }
        let pattern = Settings { patterns: vec!["long".to_owned()], ..Settings::default() };
        let shown = Masker::new(&pattern).unwrap().text_within(&"long ".repeat(1_000), 100).into_owned();
        assert!(shown.starts_with("*** ***") && !shown.contains('l') && shown.len() < 110, "{shown}");
    }
}
