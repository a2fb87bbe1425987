//! No personal data and no credentials in what is shown, wherever they were planted.

mod lines;
pub(crate) mod planted;

use palisade_telemetry::Masker;
use proptest::prelude::*;

use planted::{Canary, canary, surroundings};

/// The planted value must not be there in any form that a reader would take for it.
#[track_caller]
fn hides(canary: &Canary, shown: &str) {
    assert!(!shown.contains(&canary.secret), "{} in {shown}", canary.secret);
}

#[track_caller]
fn settles(shown: &str, again: &str) {
    assert_eq!(shown, again, "masked twice");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn in_text(canary in canary(), before in surroundings(), after in surroundings()) {
        let mask = Masker::default();
        let shown = mask.text(&format!("{before}{}{after}", canary.text)).into_owned();
        hides(&canary, &shown);
        settles(&shown, &mask.text(&shown));
    }

    #[test]
    fn two_in_one_text(one in canary(), other in canary(), between in surroundings()) {
        let mask = Masker::default();
        let shown = mask.text(&format!("{};{between}{}", one.text, other.text)).into_owned();
        hides(&one, &shown);
        hides(&other, &shown);
        settles(&shown, &mask.text(&shown));
    }

    #[test]
    fn in_debug_forms(canary in canary(), before in surroundings()) {
        let mask = Masker::default();
        let text = format!("{before}{}", canary.text);
        let once = format!("{text:?}");
        for debug in [format!("{once:?}"), format!("{:#?}", Some(&text)), once] {
            let shown = mask.text(&debug).into_owned();
            hides(&canary, &shown);
            settles(&shown, &mask.text(&shown));
        }
    }

    #[test]
    fn in_json(canary in canary(), before in surroundings(), cut in 0.0..1.0) {
        let mask = Masker::default();
        let leaf = serde_json::json!([{"note": format!("{before}{}", canary.text)}, canary.text]).to_string();
        let nested = serde_json::json!({"body": leaf}).to_string();
        let escaped = escaped(&leaf);
        for json in [leaf, nested, escaped] {
            let shown = mask.json(&json);
            hides(&canary, &shown);
            settles(&shown, &mask.json(&shown));
            let cut = json.floor_char_boundary((json.len() as f64 * cut) as usize);
            hides(&canary, &mask.json(&json[..cut]));
            hides(&canary, &mask.text(&json));
        }
    }

    #[test]
    fn in_forms_queries_and_paths(canary in canary(), before in surroundings(), layers in 1..3) {
        let mask = Masker::default();
        let mut text = format!("{before}{}", canary.text);
        for _ in 0..layers {
            text = encoded(&text);
        }
        let form = format!("page=2&note={text}&q=");
        let url = format!("https://example.com/a/{text}?{form}");
        let shown = [mask.form(&form), mask.query(&form), mask.path(&text), mask.text(&url)].map(|shown| shown.into_owned());
        shown.iter().for_each(|shown| hides(&canary, shown));
        settles(&shown[0], &mask.form(&shown[0]));
        settles(&shown[2], &mask.path(&shown[2]));
        settles(&shown[3], &mask.text(&shown[3]));
    }

    #[test]
    fn in_headers_and_fields(canary in canary(), before in surroundings()) {
        let mask = Masker::default();
        let text = format!("{before}{}", canary.text);
        hides(&canary, &mask.header("referer", &text));
        hides(&canary, &mask.value("note", &text));
        prop_assert_eq!(mask.value("X-Api-Key", &canary.text), "***");
    }

    #[test]
    fn any_text_is_masked_once_and_for_all(text in any::<String>(), dense in "[0-9a-z@.:=%\"\\\\ *_+()-]{0,80}") {
        let mask = Masker::default();
        for text in [text, dense] {
            let shown = mask.text(&text).into_owned();
            settles(&shown, &mask.text(&shown));
            let form = mask.form(&text).into_owned();
            settles(&form, &mask.form(&form));
        }
    }

    #[test]
    fn what_is_no_personal_data_stays(
        id in "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
        trace in "[0-9a-f]{32}", span in "[a-f][0-9a-f]{15}", version in "[0-9]{1,2}\\.[0-9]{1,3}\\.[0-9]{1,3}",
        millis in 0_u64..100_000_000, address in any::<[u8; 4]>(), address6 in any::<[u16; 8]>(), seconds in 0_i64..2_000_000_000,
    ) {
        let mask = Masker::default();
        let time = chrono::DateTime::from_timestamp(seconds.max(0), 123_456_789).unwrap();
        let duration = format!("{}.{:03}", millis / 1_000, millis % 1_000);
        let (address, address6) = (std::net::Ipv4Addr::from(address), std::net::Ipv6Addr::from(address6));
        for text in [
            id.clone(), trace.clone(), span.clone(), version.clone(), duration.clone(), time.to_rfc3339(), address.to_string(),
            address6.to_string(), format!("{address}:{}", millis % 65_536), format!("[{address6}]:443"),
            format!("00-{trace}-{span}-01"), format!("/api/v1/users/{id}/posts?page=2&since={}", time.format("%FT%TZ")),
            format!("order%20100{:06}", seconds % 1_000_000), format!("SKU-2026-{:04}-{:04}", seconds % 10_000, millis % 10_000),
            time.format("%Y%m%d%H%M%S").to_string(), format!("1{:09}", seconds % 1_000_000_000),
            format!("took {duration} ms since {time} at {address} in palisade/{version} ({id})"),
        ] {
            prop_assert_eq!(mask.text(&text), text.as_str());
        }
    }
}

/// Every character but letters and digits as JSON can write it too.
fn escaped(json: &str) -> String {
    json.replace('@', "\\u0040").replace(' ', "\\u0020").replace('.', "\\u002E")
}

/// Percent-encoded.
fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes()
        .map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") })
        .collect()
}
