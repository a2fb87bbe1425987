//! Forged, foreign and stale access tokens.

use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use palisade_auth::{AccessTokens, KeySet, Settings, SigningKey, TokenError};
use palisade_core::{Clock, Ids, ManualClock, Secret, SystemRandom};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::SECRET;

struct Issuer {
    tokens: AccessTokens,
    clock: Arc<ManualClock>,
    ids: Ids,
}

fn issuer(keys: KeySet) -> Issuer {
    let clock = Arc::new(ManualClock::default());
    let ids = Ids::new(clock.clone(), Arc::new(SystemRandom));
    Issuer { tokens: AccessTokens::new(keys, &Settings::default(), clock.clone(), ids.clone()), clock, ids }
}

fn key(secret: &str) -> SigningKey {
    SigningKey::hs256(&Secret::new(secret)).unwrap()
}

fn ours() -> Issuer {
    issuer(KeySet::new(key(SECRET)))
}

impl Issuer {
    fn issue(&self) -> String {
        self.tokens.issue(self.ids.id(), self.ids.id()).unwrap().expose().to_owned()
    }

    fn header(&self) -> Value {
        json!({"alg": "HS256", "typ": "at+jwt", "kid": key(SECRET).id()})
    }

    fn claims(&self) -> Value {
        let now = self.clock.now().timestamp();
        json!({
            "iss": "palisade", "aud": "palisade", "exp": now + 900, "nbf": now, "iat": now,
            "sub": self.ids.uuid(), "jti": self.ids.uuid(), "sid": self.ids.uuid(),
        })
    }

    fn verdict(&self, token: &str) -> Option<TokenError> {
        self.tokens.verify(token).err()
    }
}

/// Signs whatever it is given with our own secret, which no attacker has: what is refused then is refused
/// for its content.
fn sign(header: &Value, claims: &Value) -> String {
    sign_text(&header.to_string(), &claims.to_string(), SECRET.as_bytes())
}

