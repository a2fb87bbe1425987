//! The certificate's renewal.

use std::sync::Arc;

use super::{Tls, TlsError, pair::Pair};

impl Tls {
    /// Looks at the files until dropped, and takes what they hold whenever it is new and usable. What is not is
    /// logged once, and the present certificate stays in use.
    pub(in crate::server) async fn watch(self) {
        let (mut seen, mut changing) = (Ok(self.current.seen), None);
        loop {
            tokio::time::sleep(self.look_every).await;
            let this = self.clone();
            let look = tokio::task::spawn_blocking(move || this.look());
            let Ok(found) = look.await else { continue };
            if found == seen {
                changing = None;
            } else if changing.as_ref() == Some(&found) {
                // Two files cannot be replaced at once: what rests is what was meant.
                self.take().await;
                (seen, changing) = (found, None);
            } else {
                changing = Some(found);
            }
        }
    }

    /// What tells the files' contents from others, or why they cannot be read.
    fn look(&self) -> Result<u64, String> {
        Pair::read(&self.files).map(|pair| pair.fingerprint()).map_err(|error| error.to_string())
    }

    async fn take(&self) {
        let this = self.clone();
        let renewed = tokio::task::spawn_blocking(move || this.renew());
        match renewed.await {
            Ok(Ok(until)) => tracing::info!(valid_until = until, "server.tls_reloaded"),
            Ok(Err(error)) => tracing::error!(file = ?error.file(), %error, "server.tls_reload_failed"),
            Err(panic) => tracing::error!(error = %panic, "server.tls_reload_failed"),
        }
    }

    fn renew(&self) -> Result<Option<String>, TlsError> {
        let renewed = Pair::read(&self.files)?.certified(self.clock.now())?;
        self.current.key.store(Arc::new(renewed.key));
        Ok(renewed.until.map(|until| until.to_rfc3339()))
    }
}
