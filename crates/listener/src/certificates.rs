//! The certificates of all TLS listeners of a server.

#[cfg(feature = "tls")]
use crate::Tls;
use tokio::task::JoinSet;

/// The certificates of all TLS listeners of a server. Empty without the feature `tls`.
#[derive(Clone, Default)]
pub(crate) struct Certificates {
    #[cfg(feature = "tls")]
    all: Vec<Tls>,
}

impl Certificates {
    #[cfg(feature = "tls")]
    pub(crate) fn extend(&mut self, tls: Option<Tls>) {
        self.all.extend(tls);
    }

    /// Spawns a task for each certificate that reloads it when its files change.
    #[cfg_attr(
        not(feature = "tls"),
        expect(unused_variables, clippy::unused_self, reason = "no certificates")
    )]
    pub(crate) fn watch(&self, tasks: &mut JoinSet<()>) {
        #[cfg(feature = "tls")]
        for tls in &self.all {
            tasks.spawn(tls.clone().watch());
        }
    }

    /// Reloads every certificate now.
    #[cfg_attr(
        not(feature = "tls"),
        expect(clippy::unused_async, clippy::unused_self, reason = "no certificates")
    )]
    pub(crate) async fn reload(&self) {
        #[cfg(feature = "tls")]
        for tls in &self.all {
            tls.reload().await;
        }
    }
}
