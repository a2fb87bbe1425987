//! A test case: the bytes of one connection, and their text format in the corpus.

use std::{fmt::Write as _, fs, path::Path};

/// Longest run of one byte that is not abbreviated.
const RUN: usize = 24;

#[derive(Clone)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl Case {
    /// The cases of the corpus, ordered by name.
    pub(super) fn corpus() -> Vec<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/heads");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut cases: Vec<_> = files
            .map(|path| {
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                Self { name, bytes: parse(&fs::read_to_string(path).unwrap()) }
            })
            .collect();
        cases.sort_by(|one, other| one.name.cmp(&other.name));
        cases
    }

    /// The text format of the corpus. Line ends and invisible bytes are escaped, a run of one byte is `{x*1000}`, and line
    /// ends of the file are ignored.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        for run in self.bytes.chunk_by(|one, other| one == other) {
            let byte = escaped(run[0]);
            match run.len() {
                length if length > RUN => write!(text, "{{{byte}*{length}}}").unwrap(),
                length => text.push_str(&byte.repeat(length)),
            }
            if run.contains(&b'\n') {
                text.push('\n');
            }
        }
        text
    }

    /// The cuts of a replay: none, after each byte, and a few in between.
    pub(super) fn every_kind_of_cut(&self) -> Vec<Vec<usize>> {
        let every = |step: usize| (1..self.bytes.len()).step_by(step).collect();
        let fine = if self.bytes.len() < 500 { 1 } else { self.bytes.len() / 100 };
        vec![vec![], every(fine), every(self.bytes.len() / 3 + 1)]
    }
}

fn escaped(byte: u8) -> String {
    match byte {
        b'\r' => "\\r".to_owned(),
        b'\n' => "\\n".to_owned(),
        b' '..=b'~' if !b"\\{}".contains(&byte) => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    }
}

fn parse(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((byte, behind)) = next(rest) {
        rest = behind;
        match byte {
            Piece::Nothing => {}
            Piece::Byte(byte) => bytes.push(byte),
            Piece::Run(byte, length) => bytes.resize(bytes.len() + length, byte),
        }
    }
    bytes
}

enum Piece {
    Nothing,
    Byte(u8),
    Run(u8, usize),
}

fn next(text: &[u8]) -> Option<(Piece, &[u8])> {
    let (&first, rest) = text.split_first()?;
    Some(match (first, rest) {
        (b'\n' | b'\r', _) => (Piece::Nothing, rest),
        (b'\\', [b'r', rest @ ..]) => (Piece::Byte(b'\r'), rest),
        (b'\\', [b'n', rest @ ..]) => (Piece::Byte(b'\n'), rest),
        (b'\\', [b'x', high, low, rest @ ..]) => {
            let digits = String::from_utf8(vec![*high, *low]).unwrap();
            (Piece::Byte(u8::from_str_radix(&digits, 16).expect("two digits")), rest)
        }
        (b'{', _) => {
            let Some((Piece::Byte(byte), rest)) = next(rest) else { panic!("a run of what?") };
            let end = rest.iter().position(|&byte| byte == b'}').expect("the end of a run");
            let length = std::str::from_utf8(&rest[1..end]).unwrap().parse().expect("the length of a run");
            (Piece::Run(byte, length), &rest[end + 1..])
        }
        (byte, _) => (Piece::Byte(byte), rest),
    })
}

#[test]
fn a_case_is_read_as_it_was_written() {
    let every: Vec<u8> = (0..=255).chain([b'{'; 100]).chain([b'\n'; 30]).chain(*b"\\r {x*9}").collect();
    let case = Case { name: String::new(), bytes: every };
    assert_eq!(parse(&case.text()), case.bytes);
}
