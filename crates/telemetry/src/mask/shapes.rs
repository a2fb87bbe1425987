//! Keys that are known by their shape and not by a prefix before a mark.

use std::ops::Range;

use super::{
    HIDDEN,
    bytes::{before, byte, end_of, start_of},
    found::{Found, Replacement},
    token::is_of_key,
};

fn found(range: Range<usize>) -> Found {
    Found { range, by: Replacement::Text(HIDDEN) }
}

/// Keys that begin with a word and a dot, with the least bytes after it: of `SendGrid`, of Vault and of Google.
const DOTTED: [(&[u8], usize); 5] = [(b"SG", 32), (b"hvs", 20), (b"hvb", 20), (b"hvr", 20), (b"ya29", 20)];

/// The key around the dot at `at`.
pub(super) fn around_dot(bytes: &[u8], at: usize, floor: usize) -> Option<Found> {
    let left = bytes.get(floor..at)?;
    let known = DOTTED.iter().find(|(name, _)| left.ends_with(name));
    if let Some((name, least)) = known {
        let (start, end) = (at - name.len(), end_of(bytes, at + 1, is_of_key));
        let alone = !before(bytes, start).is_ascii_alphanumeric() && end - at > *least;
        return alone.then(|| found(start..end));
    }
    discord(bytes, at, floor).or_else(|| discord(bytes, at.checked_sub(7)?, floor))
}

/// The token of a Discord bot whose first dot is at `at`: the id in base64, six characters of time, and a signature.
fn discord(bytes: &[u8], at: usize, floor: usize) -> Option<Found> {
    if at < floor || byte(bytes, at) != b'.' || byte(bytes, at + 7) != b'.' {
        return None;
    }
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let start = start_of(bytes, at, floor, 32, is_part);
    let time = bytes.get(at + 1..at + 7)?.iter().all(|byte| is_part(*byte));
    let end = end_of(bytes, at + 8, is_part);
    let fits = (23..=30).contains(&(at - start)) && matches!(byte(bytes, start), b'M' | b'N' | b'O') && time;
    (fits && end - (at + 8) >= 27).then(|| found(start..end))
}

/// What begins with the digits from `at` to `end`: the token of a Telegram bot, or a refresh token of Google.
pub(super) fn of_digits(bytes: &[u8], at: usize, end: usize) -> Option<Found> {
    let body = match bytes.get(end..)? {
        [b':', ..] if (6..=12).contains(&(end - at)) => end + 1,
        [b'/', b'/', b'0', ..] if end - at == 1 && byte(bytes, at) == b'1' => end + 2,
        _ => return None,
    };
    let close = end_of(bytes, body, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    (close - body >= 30).then(|| found(at..close))
}

/// The secret of an application of Microsoft Entra around the `~` at `at`: three characters, a digit, `Q~`, and 31 more.
pub(super) fn around_tilde(bytes: &[u8], at: usize, floor: usize) -> Option<Found> {
    let is_part = |byte: u8| is_of_key(byte) || byte == b'~';
    let start = start_of(bytes, at, floor, 8, is_part);
    let mark = bytes.get(at.checked_sub(2)?..at)?;
    let end = end_of(bytes, at + 1, is_part);
    let fits = matches!(mark, [b'0'..=b'9', b'Q']) && at - start >= 5 && end - at > 31;
    fits.then(|| found(start..end))
}

/// The key of Twilio whose `K` is at `at`: `SK` and 32 hexadecimal digits.
pub(super) fn twilio(bytes: &[u8], at: usize, floor: usize) -> Option<Found> {
    let start = at.checked_sub(1).filter(|start| *start >= floor && byte(bytes, *start) == b'S')?;
    let end = end_of(bytes, at + 1, is_hexadecimal);
    let alone = !before(bytes, start).is_ascii_alphanumeric() && !byte(bytes, end).is_ascii_alphanumeric();
    (alone && end - at == 33).then(|| found(start..end))
}

/// The key around the hyphen at `at` that begins with 32 hexadecimal digits: of Mailgun (`…-01234567-89abcdef`) or of
/// Mailchimp (`…-us12`).
pub(super) fn around_hyphen(bytes: &[u8], at: usize, floor: usize) -> Option<Found> {
    let start = at.checked_sub(32).filter(|start| *start >= floor)?;
    let right = bytes.get(at + 1..)?;
    let end = match right {
        [b'u', b's', ..] => end_of(bytes, at + 3, |byte| byte.is_ascii_digit()),
        _ if byte(bytes, at + 9) == b'-' => end_of(bytes, at + 10, is_hexadecimal),
        _ => return None,
    };
    let length = end - at;
    let middle = right.iter().take(8).all(|byte| is_hexadecimal(*byte));
    let fits = if right.starts_with(b"us") { (4..=5).contains(&length) } else { middle && length == 18 };
    let body = bytes.get(start..at)?.iter().all(|byte| is_hexadecimal(*byte));
    let alone = !before(bytes, start).is_ascii_alphanumeric() && !byte(bytes, end).is_ascii_alphanumeric();
    (fits && body && alone).then(|| found(start..end))
}

fn is_hexadecimal(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

/// Addresses whose path is a credential: the end of a host's name, and how the path begins.
const HOOKS: [(&[u8], &[u8]); 8] = [
    (b"hooks.slack.com", b"/services/"),
    (b"hooks.slack.com", b"/workflows/"),
    (b"hooks.slack.com", b"/triggers/"),
    (b"discord.com", b"/api/webhooks/"),
    (b"discordapp.com", b"/api/webhooks/"),
    (b"webhook.office.com", b"/webhookb2/"),
    (b"outlook.office.com", b"/webhook/"),
    (b"api.telegram.org", b"/bot"),
];

/// The secret part of the path of a URL whose `://` is at `at`.
pub(super) fn hook(bytes: &[u8], at: usize) -> Option<Found> {
    let start = at + 3;
    if bytes.get(at..start)? != b"://" {
        return None;
    }
    let host = end_of(bytes, start, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'@' | b'*')
    });
    let (name, path) = (bytes.get(start..host)?, bytes.get(host..)?);
    let (_, begin) = HOOKS.iter().find(|(end, begin)| name.ends_with(end) && path.starts_with(begin))?;
    let secret = host + begin.len();
    let end =
        end_of(bytes, secret, |byte| is_of_key(byte) || matches!(byte, b'/' | b':' | b'@' | b'%' | b'~'));
    let is_hidden = bytes.get(secret..)?.starts_with(HIDDEN.as_bytes());
    (end > secret && !is_hidden).then(|| found(secret..end))
}
