//! The server over TLS.

use std::{fs, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use actix_web::App;
use palisade_core::{ManualClock, SystemClock};
use palisade_listener::{Bound, Ending, Hooks, Options, Running, Signals, Tls, TlsError, TlsFile, serve};
use palisade_testkit::wait;
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use reqwest::{Certificate, Client, tls::Version};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::world::{listener, options, routes, server};

/// Longer than any test runs.
const ENDLESS: Duration = Duration::from_secs(3_600);

/// A certificate and its key in files.
struct Files {
    folder: TempDir,
}

impl Files {
    fn new() -> Self {
        let files = Self { folder: tempfile::tempdir().unwrap() };
        files.renew("first");
        files
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("tls.crt")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("tls.key")
    }

    /// Replaces the files by a new certificate with this common name.
    fn renew(&self, name: &str) {
        let (certificate, key) = pair(name);
        fs::write(self.certificate(), certificate).unwrap();
        fs::write(self.key(), key).unwrap();
    }

    fn load(&self) -> Result<Tls, TlsError> {
        let tls = Tls::load(self.certificate(), self.key(), Arc::new(SystemClock))?;
        Ok(tls.check_interval(Duration::from_millis(20)))
    }

    async fn serve(&self, options: Options) -> Running {
        let listener = listener().tls(self.load().unwrap());
        let factory = || App::new().configure(routes);
        server(options).listen(listener, 2, factory).unwrap().start().await.unwrap()
    }

    /// The trust anchor for the current certificate.
    fn trusted(&self) -> Certificate {
        Certificate::from_pem(&fs::read(self.certificate()).unwrap()).unwrap()
    }

    fn client(&self) -> Client {
        client(&self.trusted())
    }
}

/// A client without keep-alive.
fn client(trusted: &Certificate) -> Client {
    Client::builder().tls_certs_only([trusted.clone()]).pool_max_idle_per_host(0).build().unwrap()
}

fn pair(name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

fn url(server: &Running, path: &str) -> String {
    format!("https://localhost:{}{path}", server.bound()[0].address.port())
}

async fn get(client: &Client, url: &str) -> Result<String, reqwest::Error> {
    client.get(url).send().await?.error_for_status()?.text().await
}

#[tokio::test]
async fn requests_over_tls_have_the_scheme_https() {
    let files = Files::new();
    let server = files.serve(options()).await;
    let client = files.client();
    assert_eq!(get(&client, &url(&server, "/")).await.unwrap(), "hello");
    assert_eq!(get(&client, &url(&server, "/scheme")).await.unwrap(), "https");
    assert_eq!(get(&client, &url(&server, "/large")).await.unwrap().len(), 4 * 1_024 * 1_024);
    let body = "x".repeat(100_000);
    let echoed = client.post(url(&server, "/echo")).body(body.clone()).send().await.unwrap();
    assert_eq!(echoed.text().await.unwrap(), body);
    assert!(server.stop().await);
}

#[tokio::test]
async fn tls_below_1_2_is_refused() {
    let files = Files::new();
    let server = files.serve(options()).await;
    for version in [Version::TLS_1_2, Version::TLS_1_3] {
        let client = Client::builder().tls_certs_only([files.trusted()]).tls_version_min(version);
        let client = client.tls_version_max(version).build().unwrap();
        assert_eq!(get(&client, &url(&server, "/")).await.unwrap(), "hello", "{version:?}");
    }
    // Current clients do not support TLS 1.1, so this is its ClientHello by hand, with one cipher suite.
    let mut hello = vec![0x16, 3, 2, 0, 45, 1, 0, 0, 41, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0, 0x2F, 1, 0]);
    let answer = exchange(server.bound()[0].address, &hello).await;
    assert_eq!((answer.first(), answer.get(5)), (Some(&0x15), Some(&2)), "no fatal alert: {answer:?}");
}

/// Sends bytes and returns what the server sends until it closes the connection.
async fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // A reset is a close, too.
    drop(wait::end_of("the server's side", stream.read_to_end(&mut answer)).await);
    answer
}

