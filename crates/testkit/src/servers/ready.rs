//! Whether a server takes requests, asked in its own protocol.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

const PATIENCE: Duration = Duration::from_secs(1);

/// A start-up message (PostgreSQL documentation §54.7) for user and database `postgres` is answered by an
/// authentication request, `R`; a server that is still starting answers with an error, `E`.
pub(super) fn postgres(port: u16) -> io::Result<bool> {
    let mut connection = connect(port)?;
    let parameters = b"user\0postgres\0database\0postgres\0\0";
    let length = u32::try_from(8 + parameters.len()).unwrap_or(u32::MAX);
    connection.write_all(&length.to_be_bytes())?;
    connection.write_all(&196_608_u32.to_be_bytes())?;
    connection.write_all(parameters)?;
    Ok(read(&mut connection, &mut [0; 1])? == *b"R")
}

/// MariaDB speaks first: after the packet's header of four bytes, protocol version 10.
pub(super) fn mariadb(port: u16) -> io::Result<bool> {
    Ok(read(&mut connect(port)?, &mut [0; 5])?.last() == Some(&10))
}

/// Redis answers a ping.
pub(super) fn redis(port: u16) -> io::Result<bool> {
    let mut connection = connect(port)?;
    connection.write_all(b"PING\r\n")?;
    Ok(read(&mut connection, &mut [0; 5])? == *b"+PONG")
}

fn connect(port: u16) -> io::Result<TcpStream> {
    let connection = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), PATIENCE)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    Ok(connection)
}

fn read<'a>(connection: &mut TcpStream, buffer: &'a mut [u8]) -> io::Result<&'a [u8]> {
    connection.read_exact(buffer)?;
    Ok(buffer)
}
