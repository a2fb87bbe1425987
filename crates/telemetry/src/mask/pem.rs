//! Blocks of PEM (RFC 7468), and those of PGP that look the same (RFC 9580 §6.2).

use super::{
    HIDDEN,
    bytes::end_of,
    found::{Found, Replacement, Step},
};

const BEGIN: &[u8] = b"-----BEGIN";
const END: &[u8] = b"-----END";
const DASHES: &[u8] = b"-----";
/// Longest label, in bytes.
const LABEL: usize = 64;

/// The block that begins at `at`; `None` where none does. A block of something public is passed over whole, since the
/// digits in it are no numbers; any other is hidden whole, to the end of the text where its end was cut off.
pub(super) fn find(bytes: &[u8], at: usize) -> Option<Step> {
    let rest = bytes.get(at..)?.strip_prefix(BEGIN)?;
    let label = position(rest.get(..rest.len().min(LABEL))?, DASHES)?;
    let body = at + BEGIN.len() + label + DASHES.len();
    if is_public(rest.get(..label)?) {
        let end = end_of(bytes, body, is_of_body);
        let closed = bytes.get(end..)?.starts_with(END);
        return Some(Step::Skip(if closed { close(bytes, end) } else { body }));
    }
    let end = position(bytes.get(body..)?, END).map_or(bytes.len(), |ahead| close(bytes, body + ahead));
    Some(Step::Found(Found { range: at..end, by: Replacement::Text(HIDDEN) }))
}

fn is_public(label: &[u8]) -> bool {
    const PUBLIC: [&[u8]; 5] = [b"PUBLIC KEY", b"CERTIFICATE", b"X509 CRL", b"PARAMETERS", b"SIGNATURE"];
    PUBLIC.iter().any(|public| position(label, public).is_some())
}

/// Where the line ends that closes a block and begins at `at`.
fn close(bytes: &[u8], at: usize) -> usize {
    let start = at + END.len();
    let line = bytes.get(start..bytes.len().min(start + LABEL)).unwrap_or_default();
    position(line, DASHES).map_or(bytes.len(), |ahead| start + ahead + DASHES.len())
}

/// Base64, white space, and the line ends of a text that is written with escapes.
fn is_of_body(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || byte.is_ascii_whitespace()
        || matches!(byte, b'+' | b'/' | b'=' | b'\\' | b'%')
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use crate::mask::tests::masks;

    fn block(label: &str, line_end: &str) -> String {
        let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC5551234567";
        format!("-----BEGIN {label}-----{line_end}{body}{line_end}{body}=={line_end}-----END {label}-----")
    }

    #[test]
    fn hides_private_keys_of_every_kind() {
        for label in [
            "PRIVATE KEY",
            "RSA PRIVATE KEY",
            "EC PRIVATE KEY",
            "DSA PRIVATE KEY",
            "ENCRYPTED PRIVATE KEY",
            "OPENSSH PRIVATE KEY",
            "PGP PRIVATE KEY BLOCK",
            "PGP MESSAGE",
            "SOMETHING NEW",
        ] {
            for line_end in ["\n", "\r\n", "\\n", "\\\\n", " ", ""] {
                let block = block(label, line_end);
                masks(&block, "***");
                masks(&format!("key is {block}, so 1"), "key is ***, so 1");
                // What was cut off is no less secret.
                masks(&format!("key is {}", &block[..block.len() - 40]), "key is ***");
            }
        }
        let headers = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES,1F\n\nMIIE\n-----END RSA PRIVATE KEY-----";
        masks(headers, "***");
    }

    #[test]
    fn leaves_what_is_public() {
        for label in ["CERTIFICATE", "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE REQUEST", "X509 CRL"] {
            let text = block(label, "\n");
            masks(&text, &text);
            masks(&format!("{text} ulla@example.com"), &format!("{text} u***@example.com"));
        }
        masks("-----BEGIN CERTIFICATE----- 555-123-4567", "-----BEGIN CERTIFICATE----- ***-***-4567");
        masks("-----BEGIN", "-----BEGIN");
    }
}
