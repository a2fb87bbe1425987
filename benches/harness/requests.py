#!/usr/bin/env python3
"""Exactly COUNT keep-alive requests over CONNECTIONS, in lockstep. requests.py PORT COUNT CONNECTIONS PATH [TOKEN]"""
import socket
import sys


def main():
    port, count, connections, path = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    token = f"Authorization: Bearer {sys.argv[5]}\r\n" if len(sys.argv) > 5 and sys.argv[5] else ""
    request = (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{token}"
        "Origin: https://app.example.com\r\nUser-Agent: wrk/4.1\r\n\r\n"
    ).encode()
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    done = 0
    while done < count:
        batch = sockets[:count - done]
        for each in batch:
            each.sendall(request)
        for each in batch:
            receive(each)
        done += len(batch)


def receive(connection):
    received = b""
    while b"\r\n\r\n" not in received:
        received += chunk(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += chunk(connection)


def chunk(connection):
    received = connection.recv(65536)
    if not received:
        raise SystemExit("the server closed a connection")
    return received


if __name__ == "__main__":
    main()
