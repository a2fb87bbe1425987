//! A rolling restart behind a balancer.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use nix::sys::signal::Signal;
use palisade_testkit::wait;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::harness::{Running, Setup};

/// How often the balancer asks each server whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// A server as the balancer sees it.
struct Backend {
    address: SocketAddr,
    ready: AtomicBool,
}

/// Spreads connections over the servers that answer 200 at `/ready`.
struct Balancer {
    address: SocketAddr,
    backends: Arc<Mutex<Vec<Arc<Backend>>>>,
    tasks: Arc<Mutex<JoinSet<()>>>,
}

impl Balancer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (backends, tasks) =
            (Arc::<Mutex<Vec<Arc<Backend>>>>::default(), Arc::<Mutex<JoinSet<()>>>::default());
        let (known, connections) = (backends.clone(), tasks.clone());
        tasks.lock().unwrap().spawn(async move {
            for turn in 0_usize.. {
                let (mut client, _) = listener.accept().await.unwrap();
                let ready: Vec<SocketAddr> = {
                    let known = known.lock().unwrap();
                    let ready = known.iter().filter(|backend| backend.ready.load(Ordering::SeqCst));
                    ready.map(|backend| backend.address).collect()
                };
                // Without a server the connection is closed, which the client counts as lost.
                let Some(address) = (!ready.is_empty()).then(|| ready[turn % ready.len()]) else { continue };
                connections.lock().unwrap().spawn(async move {
                    if let Ok(mut server) = TcpStream::connect(address).await {
                        let _ = copy_bidirectional(&mut client, &mut server).await;
                    }
                });
            }
        });
        Self { address, backends, tasks }
    }

    /// Adds a server, and waits until it is in rotation.
    async fn add(&self, address: SocketAddr) {
        let backend = Arc::new(Backend { address, ready: AtomicBool::new(false) });
        self.backends.lock().unwrap().push(backend.clone());
        let asked = backend.clone();
        self.tasks.lock().unwrap().spawn(async move {
            let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
            loop {
                let answer = client.get(format!("http://{address}/ready")).send().await;
                asked.ready.store(answer.is_ok_and(|answer| answer.status() == 200), Ordering::SeqCst);
                tokio::time::sleep(ASK_EVERY).await;
            }
        });
        wait::until("the server says that it is ready", async || backend.ready.load(Ordering::SeqCst)).await;
    }
}

/// Stops the server in order and starts its successor.
async fn replace(balancer: &Balancer, setup: &Setup, old: Running) -> Running {
    old.signal(Signal::SIGTERM);
    old.ended().await.expect(0);
    let new = setup.start().await;
    balancer.add(new.api).await;
    new
}

#[tokio::test]
async fn a_rolling_restart_behind_a_balancer_that_asks_for_readiness_loses_no_request() {
    let setups = [(); 2].map(|()| Setup::new().set("SERVER_DRAIN_DELAY_SECONDS", "2"));
    let balancer = Balancer::start().await;
    let mut servers = Vec::new();
    for setup in &setups {
        let server = setup.start().await;
        balancer.add(server.api).await;
        servers.push(server);
    }
    let (done, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients = (0..4).map(|_| {
        let (done, answered, address) = (done.clone(), answered.clone(), balancer.address);
        tokio::spawn(async move {
            let client = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0).build().unwrap();
            let mut lost = Vec::new();
            while !done.load(Ordering::SeqCst) {
                match client.get(format!("http://{address}/.well-known/jwks.json")).send().await {
                    Ok(answer) if answer.status() == 200 => {
                        answered.fetch_add(1, Ordering::SeqCst);
                    }
                    other => lost.push(format!("{other:?}")),
                }
            }
            lost
        })
    });
    let clients: Vec<_> = clients.collect();
    let mut replaced = Vec::new();
    for (setup, server) in setups.iter().zip(servers) {
        let before = answered.load(Ordering::SeqCst);
        replaced.push(replace(&balancer, setup, server).await);
        assert!(answered.load(Ordering::SeqCst) > before, "nobody asked meanwhile");
    }
    done.store(true, Ordering::SeqCst);
    let lost: Vec<String> = join_all(clients).await.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(lost, Vec::<String>::new());
}