fn sign_text(header: &str, claims: &str, secret: &[u8]) -> String {
    let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
    let message = format!("{}.{}", part(header), part(claims));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
    let signature = aws_lc_rs::hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

fn with(mut object: Value, member: &str, value: Value) -> Value {
    object[member] = value;
    object
}

fn without(mut object: Value, member: &str) -> Value {
    object.as_object_mut().unwrap().remove(member);
    object
}

#[test]
fn a_token_of_ours_is_taken_and_says_what_was_put_in() {
    let issuer = ours();
    let (user_id, session_id) = (issuer.ids.id(), issuer.ids.id());
    let token = issuer.tokens.issue(user_id, session_id).unwrap();
    let claims = issuer.tokens.verify(token.expose()).unwrap();
    assert_eq!((claims.sub, claims.sid), (user_id, session_id));
    assert_eq!((claims.iss.as_str(), claims.aud.as_str()), ("palisade", "palisade"));
    assert_eq!(claims.exp - claims.iat, 900);

    let header = token.expose().split('.').next().unwrap();
    let header: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!(header, issuer.header());
    assert_eq!(
        issuer.verdict(&sign(&issuer.header(), &issuer.claims())),
        None,
        "the forge of these tests works"
    );
}

#[test]
fn headers_that_are_refused() {
    let issuer = ours();
    let header = || issuer.header();
    let table = [
        (with(header(), "alg", json!("none")), TokenError::Malformed),
        (with(header(), "alg", json!("None")), TokenError::Malformed),
        (without(header(), "alg"), TokenError::Malformed),
        (with(header(), "alg", json!("HS384")), TokenError::WrongAlgorithm),
        (with(header(), "alg", json!("RS256")), TokenError::WrongAlgorithm),
        (with(header(), "alg", json!("EdDSA")), TokenError::WrongAlgorithm),
        (with(header(), "typ", json!("JWT")), TokenError::WrongHeader),
        (with(header(), "typ", json!("")), TokenError::WrongHeader),
        (with(header(), "typ", json!("rt+jwt")), TokenError::WrongHeader),
        (without(header(), "typ"), TokenError::WrongHeader),
        (with(header(), "crit", json!(["exp"])), TokenError::WrongHeader),
        (with(with(header(), "crit", json!(["b64"])), "b64", json!(false)), TokenError::WrongHeader),
        (with(header(), "crit", json!([])), TokenError::WrongHeader),
        (with(header(), "kid", json!("")), TokenError::UnknownKey),
        (with(header(), "kid", json!("../../../../dev/null")), TokenError::UnknownKey),
        (with(header(), "kid", json!("' OR 1=1 --")), TokenError::UnknownKey),
        (with(header(), "kid", json!(7)), TokenError::Malformed),
        (without(header(), "kid"), TokenError::UnknownKey),
        (json!([]), TokenError::Malformed),
    ];
    for (header, wanted) in table {
        assert_eq!(issuer.verdict(&sign(&header, &issuer.claims())), Some(wanted), "{header}");
    }
    for taken in ["AT+JWT", "application/at+jwt"] {
        assert_eq!(issuer.verdict(&sign(&with(header(), "typ", json!(taken)), &issuer.claims())), None);
    }
}

#[test]
fn a_key_inside_a_token_is_never_used() {
    let issuer = ours();
    let attackers = "attacker-attacker-attacker-attack";
    let jwk = json!({"kty": "oct", "k": BASE64_URL_SAFE_NO_PAD.encode(attackers), "alg": "HS256"});
    for (member, value) in [
        ("jwk", jwk),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("x5u", json!("https://attacker.example/cert.pem")),
        ("x5c", json!([BASE64_URL_SAFE_NO_PAD.encode(attackers)])),
    ] {
        let header = with(issuer.header(), member, value).to_string();
        let token = sign_text(&header, &issuer.claims().to_string(), attackers.as_bytes());
        assert_eq!(issuer.verdict(&token), Some(TokenError::WrongSignature), "{member}");
    }
}

#[test]
fn claims_that_are_refused() {
    let issuer = ours();
    let now = issuer.clock.now().timestamp();
    let claims = || issuer.claims();
    for name in ["iss", "aud", "exp", "nbf", "iat", "sub", "jti", "sid"] {
        let token = sign(&issuer.header(), &without(claims(), name));
        assert_eq!(issuer.verdict(&token), Some(TokenError::Malformed), "without {name}");
        let token = sign(&issuer.header(), &with(claims(), name, Value::Null));
        assert_eq!(issuer.verdict(&token), Some(TokenError::Malformed), "null {name}");
    }
    let table = [
        ("iss", json!("someone"), TokenError::WrongClaims),
        ("aud", json!("someone"), TokenError::WrongClaims),
        ("aud", json!(["palisade", "someone"]), TokenError::Malformed),
        ("exp", json!(now), TokenError::WrongClaims),
        ("exp", json!("never"), TokenError::Malformed),
        ("exp", json!(1e300), TokenError::Malformed),
        ("exp", json!(i64::MIN), TokenError::WrongClaims),
        ("nbf", json!(now + 6), TokenError::OutOfTime),
        ("iat", json!(now + 6), TokenError::OutOfTime),
        ("nbf", json!(i64::MAX), TokenError::WrongClaims),
        ("sub", json!("admin"), TokenError::Malformed),
    ];
    for (name, value, wanted) in table {
        let token = sign(&issuer.header(), &with(claims(), name, value.clone()));
        assert_eq!(issuer.verdict(&token), Some(wanted), "{name} {value}");
    }
    let skewed = sign(&issuer.header(), &with(claims(), "nbf", json!(now + 5)));
    assert_eq!(issuer.verdict(&skewed), None, "clocks of replicas may differ a little");
}

#[test]
fn a_token_ends_to_the_second() {
    let issuer = ours();
    let token = issuer.issue();
    issuer.clock.advance(Duration::from_secs(899));
    assert_eq!(issuer.verdict(&token), None);
    issuer.clock.advance(Duration::from_secs(1));
    assert_eq!(issuer.verdict(&token), Some(TokenError::OutOfTime));
}

#[test]
fn shapes_that_are_refused() {
    let issuer = ours();
    let token = issuer.issue();
    let parts: Vec<&str> = token.split('.').collect();
    let unsigned = BASE64_URL_SAFE_NO_PAD.encode(json!({"alg": "none", "typ": "at+jwt"}).to_string());
    for text in [
        String::new(),
        "..".to_owned(),
        "....".to_owned(),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{}.", unsigned, parts[1]),
        format!("{token}.{}", parts[2]),
        format!(" {token}"),
        "\u{0}".to_owned(),
    ] {
        assert_eq!(issuer.verdict(&text), Some(TokenError::Malformed), "{text}");
    }
    assert_eq!(issuer.verdict(&format!("{}.{}.", parts[0], parts[1])), Some(TokenError::WrongSignature));
    assert_eq!(issuer.verdict(&format!("{}.{}.AA", parts[0], parts[1])), Some(TokenError::WrongSignature));

    let padded = with(issuer.claims(), "pad", json!("x".repeat(8_192)));
    assert_eq!(issuer.verdict(&sign(&issuer.header(), &padded)), Some(TokenError::TooLong));
}

#[test]
fn a_foreign_secret_signs_nothing_for_us() {
    let issuer = ours();
    let foreign = self::issuer(KeySet::new(key("another-secret-of-thirty-two-byte")));
    assert_eq!(issuer.verdict(&foreign.issue()), Some(TokenError::UnknownKey));
    let claims = issuer.claims().to_string();
    let forged = sign_text(&issuer.header().to_string(), &claims, b"another-secret-of-thirty-two-byte");
    assert_eq!(issuer.verdict(&forged), Some(TokenError::WrongSignature));
}

#[test]
fn after_a_rotation_old_tokens_are_taken_and_new_ones_carry_the_new_key() {
    let newer = "p3Vw8sZk1QxT6rBn9LdM4hCy7GfJa0Ue";
    let (old, new) = (ours(), issuer(KeySet::new(key(newer)).also_taking(key(SECRET))));
    assert_eq!(new.verdict(&old.issue()), None);
    assert_eq!(new.verdict(&new.issue()), None);
    assert_eq!(old.verdict(&new.issue()), Some(TokenError::UnknownKey));
}

proptest! {
    #[test]
    fn no_flipped_bit_goes_unnoticed(position in 0..100_000usize, bit in 0..8u32) {
        let issuer = ours();
        let mut bytes = issuer.issue().into_bytes();
        let index = position % bytes.len();
        bytes[index] ^= 1 << bit;
        if let Ok(token) = String::from_utf8(bytes) {
            prop_assert!(issuer.verdict(&token).is_some(), "{}", token);
        }
    }

    #[test]
    fn any_text_gets_a_verdict(text in "[A-Za-z0-9_.-]{0,200}|\\PC{0,200}") {
        prop_assert!(ours().verdict(&text).is_some());
    }
}
