//! The proxies that are believed.

use palisade_core::Environment;
use serde::{Deserialize, Serialize};

use crate::client_address::{ClientAddress, ForwardingHeader, InvalidProxy, TrustedProxies};

/// The proxies that are believed; part of the section `security`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct ClientAddressSettings {
    /// The proxies in front of the server, as addresses and networks (`10.0.0.0/8`, `2001:db8::7`). What they say in
    /// `Forwarded`, `X-Forwarded-For` and `X-Forwarded-Proto` is believed; from everybody else it is ignored.
    #[cfg_attr(feature = "settings", schemars(extend("x-env-aliases" = [{
        "name": "SECURITY_TRUST_PROXY_HEADERS",
        "instead": "it opens nothing by itself; name the proxies whose headers are to be believed in \
                    SECURITY_TRUSTED_PROXIES, or leave that empty to believe none"
    }])))]
    pub trusted_proxies: Vec<String>,
    /// The header that those proxies write. `any` takes whichever is there, and neither when the two name different
    /// clients. Name the one they write, unless they remove the other from what clients send.
    pub forwarding_header: ForwardingHeader,
}

impl ClientAddressSettings {
    /// The proxies.
    ///
    /// # Errors
    /// The first entry that is neither an address nor a network.
    pub fn proxies(&self) -> Result<TrustedProxies, InvalidProxy> {
        TrustedProxies::parse(&self.trusted_proxies)
    }

    /// The layer.
    ///
    /// # Errors
    /// The first entry that is neither an address nor a network.
    pub fn layer(&self) -> Result<ClientAddress, InvalidProxy> {
        Ok(ClientAddress::new(self.proxies()?).by(self.forwarding_header))
    }

    /// Why these proxies cannot be believed, if they cannot.
    #[must_use]
    pub fn proxies_problem(&self, environment: Environment) -> Option<String> {
        match self.proxies() {
            Err(problem) => Some(problem.to_string()),
            Ok(proxies) => {
                let network = proxies.too_wide().filter(|_| environment.is_production())?;
                Some(format!("trusts `{network}`, in which clients are: any of them could pass for another"))
            }
        }
    }
}
