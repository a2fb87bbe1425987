//! What the checks found.

use serde::{Serialize, Serializer};

/// The verdict on one part or on the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It works.
    Ok,
    /// It does not work, and the program serves without it.
    Degraded,
    /// It does not work, and the program cannot serve without it.
    Fail,
}

impl Status {
    /// The word in a response body.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Degraded => "degraded",
            Self::Fail => "fail",
        }
    }

    /// The worse of the two.
    #[must_use]
    pub(crate) const fn worse(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fail, _) | (_, Self::Fail) => Self::Fail,
            (Self::Degraded, _) | (_, Self::Degraded) => Self::Degraded,
            _ => Self::Ok,
        }
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The verdicts of one run over all registered checks, in the order of registration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    pub(crate) checks: Vec<(String, Status)>,
}

impl Report {
    /// The worst verdict of all; a program without checks is well.
    #[must_use]
    pub fn status(&self) -> Status {
        self.checks.iter().fold(Status::Ok, |worst, (_, status)| worst.worse(*status))
    }

    /// The verdict on the part `name`, when such a part is registered.
    #[must_use]
    pub fn of(&self, name: &str) -> Option<Status> {
        self.checks.iter().find(|(known, _)| known == name).map(|(_, status)| *status)
    }

    /// Each part's name and verdict.
    pub fn checks(&self) -> impl Iterator<Item = (&str, Status)> {
        self.checks.iter().map(|(name, status)| (name.as_str(), *status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_is_as_bad_as_its_worst_part() {
        let report =
            |statuses: &[Status]| Report { checks: statuses.iter().map(|s| (String::new(), *s)).collect() };
        assert_eq!(report(&[]).status(), Status::Ok);
        assert_eq!(report(&[Status::Ok, Status::Degraded]).status(), Status::Degraded);
        assert_eq!(report(&[Status::Fail, Status::Degraded, Status::Ok]).status(), Status::Fail);
    }
}
