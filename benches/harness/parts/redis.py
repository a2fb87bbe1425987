"""The rate limiter through Redis, beside what redis-benchmark gets out of the server with the same script."""
import re
import subprocess

import servers
from figures import GOALS, at_least, at_most, lines, table
from machine import ROOT


def measure(run):
    rows = through_redis(run)
    return f"""## Rate limiter through Redis

{run.head("redis")}

One core for the program and one for Redis: checks a second, in brackets the 99th percentile in microseconds.

{checks(rows)}

{table(GOALS, goals(rows))}"""


def through_redis(run):
    script = (ROOT / "crates/ratelimit/src/redis/even_bucket.lua").read_text()
    with servers.redis(run.folder, core="0") as (url, port):
        rows = lines("taskset", "-c", "1", run.program("redis-limiter"), url, run.seconds / 2)
        load = ["redis-cli", "-p", str(port), "SCRIPT", "LOAD", script]
        sha = subprocess.run(load, capture_output=True, text=True, check=True).stdout.strip()
        for clients in (1, 64):
            text = subprocess.run(
                ["taskset", "-c", "1", "redis-benchmark", "-p", str(port), "-n", "200000" if clients > 1 else "40000",
                 "-c", str(clients), "-r", "10000", "-q", "EVALSHA", sha, "1", "rl:{__rand_int__}", "1", "60000", "120000"],
                capture_output=True, text=True, check=True).stdout
            figure = re.findall(r"([\d.]+) requests per second, p50=([\d.]+)", text)[-1]
            rows.append({"policy": "the same script", "layout": "redis-benchmark", "in_flight": clients,
                         "checks_per_second": float(figure[0]), "p99_us": None})
    return rows


def checks(rows):
    columns = list(dict.fromkeys(row["in_flight"] for row in rows))
    kinds = list(dict.fromkeys((row["policy"], row["layout"]) for row in rows))
    by = {(row["policy"], row["layout"], row["in_flight"]): row for row in rows}

    def cell(row):
        if row is None:
            return "–"
        return f"{row['checks_per_second']:,.0f}" + (f" ({row['p99_us']:,.0f})" if row["p99_us"] is not None else "")

    head = ["policy", "connections", *(f"{count} in flight" for count in columns)]
    return table(head, [[*kind, *(cell(by.get((*kind, column))) for column in columns)] for kind in kinds])


def goals(rows):
    by = {(row["layout"], row["policy"], row["in_flight"]): row for row in rows}
    best = max((row for row in rows if row["in_flight"] == 64 and row["policy"] == "one quota, allowed"),
               key=lambda row: row["checks_per_second"])
    lone = by["shared, 1 connection", "one quota, allowed", 1]
    leased = max(row["checks_per_second"] for row in rows if row["layout"].startswith("leased"))
    return [
        at_least("checks a second through Redis, 64 in flight", 340_000, best["checks_per_second"]),
        at_most("their p99", 350, best["p99_us"], " µs"),
        at_most("a lone check through Redis, median", 65, lone["p50_us"], " µs"),
        at_least("checks a second by leases", 5_000_000, leased),
    ]
