//! Generates new cases from known ones.

use std::ops::Range;

use super::{
    application::{self, IGNORE, STREAM},
    case::Case,
    judge::Good,
};

/// A seeded random number generator (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }

    fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// Tokens with a meaning to a parser of heads or chunked bodies.
const TOKENS: &[&str] = &[
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    "\n\n",
    " ",
    "\t",
    ":",
    ";",
    ",",
    "\0",
    "\u{7f}",
    "\u{80}",
    "\u{ffff}",
    "\"",
    "GET ",
    "HEAD ",
    "POST ",
    "CONNECT ",
    "OPTIONS * ",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/1.1",
    "HTTP/1.0",
    "HTTP/9.9",
    "/",
    "//",
    "http://a/",
    "http://[::1]:99999/",
    "http://a@b:c/",
    "%00",
    "%",
    "?",
    "#",
    "host: a\r\n",
    "host: \r\n",
    "content-length: 0\r\n",
    "content-length: 5\r\n",
    "content-length: 18446744073709551615\r\n",
    "content-length: 18446744073709551616\r\n",
    "content-length: 1, 1\r\n",
    "transfer-encoding: chunked\r\n",
    "transfer-encoding: identity\r\n",
    "transfer-encoding: gzip, chunked\r\n",
    "connection: close\r\n",
    "connection: upgrade\r\n",
    "connection: keep-alive\r\n",
    "upgrade: websocket\r\n",
    "upgrade: h2c\r\n",
    "expect: 100-continue\r\n",
    "expect: \"\\\", 100-continue\r\n",
    "te: trailers\r\n",
    "cookie: a=b; c=d\r\n",
    "accept: application/problem+json\r\n",
    "0\r\n\r\n",
    "0;x=y\r\na: b\r\n\r\n",
    "5\r\nhello\r\n",
    "ffffffffffffffff\r\n",
    "fffffffffffffffff\r\n",
    "x: y\r\n",
    " folded\r\n",
    "hello",
];

/// Lengths around limits: names and targets of the crate `http`, the maximum head, actix-http's buffer.
const LENGTHS: &[usize] = &[
    2, 15, 64, 65, 97, 1_000, 1_024, 4_096, 8_192, 32_768, 65_400, 65_534, 65_535, 65_536, 65_537, 70_000,
    131_071, 131_072, 131_073, 140_000,
];

/// Generates cases endlessly.
pub(super) struct Mutator {
    numbers: Numbers,
    corpus: Vec<Case>,
}

impl Mutator {
    pub(super) fn new(seed: u64, corpus: Vec<Case>) -> Self {
        Self { numbers: Numbers(seed), corpus }
    }

    /// Valid requests followed by a mutated one, and the cuts.
    pub(super) fn next_case(&mut self) -> (Case, Vec<usize>) {
        let mut bytes = Vec::new();
        for _ in 0..self.numbers.below(4) {
            bytes.extend(self.good());
        }
        let mut spoiled = if self.numbers.below(3) == 0 && !self.corpus.is_empty() {
            self.numbers.of(&self.corpus).bytes.clone()
        } else {
            self.good()
        };
        for _ in 0..=self.numbers.below(5) {
            self.spoil(&mut spoiled);
        }
        bytes.extend(spoiled);
        if self.numbers.below(3) == 0 {
            bytes.extend(self.good());
        }
        let mut cuts: Vec<_> =
            (0..self.numbers.below(12)).map(|_| self.numbers.below(bytes.len() + 1)).collect();
        cuts.sort_unstable();
        (Case { name: String::new(), bytes }, cuts)
    }

    fn good(&mut self) -> Vec<u8> {
        let paths = ["/", "/a?b=c", STREAM, IGNORE, "/with/a/longer/path/%41"];
        let path = *self.numbers.of(&paths);
        let body = "hello, world".repeat(self.numbers.below(3));
        let (length, close) = (body.len(), self.numbers.below(20) == 0);
        let close = if close { "connection: close\r\n" } else { "" };
        let text = match self.numbers.below(6) {
            0 => format!("HEAD {path} HTTP/1.1\r\nhost: a\r\n{close}\r\n"),
            1 => format!("POST {path} HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n{close}\r\n{body}"),
            2 => {
                let chunk = if body.is_empty() { String::new() } else { format!("{length:x}\r\n{body}\r\n") };
                format!(
                    "PUT {path} HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n{chunk}0\r\n\r\n"
                )
            }
            3 => format!("GET {path} HTTP/1.1\nhost: a\n{}\n", close.replace('\r', "")),
            _ => format!(
                "GET {path} HTTP/1.1\r\nhost: a\r\nuser-agent: fuzz/1.0\r\naccept: */*\r\n{close}\r\n"
            ),
        };
        text.into_bytes()
    }

    fn spoil(&mut self, bytes: &mut Vec<u8>) {
        let range = self.range(bytes.len());
        match self.numbers.below(9) {
            0 => drop(bytes.drain(range)),
            1 => bytes.truncate(range.start),
            2 => {
                let byte = u8::try_from(self.numbers.below(256)).unwrap();
                bytes.insert(range.start, byte);
            }
            3 => bytes[range].iter_mut().for_each(|byte| *byte ^= 0x20),
            4 => {
                let part = bytes[range.clone()].to_vec();
                bytes.splice(range.start..range.start, part);
            }
            5 => {
                let length = *self.numbers.of(LENGTHS);
                let part = *self.numbers.of(&["a", "x: y\r\n", "\r\n", "%", "/", "0", " ", "\u{ff}"]);
                let grown = part.repeat(length / part.len());
                bytes.splice(range.start..range.start, grown.into_bytes());
            }
            _ => {
                let token = self.numbers.of(TOKENS).bytes();
                let replaced = if self.numbers.below(2) == 0 { range } else { range.start..range.start };
                bytes.splice(replaced, token);
            }
        }
    }

    fn range(&mut self, length: usize) -> Range<usize> {
        let start = self.numbers.below(length + 1);
        let most = if self.numbers.below(2) == 0 { 4 } else { 40 };
        start..(start + self.numbers.below(most)).min(length)
    }
}

impl Case {
    /// The valid requests at the start, as far as they have the forms generated here.
    pub(super) fn good(&self) -> Vec<Good> {
        let (mut good, mut rest) = (Vec::new(), &self.bytes[..]);
        while let Some(next) = good_request(rest) {
            rest = &rest[next.length..];
            good.push(next);
        }
        good
    }
}

/// Parses a request of the simple forms that are generated here.
fn good_request(bytes: &[u8]) -> Option<Good> {
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).ok().filter(|_| end < 1_000)?;
    let mut lines = head.trim_end_matches("\r\n").split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let plain =
        target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'/');
    if !["GET", "HEAD", "POST"].contains(&method) || !plain || target == IGNORE || words.next()? != "HTTP/1.1"
    {
        return None;
    }
    let mut length = 0;
    let mut hosts = 0;
    for line in lines {
        match line.split_once(": ")? {
            ("host", "a") => hosts += 1,
            ("content-length", text) if method == "POST" && length == 0 => {
                length = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())??;
            }
            ("user-agent", "fuzz/1.0") | ("accept", "*/*") => {}
            _ => return None,
        }
    }
    let body = bytes.get(end..)?.get(..length).filter(|_| hosts == 1 && words.next().is_none())?;
    let description = application::description(method, target, body);
    Some(Good { length: end + length, method: method.to_owned(), description })
}
