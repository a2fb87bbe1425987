//! Headers in one column: `name:value` and a line feed for each, which neither may hold (RFC 9110 §5.5).

pub(super) fn write(headers: &[(String, Vec<u8>)]) -> Vec<u8> {
    headers
        .iter()
        .flat_map(|(name, value)| [name.as_bytes(), b":", value.as_slice(), b"\n"])
        .flatten()
        .copied()
        .collect()
}

/// `None` when it is not what [`write`] gives.
pub(super) fn read(text: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let Some(lines) = text.strip_suffix(b"\n") else { return text.is_empty().then(Vec::new) };
    let line = |line: &[u8]| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at_checked(colon)?;
        Some((String::from_utf8(name.to_vec()).ok()?, value.get(1..)?.to_vec()))
    };
    lines.split(|byte| *byte == b'\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(headers in prop::collection::vec(("[a-z-]{1,9}", "[^\n]{0,20}"), 0..5)) {
            let headers: Vec<_> = headers.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
            prop_assert_eq!(read(&write(&headers)), Some(headers));
        }

        #[test]
        fn any_bytes_give_a_verdict(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }
    }
}
