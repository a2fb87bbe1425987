//! One route: a pattern with its methods.

use actix_web::http::Method;

use super::Access;

/// The pattern of a route and who may call it by which method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    pattern: String,
    methods: Vec<(Method, Access)>,
}

impl Route {
    /// A route of which nothing is declared.
    pub(super) fn undeclared(pattern: String) -> Self {
        Self { pattern, methods: Vec::new() }
    }

    pub(super) fn declare(&mut self, method: Method, access: Access) {
        self.methods.retain(|(present, _)| *present != method);
        self.methods.push((method, access));
    }

    /// The pattern as actix-web matches it, such as `/books/{id}`.
    #[must_use]
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Who may call it; `HEAD` is `GET` without the body.
    #[must_use]
    pub fn access(&self, method: &Method) -> &Access {
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let declared = self.methods.iter().find(|(present, _)| present == method);
        declared.map_or(&Access::Undeclared, |(_, access)| access)
    }

    /// Whether the document has it with exactly this method, whatever it says of it.
    #[must_use]
    pub fn has(&self, method: &Method) -> bool {
        self.methods.iter().any(|(present, _)| present == method)
    }

    /// Whether a request with this method is for it: one that the document has, or what the edge answers for those.
    #[cfg(feature = "metrics")]
    pub(crate) fn takes(&self, method: &Method) -> bool {
        let is_options = *method == Method::OPTIONS && !self.methods.is_empty();
        is_options || *self.access(method) != Access::Undeclared
    }

    /// The methods it takes, for `Allow`: sorted, with `HEAD` beside `GET` and `OPTIONS`; none when none is
    /// declared.
    #[must_use]
    pub fn allowed(&self) -> Vec<&str> {
        let mut methods: Vec<&str> = self.methods.iter().map(|(method, _)| method.as_str()).collect();
        if methods.contains(&"GET") {
            methods.push("HEAD");
        }
        if !methods.is_empty() {
            methods.push("OPTIONS");
        }
        methods.sort_unstable();
        methods.dedup();
        methods
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Method, &str, &Access)> {
        self.methods.iter().map(|(method, access)| (method, self.pattern.as_str(), access))
    }
}
