//! The names of fields whose values are hidden whatever they are.

use super::custom::MaskError;

/// Names of secrets and of personal numbers, by their last letter, folded: lower case, letters and digits alone.
fn known(last: u8) -> &'static [&'static str] {
    match last {
        b'c' => &["cvc"],
        b'd' => &["password", "passwd", "pwd", "creditcard"],
        b'e' => &[
            "cookie",
            "amzsignature",
            "googsignature",
            "sharedaccesssignature",
            "passphrase",
            "passcode",
            "pincode",
            "otpcode",
            "totpcode",
            "mfacode",
            "recoverycode",
            "backupcode",
            "verificationcode",
            "securitycode",
        ],
        b'h' => &["passwordhash", "tokenhash"],
        b'l' => &["credential"],
        b'm' => &["passwordconfirm"],
        b'n' => &["token", "authorization", "passwordconfirmation", "pin", "ssn"],
        b'p' => &["otp", "totp"],
        b'r' => &["cardnumber", "socialsecuritynumber", "bearer"],
        b's' => &["dbpass", "userpass"],
        b't' => &["secret", "jwt"],
        b'v' => &["cvv"],
        b'y' => &[
            "apikey",
            "privatekey",
            "secretkey",
            "secretaccesskey",
            "signingkey",
            "encryptionkey",
            "accountkey",
            "sharedaccesskey",
            "subscriptionkey",
            "socialsecurity",
        ],
        _ => &[],
    }
}

/// From this length on a name counts also where no word starts (`userpassword`), and its plural too.
const UNMISTAKABLE: usize = 5;
const WITH_PLURAL: usize = 6;
/// How much of a name is looked at, from its end, in bytes.
const LONGEST: usize = 64;
const MOST: usize = 128;

/// Fields that nearly every line has.
fn is_everyday(name: &str) -> bool {
    matches!(
        name,
        "message"
            | "error"
            | "method"
            | "route"
            | "status"
            | "duration_ms"
            | "client_ip"
            | "request_id"
            | "trace_id"
            | "code"
            | "reason"
            | "bytes"
            | "country"
            | "aborted"
    )
}

/// The sensitive names: those that are built in and more.
#[derive(Debug, Default)]
pub(super) struct Names {
    more: Vec<String>,
}

impl Names {
    pub(super) fn with(more: &[String]) -> Result<Self, MaskError> {
        if more.len() > MOST {
            return Err(MaskError::TooMany { what: "fields", most: MOST });
        }
        let fold = |name: &String| {
            let folded = Folded::of(name.as_bytes());
            let text = String::from_utf8_lossy(folded.bytes()).into_owned();
            if text.is_empty() { Err(MaskError::Field { name: name.clone() }) } else { Ok(text) }
        };
        Ok(Self { more: more.iter().map(fold).collect::<Result<_, _>>()? })
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.contains_bytes(name.as_bytes(), is_everyday(name))
    }

    /// The same for a name out of a text.
    pub(super) fn contains_word(&self, name: &[u8]) -> bool {
        self.contains_bytes(name, false)
    }

    fn contains_bytes(&self, name: &[u8], everyday: bool) -> bool {
        if self.more.is_empty() && (everyday || ends_harmless(name)) {
            return false;
        }
        let folded = Folded::of(name);
        if self.more.iter().any(|more| folded.ends_in(more)) {
            return true;
        }
        let is_known = |folded: &Folded| {
            folded.bytes().last().is_some_and(|last| known(*last).iter().any(|name| folded.ends_in(name)))
        };
        is_known(&folded) || folded.singular().is_some_and(|one| is_known(&one))
    }
}

/// Whether no known name ends in this letter.
fn ends_harmless(name: &[u8]) -> bool {
    let last = name.last().map_or(b'x', u8::to_ascii_lowercase);
    last.is_ascii_lowercase() && known(last).is_empty()
}

/// Whether a parameter of a query of this name is a signature, which opens what the address names: of Azure (`sig`), of
/// `CloudFront` and of older AWS (`Signature`).
pub(super) fn is_signature(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"sig") || name.eq_ignore_ascii_case(b"signature")
}

/// Whether the value of such a name goes to the end of its line: headers with spaces and semicolons.
pub(super) fn takes_line(name: &[u8]) -> bool {
    let folded = Folded::of(name);
    folded.bytes().ends_with(b"cookie") || folded.bytes().ends_with(b"authorization")
}

