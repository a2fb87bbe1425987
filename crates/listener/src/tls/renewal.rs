//! Reloads a certificate when its files change.

use std::sync::{Arc, PoisonError};

use super::{Tls, TlsError, pair::Pair};

/// The fingerprint of the files' contents, or why they cannot be read.
pub(super) type Contents = Result<u64, String>;

impl Tls {
    /// Checks the files until dropped, and reloads them when they have changed. An unusable change is logged once, and the
    /// current certificate stays in use.
    pub(crate) async fn watch(self) {
        let mut changing = None;
        loop {
            tokio::time::sleep(self.check_interval).await;
            let this = self.clone();
            let read = tokio::task::spawn_blocking(move || this.read_contents());
            let Ok(found) = read.await else { continue };
            if found == self.loaded() {
                changing = None;
            } else if changing.as_ref() == Some(&found) {
                // The two files are not replaced atomically, so wait until neither changes.
                self.reload().await;
                changing = None;
            } else {
                changing = Some(found);
            }
        }
    }

    /// Loads the files now. If they are unusable, the current certificate stays in use. The outcome is logged.
    pub async fn reload(&self) {
        let this = self.clone();
        let renewed = tokio::task::spawn_blocking(move || this.renew());
        match renewed.await {
            Ok(Ok(until)) => tracing::info!(valid_until = until, "server.tls_reloaded"),
            Ok(Err(error)) => tracing::error!(file = ?error.file(), %error, "server.tls_reload_failed"),
            Err(panic) => tracing::error!(error = %panic, "server.tls_reload_failed"),
        }
    }

    fn read_contents(&self) -> Contents {
        Pair::read(&self.files).map(|pair| pair.fingerprint()).map_err(|error| error.to_string())
    }

    fn renew(&self) -> Result<Option<String>, TlsError> {
        let pair = Pair::read(&self.files);
        self.set_loaded(pair.as_ref().map(Pair::fingerprint).map_err(ToString::to_string));
        let renewed = pair?.certified(self.clock.now())?;
        self.current.key.store(Arc::new(renewed.key));
        Ok(renewed.until.map(|until| until.to_rfc3339()))
    }

    fn loaded(&self) -> Contents {
        self.current.loaded.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_loaded(&self, contents: Contents) {
        *self.current.loaded.lock().unwrap_or_else(PoisonError::into_inner) = contents;
    }
}
