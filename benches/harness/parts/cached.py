"""`GET /api/v1/users/{id}` of the whole server, cached beside uncached, on SQLite and on PostgreSQL, beside the peers."""
import contextlib
import http.client

import load
import peers
import servers
from figures import table
from machine import free_port, palisade, running, sign_up

UNCACHED = "uncached"
BACKENDS = (UNCACHED, "memory", "redis", "tiered")


def measure(run):
    with servers.redis(run.folder, core="1") as (redis, _), servers.postgres(run.folder, core="1") as postgres:
        with peers.all_running(run) as others, contextlib.ExitStack() as stack:
            subjects = list(others)
            for database, url in (("SQLite", None), ("PostgreSQL", postgres)):
                for backend in BACKENDS:
                    subjects.append(start(run, stack, database, url, backend, redis))
            results = load.rounds(subjects, run.rounds, run.seconds)
    return section(run, results)


def start(run, stack, database, url, backend, redis):
    """One server of ours; gives what it is asked for."""
    name, port = f"{database}, {backend}", free_port()
    more = {"DATABASE_URL": url} if url else {}
    if backend != UNCACHED:
        # The limiter counts where it does for the others.
        more |= {"CACHE_ENABLED": "true", "CACHE_BACKEND": backend, "RATE_LIMIT_BACKEND": "memory", "REDIS_URL": redis,
                 "CACHE_PREFIX": f"{database.lower()}-{backend}:"}
    command, env = palisade(run.program("api"), run.own(name.replace(", ", "-").lower()), port, **more)
    process = stack.enter_context(running(command, env, port, run.folder))
    user, token = sign_up(port)
    path = f"/api/v1/users/{user}"
    sources = [source(port, path, token) for _ in range(3)]
    wanted = "" if backend == UNCACHED else "hit"
    if sources[-1] != wanted:
        raise SystemExit(f"{name}: the user came by {sources}, not by {wanted!r}")
    return name, port, path, process.pid, token


def source(port, path, token):
    """Where the server says that it has an answer from."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise SystemExit(f"{path} answers {answer.status}")
    return answer.getheader("x-cache", "")


def section(run, results):
    bare = results[peers.BARE]["rps"]

    def line(name, row):
        database, _, backend = name.partition(", ")
        gain = f"{row['rps'] / results[f'{database}, {UNCACHED}']['rps']:.2f} ×" if backend else "–"
        name = f"**Palisade**, {name}" if backend else name
        return (name, f"{row['rps']:,.0f}", f"{row['rps'] / bare:.2f}", gain, f"{row['us']:.1f}",
                f"{row['p50']:.2f} / {row['p99']:.2f}")

    head = ["server", "req/s", "of bare", "of uncached", "server CPU µs per request", "p50 / p99 ms"]
    return f"""## A user from the cache

{run.head("cached")}

`GET /api/v1/users/{{id}}` with a bearer token, answered by the whole server as it ships (`target/release/api`), with each
backend of the cache (`CACHE_BACKEND`) and without one (`CACHE_ENABLED=false`). One worker on core 0, wrk with 64 connections on
core 1, where Redis and PostgreSQL are too; {run.rounds} interleaved rounds of {run.seconds} s, medians. The peers have their user in
their own memory. A hit is checked to be one by its `X-Cache` before the rounds.

{table(head, [line(name, row) for name, row in results.items()])}"""
