//! How hard a password is to guess, at a cost that has a bound.
//!
//! zxcvbn looks at every part of a text, in every reading of its l33t substitutes (`4` and `@` for a, `1` and `|` for i
//! or l, …). That is quadratic in the length times a number of readings that reaches 800: a password of 100 characters
//! can take a second of a core. So it is given excerpts whose product of both is bounded, and few of them. A password
//! that fits into one excerpt, as nearly all do, gets zxcvbn's own verdict.

use zxcvbn::{Entropy, Score};

/// Below this a password falls within 10⁶ guesses, which a throttled attacker reaches. From here on zxcvbn calls it
/// "somewhat guessable: protection from unthrottled online attacks".
const LEAST_SCORE: Score = Score::Two;
/// The most characters of an excerpt.
const MOST_CHARACTERS: usize = 48;
/// The most work of an excerpt: the square of its characters, times their l33t readings. A search for the dearest
/// password found one of 5 ms in a release build, a quarter of what hashing takes; without the bound it was 980 ms.
const MOST_WORK: usize = 16_384;
/// A password whose first excerpts are all weak is weak.
const MOST_EXCERPTS: usize = 3;

/// What zxcvbn says of the password's weakest excerpt, or `None` when one of them is strong: a password is at least as
/// hard to guess as any part of it. `words` are those that an attacker tries first.
pub(super) fn weakness(password: &str, words: &[&str]) -> Option<Entropy> {
    let characters: Vec<char> = password.chars().collect();
    let whole = excerpt(&characters) == characters.len();
    let characters = if whole { characters } else { shortened(&characters) };
    let mut weakest: Option<Entropy> = None;
    for excerpt in excerpts(&characters) {
        let judged = zxcvbn::zxcvbn(&excerpt.iter().collect::<String>(), words);
        if judged.score() >= LEAST_SCORE {
            return None;
        }
        if weakest.as_ref().is_none_or(|weakest| judged.guesses() < weakest.guesses()) {
            weakest = Some(judged);
        }
    }
    weakest
}

/// The parts that are judged, one after the other.
fn excerpts(mut characters: &[char]) -> impl Iterator<Item = &[char]> {
    std::iter::from_fn(move || {
        let (excerpt, rest) = characters.split_at_checked(excerpt(characters))?;
        characters = rest;
        (!excerpt.is_empty()).then_some(excerpt)
    })
    .take(MOST_EXCERPTS)
}

/// How many of the first characters can be judged together.
fn excerpt(characters: &[char]) -> usize {
    let mut readings = Readings::default();
    let fits = |(place, character): &(usize, &char)| {
        readings.add(**character);
        let length = place + 1;
        length <= MOST_CHARACTERS && length * length * readings.count() <= MOST_WORK
    };
    characters.iter().enumerate().take_while(fits).count()
}

/// The letters that zxcvbn takes other characters for, and those characters.
const SUBSTITUTES: [(char, &str); 12] = [
    ('a', "4@"),
    ('b', "8"),
    ('c', "({[<"),
    ('e', "3"),
    ('g', "69"),
    ('i', "1!|"),
    ('l', "1|7"),
    ('o', "0"),
    ('s', "$5"),
    ('t', "+7"),
    ('x', "%"),
    ('z', "2"),
];

/// Counts how many ways zxcvbn has to read the l33t substitutes of a text.
#[derive(Default)]
struct Readings {
    seen: String,
}

impl Readings {
    fn add(&mut self, character: char) {
        if !self.seen.contains(character) && SUBSTITUTES.iter().any(|(_, all)| all.contains(character)) {
            self.seen.push(character);
        }
    }

    /// Each letter is written in one way at a time; a character that may be either of two letters doubles the ways.
    fn count(&self) -> usize {
        let used = |substitutes: &str| self.seen.chars().filter(|seen| substitutes.contains(*seen)).count();
        let ways: usize = SUBSTITUTES.iter().map(|(_, substitutes)| used(substitutes).max(1)).product();
        ways << used("1|7")
    }
}

/// The text with every run of repetitions shortened to two. A run that an excerpt cuts would end in a part of what is
/// repeated, which zxcvbn takes for something new; and a repetition costs an attacker next to nothing.
fn shortened(characters: &[char]) -> Vec<char> {
    let mut short = Vec::with_capacity(characters.len());
    let mut rest = characters;
    while let Some((first, others)) = rest.split_first() {
        // The longest run, and of equal ones that with the shortest part.
        let runs = (1..=rest.len() / 2).rev().map(|length| (run(rest, length), length));
        match runs.max_by_key(|(run, _)| *run).filter(|(run, length)| *run >= 2 * length) {
            Some((run, length)) => {
                let part = shortened(rest.get(..length).unwrap_or_default());
                short.extend(part.iter().chain(&part));
                rest = rest.get(run..).unwrap_or_default();
            }
            None => {
                short.push(*first);
                rest = others;
            }
        }
    }
    short
}

