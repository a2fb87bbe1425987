//! Two names of one setting that do not agree.

use std::collections::BTreeMap;

use super::Assignment;
use crate::Problems;

/// Reports each setting that a layer gives under two names with different values, or both itself and as a file.
/// `.env` and the environment count as one layer here: between two names neither is the stronger one.
pub(super) fn report(assignments: &[Assignment], problems: &mut Problems) {
    let mut settings: BTreeMap<&str, BTreeMap<&str, &Assignment>> = BTreeMap::new();
    for given in assignments {
        // Under one name the later assignment replaces the earlier one, as layers do.
        settings.entry(&given.key).or_default().insert(&given.name, given);
    }
    for (key, names) in settings {
        let (files, texts): (Vec<_>, Vec<_>) = names.into_values().partition(|given| given.file);
        let both = files.first().zip(texts.first());
        let all: Vec<_> = texts.iter().chain(&files).collect();
        let differing = all.first().and_then(|first| all.iter().find(|given| given.value != first.value));
        if let Some((file, text)) = both {
            let message =
                format!("is set both by `{}` and as a file by `{}`: keep one", text.name, file.name);
            problems.add(key, file.origin.clone(), format!("{message} ({})", text.origin));
        } else if let Some((first, other)) = all.first().zip(differing) {
            let (one, two) = (&first.name, &other.name);
            let message = format!("has two names, `{one}` and `{two}`, with different values: keep one");
            problems.add(key, other.origin.clone(), format!("{message} ({})", first.origin));
        }
    }
}
