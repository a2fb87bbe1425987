//! From the text of a token to claims that can be relied on.

use jsonwebtoken::{Header, Validation, decode, decode_header};

use super::{Claims, KeySet};

/// The `typ` of an access token (RFC 9068 §2.1). An ID token or a token of another use lacks it, so none can
/// be passed off as an access token (RFC 8725 §3.11).
pub(super) const TYPE: &str = "at+jwt";

/// The longest token that is looked at, in bytes.
pub(crate) const MAX_BYTES: usize = 8 * 1_024;

/// Why a token is not taken. The client learns only that it is not; this is for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Over 8 KB.
    #[error("it is over 8 KB")]
    TooLong,
    /// No JWS in compact form, or a header or claims that cannot be read.
    #[error("it is malformed")]
    Malformed,
    /// Its header names no type, another type, or demands an extension we do not know.
    #[error("its header is not one of an access token")]
    WrongHeader,
    /// It names no key, or none of ours.
    #[error("it names no key of ours")]
    UnknownKey,
    /// It names another algorithm than its key's.
    #[error("it names another algorithm than its key's")]
    WrongAlgorithm,
    /// The signature is not the key's.
    #[error("its signature is wrong")]
    WrongSignature,
    /// Another issuer, another audience, or times that contradict each other.
    #[error("its claims are not for us")]
    WrongClaims,
    /// It has ended or not yet begun.
    #[error("it is expired or not yet valid")]
    OutOfTime,
}

/// The claims of a token whose header and signature are in order. Nobody has looked at the claims yet.
pub(super) fn signed_claims(token: &str, keys: &KeySet) -> Result<Claims, TokenError> {
    if token.len() > MAX_BYTES {
        return Err(TokenError::TooLong);
    }
    let header = decode_header(token).map_err(|_| TokenError::Malformed)?;
    check_header(&header)?;
    let key = header.kid.as_deref().and_then(|id| keys.named(id)).ok_or(TokenError::UnknownKey)?;
    if header.alg != key.algorithm() {
        return Err(TokenError::WrongAlgorithm);
    }
    // Times and names are judged by the caller, by a clock that is a parameter.
    let mut validation = Validation::new(key.algorithm());
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    match decode(token, key.verifying(), &validation) {
        Ok(verified) => Ok(verified.claims),
        Err(error) => Err(match error.kind() {
            jsonwebtoken::errors::ErrorKind::InvalidSignature => TokenError::WrongSignature,
            _ => TokenError::Malformed,
        }),
    }
}

/// RFC 7515 §4.1.11: an extension that `crit` names and we do not know makes the token invalid; we know none.
/// `jku`, `jwk`, `x5u` and `x5c` are never looked at.
fn check_header(header: &Header) -> Result<(), TokenError> {
    let typ = header.typ.as_deref().unwrap_or_default();
    // RFC 7515 §4.1.9: media types compare without regard to case, and the prefix may be left out.
    let short = typ.strip_prefix("application/").unwrap_or(typ);
    if header.crit.is_some() || !short.eq_ignore_ascii_case(TYPE) {
        return Err(TokenError::WrongHeader);
    }
    Ok(())
}
