//! One pass over a text that finds everything built in.

use super::{
    digits, email, escapes,
    found::{Found, Replacement, Step},
    names::Names,
    pairs, pem, shapes, token,
};

/// Finds from left to right what is to be hidden.
pub(super) struct Scan<'a> {
    names: &'a Names,
    bytes: &'a [u8],
    /// The next byte to look at.
    at: usize,
    /// Where the last find ended; nothing reaches back before it.
    floor: usize,
    escapes: bool,
}

impl<'a> Scan<'a> {
    pub(super) fn new(names: &'a Names, text: &'a str) -> Self {
        Self { names, bytes: text.as_bytes(), at: 0, floor: 0, escapes: false }
    }

    /// Whether a sign has been passed with which an escape begins.
    pub(super) fn saw_escape(&self) -> bool {
        self.escapes
    }

    fn look(&mut self, byte: u8) -> Step {
        let (bytes, at, floor) = (self.bytes, self.at, self.floor);
        let found = match byte {
            b'0'..=b'9' => return digits::find(bytes, at, floor),
            b'@' => email::find(bytes, at, floor).or_else(|| token::find_login(bytes, at, floor)),
            b'=' => pairs::find(self.names, bytes, at, floor),
            b':' => token::find_user(bytes, at)
                .or_else(|| shapes::hook(bytes, at))
                .or_else(|| pairs::find(self.names, bytes, at, floor)),
            b'b' | b'B' => token::find_scheme(bytes, at),
            b'%' | b'\\' => {
                self.escapes = true;
                return Step::Skip(at + escapes::length(bytes.get(at..).unwrap_or_default()));
            }
            b'-' => match pem::find(bytes, at) {
                Some(step) => return step,
                None => shapes::around_hyphen(bytes, at, floor).or_else(|| token::find_key(bytes, at, floor)),
            },
            b'.' => shapes::around_dot(bytes, at, floor),
            b'~' => shapes::around_tilde(bytes, at, floor),
            b'K' => shapes::twilio(bytes, at, floor),
            _ => token::find_key(bytes, at, floor),
        };
        found.map_or(Step::Skip(at + 1), Step::Found)
    }
}

impl Iterator for Scan<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            let (ahead, byte) = rest.iter().enumerate().find(|(_, byte)| is_trigger(**byte))?;
            self.at += ahead;
            match self.look(*byte) {
                Step::Skip(to) => self.at = to,
                Step::Found(found) => {
                    self.floor = found.range.end;
                    self.at = found.range.end;
                    return Some(found);
                }
            }
        }
    }
}

/// The text with everything replaced that is to be hidden, up to the first that ends at or after `end`, or to
/// `end`, which must be a character's; `None` when nothing is hidden before it.
pub(super) fn mask(names: &Names, text: &str, end: usize) -> Option<String> {
    let mut finds = Scan::new(names, text).take_while(|found| found.range.start < end).peekable();
    finds.peek()?;
    let mut out = String::with_capacity(end + 16);
    let mut done = 0;
    for Found { range, by } in finds {
        out.push_str(text.get(done..range.start).unwrap_or_default());
        match by {
            Replacement::Text(hidden) => out.push_str(hidden),
            Replacement::First(kept) => {
                out.push_str(text.get(range.start..range.start + kept).unwrap_or_default());
                out.push_str(super::HIDDEN);
            }
            Replacement::Last(hidden, digits) => {
                out.push_str(hidden);
                out.extend(digits.map(char::from));
            }
        }
        done = range.end;
    }
    out.push_str(text.get(done..end).unwrap_or_default());
    Some(out)
}

/// Whether something can be found at such a byte. Most bytes of a log are none of these.
fn is_trigger(byte: u8) -> bool {
    const TRIGGERS: [bool; 256] = table(b"0123456789@=:_-JIbB%\\.~K");
    TRIGGERS.get(usize::from(byte)).copied().unwrap_or(false)
}

const fn table(mut wanted: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    while let [byte, rest @ ..] = wanted {
        let (_, place) = table.split_at_mut(*byte as usize);
        if let [place, ..] = place {
            *place = true;
        }
        wanted = rest;
    }
    table
}
