"""Goodput over offered load: what is answered in time when more is asked than the server can do."""
import contextlib
import functools
import json
import statistics
import subprocess

import servers
from figures import table
from machine import free_port, palisade, running, sign_up

FACTORS = (1, 2, 4, 8)
CONNECTIONS = 4_000
DEADLINE_MS = 1_000
ROUTES = ("a user from the database", "health")


def measure(run):
    load = run.program("overload")
    rows = []
    with servers.postgres(run.folder, core="0") as postgres, servers.mariadb(run.folder, core="0") as mariadb:
        for database, url in (("SQLite", None), ("PostgreSQL", postgres), ("MariaDB", mariadb)):
            with contextlib.ExitStack() as stack:
                rows += subject(run, stack, load, database, url)
    return section(run, rows)


def subject(run, stack, load, database, url):
    """The rows of one server, each route at each load."""
    port = free_port()
    more = {"DATABASE_URL": url} if url else {}
    command, env = palisade(run.program("api"), run.own(f"overload-{database.lower()}"), port, **more)
    process = stack.enter_context(running(command, env, port, run.folder))
    user, token = sign_up(port)
    for route, path in zip(ROUTES, (f"/api/v1/users/{user}", "/health")):
        ask = functools.partial(asked, run, load, port, path, token)
        ask(0, 64)
        met = {factor: [] for factor in FACTORS}
        for _ in range(run.rounds):
            for factor in FACTORS:
                before = ask(0, 64)["good"]
                row = ask(before * factor, CONNECTIONS)
                capacity = (before + ask(0, 64)["good"]) / 2
                met[factor].append({**row, "capacity": capacity, "share": row["good"] / capacity})
        for factor, rows in met.items():
            yield database, route, factor, {key: statistics.median(row[key] for row in rows) for key in rows[0]}
    if process.poll() is not None:
        raise SystemExit(f"the server on {database} ended")


def asked(run, load, port, path, token, rate, connections):
    """What the load program on core 1 was answered."""
    command = ["taskset", "-c", "1", load, f"127.0.0.1:{port}", path, token, rate, connections, run.seconds, DEADLINE_MS]
    return json.loads(subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout)


def section(run, rows):
    def line(database, route, factor, met):
        return (database, route, f"{factor} × {met['capacity']:,.0f}", f"{met['good']:,.0f}", f"{met['share']:.2f}",
                f"{met['refused']:,.0f}", f"{met['late'] + met['failed']:,.0f}",
                f"{met['unsent']:,.0f}", f"{met['p50']:.0f} / {met['p99']:.0f}")

    head = ["database", "route", "offered a second", "answered in time", "of the capacity", "refused", "late or failed",
            "not sent", "p50 / p99 ms of those answered"]
    return f"""## Overload

{run.head("overload")}

The server as it ships, with its defaults (no limit of requests per client, no cache), one worker on core 0 with the database; the
clients, at 250 addresses, on core 1. The capacity is what 64 connections get that ask again as soon as they are answered, measured
before and after each load, because the machine itself is not steady. Under load, requests fall due at a multiple of it, over up to
{CONNECTIONS:,} connections, whatever the server does; one that finds every connection busy is not sent, each other counts from the
moment when it fell due and is in time within {DEADLINE_MS / 1000:.0f} s. No client honours `Retry-After`. {run.rounds} rounds of {run.seconds} s, medians.

{table(head, [line(*row) for row in rows])}"""
