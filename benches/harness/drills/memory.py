"""Clients that ask for compressed answers and send compressed bodies, many at once: memory stays bounded and others are served."""
import asyncio

from drills.kit import Api, Failure, status

NEEDS = ""
# `mib` is what the program may have over its memory when idle.
SHORT = {"clients": 200, "seconds": 6, "mib": 64}
FULL = {"clients": 1_000, "seconds": 30, "mib": 64}
# The first 48 bytes of 64 MiB of spaces in brotli, with the largest window.
UNFINISHED = bytes.fromhex("cfffff7f002440e2b14072effff9ffff0f8004401c1680eefd3fffffff01900088c302d0bdffcfffff7f001200715800")
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
    counts = {"attackers": 0, "others": 0}
    clients = [attacker(counts, "attackers", port, method, path, headers) for _ in range(drill.size.clients)]
    clients.append(attacker(counts, "others", port, "GET", "/health", {}))
    tasks = [asyncio.create_task(client) for client in clients]
    await asyncio.sleep(drill.size.seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return counts["attackers"], counts["others"]


async def attacker(counts, who, port, method, path, headers):
    while True:
        try:
            await session(counts, who, port, method, path, headers)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await asyncio.sleep(0.05)


async def session(counts, who, port, method, path, headers):
    """One connection: requests until it ends. A body is begun and not finished."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        if method == "POST":
            head += "Content-Type: application/json\r\nContent-Length: 1000\r\n"
        while True:
            writer.write(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode())
            if method == "POST":
                writer.write(UNFINISHED)
                await reader.read()
                return
            await read_answer(reader)
            counts[who] += 1
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
