"""A route that needs the database is asked by more clients than it can serve: what is served in time does not collapse."""
import contextlib
import re
import statistics
import subprocess

from drills.kit import Api, Client, Failure, MariaDb, Postgres, sign_up

NEEDS = "postgresql mariadb-server wrk"
# The part of the peak that must be left at so many times as many connections.
SHORT = {"databases": ["PostgreSQL"], "connections": [16, 32], "left": {4: 0.5}, "seconds": 3, "rounds": 3}
FULL = {"databases": ["SQLite", "PostgreSQL", "MariaDB"], "connections": [16, 32, 64], "left": {2: 0.8, 4: 0.8, 8: 0.8, 32: 0.5},
        "seconds": 10, "rounds": 3}
SERVERS = {"PostgreSQL": Postgres, "MariaDB": MariaDb}


def run(drill):
    return "; ".join(on(drill, database) for database in drill.size.databases)


def on(drill, database):
    with contextlib.ExitStack() as stack:
        settings = {"AUTH_ACCESS_TOKEN_TTL_SECONDS": 86_400}
        if database in SERVERS:
            settings["DATABASE_URL"] = stack.enter_context(SERVERS[database](drill.own(database))).url
        api = stack.enter_context(Api(drill, f"api-{database}", **settings))
        token = sign_up(api.port, "client")
        if Client(api.port, token).ask("GET", "/api/v1/users/me")[0] != 200:
            raise Failure("the route does not answer")
        at = max(drill.size.connections, key=lambda count: wrk(drill, api, token, count)["served"])
        # Interleaved, so that what else the machine does falls on all of them alike.
        rounds = [{times: wrk(drill, api, token, at * times) for times in [1, *drill.size.left]} for _ in range(drill.size.rounds)]
        parts = {times: median([each[times] for each in rounds]) for times in rounds[0]}
        peak = parts.pop(1)["served"]
        alive = Client(api.port).ask("GET", "/health")[0]
    told = ", ".join(
        f"{row['served'] / peak:.2f} at {times} × (p99 {row['p99']:.1f} s, {row['refused']:.0f} refused/s)"
        for times, row in parts.items())
    verdict = f"{database}: peak {peak:,.0f}/s at {at} connections, of which {told}"
    if alive != 200:
        raise Failure(f"{verdict}; /health gave {alive} afterwards")
    if lost := [times for times, row in parts.items() if row["served"] < drill.size.left[times] * peak]:
        raise Failure(f"{verdict}; of these must be left: {', '.join(f'{drill.size.left[times]} at {times} ×' for times in lost)}")
    return verdict


def median(rows):
    return {key: statistics.median(row[key] for row in rows) for key in rows[0]}


def wrk(drill, api, token, connections):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{drill.size.seconds}s", "--latency", "--timeout", "30s",
               "-H", f"Authorization: Bearer {token}", f"http://127.0.0.1:{api.port}/api/v1/users/me"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    answered = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    total = int(re.search(r"(\d+) requests in", text).group(1))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    share = int(refused.group(1)) / total if refused and total else 0.0
    number, unit = re.search(r"\s99%\s+([\d.]+)(us|ms|s|m)", text).groups()
    return {"served": answered * (1 - share), "refused": answered * share,
            "p99": float(number) * {"us": 1e-6, "ms": 1e-3, "s": 1, "m": 60}[unit]}
