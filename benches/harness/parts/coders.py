"""What compression costs when a thousand clients ask for it at once: memory in both directions, throughput of documents."""
import asyncio
import gzip
import json
import pathlib
import re
import statistics
import time
import zlib

import load
from figures import GOALS, at_least, at_most, table
from machine import free_port, palisade, rss_mib, running

CLIENTS = 1000
PAGES = ["/errors", "/openapi.json", "/redoc/redoc.standalone.js"]
CODINGS = ["gzip", "br", "zstd"]
LOGIN, REGISTER = "/api/v1/auth/login", "/api/v1/auth/register"

# The largest body that these routes take, and how it is sent. The last by `brotli -q 9 -w 24`: with a window of 16 MiB.
LARGE = json.dumps({"email": "x" * (2**20 - 100)}).encode()
SENT = {
    "gzip": gzip.compress(LARGE),
    "deflate": zlib.compress(LARGE),
    "br": bytes.fromhex("5fa8ff0f4060636c5df1ccf60aa2948492d30ae99a2957dd3f048b07"),
}


def measure(run):
    memory = {what: asyncio.run(crowd(run, *request)) for what, request in cases().items()}
    return section(run, memory, throughput(run))


def cases():
    """What each client sends by name, and whether that is all of it."""
    found = {"`/health`, nothing to compress": (get("/health", "identity"), True)}
    for path in PAGES:
        for coding in [*CODINGS, "identity"]:
            found[f"`{path}`, {coding}"] = get(path, coding), True
    for coding, body in SENT.items():
        name = f"1 MiB in {len(body):,} bytes of {coding}"
        found[f"to `{LOGIN}`, {name}"] = post(LOGIN, coding, body), True
        found[f"to `{LOGIN}`, {name}, sent halfway"] = post(LOGIN, coding, body)[:-8], False
        found[f"to `{REGISTER}`, {name}, idempotent"] = post(REGISTER, coding, body, "Idempotency-Key: bench-1\r\n"), True
    return found


def get(path, coding):
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept-Encoding: {coding}\r\n\r\n".encode()


def post(path, coding, body, more=""):
    head = (f"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
            f"Content-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n{more}\r\n")
    return head.encode() + body


async def crowd(run, request, is_finished):
    """All clients send before any reads, three times over. MiB over the idle server at the peak, and two seconds after; how
    often each status was answered."""
    port = free_port()
    more = {"SERVER_WORKERS": "2", "LOG_LEVEL": "warn", "RATE_LIMIT_ENABLED": "false"}
    command, env = palisade(run.program("api"), run.own("coders"), port, **more)
    statuses = {}
    with running(command, env, port, run.folder, core=None) as server:
        await asyncio.sleep(1)
        idle = rss_mib(server.pid)
        for _ in range(3):
            clients = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CLIENTS)]
            for _, writer in clients:
                writer.write(request)
            await asyncio.sleep(1)
            if not is_finished:
                for _, writer in clients:
                    writer.write_eof()
            for status in await asyncio.gather(*(answer(reader) for reader, _ in clients)):
                statuses[status] = statuses.get(status, 0) + 1
            for _, writer in clients:
                writer.close()
        peak = peak_mib(server.pid)
        time.sleep(2)
        return peak - idle, rss_mib(server.pid) - idle, statuses


async def answer(reader):
    """The status of an answer that is read to its end."""
    try:
        text = await reader.read(64)
        while await reader.read(2**16):
            pass
        return int(text[9:12] or 0)
    except ConnectionResetError:
        return 0


def peak_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


def throughput(run):
    """Requests per second of each page by coding, in interleaved rounds."""
    port, found = free_port(), {}
    command, env = palisade(run.program("api"), run.own("coders"), port, LOG_LEVEL="warn")
    with running(command, env, port, run.folder) as server:
        for round_ in range(run.rounds + 1):
            for path in PAGES:
                for coding in ["identity", *CODINGS]:
                    rps = load.wrk(port, path, server.pid, run.seconds, coding=coding)["rps"]
                    # The first round makes what is kept.
                    if round_:
                        found.setdefault((path, coding), []).append(rps)
    return {key: statistics.median(values) for key, values in found.items()}


def section(run, memory, rates):
    rows = [(what, f"{peak:.0f}", f"{after:.0f}", ", ".join(f"{count:,} × {status or 'reset'}" for status, count in sorted(seen.items())))
            for what, (peak, after, seen) in memory.items()]
    ratios = {(path, coding): rates[path, coding] / rates[path, "identity"] for path in PAGES for coding in CODINGS}
    served = [(f"`{path}`", f"{rates[path, 'identity']:,.0f}", *(f"{rates[path, coding]:,.0f} ({ratios[path, coding]:.2f})" for coding in CODINGS))
              for path in PAGES]
    goals = [
        at_most(f"{CLIENTS:,} clients, any coding, either direction: MiB over idle at the peak", 64, max(peak for peak, *_ in memory.values())),
        at_least("documents compressed, of uncompressed, the worst", 0.5, min(ratios.values())),
    ]
    return f"""## Memory of content coders

{run.head("coders")}

{CLIENTS:,} connections from one machine, all of which have sent their request before any of them reads, three times over; a
new server for each line, two workers, the budget of coders as it is by default. MiB of resident memory over the idle
server, at the peak and two seconds after the last client has gone; the connections alone cost what the first line says.

{table(["each client sends", "peak", "after", "answers"], rows)}

Requests per second of documents that never change, uncompressed and compressed (and the ratio): one worker on core 0, wrk
with 64 connections on core 1, medians.

{table(["document", "uncompressed", *CODINGS], served)}

{table(GOALS, goals)}"""
