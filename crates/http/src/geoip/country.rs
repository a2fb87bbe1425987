//! A country by its two letters.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A country, by its code of two letters (ISO 3166-1 alpha-2).
///
/// ```
/// use palisade_http::geoip::Country;
///
/// assert_eq!("de".parse::<Country>().unwrap().as_str(), "DE");
/// assert!("UK".parse::<Country>().is_err(), "the United Kingdom is GB");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "settings", schemars(with = "String"))]
pub struct Country([u8; 2]);

impl Country {
    /// The code, in upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Made from ASCII letters alone.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The country that a database names. It may name one that was assigned after this was written, so it is
    /// held to the form alone.
    pub(super) fn named(code: &str) -> Option<Self> {
        let letters: [u8; 2] = code.as_bytes().try_into().ok()?;
        letters
            .iter()
            .all(u8::is_ascii_alphabetic)
            .then(|| Self(letters.map(|letter| letter.to_ascii_uppercase())))
    }

    /// A number from 0 to 675.
    pub(super) fn index(self) -> usize {
        let [first, second] = self.0.map(|letter| usize::from(letter.saturating_sub(b'A')));
        first * 26 + second
    }
}

/// A text that is the code of no country.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is the ISO 3166-1 alpha-2 code of no country{hint}", hint = if .0.eq_ignore_ascii_case("UK") { " (the United Kingdom is GB)" } else { "" })]
pub struct UnknownCountry(String);

impl FromStr for Country {
    type Err = UnknownCountry;

    fn from_str(text: &str) -> Result<Self, UnknownCountry> {
        let found =
            Self::named(text).filter(|country| ASSIGNED.split(' ').any(|code| code == country.as_str()));
        found.ok_or_else(|| UnknownCountry(text.chars().take(20).collect()))
    }
}

impl TryFrom<String> for Country {
    type Error = UnknownCountry;

    fn try_from(text: String) -> Result<Self, UnknownCountry> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.as_str().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({self})")
    }
}

/// The codes that are assigned, and XK, by which databases name Kosovo.
const ASSIGNED: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ \
    BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER \
    ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM \
    IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF \
    MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK \
    PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD \
    TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_249_countries_and_kosovo() {
        let codes: Vec<&str> = ASSIGNED.split(' ').collect();
        assert_eq!(codes.len(), 250);
        assert!(codes.is_sorted());
        assert!(codes.iter().all(|code| code.parse::<Country>().is_ok()));
    }

    #[test]
    fn other_texts_are_no_countries() {
        for text in ["", "D", "DEU", "XX", "ZZ", "EU", "UK", "12", "d e", "é"] {
            assert!(text.parse::<Country>().is_err(), "{text}");
        }
        assert!("UK".parse::<Country>().unwrap_err().to_string().ends_with("(the United Kingdom is GB)"));
    }

    #[test]
    fn each_has_a_number_of_its_own() {
        let numbers: std::collections::HashSet<_> =
            ASSIGNED.split(' ').map(|code| code.parse::<Country>().unwrap().index()).collect();
        assert_eq!(numbers.len(), 250);
        assert!(numbers.iter().all(|number| *number < 676));
    }
}
