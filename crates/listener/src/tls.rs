//! TLS on a listener.
//!
//! TLS 1.2 and 1.3 by rustls with aws-lc-rs, for HTTP/1.1. The certificate and its key come from two files and are
//! reloaded when the files change, so a tool that renews them (certbot, cert-manager, a mounted secret) needs no hook.
//! Open connections keep the certificate of their handshake.

mod handshake;
mod pair;
mod renewal;
mod validity;

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
use renewal::Contents;

/// Default interval for checking the files.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// TLS configuration of a listener: a certificate that is reloaded when its files change. Clones share it.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    current: Arc<Current>,
    files: Arc<Files>,
    clock: Arc<dyn Clock>,
    check_interval: Duration,
}

/// Paths of the certificate and its key.
#[derive(Debug)]
struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Tls {
    /// Loads a certificate chain and its private key, both in PEM format.
    ///
    /// # Errors
    /// When a file cannot be read or parsed, the key does not match the certificate, or the certificate is not valid at
    /// the current time.
    pub fn load(
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TlsError> {
        let files = Files { certificate: certificate.into(), key: key.into() };
        let pair = Pair::read(&files)?;
        let first = pair.certified(clock.now())?;
        let loaded = Mutex::new(Ok(pair.fingerprint()));
        let current = Arc::new(Current { key: ArcSwap::from_pointee(first.key), loaded });
        let config = config(Arc::clone(&current)).map_err(|cause| TlsError {
            file: TlsFile::Certificate,
            problem: Problem::Unusable(cause.to_string()),
        })?;
        let (config, files) = (Arc::new(config), Arc::new(files));
        Ok(Self { config, current, files, clock, check_interval: CHECK_INTERVAL })
    }

    /// Sets how often the files are checked; the default is 2 seconds. Changed files are loaded once they have not changed
    /// for one interval.
    #[must_use]
    pub fn check_interval(self, check_interval: Duration) -> Self {
        Self { check_interval, ..self }
    }
}

/// The safe defaults of rustls, with session tickets for resumption.
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
    /// The contents of the files at the last load.
    loaded: Mutex<Contents>,
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

/// One of the two files of a TLS configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFile {
    /// The certificate.
    Certificate,
    /// Its private key.
    Key,
}

/// A certificate or key cannot be used. The message is worded to follow the name of the file.
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

    /// Whether the certificate has expired or is not valid yet.
    #[must_use]
    pub fn is_outside_validity(&self) -> bool {
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
