//! What is planted, and between what.

use proptest::prelude::*;

/// Something of one of the kinds.
#[derive(Debug, Clone)]
pub(crate) struct Canary {
    /// As it is planted.
    pub(crate) text: String,
    /// What must not be shown of it.
    pub(crate) secret: String,
}

pub(crate) fn canary() -> impl Strategy<Value = Canary> {
    prop_oneof![email(), phone(), card(), security(), key(), credentials(), field()]
}

/// Text around a canary, ending and beginning where a word does.
pub(crate) fn surroundings() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just(String::new()),
        "[ ,;(<\\[]",
        "[a-zA-Z ]{0,30} ",
        "[^0-9a-zA-Z@]{0,20}[ ,;<>]",
        " [0-9]{1,3}, ",
        "\\PC{0,20}[,;] ",
        Just(" at 2026-11-21T20:36:35Z, ".to_owned()),
        Just(" from 203.0.113.7: ".to_owned()),
    ];
    let spaced = words.prop_map(|text| format!("{}{text} ", if text.is_empty() { "" } else { " " }));
    prop_oneof![3 => spaced, 1 => " [*(/|#=:'\\[{.<]{1,2}"]
}

fn whole(text: String) -> Canary {
    Canary { secret: text.clone(), text }
}

fn email() -> impl Strategy<Value = Canary> {
    "[a-zA-Z]{2}[a-zA-Z0-9._+-]{0,80}[a-z]@[a-zA-Z]{1,20}(\\.[a-z0-9-]{1,10})?\\.[a-zA-Z]{2,6}"
        .prop_map(whole)
}

fn phone() -> impl Strategy<Value = Canary> {
    let forms = prop_oneof![
        "\\([2-9][0-9]{2}\\) [0-9]{3}-[0-9]{4}",
        "[2-9][0-9]{2}([-. ])[0-9]{3}-[0-9]{4}",
        "1-[2-9][0-9]{2}-[0-9]{3}-[0-9]{4}",
        "\\+[1-9][0-9]{9,13}",
        "\\+[1-9][0-9] [0-9]{2,3} [0-9]{6,8}",
        "[2-9][0-9]{9}",
        "0[0-9]{2} [0-9]{4} [0-9]{4}",
        "0[1-9][0-9]{1,3}/[0-9]{6,8}",
        "0[1-9](\\.[0-9]{2}){4}",
    ];
    forms.prop_map(whole)
}

fn card() -> impl Strategy<Value = Canary> {
    ("[3-6][0-9]{11,17}", prop_oneof![Just(""), Just(" "), Just("-")]).prop_map(|(digits, separator)| {
        let check = (0..10).map(|check| format!("{digits}{check}")).find(|digits| luhn(digits)).unwrap();
        let groups: Vec<&str> =
            check.as_bytes().chunks(4).map(|group| str::from_utf8(group).unwrap()).collect();
        whole(groups.join(separator))
    })
}

fn luhn(digits: &str) -> bool {
    let digits = digits.bytes().rev().map(|digit| u32::from(digit - b'0')).enumerate();
    digits
        .map(|(place, digit)| if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 })
        .sum::<u32>()
        % 10
        == 0
}

fn security() -> impl Strategy<Value = Canary> {
    prop_oneof!["[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}", "[0-8][0-9]{2} [0-9]{2} [0-9]{4}"].prop_map(whole)
}

fn key() -> impl Strategy<Value = Canary> {
    let forms = prop_oneof![
        "(sk|pk|rk)_(live|test)_[a-zA-Z0-9]{16,40}",
        "(sk|pk)_[a-z]{4}[0-9][a-zA-Z0-9]{12,30}",
        "gh[pousr]_[a-zA-Z0-9]{36}",
        "xox[abeprs]-[0-9]{10,12}-[a-zA-Z0-9]{10,24}",
        "AKIA[A-Z0-9]{16}",
        "(plsd|prt|plst)_[a-zA-Z0-9]{20,43}",
        "npm_[a-zA-Z0-9]{15}[0-9][a-zA-Z0-9]{20}",
        "SG\\.[a-zA-Z0-9_-]{22}\\.[a-zA-Z0-9_-]{43}",
        "pypi-AgE[a-zA-Z0-9]{13}[0-9][a-zA-Z0-9_-]{60,120}",
        "dckr_pat_[a-zA-Z0-9_-]{27}",
        "(sk-ant-api03|sk-proj|glpat|xapp-1)-[a-zA-Z0-9]{20,60}",
        "AIza[a-zA-Z0-9_-]{35}",
        "SK[0-9a-f]{32}",
        "[0-9]{8,10}:AA[a-zA-Z0-9_-]{33}",
        "eyJ[a-zA-Z0-9_-]{20,60}\\.eyJ[a-zA-Z0-9_-]{20,60}\\.[a-zA-Z0-9_-]{20,60}",
    ];
    forms.prop_map(whole)
}

fn credentials() -> impl Strategy<Value = Canary> {
    let scheme = prop_oneof![Just("Bearer"), Just("bearer"), Just("BEARER"), Just("Basic"), Just("basic")];
    let after = (scheme, "[a-z]{4}[A-Z][0-9][a-zA-Z0-9+/]{8,30}")
        .prop_map(|(scheme, secret)| Canary { text: format!("{scheme} {secret}"), secret });
    let user = ("[a-z]{2,8}", "[a-zA-Z0-9!$*.~-]{6,20}").prop_map(|(user, secret)| Canary {
        text: format!("redis://{user}:{secret}@db.example:6379/0"),
        secret: format!(":{secret}@"),
    });
    prop_oneof![after, user]
}

fn field() -> impl Strategy<Value = Canary> {
    let name = prop::sample::select(vec![
        "password",
        "newPassword",
        "user_passwd",
        "SECRET",
        "client-secret",
        "token",
        "refreshToken",
        "X-Api-Key",
        "apikey",
        "otp",
        "cvv",
        "ssn",
        "privateKey",
        "card_number",
    ]);
    let bare = "[a-zA-Z0-9!#$^*.~/_-]{8,24}";
    let quoted = "[a-zA-Z0-9 !#$%^&*(){}\\[\\]:;,.<>/?_-]{8,24}";
    prop_oneof![
        (name.clone(), bare).prop_map(|(name, secret)| Canary { text: format!("{name}={secret}"), secret }),
        (name.clone(), bare).prop_map(|(name, secret)| Canary { text: format!("{name}: {secret}"), secret }),
        (name.clone(), quoted)
            .prop_map(|(name, secret)| Canary { text: format!("{name}: \"{secret}\""), secret }),
        (name.clone(), quoted)
            .prop_map(|(name, secret)| Canary { text: format!("{{\"{name}\":\"{secret}\"}}"), secret }),
        (name, quoted).prop_map(|(name, secret)| Canary {
            text: format!("L {{ {name}: Some(\"{secret}\") }}"),
            secret
        }),
    ]
}
