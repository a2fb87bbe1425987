//! The rules for a new password.

use palisade_core::FieldError;

use super::strength;

/// What a new password must be like: NIST SP 800-63B §3.1.1.2 and OWASP ASVS 6.2 ask for length and a check
/// against guessable choices, not for kinds of characters.
///
/// A password is taken as it is typed: no trimming, no case folding. It is judged and hashed in Unicode normalisation
/// form C.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    min_length: usize,
}

/// The least of all least lengths (NIST SP 800-63B §3.1.1.2).
pub(crate) const MIN_LENGTH: usize = 8;
/// The most code points of a password, new or shown at sign-in.
pub(crate) const MAX_LENGTH: usize = 128;
/// Shorter names are in too many innocent words to be looked for inside a password.
const SHORTEST_CONTAINED: usize = 4;

impl Policy {
    /// The rules with at least `min_length` code points, never fewer than 8 nor more than 128.
    #[must_use]
    pub fn new(min_length: u8) -> Self {
        Self { min_length: usize::from(min_length).clamp(MIN_LENGTH, MAX_LENGTH) }
    }

    /// Whether the text is too long to be anyone's password. It costs no more than counting to the limit.
    #[must_use]
    pub fn is_too_long(password: &str) -> bool {
        password.chars().nth(MAX_LENGTH).is_some()
    }

    /// Judges the length of a new password, which costs next to nothing.
    ///
    /// # Errors
    /// `too_long` or `too_short`, not yet placed at a field.
    pub fn check_length(self, password: &str) -> Result<(), FieldError> {
        if Self::is_too_long(password) {
            let message = format!("must have at most {MAX_LENGTH} characters");
            return Err(FieldError::unplaced("too_long", message));
        }
        if password.chars().count() < self.min_length {
            let message = format!("must have at least {} characters", self.min_length);
            return Err(FieldError::unplaced("too_short", message));
        }
        Ok(())
    }

    /// Judges a new password of someone known by the `personal` texts: e-mail, username, name. It computes
    /// for milliseconds, whatever the password; never call it on an async thread.
    ///
    /// # Errors
    /// The first rule it breaks, in words that do not repeat it; not yet placed at a field.
    pub fn check(self, password: &str, personal: &[String]) -> Result<(), FieldError> {
        self.check_length(password)?;
        let words = personal_words(personal);
        if contains_any(password, &words) {
            return Err(FieldError::unplaced(
                "contains_personal",
                "must not contain your name or e-mail address",
            ));
        }
        strong_enough(password, &words)
    }
}

/// Lower-case words of the texts: each text whole, the local part of an address, the words of a name.
fn personal_words(personal: &[String]) -> Vec<String> {
    let mut words = Vec::new();
    for text in personal.iter().map(|text| text.trim().to_lowercase()) {
        if let Some((local, _)) = text.split_once('@') {
            words.push(local.to_owned());
        }
        words.extend(text.split_whitespace().map(str::to_owned));
        words.push(text);
    }
    words.sort_unstable();
    words.dedup();
    words.retain(|word| !word.is_empty());
    words
}

fn contains_any(password: &str, words: &[String]) -> bool {
    let password = password.to_lowercase();
    words.iter().any(|word| {
        password == *word || (word.chars().count() >= SHORTEST_CONTAINED && password.contains(word.as_str()))
    })
}

fn strong_enough(password: &str, words: &[String]) -> Result<(), FieldError> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some(weakest) = strength::weakness(password, &words) else { return Ok(()) };
    // The warnings are zxcvbn's fixed sentences; none repeats a part of the password.
    let warning = weakest.feedback().and_then(|feedback| feedback.warning());
    let message = match warning {
        Some(warning) => format!("is too easy to guess: {warning} Several uncommon words are better."),
        None => "is too easy to guess; several uncommon words are better".to_owned(),
    };
    Err(FieldError::unplaced("too_weak", message))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn verdict(password: &str) -> Option<String> {
        let personal = ["Ann.Lee@example.org", "annlee77", "Ann Maria Lee", "bo"].map(str::to_owned);
        Policy::new(8).check(password, &personal).err().map(|error| error.code.into_owned())
    }

    #[test]
    fn the_table_of_verdicts() {
        let table: &[(&str, Option<&str>)] = &[
            ("", Some("too_short")),
            ("a7$kQ9z", Some("too_short")),
            ("a7$kQ9zX", None),
            ("пароль-7", None),
            ("🦊🐻🐼🐨🐯🦁🐮", Some("too_short")),
            ("password", Some("too_weak")),
            ("Passw0rd", Some("too_weak")),
            ("12345678", Some("too_weak")),
            ("qwertyuiop", Some("too_weak")),
            ("aaaaaaaaaaaa", Some("too_weak")),
            ("abcabcabcabc", Some("too_weak")),
            ("ann.lee@example.org", Some("contains_personal")),
            ("ANN.LEE@EXAMPLE.ORG", Some("contains_personal")),
            ("xx-annlee77-zz-green", Some("contains_personal")),
            ("seven green marias wade", Some("contains_personal")),
            ("a bold leek among herons", None),
            ("seven green herons wade", None),
        ];
        for (password, wanted) in table {
            assert_eq!(verdict(password).as_deref(), *wanted, "{password}");
        }
    }

    #[test]
    fn length_is_counted_in_code_points() {
        let long = |count| "zß水🦀q7-w".chars().cycle().take(count).collect::<String>();
        assert_eq!(verdict(&long(128)), None);
        assert_eq!(verdict(&long(129)).as_deref(), Some("too_long"));
        assert!(!Policy::is_too_long(&long(128)) && Policy::is_too_long(&long(129)));
    }

    #[test]
    fn the_least_length_can_be_raised_and_not_lowered() {
        let short = |policy: Policy, password| {
            policy.check(password, &[]).err().is_some_and(|error| error.code == "too_short")
        };
        assert!(short(Policy::new(12), "a7$kQ9zX!vb"));
        assert!(short(Policy::new(1), "a7$kQ9z"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_gets_a_verdict_that_does_not_repeat_it(password in "\\PC{0,140}") {
            if let Err(error) = Policy::new(8).check(&password, &["ann@example.org".to_owned()]) {
                prop_assert!(password.chars().count() < 8 || !error.message.contains(&password));
            }
        }
    }
}
