//! One pass over the values of a request: where it is, and what it found.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

use crate::FieldError;

/// Where members come from: a body has JSON types, a query string or form has only text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// A JSON body.
    Body,
    /// The pairs of a query string or form.
    Pairs,
}

/// The names of the members of structs, by the pointers to the structs.
pub(super) type Names = BTreeMap<String, &'static [&'static str]>;

pub(super) struct Pass<'a> {
    pub(super) source: Source,
    problems: RefCell<Vec<FieldError>>,
    refusal: RefCell<Option<Refusal>>,
    /// How many more values may be read.
    left: &'a Cell<usize>,
    names: Option<RefCell<Names>>,
}

/// Why and where a pass ended.
pub(super) struct Refusal {
    pub(super) place: Vec<String>,
    /// What the client is told; nothing where a stand-in was refused.
    pub(super) problems: Vec<FieldError>,
    pub(super) cure: Cure,
}

/// What the next pass does at the place.
pub(super) enum Cure {
    /// It reads a stand-in.
    StandIn,
    /// It reads a stand-in for a member that was not given.
    Missing(&'static str),
    /// It leaves the member out.
    LeaveOut,
}

impl<'a> Pass<'a> {
    pub(super) fn new(source: Source, left: &'a Cell<usize>) -> Self {
        Self { source, problems: RefCell::default(), refusal: RefCell::default(), left, names: None }
    }

    pub(super) fn collecting_names(source: Source, left: &'a Cell<usize>) -> Self {
        Self { names: Some(RefCell::default()), ..Self::new(source, left) }
    }

    /// Whether one more value may be read.
    pub(super) fn goes_on(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left > 0 && self.problems.borrow().len() < FieldError::MOST
    }

    pub(super) fn tell(&self, problem: FieldError) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < FieldError::MOST {
            problems.push(problem);
        }
    }

    /// Ends the pass; at `pointer`, unless a stand-in was refused. What was already told of the value there and of its
    /// parts is the reason, not what its type says of the stand-ins in it.
    pub(super) fn refuse(&self, mut refusal: Refusal, pointer: Option<&str>) {
        let problems = self.problems.borrow();
        let within =
            problems.iter().filter(|problem| pointer.is_some_and(|whole| is_within(&problem.field, whole)));
        let told: Vec<_> = within.cloned().collect();
        // A member is missing whatever its neighbours are.
        if !told.is_empty() && !matches!(refusal.cure, Cure::Missing(_)) {
            refusal.problems = told;
        }
        *self.refusal.borrow_mut() = Some(refusal);
    }

    pub(super) fn end(self) -> (Vec<FieldError>, Option<Refusal>) {
        (self.problems.into_inner(), self.refusal.into_inner())
    }

    pub(super) fn name(&self, pointer: impl FnOnce() -> String, members: &'static [&'static str]) {
        if let Some(names) = &self.names {
            names.borrow_mut().insert(pointer(), members);
        }
    }

    pub(super) fn into_names(self) -> Names {
        self.names.map(RefCell::into_inner).unwrap_or_default()
    }
}

/// Whether `pointer` leads to `whole` or to a part of it.
pub(super) fn is_within(pointer: &str, whole: &str) -> bool {
    pointer.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A place among the values: a chain from the innermost outwards.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    pub(super) outer: Option<&'p Path<'p>>,
    pub(super) step: Step<'p>,
}

#[derive(Clone, Copy)]
pub(super) enum Step<'p> {
    Root,
    /// A member of a struct.
    Member(&'p str),
    /// A member of a map, or the content of an enum's variant.
    Entry(&'p str),
    /// An item of a list.
    Item(usize),
}

impl Path<'_> {
    pub(super) const ROOT: Path<'static> = Path { outer: None, step: Step::Root };

    /// The problem, told of this place.
    pub(super) fn place(&self, mut problem: FieldError) -> FieldError {
        let mut here = Some(self);
        while let Some(path) = here {
            problem = match path.step {
                Step::Root => problem,
                Step::Member(name) | Step::Entry(name) => problem.at(name),
                Step::Item(index) => problem.at(&index.to_string()),
            };
            here = path.outer;
        }
        problem
    }

    pub(super) fn pointer(&self) -> String {
        self.place(FieldError::unplaced("", "")).field
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            std::iter::successors(Some(self), |path| path.outer).filter_map(Path::name).collect();
        names.reverse();
        names
    }

    pub(super) fn name(&self) -> Option<String> {
        match self.step {
            Step::Root => None,
            Step::Member(name) | Step::Entry(name) => Some(name.to_owned()),
            Step::Item(index) => Some(index.to_string()),
        }
    }
}
