//! A network that is broken on demand.

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use palisade_testkit::servers::{Mode, Proxy};

const SHORT: Duration = Duration::from_millis(150);

/// A server that gives each byte back, for as long as the test runs.
fn echo() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            thread::spawn(move || io::copy(&mut &connection, &mut &connection));
        }
    });
    port
}

fn connect(proxy: &Proxy) -> io::Result<TcpStream> {
    let connection = TcpStream::connect(("127.0.0.1", proxy.port()))?;
    connection.set_read_timeout(Some(Duration::from_secs(20)))?;
    Ok(connection)
}

fn ask(mut connection: &TcpStream) -> io::Result<u8> {
    let mut answer = [0];
    connection.write_all(b"x")?;
    connection.read_exact(&mut answer)?;
    Ok(answer[0])
}

#[test]
fn passes_until_told_otherwise_and_again_afterwards() {
    let proxy = Proxy::start(echo()).unwrap();
    let open = connect(&proxy).unwrap();
    assert_eq!(ask(&open).unwrap(), b'x');
    proxy.set(Mode::Refuse).unwrap();
    assert_eq!(connect(&proxy).unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert!(ask(&open).is_err(), "what was open is closed");
    proxy.set(Mode::Pass).unwrap();
    assert_eq!(ask(&connect(&proxy).unwrap()).unwrap(), b'x');
}

#[test]
fn resets_old_and_new_connections() {
    let proxy = Proxy::start(echo()).unwrap();
    let open = connect(&proxy).unwrap();
    ask(&open).unwrap();
    proxy.set(Mode::Reset).unwrap();
    for connection in [open, connect(&proxy).unwrap()] {
        let kind = (&connection).read(&mut [0]).unwrap_err().kind();
        assert_eq!(kind, ErrorKind::ConnectionReset);
    }
}

#[test]
fn a_black_hole_takes_all_and_gives_it_back_later() {
    let proxy = Proxy::start(echo()).unwrap();
    let open = connect(&proxy).unwrap();
    ask(&open).unwrap();
    proxy.set(Mode::BlackHole).unwrap();
    let new = connect(&proxy).unwrap();
    for connection in [&open, &new] {
        connection.set_read_timeout(Some(SHORT)).unwrap();
        assert_eq!(ask(connection).unwrap_err().kind(), ErrorKind::WouldBlock);
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    }
    proxy.set(Mode::Pass).unwrap();
    for mut connection in [open, new] {
        connection.read_exact(&mut [0]).unwrap();
    }
}

#[test]
fn answers_are_late_side_by_side() {
    let proxy = Proxy::start(echo()).unwrap();
    let late = Duration::from_millis(300);
    proxy.set(Mode::Latency(late)).unwrap();
    let connections: Vec<_> = (0..8).map(|_| connect(&proxy).unwrap()).collect();
    let start = Instant::now();
    for mut connection in &connections {
        connection.write_all(b"x").unwrap();
    }
    for mut connection in &connections {
        connection.read_exact(&mut [0]).unwrap();
    }
    let took = start.elapsed();
    assert!(took >= late && took < late * 6, "{took:?}");
}
