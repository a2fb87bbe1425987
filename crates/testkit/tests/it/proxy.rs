//! A network that is broken on demand.

use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use palisade_testkit::{
    servers::{Direction, Mode, Proxy, Traffic},
    wait,
};

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

/// A server that tells the test each byte it is sent, and gives it back.
fn confidant() -> (u16, mpsc::Receiver<u8>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        for mut connection in listener.incoming().flatten() {
            let tell = tell.clone();
            thread::spawn(move || {
                let mut byte = [0];
                while connection.read_exact(&mut byte).is_ok() {
                    let _test_is_over = (tell.send(byte[0]), connection.write_all(&byte));
                }
            });
        }
    });
    (port, told)
}

fn connect(proxy: &Proxy) -> io::Result<TcpStream> {
    let connection = TcpStream::connect(("127.0.0.1", proxy.port()))?;
    connection.set_read_timeout(Some(Duration::from_secs(60)))?;
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
        connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    }
    proxy.set(Mode::Pass).unwrap();
    for mut connection in [open, new] {
        connection.read_exact(&mut [0]).unwrap();
    }
}

/// A pause that no test waits for: it ends when the network heals.
const ENDLESS: Duration = Duration::from_secs(3_600);

#[test]
fn answers_are_late_and_questions_are_not() {
    let (server, told) = confidant();
    let proxy = Proxy::start(server).unwrap();
    proxy.set(Mode::Latency(ENDLESS)).unwrap();
    let connections: Vec<_> = (0..8).map(|_| connect(&proxy).unwrap()).collect();
    for mut connection in &connections {
        connection.write_all(b"x").unwrap();
    }
    for connection in &connections {
        assert_eq!(told.recv().unwrap(), b'x', "each question arrives while all answers are late");
        connection.set_read_timeout(Some(SHORT)).unwrap();
        assert_eq!((&*connection).read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    }
}

#[test]
fn a_late_answer_arrives() {
    let proxy = Proxy::start(echo()).unwrap();
    proxy.set(Mode::Latency(SHORT)).unwrap();
    assert_eq!(ask(&connect(&proxy).unwrap()).unwrap(), b'x');
}

#[test]
fn jitter_keeps_the_order_of_answers() {
    let proxy = Proxy::start(echo()).unwrap();
    let (least, most) = (Duration::from_millis(20), Duration::from_millis(60));
    proxy.set(Mode::Jitter { least, most }).unwrap();
    let mut connection = connect(&proxy).unwrap();
    let question: Vec<u8> = (0..100).collect();
    for byte in &question {
        connection.write_all(&[*byte]).unwrap();
    }
    let mut answer = [0; 100];
    connection.read_exact(&mut answer).unwrap();
    assert_eq!(answer.as_slice(), question);
}

#[test]
fn an_answer_is_cut_after_so_many_bytes_of_each_connection() {
    let proxy = Proxy::start(echo()).unwrap();
    let open = connect(&proxy).unwrap();
    ask(&open).unwrap();
    proxy.set(Mode::Cut { after: 4 }).unwrap();
    for mut connection in [open, connect(&proxy).unwrap()] {
        connection.write_all(b"0123456789").unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).unwrap();
        assert_eq!(answer, b"0123");
    }
}

#[test]
fn an_answer_can_end_before_its_first_byte() {
    let proxy = Proxy::start(echo()).unwrap();
    proxy.set(Mode::Cut { after: 0 }).unwrap();
    let mut connection = connect(&proxy).unwrap();
    connection.write_all(b"x").unwrap();
    assert_eq!(connection.read(&mut [0]).unwrap(), 0);
}

#[test]
fn an_answer_drips_until_the_network_heals() {
    let proxy = Proxy::start(echo()).unwrap();
    proxy.set(Mode::Drip { bytes: 2, every: Duration::from_millis(1) }).unwrap();
    let mut connection = connect(&proxy).unwrap();
    connection.write_all(b"012345").unwrap();
    let mut answer = [0; 6];
    connection.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"012345");

    proxy.set(Mode::Drip { bytes: 1, every: ENDLESS }).unwrap();
    connection.write_all(b"012345").unwrap();
    connection.read_exact(&mut answer[..1]).unwrap();
    connection.set_read_timeout(Some(SHORT)).unwrap();
    assert_eq!(connection.read(&mut answer[1..]).unwrap_err().kind(), ErrorKind::WouldBlock, "one at a time");
    connection.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    proxy.set(Mode::Pass).unwrap();
    connection.read_exact(&mut answer[1..]).unwrap();
    assert_eq!(&answer, b"012345");
}

#[test]
fn a_question_arrives_whose_answer_is_lost() {
    let (server, told) = confidant();
    let proxy = Proxy::start(server).unwrap();
    proxy.set_one_way(Direction::Answers, Mode::BlackHole).unwrap();
    let connection = connect(&proxy).unwrap();
    connection.set_read_timeout(Some(SHORT)).unwrap();
    assert_eq!(ask(&connection).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(told.recv().unwrap(), b'x');
}

#[test]
fn a_question_is_cut_before_the_server_has_read_it() {
    let (server, told) = confidant();
    let proxy = Proxy::start(server).unwrap();
    proxy.set_one_way(Direction::Questions, Mode::Cut { after: 2 }).unwrap();
    let mut connection = connect(&proxy).unwrap();
    connection.write_all(b"0123").unwrap();
    let _whatever_came_back = connection.read_to_end(&mut Vec::new());
    assert_eq!([told.recv().unwrap(), told.recv().unwrap()], *b"01");
    assert!(told.try_recv().is_err(), "no more than two bytes arrived");
}

#[test]
fn what_reaches_the_proxy_is_counted() {
    let proxy = Proxy::start(echo()).unwrap();
    let open = connect(&proxy).unwrap();
    for _ in 0..3 {
        ask(&open).unwrap();
    }
    assert_eq!(proxy.traffic(), Traffic { connections: 1, questions: 3, answers: 3 });
    proxy.set(Mode::BlackHole).unwrap();
    (&mut &connect(&proxy).unwrap()).write_all(b"x").unwrap();
    (&mut &open).write_all(b"x").unwrap();
    wait::until_blocking("the bytes that vanish", || {
        proxy.traffic() == Traffic { connections: 2, questions: 4, answers: 3 }
    });
}