#[tokio::test]
async fn clients_without_tls_are_disconnected() {
    let files = Files::new();
    let server = files.serve(options()).await;
    let address = server.bound()[0].address;
    for bytes in ["GET / HTTP/1.1\r\nhost: a\r\n\r\n", "", "\u{16}\u{3}\u{1}"] {
        let answer = exchange(address, bytes.as_bytes()).await;
        assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    }
    assert_eq!(get(&files.client(), &url(&server, "/")).await.unwrap(), "hello");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_handshake() {
    let files = Files::new();
    let server = files.serve(Options { head_timeout: ENDLESS, shutdown_timeout: ENDLESS, ..options() }).await;
    let _silent = TcpStream::connect(server.bound()[0].address).await.unwrap();
    wait::until("the connection is open", async || server.open_connections() == 1).await;
    assert!(wait::end_of("a stop that waits for no handshake", server.stop()).await);
}

#[tokio::test]
async fn an_oversized_head_over_tls_gets_the_standard_body() {
    let files = Files::new();
    let server = files.serve(options()).await;
    let url = url(&server, "/");
    let response = files.client().get(url).header("x", "a".repeat(300_000)).send().await.unwrap();
    assert_eq!(response.status(), 431);
    assert!(response.headers().contains_key("x-request-id"));
    assert!(response.text().await.unwrap().contains("\"bad_request\""));
}

#[tokio::test]
async fn a_renewed_certificate_is_loaded_without_a_failed_request() {
    let files = Files::new();
    let server = files.serve(options()).await;
    let url = url(&server, "/");
    let mut present = files.trusted();
    for name in ["second", "third"] {
        files.renew(name);
        let next = files.trusted();
        // A new client each time, without a session to resume. The server shows one of the two at any time.
        wait::until("the new certificate is shown", async || {
            if get(&client(&next), &url).await.is_ok() {
                return true;
            }
            let old = get(&client(&present), &url).await;
            let new = old.is_err() && get(&client(&next), &url).await.is_ok();
            assert!(old.is_ok() || new, "neither is served: {old:?}");
            false
        })
        .await;
        assert!(get(&client(&present), &url).await.is_err(), "the old one is still shown");
        present = next;
    }
}

#[tokio::test]
async fn a_reload_loads_a_renewed_certificate_at_once() {
    let files = Files::new();
    let tls = Tls::load(files.certificate(), files.key(), Arc::new(SystemClock)).unwrap();
    // Only the reload checks the files.
    let listener = listener().tls(tls.check_interval(Duration::from_secs(86_400)));
    let factory = || App::new().configure(routes);
    let server = server(options()).listen(listener, 1, factory).unwrap();
    let (handle, signals) = Signals::from_handle();
    let (told, ready) = tokio::sync::oneshot::channel();
    let hooks = Hooks::default()
        .on_ready(|bound: &[Bound]| told.send(bound[0].address).unwrap())
        .on_reload(|| std::future::ready(()));
    let life = tokio::spawn(serve(server, signals, hooks));
    let url = format!("https://localhost:{}/", ready.await.unwrap().port());
    assert_eq!(get(&files.client(), &url).await.unwrap(), "hello");
    files.renew("second");
    handle.reload();
    let next = files.client();
    wait::until("the new certificate is taken", async || get(&next, &url).await.is_ok()).await;
    handle.stop();
    assert!(matches!(life.await.unwrap().unwrap(), Ending::Clean));
}

#[tokio::test]
async fn an_open_connection_survives_a_renewal() {
    let files = Files::new();
    let server = files.serve(options()).await;
    let url = url(&server, "/");
    let kept = Client::builder().tls_certs_only([files.trusted()]).build().unwrap();
    assert_eq!(get(&kept, &url).await.unwrap(), "hello");
    files.renew("second");
    let next = files.client();
    wait::until("the new certificate is shown", async || {
        assert_eq!(get(&kept, &url).await.unwrap(), "hello");
        get(&next, &url).await.is_ok()
    })
    .await;
    assert_eq!(get(&kept, &url).await.unwrap(), "hello");
}

#[tokio::test]
async fn an_unusable_renewal_keeps_the_current_certificate() {
    let files = Files::new();
    let server = files.serve(options()).await;
    let url = url(&server, "/");
    let present = files.client();
    let break_it: [fn(&Files); 3] = [
        |files| fs::write(files.certificate(), "no certificate").unwrap(),
        |files| fs::remove_file(files.key()).unwrap(),
        |files| fs::write(files.key(), pair("stranger").1).unwrap(),
    ];
    for break_it in break_it {
        break_it(&files);
        for _ in 0..20 {
            assert_eq!(get(&present, &url).await.unwrap(), "hello");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    files.renew("mended");
    let next = files.client();
    wait::until("the mended certificate is shown", async || get(&next, &url).await.is_ok()).await;
}

/// The file at fault and the error message.
fn problem(tls: Result<Tls, TlsError>) -> (TlsFile, String) {
    let error = tls.unwrap_err();
    (error.file(), error.to_string())
}

#[test]
fn errors_name_the_file_and_the_reason() {
    let files = Files::new();
    let missing = files.folder.path().join("missing");
    let clock = || Arc::new(SystemClock);
    let (file, text) = problem(Tls::load(&missing, files.key(), clock()));
    assert!(file == TlsFile::Certificate && text.contains("cannot be read: /"), "{text}");
    let (file, text) = problem(Tls::load(files.certificate(), &missing, clock()));
    assert!(file == TlsFile::Key && text.contains("cannot be read: /"), "{text}");
    let (file, text) = problem(Tls::load(files.key(), files.key(), clock()));
    assert!(file == TlsFile::Certificate && text.starts_with("holds no certificate in PEM form"), "{text}");
    let (file, text) = problem(Tls::load(files.certificate(), files.certificate(), clock()));
    assert!(file == TlsFile::Key && text.starts_with("holds no unencrypted private key"), "{text}");
    fs::write(files.key(), pair("stranger").1).unwrap();
    let (file, text) = problem(files.load());
    assert!(file == TlsFile::Key && text.starts_with("does not belong to the certificate"), "{text}");
}

#[test]
fn a_certificate_outside_its_validity_is_refused() {
    let files = Files::new();
    for (year, wanted) in [(1970, "is valid only from 1975-"), (5000, "expired at 4096-")] {
        let now = format!("{year}-01-01T00:00:00Z").parse().unwrap();
        let clock = Arc::new(ManualClock::at(now));
        let (file, text) = problem(Tls::load(files.certificate(), files.key(), clock));
        assert!(file == TlsFile::Certificate && text.starts_with(wanted), "{text}");
    }
}
