//! Which media types a body may have.

use std::{fmt, str::FromStr};

use actix_web::http::header::HeaderValue;

/// A list of media types, of which each may leave parts open: `application/json`, `application/*+json`,
/// `image/*`, `*/*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaTypes(Vec<MediaType>);

/// A part of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct MediaType {
    type_: Part,
    subtype: Part,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Any,
    Is(String),
    /// `*+json`: the suffix with its plus sign.
    EndsWith(String),
}

/// Text that is no media type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no media type such as application/json or application/*+json")]
pub struct InvalidMediaType(String);

impl MediaTypes {
    /// Reads the list.
    ///
    /// # Errors
    /// When one of them is no media type.
    pub fn parse(names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, InvalidMediaType> {
        names.into_iter().map(|name| name.as_ref().parse()).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the list has the type that a `Content-Type` header names; its parameters do not count.
    #[must_use]
    pub fn contain(&self, content_type: &HeaderValue) -> bool {
        let essence = content_type.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        let Some(slash) = essence.iter().position(|byte| *byte == b'/') else { return false };
        let (type_, subtype) = essence.split_at(slash);
        let (type_, subtype) = (type_.trim_ascii(), subtype.get(1..).unwrap_or_default().trim_ascii());
        self.0.iter().any(|known| known.type_.is(type_) && known.subtype.is(subtype))
    }
}

impl Part {
    fn is(&self, text: &[u8]) -> bool {
        match self {
            Self::Any => !text.is_empty(),
            Self::Is(name) => text.eq_ignore_ascii_case(name.as_bytes()),
            Self::EndsWith(suffix) => text
                .len()
                .checked_sub(suffix.len())
                .filter(|start| *start > 0)
                .and_then(|start| text.get(start..))
                .is_some_and(|end| end.eq_ignore_ascii_case(suffix.as_bytes())),
        }
    }
}

impl FromStr for MediaType {
    type Err = InvalidMediaType;

    fn from_str(text: &str) -> Result<Self, InvalidMediaType> {
        // RFC 9110 §5.6.2, without the asterisk, which leaves a part open here.
        let token = |text: &str| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'+-.^_`|~".contains(&byte);
            !text.is_empty() && text.bytes().all(allowed)
        };
        let part = |text: &str| match text.strip_prefix('*') {
            Some("") => Some(Part::Any),
            Some(suffix) if suffix.starts_with('+') && token(suffix) => {
                Some(Part::EndsWith(suffix.to_owned()))
            }
            None if token(text) => Some(Part::Is(text.to_owned())),
            _ => None,
        };
        let parts = text.trim().split_once('/').and_then(|(type_, subtype)| {
            let type_ = part(type_).filter(|part| !matches!(part, Part::EndsWith(_)))?;
            Some(Self { type_, subtype: part(subtype)? })
        });
        parts.ok_or_else(|| InvalidMediaType(text.to_owned()))
    }
}

/// As in an `Accept` header.
impl fmt::Display for MediaTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, MediaType { type_, subtype }) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{type_}/{subtype}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::Is(name) => f.write_str(name),
            Self::EndsWith(suffix) => write!(f, "*{suffix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_may_be_left_open() {
        let types = MediaTypes::parse(["application/json", "application/*+json", "image/*"]).unwrap();
        let contain = |text| types.contain(&HeaderValue::from_static(text));
        for text in [
            "application/json",
            "Application/JSON ; charset=utf-8",
            "application/merge-patch+json",
            "image/png",
        ] {
            assert!(contain(text), "{text}");
        }
        for text in [
            "",
            "/",
            "json",
            "application/+json",
            "application/jsonx",
            "application/xml",
            "image/",
            "text/json",
        ] {
            assert!(!contain(text), "{text}");
        }
        assert_eq!(types.to_string(), "application/json, application/*+json, image/*");
    }

    #[test]
    fn what_is_no_type_is_told() {
        for name in ["", "json", "a/", "/a", "a/b c", "*+a/b", "a/*b", "a/b;c=d"] {
            assert_eq!(MediaTypes::parse([name]), Err(InvalidMediaType(name.to_owned())));
        }
    }
}
