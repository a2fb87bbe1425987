//! The settings of the edge: one file for each section.

#[cfg(feature = "compression")]
mod compression;
#[cfg(feature = "cors")]
mod cors;
mod errors;
#[cfg(feature = "geoip")]
mod geoip;
#[cfg(feature = "request-logging")]
mod request_logging;

#[cfg(feature = "compression")]
pub use compression::CompressionSettings;
#[cfg(feature = "cors")]
pub use cors::{CorsProblem, CorsSettings};
pub use errors::ErrorsSettings;
#[cfg(feature = "geoip")]
pub use geoip::GeoIpSettings;
#[cfg(feature = "request-logging")]
pub use request_logging::RequestLoggingSettings;
