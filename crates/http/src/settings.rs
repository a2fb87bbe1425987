//! The settings of the edge: one file for each layer. Those of the section `security` are several structs, which a program
//! flattens into one.

#[cfg(feature = "limits")]
mod body_limit;
#[cfg(feature = "client-address")]
mod client_address;
#[cfg(feature = "compression")]
mod compression;
#[cfg(feature = "content")]
mod content;
#[cfg(feature = "cors")]
mod cors;
mod errors;
#[cfg(feature = "geoip")]
mod geoip;
#[cfg(feature = "request-logging")]
mod request_logging;
#[cfg(feature = "security-headers")]
mod security_headers;
#[cfg(feature = "trusted-hosts")]
mod trusted_hosts;

#[cfg(feature = "limits")]
pub use body_limit::BodyLimitSettings;
#[cfg(feature = "client-address")]
pub use client_address::ClientAddressSettings;
#[cfg(feature = "compression")]
pub use compression::CompressionSettings;
#[cfg(feature = "content")]
pub use content::{ContentSettings, InvalidContentType};
#[cfg(feature = "cors")]
pub use cors::{CorsProblem, CorsSettings};
pub use errors::ErrorsSettings;
#[cfg(feature = "geoip")]
pub use geoip::GeoIpSettings;
#[cfg(feature = "request-logging")]
pub use request_logging::RequestLoggingSettings;
#[cfg(feature = "security-headers")]
pub use security_headers::SecurityHeadersSettings;
#[cfg(feature = "trusted-hosts")]
pub use trusted_hosts::TrustedHostsSettings;
