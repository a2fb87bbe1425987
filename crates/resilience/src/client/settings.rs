//! What an operator may say of an upstream.

use std::{net::IpAddr, time::Duration};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{Guard, Limits, UpstreamOptions};
use crate::{BulkheadBounds, CircuitBreakerSettings, RetrySettings};

/// How one service outside is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "settings", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct UpstreamSettings {
    /// How long it may take to connect, in milliseconds.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 600_000)))]
    pub connect_timeout_ms: u32,
    /// How long one attempt may take to the last byte of its answer, in milliseconds.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 600_000)))]
    pub attempt_timeout_ms: u32,
    /// How long all attempts may take with the waits between them, in milliseconds.
    #[cfg_attr(feature = "settings", schemars(range(min = 1, max = 600_000)))]
    pub total_timeout_ms: u32,
    /// How long the body of an answer may be, in bytes.
    #[cfg_attr(feature = "settings", schemars(range(min = 1)))]
    pub max_response_bytes: u32,
    /// How many redirects are followed; 0: a redirect is an answer like others.
    #[cfg_attr(feature = "settings", schemars(range(max = 20)))]
    pub max_redirects: u8,
    /// How many requests may be under way at once.
    #[cfg_attr(feature = "settings", schemars(range(min = 1)))]
    pub max_concurrent: u32,
    /// How many more may wait for one of them to end, for a second.
    pub max_waiting: u32,
    /// Which hosts may be asked though they are in a private network, as `host` or `host:port`. Otherwise requests go to
    /// the public internet alone.
    pub allow_hosts: Vec<String>,
    /// Which networks may be asked whatever they are set aside for, such as `10.2.0.0/16`.
    pub allow_networks: Vec<String>,
    /// Which networks may not be asked, whatever is allowed.
    pub refuse_networks: Vec<String>,
    /// Which ports may be asked; empty: any.
    pub allow_ports: Vec<u16>,
    /// When it is left alone.
    pub circuit_breaker: CircuitBreakerSettings,
    /// How a request that failed is sent again, if it may be.
    pub retry: RetrySettings,
}

impl Default for UpstreamSettings {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 3_000,
            attempt_timeout_ms: 10_000,
            total_timeout_ms: 30_000,
            max_response_bytes: 1_048_576,
            max_redirects: 5,
            max_concurrent: 64,
            max_waiting: 64,
            allow_hosts: Vec::new(),
            allow_networks: Vec::new(),
            refuse_networks: Vec::new(),
            allow_ports: Vec::new(),
            circuit_breaker: CircuitBreakerSettings::default(),
            retry: RetrySettings::default(),
        }
    }
}

/// A value of the settings that says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: `{value}` is not {wanted}")]
pub struct InvalidUpstream {
    /// Which setting.
    pub setting: &'static str,
    /// Its value, or the part of it.
    pub value: String,
    /// What it should be.
    pub wanted: &'static str,
}

impl UpstreamSettings {
    /// The settings, read.
    ///
    /// # Errors
    /// When a host or a network is none.
    pub fn options(&self) -> Result<UpstreamOptions, InvalidUpstream> {
        let millis = |millis: u32| Duration::from_millis(millis.into());
        let usual = UpstreamOptions::default();
        Ok(UpstreamOptions {
            guard: self.guard()?,
            limits: Limits {
                connect: millis(self.connect_timeout_ms),
                attempt: millis(self.attempt_timeout_ms),
                total: millis(self.total_timeout_ms),
                body: usize::try_from(self.max_response_bytes).unwrap_or(usize::MAX),
                redirects: self.max_redirects,
                ..usual.limits
            },
            retry: self.retry.clone(),
            breaker: self.circuit_breaker.policy(),
            bulkhead: BulkheadBounds {
                concurrent: self.max_concurrent,
                waiting: self.max_waiting,
                ..usual.bulkhead
            },
        })
    }

    fn guard(&self) -> Result<Guard, InvalidUpstream> {
        let mut guard = Guard::public();
        for host in &self.allow_hosts {
            guard = guard.allow_host(host).map_err(|_| InvalidUpstream {
                setting: "allow_hosts",
                value: host.clone(),
                wanted: "the name of a host, nor one with a port",
            })?;
        }
        for text in &self.allow_networks {
            guard = guard.allow_network(network("allow_networks", text)?);
        }
        for text in &self.refuse_networks {
            guard = guard.refuse_network(network("refuse_networks", text)?);
        }
        Ok(self.allow_ports.iter().fold(guard, |guard, port| guard.allow_port(*port)))
    }
}

fn network(setting: &'static str, text: &str) -> Result<IpNet, InvalidUpstream> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| InvalidUpstream {
        setting,
        value: text.to_owned(),
        wanted: "a network, such as `10.2.0.0/16`, nor an address",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_of_the_settings_are_those_of_the_code() {
        let (read, usual) = (UpstreamSettings::default().options().unwrap(), UpstreamOptions::default());
        assert_eq!(read.limits, usual.limits);
        assert_eq!(read.bulkhead, usual.bulkhead);
        assert_eq!(read.breaker, usual.breaker);
        assert_eq!(format!("{:?}", read.guard), format!("{:?}", usual.guard));
    }

    #[test]
    fn what_is_allowed_and_refused_is_read() {
        let settings = UpstreamSettings {
            allow_hosts: vec!["payments.internal:8443".to_owned()],
            allow_networks: vec!["10.2.0.0/16".to_owned(), "127.0.0.1".to_owned()],
            refuse_networks: vec!["10.2.9.0/24".to_owned()],
            allow_ports: vec![443],
            ..UpstreamSettings::default()
        };
        let guard = settings.options().unwrap().guard;
        let verdict = |url: &str| guard.check_url(&url.parse().unwrap()).is_ok();
        assert!(verdict("https://10.2.0.1/") && verdict("https://127.0.0.1/"));
        assert!(verdict("https://payments.internal:8443/"));
        assert!(
            !verdict("https://10.2.9.1/") && !verdict("https://127.0.0.2/") && !verdict("http://10.2.0.1/")
        );
    }

    #[test]
    fn what_says_nothing_is_told_with_its_setting() {
        let broken =
            UpstreamSettings { allow_networks: vec!["10.2/16".to_owned()], ..UpstreamSettings::default() };
        let error = broken.options().unwrap_err();
        assert_eq!(
            error.to_string(),
            "allow_networks: `10.2/16` is not a network, such as `10.2.0.0/16`, nor an address"
        );
        let broken =
            UpstreamSettings { allow_hosts: vec!["10.0.0.1".to_owned()], ..UpstreamSettings::default() };
        assert_eq!(broken.options().unwrap_err().setting, "allow_hosts");
    }
}
