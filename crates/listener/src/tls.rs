//! TLS on a listener.
//!
//! TLS 1.2 and 1.3 by rustls with aws-lc-rs, HTTP/1.1 within. The certificate and its key come from two files and
//! are renewed while the server runs: whatever writes new ones (certbot, cert-manager, a mounted secret) need tell
//! nobody. Connections that are open keep the certificate they began with.

mod handshake;
mod pair;
mod validity;
mod watch;

use std::{
    fmt, io,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use arc_swap::ArcSwap;
use palisade_core::Clock;
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use pair::Pair;
use watch::Look;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What a listener proves itself with. Clones share it, and its renewals.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    current: Arc<Current>,
    files: Arc<Files>,
    clock: Arc<dyn Clock>,
    look_every: Duration,
}

/// Where certificate and key are.
#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Tls {
    /// Reads a certificate, followed by those that lead to a root, and its private key, both in PEM form.
    ///
    /// # Errors
    /// When a file cannot be read or does not hold what it should, the key is not the certificate's, or the
    /// certificate is not valid now.
    pub fn load(
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TlsError> {
        let files = Files { certificate: certificate.into(), key: key.into() };
        let pair = Pair::read(&files)?;
        let first = pair.certified(clock.now())?;
        let seen = Mutex::new(Ok(pair.fingerprint()));
        let current = Arc::new(Current { key: ArcSwap::from_pointee(first.key), seen });
        let config = config(Arc::clone(&current)).map_err(|cause| TlsError {
            file: TlsFile::Certificate,
            problem: Problem::Unusable(cause.to_string()),
        })?;
        let (config, files) = (Arc::new(config), Arc::new(files));
        Ok(Self { config, current, files, clock, look_every: LOOK_EVERY })
    }

    /// Looks at the files so often, and takes what has changed and then rested for as long; every 2 seconds unless
    /// told.
    #[must_use]
    pub fn look_every(self, look_every: Duration) -> Self {
        Self { look_every, ..self }
    }
}

/// The safe defaults of rustls, with session tickets, so that a client that returns saves a round trip.
fn config(current: Arc<Current>) -> Result<ServerConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_no_client_auth().with_cert_resolver(current);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    Ok(config)
}

/// The certificate in use.
struct Current {
    key: ArcSwap<CertifiedKey>,
    /// What the files held when they were last taken.
    seen: Mutex<Look>,
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Current").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.key.load_full())
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

/// Which of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFile {
    /// The certificate.
    Certificate,
    /// Its private key.
    Key,
}

/// Why a certificate cannot be used. The text begins as if the file's name stood before it.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub struct TlsError {
    file: TlsFile,
    #[source]
    problem: Problem,
}

impl TlsError {
    /// The file at fault.
    #[must_use]
    pub fn file(&self) -> TlsFile {
        self.file
    }

    /// Whether the certificate is right and its time has not come yet, or is over.
    #[must_use]
    pub fn is_about_time(&self) -> bool {
        matches!(self.problem, Problem::TooEarly(_) | Problem::Expired(_))
    }
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("cannot be read: {path}: {cause}", path = .0.display(), cause = .1)]
    Unreadable(PathBuf, #[source] io::Error),
    #[error("holds no {what} in PEM form: {path}", path = .0.display(), what = .1)]
    Missing(PathBuf, &'static str),
    #[error("does not belong to the certificate: {path}", path = .0.display())]
    Mismatch(PathBuf),
    #[error("cannot be used: {0}")]
    Unusable(String),
    #[error("is valid only from {0} on")]
    TooEarly(chrono::DateTime<chrono::Utc>),
    #[error("expired at {0}")]
    Expired(chrono::DateTime<chrono::Utc>),
}
