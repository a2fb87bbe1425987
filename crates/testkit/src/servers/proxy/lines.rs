//! Taking connections, and the life of each.

use std::{
    io,
    net::SocketAddr,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    task::JoinSet,
    time::sleep,
};

use super::{
    Mode,
    pipe::{Direction, pump},
};

/// How soon a port that somebody else holds is tried again.
const RETRY: Duration = Duration::from_millis(5);

/// Serves until the sender of modes is gone.
pub(super) async fn serve(
    own: SocketAddr,
    upstream: SocketAddr,
    mut mode: watch::Receiver<Mode>,
    listening: &AtomicBool,
) {
    let mut connections = JoinSet::new();
    loop {
        if *mode.borrow_and_update() == Mode::Refuse {
            listening.store(false, Ordering::Release);
            if mode.changed().await.is_err() {
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
                        connections.spawn(connect(client, upstream, mode.clone()));
                    }
                }
                Some(_) = connections.join_next() => {}
                changed = mode.changed() => match changed {
                    Err(_) => return,
                    Ok(()) if *mode.borrow_and_update() == Mode::Refuse => break,
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
async fn connect(mut client: TcpStream, upstream: SocketAddr, mut mode: watch::Receiver<Mode>) {
    let cut = |mode: &Mode| matches!(mode, Mode::Refuse | Mode::Reset);
    let mut cutting = mode.clone();
    tokio::select! {
        () = forward(&mut client, upstream, mode.clone()) => {}
        _ = cutting.wait_for(cut) => {}
    }
    if *mode.borrow_and_update() == Mode::Reset {
        // Closing a socket that does not linger sends RST.
        let _closed_already = client.set_zero_linger();
    }
}

async fn forward(client: &mut TcpStream, upstream: SocketAddr, mut mode: watch::Receiver<Mode>) {
    let through = |mode: &Mode| *mode != Mode::BlackHole;
    if mode.wait_for(through).await.is_err() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(upstream).await else { return };
    let _closed_already = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    tokio::select! {
        () = pump(from_client, to_server, mode.clone(), Direction::Questions) => {}
        () = pump(from_server, to_client, mode, Direction::Answers) => {}
    }
}
