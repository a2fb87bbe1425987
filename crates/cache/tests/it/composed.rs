//! `#[cached]` over `#[guarded]` over outgoing HTTP, as a service puts them together.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade_cache::{Caching, MemoryCache, MemoryOptions, cached};
use palisade_core::{Error, SystemClock, SystemRandom, Timeline};
use palisade_resilience::{
    Backoff, Breaker, BreakerPolicy, Bulkhead, BulkheadBounds, Policy, Retry, Timeout,
    client::{Client, Guard, Request, Upstream, UpstreamOptions},
    guarded,
};
use palisade_testkit::wait;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// The stack that tokio gives a worker.
const STACK: usize = 2 * 1_024 * 1_024;
const LARGEST_FUTURE: usize = 16 * 1_024;
const CALLERS: u64 = 50;

#[derive(Clone)]
struct Rates {
    cache: Caching,
    policy: Policy,
    bank: Upstream,
    address: Arc<str>,
}

impl Rates {
    /// With every part that a policy can have.
    fn new(address: String) -> Self {
        let time = Timeline::steady(&SystemClock);
        let memory = MemoryCache::new(time.clone(), MemoryOptions::default());
        let bounds = BulkheadBounds { concurrent: 8, waiting: 8, max_wait: wait::PATIENCE };
        let policy = Policy::builder("rates")
            .timeout(Timeout::none().per_attempt(wait::PATIENCE).in_all(2 * wait::PATIENCE))
            .retry(Retry::new(Backoff::standard(Arc::new(SystemRandom))))
            .breaker(Breaker::new("rates", BreakerPolicy::default(), time))
            .bulkhead(Bulkhead::new(bounds));
        let guard = Guard::public().allow_network("127.0.0.1/32".parse().unwrap());
        let mut options = UpstreamOptions { guard, ..UpstreamOptions::default() };
        options.limits.attempt = Duration::from_secs(60);
        let client = Client::builder().upstream("bank", options).build().unwrap();
        Self {
            cache: Caching::start(Arc::new(memory), Arc::new(SystemRandom)),
            policy: policy.build(),
            bank: client.upstream("bank").unwrap(),
            address: address.into(),
        }
    }

    #[cached(key = "rates:{currency}", ttl = 60)]
    async fn of(&self, currency: &str) -> Result<String, Error> {
        self.ask(currency).await
    }

    #[guarded]
    async fn ask(&self, currency: &str) -> Result<String, Error> {
        let answer = self.bank.send(self.request(currency)?).await?.success()?;
        Ok(String::from_utf8_lossy(answer.body()).into_owned())
    }

    fn request(&self, currency: &str) -> Result<Request, Error> {
        Ok(Request::get(&format!("{}{currency}", self.address))?)
    }
}

#[tokio::test]
async fn composed_futures_are_small() {
    let rates = Rates::new("http://127.0.0.1:9/".to_owned());
    let sizes = [
        ("send", size_of_val(&rates.bank.send(rates.request("EUR").unwrap()))),
        ("guarded", size_of_val(&rates.ask("EUR"))),
        ("cached", size_of_val(&rates.of("EUR"))),
    ];
    assert!(sizes.iter().all(|(_, bytes)| *bytes <= LARGEST_FUTURE), "{sizes:?}");
}

#[test]
fn they_run_on_the_stack_of_a_plain_runtime() {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).thread_stack_size(STACK).enable_all().build().unwrap();
    let asked = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&asked);
    // In tasks, which workers run: the main thread has a larger stack.
    let server = runtime.spawn(async move {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(bank(listener, counted));
        address
    });
    let rates = runtime.block_on(async { Rates::new(server.await.unwrap()) });
    let callers: Vec<_> = (0..CALLERS).map(|_| rates.clone()).collect();
    let callers = callers.into_iter().map(|rates| runtime.spawn(async move { rates.of("EUR").await }));
    for caller in callers.collect::<Vec<_>>() {
        assert_eq!(runtime.block_on(caller).unwrap().unwrap(), "1.08");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

/// Answers each request with a rate.
async fn bank(listener: TcpListener, asked: Arc<AtomicU64>) {
    while let Ok((mut connection, _)) = listener.accept().await {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(connection.read_u8().await.unwrap());
        }
        asked.fetch_add(1, Ordering::SeqCst);
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\n1.08";
        connection.write_all(answer.as_bytes()).await.unwrap();
    }
}