/// How many characters the text's first `length` and their repetitions take.
fn run(characters: &[char], length: usize) -> usize {
    let Some((part, _)) = characters.split_at_checked(length) else { return 0 };
    characters.chunks_exact(length).take_while(|chunk| *chunk == part).count() * length
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zxcvbn::matching::patterns::MatchPattern;

    use super::*;

    fn is_strong(password: &str) -> bool {
        weakness(password, &[]).is_none()
    }

    /// What makes zxcvbn work: l33t substitutes, words within words, dates, keyboard walks, repeats of repeats, and
    /// letters of many bytes.
    fn adversarial() -> impl Strategy<Value = String> {
        let atom = prop_oneof![
            "[4@8(\\{\\[<3691!|70$5+%2]{1,20}",
            "(password|monkey|the|a|football|1991|11/11/1991|qwertyuiop|12345|zxcvbn){1,4}",
            "\\PC{1,8}",
        ];
        let run = (atom, 1..12_usize).prop_map(|(atom, times)| atom.repeat(times));
        let runs = (prop::collection::vec(run, 1..12), 1..4_usize)
            .prop_map(|(runs, times)| runs.concat().repeat(times));
        runs.prop_map(|text| text.chars().take(128).collect())
    }

    proptest! {
        #[test]
        fn the_work_of_an_estimate_is_bounded(password in adversarial()) {
            let characters = shortened(&password.chars().collect::<Vec<_>>());
            prop_assert!(characters.len() <= password.chars().count());
            let excerpts: Vec<_> = excerpts(&characters).collect();
            prop_assert!(excerpts.len() <= MOST_EXCERPTS);
            for excerpt in excerpts {
                let mut readings = Readings::default();
                excerpt.iter().for_each(|character| readings.add(*character));
                prop_assert!(excerpt.len() <= MOST_CHARACTERS);
                prop_assert!(excerpt.len().pow(2) * readings.count() <= MOST_WORK, "{excerpt:?}");
            }
        }
    }

    #[test]
    fn a_password_that_fits_has_the_verdict_of_zxcvbn() {
        for password in
            ["Passw0rd", "p@$$w0rd!", "12345678901234567890", "seven green herons wade", "a7$kQ9zX"]
        {
            let whole = zxcvbn::zxcvbn(password, &[]);
            assert_eq!(is_strong(password), whole.score() >= LEAST_SCORE, "{password}");
        }
    }

    #[test]
    fn what_is_weak_stays_weak_at_any_length() {
        let nested = format!("{}1", "password".repeat(3)).repeat(5);
        let weak = ["password", "a", "monkey", "P@ssw0rd", "12345678", "1234567890!@#$%^&*()", "qwertyuiop"]
            .map(|part| part.repeat(128).chars().take(128).collect::<String>());
        for password in weak.iter().chain([&nested, &format!("x{}", "monkey".repeat(20))]) {
            assert!(!is_strong(password), "{password}");
        }
        // A hundred and twenty-eight letters in the order of the alphabet.
        assert!(!is_strong(&('\u{4e00}'..'\u{4e80}').collect::<String>()));
    }

    #[test]
    fn a_long_password_is_strong_when_a_part_of_it_is() {
        assert!(is_strong("seven green herons wade slowly through the warm mud of a long june evening"));
        assert!(is_strong(&format!("{}x9$Kq2!vbTz", "password".repeat(8))));
        assert!(is_strong(&"4@8({[<3691!|70$5+%2".repeat(6)));
    }

    /// Should zxcvbn learn more substitutes, the bound would not hold.
    #[test]
    fn the_substitutes_are_those_of_zxcvbn() {
        let words = [
            "baseball", "bubba", "coffee", "dragon", "eagle", "flower", "ginger", "hello", "india", "jordan",
            "knight", "letmein", "monkey", "nothing", "orange", "pepper", "queen", "rabbit", "sunshine",
            "tigger", "united", "victor", "winter", "xavier", "yellow", "zombie",
        ];
        let mut found = Vec::new();
        for (letter, word) in ('a'..='z').zip(words) {
            for other in ('!'..='~').filter(|other| !other.is_alphabetic()) {
                let text = word.replace(letter, &other.to_string());
                let takes = |pattern: &MatchPattern| match pattern {
                    MatchPattern::Dictionary(of) => {
                        of.sub.as_ref().is_some_and(|sub| sub.get(&other) == Some(&letter))
                    }
                    _ => false,
                };
                if zxcvbn::zxcvbn(&text, &[]).sequence().iter().any(|part| takes(&part.pattern)) {
                    found.push((letter, other));
                }
            }
        }
        let mut listed: Vec<_> =
            SUBSTITUTES.iter().flat_map(|(letter, all)| all.chars().map(|other| (*letter, other))).collect();
        listed.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, listed);
    }
}
