//! Names become addresses, and only such as may be connected to.

use std::{
    net::{IpAddr, ToSocketAddrs as _},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;

use super::{guard::Guard, refusal::Refusal};

/// Asks another resolver and hands on what the guard lets through. The connection goes to these addresses and to no
/// others, so that nothing can be resolved anew between the check and the connection ("DNS rebinding").
pub(super) struct GuardedResolver {
    pub(super) guard: Arc<Guard>,
    pub(super) names: Arc<dyn Resolve>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, text) = (Arc::clone(&self.guard), name.as_str().to_owned());
        let resolving = self.names.resolve(name);
        Box::pin(async move {
            let addresses: Vec<IpAddr> = resolving.await?.map(|address| address.ip()).take(MOST).collect();
            guard.check_addresses(&text, &addresses)?;
            // Port 0 stands for that of the request: a resolver has no say in ports.
            Ok(Box::new(addresses.into_iter().map(|address| (address, 0_u16).into())) as Addrs)
        })
    }
}

/// So many addresses of one name are looked at and connected to at most.
const MOST: usize = 32;

/// Resolves names as the operating system does: with its hosts file and its DNS servers.
///
/// That takes a thread for as long as it takes, even when nobody waits any more. So at most 32 names are resolved at
/// once, and each upstream has a resolver of its own: whoever hands out names whose servers never answer must not use up the threads that files are read with.
#[derive(Debug, Clone)]
pub struct SystemResolver(Arc<Semaphore>);

const LOOKUPS: usize = 32;

impl Default for SystemResolver {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LOOKUPS)))
    }
}

impl Resolve for SystemResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let lookups = Arc::clone(&self.0);
        Box::pin(async move {
            let lookup = lookups.acquire_owned().await?;
            let resolving = tokio::task::spawn_blocking(move || {
                let addresses = (name.as_str(), 0).to_socket_addrs();
                drop(lookup);
                addresses
            });
            Ok(Box::new(resolving.await??) as Addrs)
        })
    }
}

/// The refusal among the causes of an error of the HTTP client.
pub(super) fn refusal(error: &reqwest::Error) -> Option<Refusal> {
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if let Some(refusal) = error.downcast_ref::<Refusal>() {
            return Some(refusal.clone());
        }
        cause = error.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    /// Says that each name is everywhere.
    struct Everywhere(Vec<SocketAddr>);

    impl Resolve for Everywhere {
        fn resolve(&self, _: Name) -> Resolving {
            let addresses = self.0.clone();
            Box::pin(async move { Ok(Box::new(addresses.into_iter()) as Addrs) })
        }
    }

    async fn resolved(addresses: &[&str]) -> Option<Vec<SocketAddr>> {
        let names = Everywhere(addresses.iter().map(|address| address.parse().unwrap()).collect());
        let guarded = GuardedResolver { guard: Arc::new(Guard::public()), names: Arc::new(names) };
        guarded.resolve("a.example".parse().unwrap()).await.ok().map(Iterator::collect)
    }

    #[tokio::test]
    async fn a_resolver_has_a_say_in_addresses_and_not_in_ports() {
        let all = resolved(&["8.8.8.8:22", "[2606:4700::]:6379"]).await.unwrap();
        assert_eq!(all, ["8.8.8.8:0", "[2606:4700::]:0"].map(|address| address.parse().unwrap()));
        assert_eq!(resolved(&["8.8.8.8:0", "[fe80::1%3]:0"]).await, None);
    }

    #[tokio::test]
    async fn only_so_many_addresses_as_were_checked_are_connected_to() {
        let many = ["8.8.8.8:0"; 2 * MOST];
        assert_eq!(resolved(&many).await.map(|addresses| addresses.len()), Some(MOST));
    }

    #[tokio::test]
    async fn the_operating_system_knows_its_own_name() {
        let loopback: Vec<_> =
            SystemResolver::default().resolve("localhost".parse().unwrap()).await.unwrap().collect();
        assert!(!loopback.is_empty() && loopback.iter().all(|address| address.ip().is_loopback()));
    }
}
