//! One value, or the stand-in for one, as serde reads it.

use std::borrow::Cow;

use serde::de::DeserializeSeed;
use serde_json::{Map, Value};

use super::{
    marks::{Instead, Mark},
    pass::{Cure, Pass, Path, Refusal, Source, Step},
    refused::{Refused, missing, repeated, unknown},
};
use crate::FieldError;

#[derive(Clone, Copy)]
pub(super) struct Node<'de, 'p> {
    /// The value; none where a stand-in is read.
    pub(super) given: Option<&'de Value>,
    /// Which stand-in.
    pub(super) attempt: usize,
    pub(super) mark: Option<&'p Mark>,
    pub(super) path: &'p Path<'p>,
    pub(super) pass: &'p Pass<'p>,
}

impl<'de, 'p> Node<'de, 'p> {
    pub(super) fn root(value: &'de Value, mark: &'p Mark, pass: &'p Pass<'p>) -> Self {
        mark.problems.iter().for_each(|problem| pass.tell(problem.clone()));
        let mark = Some(mark).filter(|mark| !mark.is_empty());
        Self { given: Some(value), attempt: 0, mark: None, path: &Path::ROOT, pass }.marked(mark)
    }

    /// The value at `path`, one step below this one.
    pub(super) fn below<'c>(self, path: &'c Path<'c>, given: Option<&'de Value>) -> Node<'de, 'c>
    where
        'p: 'c,
    {
        let mark = self.mark.and_then(|mark| mark.below(&path.name()?));
        if let (Some(mark), Some(_)) = (mark, self.given) {
            mark.problems.iter().for_each(|problem| self.pass.tell(problem.clone()));
        }
        Node { given, attempt: 0, mark: None, path, pass: self.pass }.marked(mark)
    }

    fn marked(self, mark: Option<&'p Mark>) -> Self {
        match mark.and_then(|mark| mark.instead) {
            Some(Instead::StandIn(attempt)) => Self { given: None, attempt, mark, ..self },
            _ => Self { mark, ..self },
        }
    }

    pub(super) fn read<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refused> {
        let is_last = self.mark.is_some_and(|mark| mark.instead == Some(Instead::Last));
        if is_last || !self.pass.goes_on() {
            return Err(Refused::Noted);
        }
        seed.deserialize(self).map_err(|refused| self.refuse(refused))
    }

    /// Ends the pass here.
    pub(super) fn refuse(self, refused: Refused) -> Refused {
        if !matches!(refused, Refused::Noted) {
            self.end(Cure::StandIn, refused.into_problems());
        }
        Refused::Noted
    }

    /// Ends the pass at a member of this object, if the object's type named one; `last` was read last.
    pub(super) fn refuse_member(self, refused: Refused, last: &str) -> Refused {
        let path = |name| Path { outer: Some(self.path), step: Step::Entry(name) };
        match refused {
            Refused::Missing(name) => self.end(Cure::Missing(name), vec![missing().at(name)]),
            Refused::Repeated => self.below(&path(last), self.given).end(Cure::LeaveOut, vec![repeated()]),
            Refused::Unknown => self.below(&path(last), self.given).end(Cure::LeaveOut, vec![unknown()]),
            Refused::UnknownName(name) if self.has(&name) => {
                self.below(&path(&name), self.given).end(Cure::LeaveOut, vec![unknown()]);
            }
            other => return other,
        }
        Refused::Noted
    }

    fn has(self, name: &str) -> bool {
        matches!(self.given, Some(Value::Object(members)) if members.contains_key(name))
    }

    pub(super) fn end(self, cure: Cure, problems: Vec<FieldError>) {
        let place = self.path.names();
        if self.given.is_some() {
            let problems = problems.into_iter().map(|problem| self.path.place(problem)).collect();
            self.pass.refuse(Refusal { place, problems, cure }, Some(&self.path.pointer()));
        } else {
            self.pass.refuse(Refusal { place, problems: Vec::new(), cure }, None);
        }
    }

    /// Tells a problem of this value, of which the pass then reads a stand-in.
    pub(super) fn tell(self, problem: FieldError) {
        if self.given.is_some() {
            self.pass.tell(self.path.place(problem));
        }
    }

    pub(super) fn wrong_type(self, message: impl Into<Cow<'static, str>>) {
        self.tell(match self.given {
            None => return,
            Some(Value::Null) if matches!(self.path.step, Step::Member(_)) => missing(),
            Some(Value::Array(_)) if self.is_pairs() => repeated(),
            _ => FieldError::unplaced("invalid_type", message),
        });
    }

    pub(super) fn is_pairs(self) -> bool {
        self.pass.source == Source::Pairs
    }

    /// The members of an object; of anything else, after telling so, those of a stand-in.
    pub(super) fn object(self) -> (Self, Option<&'de Map<String, Value>>) {
        match self.given {
            Some(Value::Object(members)) => (self, Some(members)),
            _ => {
                self.wrong_type("must be an object");
                (self.stand_in(), None)
            }
        }
    }

    pub(super) fn stand_in(self) -> Self {
        Self { given: None, ..self }
    }
}
