//! The certificate's renewal.

use std::sync::{Arc, PoisonError};

use super::{Tls, TlsError, pair::Pair};

/// What tells the files' contents from others, or why they cannot be read.
pub(super) type Look = Result<u64, String>;

impl Tls {
    /// Looks at the files until dropped, and takes what they hold whenever it is new and usable. What is not is
    /// logged once, and the present certificate stays in use.
    pub(crate) async fn watch(self) {
        let mut changing = None;
        loop {
            tokio::time::sleep(self.look_every).await;
            let this = self.clone();
            let look = tokio::task::spawn_blocking(move || this.look());
            let Ok(found) = look.await else { continue };
            if found == self.seen() {
                changing = None;
            } else if changing.as_ref() == Some(&found) {
                // Two files cannot be replaced at once: what rests is what was meant.
                self.reload().await;
                changing = None;
            } else {
                changing = Some(found);
            }
        }
    }

    /// Takes what the files hold now, if it is usable; otherwise the present certificate stays in use. Which of the two
    /// is logged.
    pub async fn reload(&self) {
        let this = self.clone();
        let renewed = tokio::task::spawn_blocking(move || this.renew());
        match renewed.await {
            Ok(Ok(until)) => tracing::info!(valid_until = until, "server.tls_reloaded"),
            Ok(Err(error)) => tracing::error!(file = ?error.file(), %error, "server.tls_reload_failed"),
            Err(panic) => tracing::error!(error = %panic, "server.tls_reload_failed"),
        }
    }

    fn look(&self) -> Look {
        Pair::read(&self.files).map(|pair| pair.fingerprint()).map_err(|error| error.to_string())
    }

    fn renew(&self) -> Result<Option<String>, TlsError> {
        let pair = Pair::read(&self.files);
        self.saw(pair.as_ref().map(Pair::fingerprint).map_err(ToString::to_string));
        let renewed = pair?.certified(self.clock.now())?;
        self.current.key.store(Arc::new(renewed.key));
        Ok(renewed.until.map(|until| until.to_rfc3339()))
    }

    fn seen(&self) -> Look {
        self.current.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn saw(&self, look: Look) {
        *self.current.seen.lock().unwrap_or_else(PoisonError::into_inner) = look;
    }
}
