//! TLS by settings.

use std::{fs, path::PathBuf};

use palisade_testkit::{TestApp, wait};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client};
use tempfile::TempDir;

/// A folder with a certificate, its key and another key.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.write("stranger.key", &files.renew());
        files.renew();
        files
    }

    /// Writes a new pair; its key.
    fn renew(&self) -> String {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = signing_key.serialize_pem();
        self.write("tls.crt", &cert.pem());
        self.write("tls.key", &key);
        key
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// A client that trusts the present certificate.
    fn client(&self) -> Client {
        let certificate = Certificate::from_pem(&fs::read(self.path("tls.crt")).unwrap()).unwrap();
        Client::builder().tls_certs_only([certificate]).build().unwrap()
    }
}

async fn answers(client: &Client, app: &TestApp) -> bool {
    let url = format!("https://localhost:{}/api/v1/health/ready", app.api().port());
    client.get(url).send().await.is_ok_and(|response| response.status() == 200)
}

#[tokio::test]
async fn the_public_listener_speaks_tls_and_takes_a_new_certificate() {
    let files = Files::new();
    let app = TestApp::builder()
        .set("server.tls_cert", files.text("tls.crt"))
        .set("server.tls_key", files.text("tls.key"))
        .spawn()
        .await;
    assert!(answers(&files.client(), &app).await);
    assert!(!app.raw("GET /health HTTP/1.1\r\nHost: a\r\n\r\n").await.starts_with(b"HTTP"));
    files.renew();
    let next = files.client();
    wait::until("the new certificate is shown", async || answers(&next, &app).await).await;
}

#[tokio::test]
async fn what_cannot_be_used_is_named_by_its_setting() {
    let files = Files::new();
    for (certificate, key, wanted) in [
        ("tls.crt", "stranger.key", "server.tls_key does not belong to the certificate"),
        ("missing", "tls.key", "server.tls_cert cannot be read"),
        ("tls.crt", "missing", "server.tls_key cannot be read"),
        ("tls.key", "tls.key", "server.tls_cert holds no certificate"),
    ] {
        let app = TestApp::builder()
            .set("server.tls_cert", files.text(certificate))
            .set("server.tls_key", files.text(key));
        let problem = app.try_spawn().await.expect_err("it is refused");
        assert!(problem.contains(wanted), "{problem}");
    }
}
