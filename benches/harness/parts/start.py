"""How soon it serves, how much it takes, and that logging in stalls nobody."""
import http.client
import json
import statistics
import subprocess
import threading
import time

from load import latency
from machine import PASSWORD, ROOT, free_port, palisade, rss_mib, running, sign_up


def measure(run):
    api, folder = run.program("api"), run.own("start")
    idle = idle_memory(api, folder)
    median, worst = cold_starts(api, folder)
    p99, statuses = login_flood(api, folder, run.seconds)
    logins = ", ".join(f"{count} answered {status}" for status, count in sorted(statuses.items()))
    size = api.stat().st_size / 2**20
    return f"""## Start and size

{run.head("start")}

| what | figure | goal | how |
|---|---|---|---|
| cold start to the first 200, migrated SQLite file, median of 20 | {median:.1f} ms (worst {worst:.1f}) | < 50 ms | spawn the process, ask `GET /ready` until it answers 200 |
| idle memory (VmRSS after 2 s) | {idle:.1f} MiB | < 25 MiB | `/proc/PID/status` |
| release binary | {size:.1f} MiB | < 40 MiB | `ls -l target/release/api` |

## Logging in never stalls others

64 clients log in without pause (argon2id, 19 MiB, t = 2) on all cores, while one more asks `GET /health` every 2 ms:
p99 of `/health` **{p99:.1f} ms** (goal: under 20 ms). Logins meanwhile: {logins}."""


def idle_memory(api, folder):
    port = free_port()
    command, env = palisade(api, folder, port)
    with running(command, env, port, folder, core=None) as server:
        time.sleep(2)
        return rss_mib(server.pid)


def cold_starts(api, folder, count=20):
    times = []
    for _ in range(count):
        port = free_port()
        command, env = palisade(api, folder, port)
        started = time.perf_counter()
        with running(command, env, port, folder, core=None):
            times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), max(times)


def login_flood(api, folder, seconds):
    """64 clients log in without pause on all cores; another asks /health every few milliseconds."""
    port = free_port()
    command, env = palisade(api, folder, port, SERVER_WORKERS="2", LOG_LEVEL="warn", RATE_LIMIT_ENABLED="false")
    body = json.dumps({"email": "bench@example.com", "password": PASSWORD})
    statuses, stop = {}, threading.Event()

    def client():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not stop.is_set():
            connection.request("POST", "/api/v1/auth/login", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            if answer.status == 503:
                time.sleep(0.05)

    with running(command, env, port, folder, core=None):
        sign_up(port)
        clients = [threading.Thread(target=client) for _ in range(64)]
        for thread in clients:
            thread.start()
        time.sleep(1)
        probe = subprocess.run(
            ["wrk", "-t1", "-c1", f"-d{2 * seconds}s", "--latency", "-s", str(ROOT / "benches/paced.lua"),
             f"http://127.0.0.1:{port}/health"],
            capture_output=True, text=True, check=True).stdout
        stop.set()
        for thread in clients:
            thread.join()
    return latency(probe, 99), statuses