/// The end of a name without what writers do differently: case, marks between words, a number at the end.
struct Folded {
    text: [u8; LONGEST],
    length: usize,
    /// A bit for each byte that starts a word.
    starts: u64,
    plural: bool,
}

impl Folded {
    fn of(name: &[u8]) -> Self {
        let end = name.iter().rposition(|byte| is_letter(*byte)).map_or(0, |last| last + 1);
        // A name of digits alone is one too.
        let end = if end == 0 { name.len() } else { end };
        let name = name.get(end.saturating_sub(LONGEST)..end).unwrap_or_default();
        let mut folded = Self { text: [0; LONGEST], length: 0, starts: 0, plural: false };
        let mut before = b'_';
        for (at, byte) in name.iter().copied().enumerate() {
            let next = name.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            let capital = byte.is_ascii_uppercase() && (!before.is_ascii_uppercase() || next);
            if capital || !is_letter(before) && !before.is_ascii_digit() {
                folded.starts |= 1 << folded.length;
            }
            before = byte;
            if !is_letter(byte) && !byte.is_ascii_digit() {
                continue;
            }
            if let Some(place) = folded.text.get_mut(folded.length) {
                *place = byte.to_ascii_lowercase();
                folded.length += 1;
            }
        }
        folded
    }

    fn bytes(&self) -> &[u8] {
        self.text.get(..self.length).unwrap_or_default()
    }

    fn ends_in(&self, name: &str) -> bool {
        let Some(rest) = self.bytes().strip_suffix(name.as_bytes()) else { return false };
        let word = self.starts >> rest.len() & 1 == 1;
        let unmistakable = word || name.len() >= UNMISTAKABLE;
        (rest.is_empty() || unmistakable) && (!self.plural || name.len() >= WITH_PLURAL)
    }

    fn singular(&self) -> Option<Self> {
        let length = self.bytes().strip_suffix(b"s")?.len();
        Some(Self { text: self.text, length, starts: self.starts, plural: true })
    }
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_a_name_however_it_is_written() {
        let names = Names::default();
        for name in [
            "password",
            "PASSWORD",
            "new_password",
            "newPassword",
            "userpassword",
            "passwords",
            "passwd",
            "pwd",
            "db_pwd",
            "secret",
            "client_secret",
            "clientSecret",
            "token",
            "access_token",
            "accessToken",
            "refresh-token",
            "api_key",
            "apikey",
            "API-KEY",
            "X-Api-Key",
            "apiKeys",
            "Authorization",
            "proxy-authorization",
            "cookie",
            "Set-Cookie",
            "private_key",
            "otp",
            "TOTP",
            "userPIN",
            "pin",
            "cvv",
            "cvv2",
            "card_number",
            "cardNumber",
            "ssn",
            "user[password]",
            "user.password",
            "password_confirmation",
            "password1",
            "oldPin",
            "mfa_code",
            "recovery_codes",
            "AccountKey",
            "SharedAccessKey",
            "X-Amz-Signature",
            "X-Goog-Signature",
            "X-Amz-Security-Token",
            "X-Amz-Credential",
        ] {
            assert!(names.contains(name), "{name}");
        }
    }

    #[test]
    fn leaves_other_names() {
        let names = Names::default();
        for name in [
            "",
            "-",
            "message",
            "route",
            "shipping",
            "spin",
            "user_id",
            "session_id",
            "tokens",
            "opinion",
            "status",
            "copy",
            "key",
            "namespace",
            "code",
            "description",
            "option",
            "person",
            "lesson",
            "address",
            "email",
            "sig",
            "signature",
            "design",
        ] {
            assert!(!names.contains(name), "{name}");
        }
    }

    #[test]
    fn takes_more_names_even_those_of_every_line() {
        let names = Names::with(&["Badge-No".to_owned(), "client_ip".to_owned()]).unwrap();
        for name in ["badge_no", "oldBadgeNo", "client_ip", "clientIp", "password"] {
            assert!(names.contains(name), "{name}");
        }
        assert!(!names.contains("badge"));
        assert_eq!(
            Names::with(&["--".to_owned()]).unwrap_err().to_string(),
            "`--` is not the name of a field"
        );
        assert!(Names::with(&vec!["x".to_owned(); 129]).is_err());
    }
}
