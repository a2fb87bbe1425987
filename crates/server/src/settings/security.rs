//! The section `security`.

use std::collections::BTreeMap;

use palisade_core::Secret;
use palisade_http::{
    body_limit::BodyLimit,
    client_address::ForwardingHeader,
    content::{Content, DEFAULT_MAX_URL_LENGTH, InvalidMediaType, MediaTypes, NullBytes},
    extract::DEFAULT_JSON_DEPTH,
    security_headers::API_POLICY,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the edge refuses.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("x-env-ours-alone" = true))]
pub struct SecuritySettings {
    /// The hosts that are served: names, addresses, `*.example.com` for all below a name, `*` for any. A request for
    /// another one is a 400. Ports do not count.
    #[schemars(extend("x-env-aliases" = ["APP_ALLOWED_HOSTS"]))]
    pub allowed_hosts: Vec<String>,
    /// The proxies in front of the server, as addresses and networks (`10.0.0.0/8`, `2001:db8::7`). What they say in
    /// `Forwarded`, `X-Forwarded-For` and `X-Forwarded-Proto` is believed; from everybody else it is ignored.
    #[schemars(extend("x-env-aliases" = [{
        "name": "SECURITY_TRUST_PROXY_HEADERS",
        "instead": "it opens nothing by itself; name the proxies whose headers are to be believed in \
                    SECURITY_TRUSTED_PROXIES, or leave that empty to believe none"
    }]))]
    pub trusted_proxies: Vec<String>,
    /// The header that those proxies write. `any` takes whichever is there, and neither when the two name different
    /// clients. Name the one they write, unless they remove the other from what clients send.
    pub forwarding_header: ForwardingHeader,
    /// The largest body of a request to the API, in bytes; a larger one is a 413.
    #[schemars(range(min = 1024, max = 1_073_741_824))]
    pub max_request_size: usize,
    /// The same under `/uploads` of the API.
    #[schemars(range(min = 1024, max = 1_073_741_824))]
    pub max_upload_size: usize,
    /// The same under `/imports` of the API.
    #[schemars(range(min = 1024, max = 1_073_741_824))]
    pub max_import_size: usize,
    /// The same outside of the API.
    #[schemars(range(min = 1024, max = 1_073_741_824))]
    pub max_other_size: usize,
    /// The same under further paths, such as `/api/v1/users/{id}/avatar=204800`: `{id}` stands for any segment,
    /// and the longest path that fits holds.
    pub body_limits: BTreeMap<String, usize>,
    /// How many arrays and objects may stand within each other in a JSON body.
    #[schemars(range(min = 1, max = 127))]
    pub max_json_depth: usize,
    /// The longest address, in bytes; a longer one is a 414.
    #[schemars(range(min = 1024, max = 65_534))]
    pub max_url_length: usize,
    /// Refuses `%00` in addresses.
    pub block_null_bytes: bool,
    /// The types of bodies by method, as a JSON object; `application/*+json` and `image/*` stand for many. Another
    /// type is a 415. A body on a request with a method that is not listed has no meaning and is not read.
    pub content_types: BTreeMap<String, Vec<String>>,
    /// Sends `Strict-Transport-Security` to clients that speak https: browsers then refuse plain http to this host and
    /// all names below it for a year.
    #[schemars(extend("x-default-by-environment" = "off, in production on"))]
    pub enable_hsts: Option<bool>,
    /// Adds `preload` to it: browser makers may then put this host on the list of those that they reach by https alone.
    /// That is hard to take back.
    pub hsts_preload: bool,
    /// Sends `Content-Security-Policy`. The pages that the server has itself keep a policy of their own.
    pub enable_csp: bool,
    /// That policy.
    pub csp_policy: String,
    /// How many requests rate limits may refuse within five minutes, in one process, before that is an alert.
    #[schemars(range(min = 1))]
    pub alert_rate_limit_threshold: u64,
    /// The same of sign-ins, renewals and tokens that fail.
    #[schemars(range(min = 1))]
    pub alert_auth_failure_threshold: u64,
    /// Who is told of alerts: a webhook, by requests that are signed (Standard Webhooks). Its path may be a
    /// secret, and it is shown nowhere. Unset: nobody.
    #[schemars(extend("x-env-aliases" = [{
        "name": "SECURITY_ENABLE_ALERTING",
        "instead": "alerts go to SECURITY_ALERT_WEBHOOK_URL where it is set, and to nobody where it is not"
    }]))]
    pub alert_webhook_url: Option<Secret>,
    /// What those are signed with: `whsec_…` or any text. Unset: a key derived from `AUTH_JWT_SECRET`.
    pub alert_webhook_secret: Option<Secret>,
}

