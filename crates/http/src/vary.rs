//! `Vary`: on which headers of the request an answer depends (RFC 9110 §12.5.5).

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, VARY};

/// Adds a name to those that are there, on one line. What is there already is not said twice.
pub(crate) fn add(headers: &mut HeaderMap, name: &HeaderName) {
    let said = headers.get_all(VARY).filter_map(|line| line.to_str().ok());
    let mut names: Vec<&str> = said.flat_map(|line| line.split(',')).map(str::trim).collect();
    if names.iter().any(|said| *said == "*" || said.eq_ignore_ascii_case(name.as_str())) {
        return;
    }
    names.push(name.as_str());
    let line = if let [one] = names.as_slice() {
        HeaderValue::from_str(one)
    } else {
        HeaderValue::from_str(&names.join(", "))
    };
    if let Ok(line) = line {
        headers.insert(VARY, line);
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{ACCEPT, ACCEPT_ENCODING, ORIGIN};

    use super::*;

    fn added(before: &[&'static str], names: &[HeaderName]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        before.iter().for_each(|line| headers.append(VARY, HeaderValue::from_static(line)));
        names.iter().for_each(|name| add(&mut headers, name));
        headers.get_all(VARY).map(|line| line.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn all_names_stand_on_one_line_and_each_once() {
        assert_eq!(added(&[], &[ORIGIN]), ["origin"]);
        assert_eq!(added(&[], &[ORIGIN, ACCEPT, ORIGIN]), ["origin, accept"]);
        assert_eq!(added(&["Accept-Encoding"], &[ACCEPT_ENCODING]), ["Accept-Encoding"]);
        assert_eq!(added(&["accept", "x-a, x-b"], &[ORIGIN]), ["accept, x-a, x-b, origin"]);
        assert_eq!(added(&["*"], &[ORIGIN]), ["*"]);
    }
}
