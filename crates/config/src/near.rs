//! Which name was meant.
//!
//! Two questions that look alike and are not. In a file every key is meant for us, so [`closest`] may guess
//! freely. The environment belongs to everybody: [`misspelt`] calls a variable ours only when nearly nothing
//! else is possible, because calling a stranger's variable a mistake would stop a program that is right.

/// Words shorter than this are told apart by a single letter (`URL`, `SSL`), so they may differ by one at most.
const LONG_WORD: usize = 6;

/// Two letters, or every underscore of a name left out.
const MAX_LENGTH_DIFFERENCE: usize = 5;

/// Longer texts resemble no name of ours, and comparing them would take memory for nothing.
const LONGEST: usize = 100;

/// The known name that was most probably meant by `name`, if any is close.
pub(crate) fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    let length = name.chars().count();
    let limit = |word: &str| (length.max(word.chars().count()) / 3).clamp(1, 3);
    let scored =
        known.filter(|_| length <= LONGEST).map(|word| (difference(&name, &word.to_ascii_lowercase()), word));
    scored.filter(|(distance, word)| *distance <= limit(word)).min().map(|(_, word)| word)
}

/// How many letters differ; an abbreviation (`prod`) counts as one.
fn difference(name: &str, known: &str) -> usize {
    let abbreviation = name.len() >= 3 && known.starts_with(name);
    if abbreviation { 1 } else { strsim::damerau_levenshtein(name, known) }
}

/// The known variable that `name` misspells: the same words but for one or two letters, or the same letters
/// with an underscore too many or too few, or in another case.
pub(crate) fn misspelt<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let candidates = known.filter(|word| word.contains('_'));
    candidates
        .filter_map(|word| distance(name, word).map(|distance| (distance, word)))
        .min()
        .map(|(_, word)| word)
}

/// How many letters differ, `None` when the two are different names.
fn distance(name: &str, known: &str) -> Option<usize> {
    let letters = |text: &str| text.replace('_', "").to_ascii_uppercase();
    if name.len().abs_diff(known.len()) > MAX_LENGTH_DIFFERENCE {
        return None;
    }
    if letters(name) == letters(known) {
        return Some(1);
    }
    let (given, meant): (Vec<_>, Vec<_>) = (name.split('_').collect(), known.split('_').collect());
    if given.len() != meant.len() {
        return None;
    }
    let total =
        given.iter().zip(&meant).map(|(given, meant)| word_distance(given, meant)).sum::<Option<usize>>()?;
    (total <= 2).then_some(total)
}

/// A transposition counts as one.
fn word_distance(given: &str, meant: &str) -> Option<usize> {
    let length = given.chars().count().min(meant.chars().count());
    let allowed = match length {
        0..3 => 0,
        3..LONG_WORD => 1,
        _ => 2,
    };
    let distance = strsim::osa_distance(given, meant);
    (distance <= allowed).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 9] = [
        "DATABASE_URL",
        "SERVER_PORT",
        "SERVER_HOST",
        "RATE_LIMIT_REQUESTS",
        "REDIS_URL",
        "APP_NAME",
        "LOG_LEVEL",
        "SERVER_TLS_CERT",
        "PORT",
    ];

    fn meant(name: &str) -> Option<&'static str> {
        misspelt(name, KNOWN.into_iter())
    }

    #[test]
    fn a_letter_missing_added_wrong_or_swapped_is_a_misspelling() {
        assert_eq!(meant("DATABSE_URL"), Some("DATABASE_URL"));
        assert_eq!(meant("SERVER_PROT"), Some("SERVER_PORT"));
        assert_eq!(meant("SEVRER_HOST"), Some("SERVER_HOST"));
        assert_eq!(meant("RATE_LIMIT_REQEUSTS"), Some("RATE_LIMIT_REQUESTS"));
        assert_eq!(meant("REDIS_URI"), Some("REDIS_URL"));
        assert_eq!(meant("RATELIMIT_REQUESTS"), Some("RATE_LIMIT_REQUESTS"));
        assert_eq!(meant("server_port"), Some("SERVER_PORT"));
        assert_eq!(meant("LOG_LEVELS"), Some("LOG_LEVEL"));
    }

    #[test]
    fn names_of_others_are_not_misspellings() {
        let others = [
            "HOME",
            "PATH",
            "PROT",
            "HOST",
            "SORT",
            "DATABASE_SSL",
            "DATABASE_USER",
            "DATABASE_HOST",
            "REDIS_PORT",
            "REDIS_HOST",
            "APP_MODE",
            "APP_ENV",
            "SERVER_SSL_CERT",
            "SERVER_NAME",
            "OTEL_LOG_LEVEL",
            "MAP_NAME",
        ];
        for other in others {
            assert_eq!(meant(other), None, "{other}");
        }
    }
}