impl Default for SecuritySettings {
    fn default() -> Self {
        // The last two for routes that take a text or a file; a route that reads JSON refuses them itself.
        let types = ["application/json", "application/*+json", FORM, "multipart/form-data"];
        let types = types.into_iter().chain(["text/plain", "application/octet-stream"]).map(str::to_owned);
        let types: Vec<String> = types.collect();
        let methods = ["PATCH", "POST", "PUT"].map(str::to_owned);
        Self {
            max_request_size: 1_048_576,
            allowed_hosts: vec!["*".to_owned()],
            trusted_proxies: Vec::new(),
            forwarding_header: ForwardingHeader::default(),
            max_upload_size: 52_428_800,
            max_import_size: 10_485_760,
            max_other_size: 65_536,
            body_limits: BTreeMap::new(),
            max_json_depth: DEFAULT_JSON_DEPTH,
            max_url_length: DEFAULT_MAX_URL_LENGTH,
            block_null_bytes: true,
            content_types: methods.map(|method| (method, types.clone())).into(),
            enable_hsts: None,
            hsts_preload: false,
            enable_csp: true,
            csp_policy: API_POLICY.to_owned(),
            alert_rate_limit_threshold: 100,
            alert_auth_failure_threshold: 50,
            alert_webhook_url: None,
            alert_webhook_secret: None,
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

impl SecuritySettings {
    /// The bounds of bodies, of an API whose versions stand under `prefixes`.
    #[must_use]
    pub fn body_limit(&self, prefixes: &[String]) -> BodyLimit {
        let limit = BodyLimit::new(self.max_other_size).json_depth(self.max_json_depth);
        let limit = prefixes.iter().fold(limit, |limit, prefix| {
            limit
                .under(prefix, self.max_request_size)
                .under(&format!("{prefix}/imports"), self.max_import_size)
                .under(&format!("{prefix}/uploads"), self.max_upload_size)
        });
        self.body_limits.iter().fold(limit, |limit, (path, bytes)| limit.under(path, *bytes))
    }

    /// What addresses and bodies may look like.
    ///
    /// # Errors
    /// When a content type is none.
    pub fn content(&self) -> Result<Content, InvalidContentType> {
        let null_bytes = if self.block_null_bytes { NullBytes::Refused } else { NullBytes::Taken };
        let content = Content::new().null_bytes(null_bytes).max_url_length(self.max_url_length);
        self.content_types.iter().try_fold(content, |content, (method, types)| {
            let method = method.parse().map_err(|_| InvalidContentType::Method(method.clone()))?;
            Ok(content.with_types(method, MediaTypes::parse(types)?))
        })
    }

    /// The path of a body limit that is none, if there is one.
    #[must_use]
    pub fn path_problem(&self) -> Option<String> {
        let path = self.body_limits.keys().find(|path| !path.starts_with('/'))?;
        Some(format!("`{path}` must begin with a slash"))
    }
}

/// A content type or its method is none.
#[derive(Debug, thiserror::Error)]
pub enum InvalidContentType {
    /// The name is no method's.
    #[error("`{0}` is no method")]
    Method(String),
    /// The text is no media type.
    #[error(transparent)]
    Type(#[from] InvalidMediaType),
}
