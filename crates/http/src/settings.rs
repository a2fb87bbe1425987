//! The settings of the edge: one file for each section.

#[cfg(feature = "compression")]
mod compression;
#[cfg(feature = "cors")]
mod cors;
mod errors;
#[cfg(feature = "geoip")]
mod geoip;
mod management;
#[cfg(feature = "request-logging")]
mod request_logging;
mod server;

#[cfg(feature = "compression")]
pub use compression::CompressionSettings;
#[cfg(feature = "cors")]
pub use cors::{CorsProblem, CorsSettings};
pub use errors::ErrorsSettings;
#[cfg(feature = "geoip")]
pub use geoip::GeoIpSettings;
pub use management::ManagementSettings;
#[cfg(feature = "request-logging")]
pub use request_logging::RequestLoggingSettings;
pub use server::ServerSettings;
