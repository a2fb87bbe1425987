//! Every problem at once, for the person who must put them right.

use std::fmt;

use crate::Problem;

/// Everything that is wrong with the settings, sorted by setting. It shows as a text for standard error, one
/// block per problem, and holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report(Vec<Problem>);

impl Report {
    pub(crate) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self(problems)
    }

    /// The problems, sorted by setting.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl std::error::Error for Report {}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => writeln!(f, "1 problem with the settings")?,
            count => writeln!(f, "{count} problems with the settings")?,
        }
        self.0.iter().try_for_each(|problem| write!(f, "\n{problem}"))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.variable {
            Some(variable) => writeln!(f, "  {} ({variable})", self.key)?,
            None => writeln!(f, "  {}", self.key)?,
        }
        line(f, "problem", &self.message)?;
        line(f, "origin", &self.origin.to_string())?;
        self.meant.iter().try_for_each(|meant| line(f, "hint", &format!("did you mean {meant}?")))
    }
}

/// Control characters are escaped: a value from outside must not forge lines or colours.
fn line(f: &mut fmt::Formatter<'_>, label: &str, text: &str) -> fmt::Result {
    write!(f, "    {label:<9}")?;
    for c in text.chars() {
        if c.is_control() { write!(f, "{}", c.escape_default())? } else { write!(f, "{c}")? }
    }
    writeln!(f)
}
