//! Private servers: they start, take harm, and go.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    process::{Command, Stdio},
    time::Duration,
};

use palisade_testkit::{
    servers::{MariaDb, Postgres, Redis, Server},
    wait,
};

fn harm(server: &mut Server) {
    let is_open = |server: &Server| TcpStream::connect(("127.0.0.1", server.port())).is_ok();
    assert!(is_open(server));
    server.kill().unwrap();
    assert!(!is_open(server), "a killed server still listens");
    server.restart().unwrap();
    assert!(is_open(server), "a restarted server is on its old port");
}

#[test]
fn postgres_comes_back_on_its_port() {
    harm(&mut Postgres::start().unwrap());
}

#[test]
fn mariadb_comes_back_on_its_port() {
    harm(&mut MariaDb::start().unwrap());
}

#[test]
fn a_frozen_redis_is_silent_and_a_thawed_one_answers() {
    let server = Redis::start().unwrap();
    server.freeze().unwrap();
    let mut connection = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    connection.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    connection.write_all(b"PING\r\n").unwrap();
    let mut answer = String::new();
    let mut lines = BufReader::new(connection);
    assert!(lines.read_line(&mut answer).is_err(), "{answer}");
    server.thaw().unwrap();
    lines.read_line(&mut answer).unwrap();
    assert_eq!(answer, "+PONG\r\n");
}

#[test]
fn a_killed_test_process_takes_its_servers_and_files_with_it() {
    let mut holder = Command::new(env!("CARGO_BIN_EXE_testkit-servers"))
        .args(["--", "sh", "-c", "echo $PALISADE_TEST_REDIS_URL; exec cat"])
        .env("PALISADE_TEST_POSTGRES_URL", "unused")
        .env("PALISADE_TEST_MYSQL_URL", "unused")
        .env_remove("PALISADE_TEST_REDIS_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut url = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let address = url.trim().strip_prefix("redis://").unwrap().to_owned();
    let mut connection = TcpStream::connect(&address).unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(30))).unwrap();

    holder.kill().unwrap();
    holder.wait().unwrap();
    let closed = match connection.read(&mut [0]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    };
    assert!(closed, "the server outlives its test");
    wait::until_blocking("the end of the server's port", || TcpStream::connect(&address).is_err());
}

#[test]
fn the_commands_exit_code_is_forwarded() {
    let status = Command::new(env!("CARGO_BIN_EXE_testkit-servers"))
        .args(["--", "sh", "-c", "exit 7"])
        .env("PALISADE_TEST_POSTGRES_URL", "unused")
        .env("PALISADE_TEST_MYSQL_URL", "unused")
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(7));
}
