//! How large a body may be.

/// The most bytes of a body where nothing else is said.
pub const DEFAULT_BODY_LIMIT: usize = 1024 * 1024;

/// The most arrays and objects within each other in a JSON body where nothing else is said.
pub const DEFAULT_JSON_DEPTH: usize = 32;

/// How large this request's body may be. The extractors find it in the request's extensions, where the
/// body-limit layer puts it.
#[derive(Debug, Clone, Copy)]
pub struct BodyBound {
    /// The most bytes.
    pub bytes: usize,
    /// The most arrays and objects within each other, if it is JSON.
    pub json_depth: usize,
}

impl Default for BodyBound {
    fn default() -> Self {
        Self { bytes: DEFAULT_BODY_LIMIT, json_depth: DEFAULT_JSON_DEPTH }
    }
}

#[cfg(any(feature = "idempotency", feature = "validator"))]
impl BodyBound {
    pub(super) fn of(request: &actix_web::HttpRequest) -> Self {
        actix_web::HttpMessage::extensions(request).get().copied().unwrap_or_default()
    }
}
