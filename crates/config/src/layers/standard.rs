//! The variables of sections that are somebody else's standard.

use serde_json::Value;

use super::{Assignment, Reading, Variable, text};
use crate::{
    coerce, near,
    schema::{Name, Setting, Standard, ValueKind},
};

impl Reading<'_> {
    /// Reads the variables that were put aside, where the settings that are `decided` want them looked at. What does not
    /// fit is meant for another program, and is passed over.
    pub(super) fn standard_variables(&mut self, decided: &[Assignment]) {
        for variable in std::mem::take(&mut self.standard) {
            let schema = self.schema;
            let meant = || near::misspelt(&variable.name, schema.variables());
            let name = schema.variable(&variable.name).or_else(|| schema.variable(meant()?));
            let Some(name) = name else { continue };
            let standard = schema.standard(name.setting);
            if standard.is_some_and(|standard| self.is_met(standard, decided)) {
                self.standard_variable(name, &variable);
            }
        }
    }

    /// Whether the deciding setting has the value that has the variables looked at.
    fn is_met(&self, standard: &Standard, decided: &[Assignment]) -> bool {
        let given = decided.iter().rfind(|given| given.key == standard.key).map(|given| &given.value);
        let default = || self.schema.find(&standard.key)?.default.as_ref();
        given.or_else(default).is_some_and(|value| standard.is_met_by(value))
    }

    fn standard_variable(&mut self, name: Name<'_>, variable: &Variable) {
        let Variable { name: given, text, origin } = variable;
        if self.schema.variable(given).is_none() {
            let meant = &name.setting.variable;
            return self.note(format!("{given} is ignored: it is not a setting, but nearly {meant}"));
        }
        if name.file || text.is_empty() {
            return self.text(name, given, text, origin.clone());
        }
        match value(name.setting, text::secret(name.setting, text)) {
            Ok(value) => self.assign(name, given, value, origin.clone()),
            Err(reason) => self.pass_over(name, variable, &reason),
        }
    }

    /// Takes of several values the one that is known here, or what stands for those that are not.
    fn pass_over(&mut self, name: Name<'_>, variable: &Variable, reason: &str) {
        let Variable { name: given, text, origin } = variable;
        let (setting, kind) = (name.setting, &name.setting.kind);
        let known = || text.split(',').map(str::trim).find_map(|item| coerce::read(item, kind).ok());
        let known = Some(known).filter(|_| matches!(kind, ValueKind::Choice(_))).and_then(|known| known());
        match known.or_else(|| setting.otherwise.clone()) {
            Some(value) => {
                let taken = crate::schema::plain(&value);
                self.note(format!("{given} is taken for `{taken}`: for this program it {reason}"));
                self.assign(name, given, value, origin.clone());
            }
            None => self.note(format!("{given} is ignored: for this program it {reason}")),
        }
    }
}

fn value(setting: &Setting, text: &str) -> Result<Value, coerce::Reason> {
    let value = coerce::read(text, &setting.kind)?;
    text::formed(value, setting.form)
}
