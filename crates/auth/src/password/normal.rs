//! One form for each password, however its letters were typed.

use palisade_core::Secret;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// The password in Unicode normalisation form C, as NIST SP 800-63B-4 §3.1.1.2 and RFC 8265 §4.2.2 ask: systems send the
/// same letter as one code point or as several.
pub(super) fn normalized(password: &Secret) -> Secret {
    let text = password.expose();
    match text.is_ascii() || is_nfc(text) {
        true => password.clone(),
        false => Secret::new(text.nfc().collect::<String>()),
    }
}
