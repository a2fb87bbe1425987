//! Reads a certificate and its key from two files.

use std::{fs, hash::BuildHasher, path::Path};

use chrono::{DateTime, Utc};
use rustls::{
    Error, InconsistentKeys,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};

use super::{
    Files, Problem, TlsError,
    TlsFile::{self, Certificate, Key},
    validity::Validity,
};

/// The contents of the two files.
pub(super) struct Pair<'a> {
    files: &'a Files,
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// A usable certificate with its key.
pub(super) struct Certified {
    pub(super) key: CertifiedKey,
    /// When the certificate expires, if its validity could be read.
    pub(super) until: Option<DateTime<Utc>>,
}

impl<'a> Pair<'a> {
    /// Reads both files, which blocks.
    pub(super) fn read(files: &'a Files) -> Result<Self, TlsError> {
        let (certificate, key) = (read(Certificate, &files.certificate)?, read(Key, &files.key)?);
        Ok(Self { files, certificate, key })
    }

    /// A hash of the contents, comparable within this process.
    pub(super) fn fingerprint(&self) -> u64 {
        Fingerprints.hash_one((&self.certificate, &self.key))
    }

    /// Parses both and checks that they match and that the certificate is valid at `now`.
    pub(super) fn certified(&self, now: DateTime<Utc>) -> Result<Certified, TlsError> {
        let wrong = |file, problem| TlsError { file, problem };
        let chain: Vec<_> =
            CertificateDer::pem_slice_iter(&self.certificate).filter_map(Result::ok).collect();
        let missing = |path: &Path, what| Problem::Missing(path.to_owned(), what);
        let first = chain
            .first()
            .ok_or_else(|| wrong(Certificate, missing(&self.files.certificate, "certificate")))?;
        // If the validity cannot be read, the clients decide.
        let validity = Validity::of(first);
        match validity {
            Some(validity) if now < validity.from => {
                return Err(wrong(Certificate, Problem::TooEarly(validity.from)));
            }
            Some(validity) if now > validity.until => {
                return Err(wrong(Certificate, Problem::Expired(validity.until)));
            }
            _ => {}
        }
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| {
            // An encrypted key has another PEM label.
            wrong(Key, missing(&self.files.key, "unencrypted private key"))
        })?;
        let key =
            CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(
                |error| match error {
                    Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                        wrong(Key, Problem::Mismatch(self.files.key.clone()))
                    }
                    Error::InvalidCertificate(_) => wrong(Certificate, Problem::Unusable(error.to_string())),
                    error => wrong(Key, Problem::Unusable(error.to_string())),
                },
            )?;
        Ok(Certified { key, until: validity.map(|validity| validity.until) })
    }
}

fn read(file: TlsFile, path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|cause| TlsError { file, problem: Problem::Unreadable(path.to_owned(), cause) })
}

/// Hashes without a random seed. The contents come from the operator, so collision attacks do not matter.
struct Fingerprints;

impl BuildHasher for Fingerprints {
    type Hasher = std::hash::DefaultHasher;

    fn build_hasher(&self) -> Self::Hasher {
        std::hash::DefaultHasher::new()
    }
}
