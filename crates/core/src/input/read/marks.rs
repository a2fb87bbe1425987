//! What earlier passes learnt about places.

use std::collections::BTreeMap;

use super::pass::{Cure, Refusal};
use crate::FieldError;

/// What is known of a place and of those below it.
#[derive(Default)]
pub(super) struct Mark {
    below: BTreeMap<String, Mark>,
    /// The members that were missing.
    pub(super) missing: Vec<&'static str>,
    pub(super) problems: Vec<FieldError>,
    pub(super) instead: Option<Instead>,
}

/// What is read at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Instead {
    /// The stand-in of that number.
    StandIn(usize),
    /// Nothing: the member is left out.
    Nothing,
    /// Nothing that the type takes. It comes after all else that can be read, and ends the pass.
    Last,
}

impl Mark {
    /// How many stand-ins are tried.
    const MOST_TRIES: usize = 14;

    /// Whether nothing is known, as before the first pass.
    pub(super) fn is_empty(&self) -> bool {
        self.instead.is_none() && self.below.is_empty()
    }

    pub(super) fn below(&self, name: &str) -> Option<&Self> {
        self.below.get(name)
    }

    /// Whether a place here or below ends the pass.
    pub(super) fn is_last(&self) -> bool {
        self.instead == Some(Instead::Last) || self.below.values().any(Self::is_last)
    }

    /// Takes note of why a pass ended. False when another pass would end there too.
    pub(super) fn learn(&mut self, refusal: Refusal) -> bool {
        let mut mark = self;
        for name in refusal.place {
            mark = mark.below.entry(name).or_default();
        }
        let cure = match refusal.cure {
            Cure::LeaveOut => Instead::Nothing,
            Cure::StandIn => Instead::StandIn(0),
            Cure::Missing(name) => {
                if !mark.missing.contains(&name) {
                    mark.missing.push(name);
                }
                mark = mark.below.entry(name.to_owned()).or_default();
                Instead::StandIn(0)
            }
        };
        mark.instead = Some(match mark.instead {
            None => {
                mark.problems = refusal.problems;
                cure
            }
            Some(Instead::StandIn(tried)) if tried < Self::MOST_TRIES => Instead::StandIn(tried + 1),
            Some(Instead::StandIn(_)) => Instead::Last,
            Some(Instead::Nothing | Instead::Last) => return false,
        });
        true
    }

    /// The problems that the last pass told, and those of marks that it did not reach.
    pub(super) fn with_problems(&self, mut told: Vec<FieldError>) -> Vec<FieldError> {
        let untold: Vec<_> =
            self.problems.iter().filter(|problem| !told.contains(problem)).cloned().collect();
        told.extend(untold);
        self.below.values().fold(told, |told, mark| mark.with_problems(told))
    }
}
