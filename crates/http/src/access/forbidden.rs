//! The log line of a request that was refused with 403.

use std::net::IpAddr;

use actix_web::{HttpMessage, HttpRequest, dev::ServiceResponse, http::StatusCode};
use palisade_core::{Error, Principal};

use crate::{Rejection, client_address::ClientIp};

/// What is logged of a request that was refused with 403.
pub(super) struct Forbidden<'a> {
    /// Who asked; `None` where nobody had to sign in.
    caller: Option<&'a Principal>,
    ip: IpAddr,
    method: &'a str,
    route: Option<&'a str>,
    /// What was asked about, where the route has the parameter `id`.
    resource_id: Option<&'a str>,
    /// The permission that was missing.
    permission: Option<&'a str>,
}

impl<'a> Forbidden<'a> {
    pub(super) fn of(
        request: &'a HttpRequest,
        route: Option<&'a str>,
        caller: Option<&'a Principal>,
    ) -> Self {
        Self {
            caller,
            ip: ClientIp::of(request).0,
            method: request.method().as_str(),
            route,
            resource_id: request.match_info().get("id"),
            permission: None,
        }
    }

    /// The same, for want of this permission.
    pub(super) fn lacking(self, permission: Option<&'a str>) -> Self {
        Self { permission, ..self }
    }

    pub(super) fn log(&self, error: &Error) {
        tracing::info!(
            user_id = self.caller.map(|caller| tracing::field::display(&caller.subject)),
            ip = %self.ip,
            method = self.method,
            route = self.route,
            resource_id = self.resource_id,
            permission = self.permission,
            reason = error.reason(),
            detail = error.message(),
            "auth.forbidden"
        );
    }
}

/// Logs a 403 that a handler or a service has made, so that no route has to.
pub(super) fn log_refusal(response: &ServiceResponse) {
    if response.status() != StatusCode::FORBIDDEN {
        return;
    }
    let Some(rejection) = Rejection::of(response.response()) else { return };
    let request = response.request();
    let route = request.match_pattern();
    let extensions = request.extensions();
    Forbidden::of(request, route.as_deref(), extensions.get()).log(rejection.error());
}
