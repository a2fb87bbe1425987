//! A rule: names that may stand in the code of some files only.

use crate::source::{Source, lines_of};

/// Names, the files they may stand in, and why.
pub(crate) struct Rule<'a> {
    /// The rule in words, for the one who broke it.
    pub(crate) says: &'a str,
    /// What must not be named.
    pub(crate) names: &'a [&'a str],
    /// The files, or folders that end in `/`, that may, each with the reason.
    pub(crate) except: &'a [(&'a str, &'a str)],
}

impl Rule<'_> {
    /// Looks at the part of each source that `part` gives, where it gives one.
    ///
    /// # Panics
    /// When the rule is broken, or an exception is of no more use.
    pub(crate) fn check(&self, sources: &[Source], part: impl Fn(&Source) -> Option<String>) {
        report(self.says, &self.problems(sources, part));
    }

    /// What breaks the rule, and the exceptions that are of no more use.
    pub(crate) fn problems(
        &self,
        sources: &[Source],
        part: impl Fn(&Source) -> Option<String>,
    ) -> Vec<String> {
        let mut problems = Vec::new();
        let mut used = vec![false; self.except.len()];
        for source in sources {
            let found = self.find(source, part(source));
            match self.except.iter().position(|(place, _)| covers(place, &source.path)) {
                Some(exception) => used[exception] |= !found.is_empty(),
                None => problems.extend(found),
            }
        }
        let idle = self.except.iter().zip(used).filter(|(_, used)| !used);
        problems.extend(idle.map(|((path, _), _)| format!("{path}: has an exception that it does not need")));
        problems
    }

    fn find(&self, source: &Source, code: Option<String>) -> Vec<String> {
        let code = code.unwrap_or_default();
        let hits = self
            .names
            .iter()
            .flat_map(|name| lines_of(&code, name).into_iter().map(move |line| (line, name)));
        hits.map(|(line, name)| format!("{}:{line}: {name}", source.path)).collect()
    }
}

fn covers(place: &str, path: &str) -> bool {
    if place.ends_with('/') { path.starts_with(place) } else { path == place }
}

/// Ends the test with the rule and everything that breaks it.
pub(crate) fn report(says: &str, problems: &[String]) {
    assert!(problems.is_empty(), "{says}\n  {}\n", problems.join("\n  "));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(text: &str, except: &[(&str, &str)]) -> Result<(), String> {
        let sources = [Source::new("crates/x/src/a.rs", text)];
        let rule = Rule { says: "no sleep", names: &["sleep"], except };
        let check = || rule.check(&sources, |source| Some(source.production.clone()));
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(check));
        caught.map_err(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_default())
    }

    #[test]
    fn a_broken_rule_is_reported_with_its_place() {
        assert!(verdict("fn a() {\n  sleep()\n}", &[]).unwrap_err().contains("crates/x/src/a.rs:2: sleep"));
        assert!(verdict("// sleep\nfn a() { \"sleep\"; oversleep() }", &[]).is_ok());
    }

    #[test]
    fn an_exception_holds_only_while_it_is_needed() {
        let except = [("crates/x/src/a.rs", "it must")];
        assert!(verdict("fn a() { sleep() }", &except).is_ok());
        assert!(verdict("fn a() {}", &except).unwrap_err().contains("does not need"));
    }
}
