//! Whatever stands in the environment and in files, loading answers and never panics.

use std::{
    ffi::OsString,
    fs,
    os::unix::ffi::{OsStrExt, OsStringExt},
};

use palisade_config::{Capture, Schema, Sources, load};
use proptest::prelude::*;

use crate::sample::{Directory, Settings};

fn variable_names() -> Vec<String> {
    let schema = Schema::of::<Settings>();
    let own = schema.settings().map(|setting| setting.variable.clone());
    let others = schema.settings().flat_map(|setting| &setting.aliases).map(|alias| alias.name.clone());
    own.chain(others).collect()
}

fn bytes() -> impl Strategy<Value = OsString> {
    let bytes = prop::collection::vec(any::<u8>(), 0..40).prop_map(OsString::from_vec);
    prop_oneof![bytes, ".*".prop_map(OsString::from), "[\\[{\",:0-9a-z}\\]]*".prop_map(OsString::from)]
}

#[test]
fn a_value_that_is_not_text_matters_only_under_a_name_of_ours() {
    let value = || OsString::from_vec(vec![b'a', 0xFF]);
    let foreign = Capture::new([("FOREIGN", value()), ("SERVER_PROT", value())]);
    assert!(load::<Settings>(&Sources::new(foreign)).is_ok());
    let report = load::<Settings>(&Sources::new(Capture::new([("APP_NAME", value())]))).unwrap_err();
    assert_eq!(report.problems()[0].message, "is not UTF-8 text");
    assert_eq!(report.problems()[0].key, "app.name");
}

proptest! {
    #[test]
    fn any_value_of_any_setting_gives_a_verdict(
        name in prop::sample::select(variable_names()),
        value in bytes(),
    ) {
        let text = value.as_os_str().as_bytes().to_vec();
        match load::<Settings>(&Sources::new(Capture::new([(name.as_str(), value)]))) {
            Ok(loaded) => prop_assert!(!loaded.dump().is_empty()),
            Err(report) => {
                prop_assert!(!report.problems().is_empty());
                prop_assert!(std::str::from_utf8(&text).is_ok() || report.to_string().contains(&name));
            }
        }
    }

    #[test]
    fn any_name_is_ours_or_left_alone(name in bytes(), value in bytes()) {
        let _ = load::<Settings>(&Sources::new(Capture::new([(name, value)])));
    }

    #[test]
    fn every_edit_of_one_letter_in_a_long_name_is_caught(at in 5_usize..18, letter in "[A-Z]") {
        let mut name = "RATE_LIMIT_REQUESTS".to_owned();
        prop_assume!(name.as_bytes()[at] != b'_' && name[at..=at] != letter);
        name.replace_range(at..=at, &letter);
        let report = load::<Settings>(&Sources::new(Capture::new([(name, "1")]))).unwrap_err();
        prop_assert_eq!(report.problems()[0].meant.as_deref(), Some("RATE_LIMIT_REQUESTS"));
    }

    #[test]
    fn any_file_gives_a_verdict(toml in "(\\[[a-z_.]{1,9}\\]\n|[a-z_.]{1,9} *= *[^\n]{0,12}\n|.*\n){0,6}", env in ".{0,60}") {
        let directory = Directory::with(&[("palisade.toml", &toml), (".env", &env)]);
        let _ = directory.load(&[]).map(|loaded| loaded.dump()).map_err(|report| report.to_string());
    }

    #[test]
    fn any_bytes_in_files_give_a_verdict(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let directory = Directory::with(&[]);
        fs::write(directory.0.path().join("palisade.toml"), &bytes).unwrap();
        fs::write(directory.0.path().join(".env"), &bytes).unwrap();
        let _ = directory.load(&[]).map(|loaded| loaded.dump()).map_err(|report| report.to_string());
    }
}
