//! Taking connections, and the life of each.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinSet,
    time::sleep,
};

use super::{
    delay::Delays,
    mode::{Direction, Mode, Network},
    pipe::pump,
    traffic::Counters,
};

/// How soon a port that somebody else holds is tried again.
const RETRY: Duration = Duration::from_millis(5);

/// Serves until the sender of modes is gone.
pub(super) async fn serve(
    own: SocketAddr,
    upstream: SocketAddr,
    mut network: watch::Receiver<Network>,
    listening: &AtomicBool,
    counters: &Arc<Counters>,
) {
    let mut connections = JoinSet::new();
    let mut number = 0;
    loop {
        if network.borrow_and_update().mode == Mode::Refuse {
            listening.store(false, Ordering::Release);
            if network.changed().await.is_err() {
                return;
            }
            continue;
        }
        let Ok(listener) = listen(own) else {
            sleep(RETRY).await;
            continue;
        };
        listening.store(true, Ordering::Release);
        loop {
            tokio::select! {
                accepted = listener.accept() => {
                    if let Ok((client, _)) = accepted {
                        number += 1;
                        counters.accepted();
                        let counters = Arc::clone(counters);
                        connections.spawn(connect(client, upstream, network.clone(), number, counters));
                    }
                }
                Some(_) = connections.join_next() => {}
                changed = network.changed() => match changed {
                    Err(_) => return,
                    Ok(()) if network.borrow_and_update().mode == Mode::Refuse => break,
                    Ok(()) => {}
                },
            }
        }
    }
}

fn listen(own: SocketAddr) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(own)?;
    socket.listen(1_024)
}

/// One connection from its acceptance to its end.
async fn connect(
    mut client: TcpStream,
    upstream: SocketAddr,
    mut network: watch::Receiver<Network>,
    number: u64,
    counters: Arc<Counters>,
) {
    let mut cutting = network.clone();
    tokio::select! {
        () = forward(&mut client, upstream, network.clone(), number, counters) => {}
        _ = cutting.wait_for(|network| network.mode.ends_connections()) => {}
    }
    if network.borrow_and_update().mode == Mode::Reset {
        // Closing a socket that does not linger sends RST.
        let _closed_already = client.set_zero_linger();
    }
}

async fn forward(
    client: &mut TcpStream,
    upstream: SocketAddr,
    mut network: watch::Receiver<Network>,
    number: u64,
    counters: Arc<Counters>,
) {
    let through = |network: &Network| network.towards(Direction::Questions) != Mode::BlackHole;
    if network.wait_for(through).await.is_err() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(upstream).await else { return };
    let _closed_already = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let delays = || Delays::of(number);
    tokio::select! {
        () = pump(from_client, to_server, network.clone(), Direction::Questions, delays(), &counters) => {}
        () = pump(from_server, to_client, network, Direction::Answers, delays(), &counters) => {}
    }
}
