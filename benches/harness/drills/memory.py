"""Clients that ask for compressed answers and send compressed bodies, many at once: memory stays bounded and others are served."""
import asyncio
import time

from drills.kit import PATIENCE, Api, Failure, status

NEEDS = ""
# `mib` is what the program may have over its memory when idle.
SHORT = {"clients": 200, "seconds": 4, "mib": 64}
FULL = {"clients": 1_000, "seconds": 30, "mib": 64}
# 48 bytes of brotli (RFC 7932 §9): a window of 16 MiB, one uncompressed block as long, and its first bytes.
UNFINISHED = bytes.fromhex("cfffffff") + 44 * b"a"
ATTACKS = [
    ("/errors in zstd", "GET", "/errors", {"Accept-Encoding": "zstd"}),
    ("/errors in gzip", "GET", "/errors", {"Accept-Encoding": "gzip"}),
    ("/openapi.json in br", "GET", "/openapi.json", {"Accept-Encoding": "br"}),
    ("/openapi.json in zstd", "GET", "/openapi.json", {"Accept-Encoding": "zstd"}),
    ("unfinished bodies in br", "POST", "/api/v1/auth/login", {"Content-Encoding": "br"}),
]


def run(drill):
    verdicts, broken = [], False
    for number, (name, method, path, headers) in enumerate(ATTACKS):
        with Api(drill, f"api{number}", APP_DOCS_ENABLED="true", SERVER_BODY_TIMEOUT_SECONDS=20) as api:
            status(api.port, "GET", path)
            idle = api.rss_kib()
            answered, other = asyncio.run(attack(drill, api.port, method, path, headers))
            grown = (api.rss_kib("VmHWM") - idle) / 1024
            broken |= grown > drill.size.mib or other == 0 or status(api.port, "GET", "/health") != 200
            verdicts.append(f"{name}: {grown:.0f} MiB over idle, {answered:,} answers, {other:,} to others")
    told = f"{drill.size.clients} clients; " + "; ".join(verdicts)
    if broken:
        raise Failure(f"{told}; at most {drill.size.mib} MiB, and others are served")
    return told


async def attack(drill, port, method, path, headers):
    """How many answers the attackers and one who asks for liveness got."""
    stop = asyncio.Event()
    clients = [asyncio.create_task(attacker(port, method, path, headers, stop)) for _ in range(drill.size.clients)]
    other = asyncio.create_task(attacker(port, "GET", "/health", {}, stop))
    await asyncio.sleep(drill.size.seconds)
    stop.set()
    answers = await asyncio.gather(*clients, other)
    return sum(answers[:-1]), answers[-1]


async def attacker(port, method, path, headers, stop):
    answered, deadline = 0, time.monotonic() + PATIENCE
    while not stop.is_set():
        try:
            answered += await session(port, method, path, headers, stop)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await asyncio.sleep(0.05)
        if time.monotonic() > deadline and answered == 0:
            break
    return answered


async def session(port, method, path, headers, stop):
    """One connection: requests until it ends. A body is begun and not finished."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if method == "POST":
            head += "Content-Type: application/json\r\nContent-Length: 1000\r\n"
        answered = 0
        while not stop.is_set():
            writer.write(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
            if method == "POST":
                writer.write(UNFINISHED)
                await asyncio.wait_for(stop.wait(), PATIENCE)
                return answered
            await read_answer(reader)
            answered += 1
        return answered
    finally:
        writer.close()


async def read_answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    if "transfer-encoding: chunked" in head:
        while True:
            length = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
            await reader.readexactly(length + 2)
            if length == 0:
                return
    length = next((line for line in head.split("\r\n") if line.startswith("content-length:")), "content-length: 0")
    await reader.readexactly(int(length.split(":")[1]))
