//! Which countries are let in.

use super::Country;

/// Which countries are let in.
///
/// ```
/// use palisade_http::geoip::{Country, CountryRules};
///
/// let [de, fr]: [Country; 2] = ["DE", "FR"].map(|code| code.parse().unwrap());
/// let rules = CountryRules::new(&[de], &[], false).unwrap();
/// assert!(rules.admit(Some(de)) && !rules.admit(Some(fr)) && !rules.admit(None));
/// ```
#[derive(Debug, Clone)]
pub struct CountryRules {
    allowed: Set,
    blocked: Set,
    /// Whether everything that is not blocked is let in.
    open: bool,
    allow_unknown: bool,
}

/// A country that is both allowed and blocked.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0} is both allowed and blocked")]
pub struct BothWays(Country);

impl CountryRules {
    /// Lets in the countries of `allowed`, or every country if there are none, except those of `blocked`. An
    /// address of no known country is not in `blocked`; whether it passes a list of `allowed` is said by
    /// `allow_unknown`.
    ///
    /// # Errors
    /// When a country is in both lists.
    pub fn new(allowed: &[Country], blocked: &[Country], allow_unknown: bool) -> Result<Self, BothWays> {
        let rules = Self {
            allowed: Set::of(allowed),
            blocked: Set::of(blocked),
            open: allowed.is_empty(),
            allow_unknown,
        };
        match allowed.iter().find(|country| rules.blocked.has(**country)) {
            Some(country) => Err(BothWays(*country)),
            None => Ok(rules),
        }
    }

    /// Whether an address in this country, or in none that is known, is let in.
    #[must_use]
    pub fn admit(&self, country: Option<Country>) -> bool {
        match country {
            Some(country) => (self.open || self.allowed.has(country)) && !self.blocked.has(country),
            None => self.open || self.allow_unknown,
        }
    }
}

/// A set of countries: one bit for each pair of letters.
#[derive(Debug, Clone, Copy, Default)]
struct Set([u64; 11]);

impl Set {
    fn of(countries: &[Country]) -> Self {
        let mut set = Self::default();
        for country in countries {
            if let Some(word) = set.0.get_mut(country.index() / 64) {
                *word |= 1 << (country.index() % 64);
            }
        }
        set
    }

    fn has(self, country: Country) -> bool {
        self.0.get(country.index() / 64).is_some_and(|word| word >> (country.index() % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn countries(codes: &[&str]) -> Vec<Country> {
        codes.iter().map(|code| code.parse().unwrap()).collect()
    }

    /// Which of Germany, France, Zimbabwe and the unknown are let in.
    fn admitted(allowed: &[&str], blocked: &[&str], allow_unknown: bool) -> [bool; 4] {
        let rules = CountryRules::new(&countries(allowed), &countries(blocked), allow_unknown).unwrap();
        let [de, fr, zw] = ["DE", "FR", "ZW"].map(|code| rules.admit(Some(code.parse().unwrap())));
        [de, fr, zw, rules.admit(None)]
    }

    #[test]
    fn each_list_does_what_it_says() {
        assert_eq!(admitted(&[], &[], false), [true, true, true, true]);
        assert_eq!(admitted(&["DE", "ZW"], &[], false), [true, false, true, false]);
        assert_eq!(admitted(&["DE"], &[], true), [true, false, false, true]);
        assert_eq!(admitted(&[], &["DE", "ZW"], false), [false, true, false, true]);
        assert_eq!(admitted(&["DE"], &["FR"], false), [true, false, false, false]);
    }

    #[test]
    fn a_country_cannot_be_both() {
        let both = CountryRules::new(&countries(&["DE", "FR"]), &countries(&["IT", "FR"]), false);
        assert_eq!(both.unwrap_err().to_string(), "FR is both allowed and blocked");
    }
}
