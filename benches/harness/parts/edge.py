"""Every layer on, beside the peers, and what each layer costs."""
import contextlib
import json

import instructions
import load
import peers
from figures import GOALS, at_least, at_most, table
from machine import PEER_TOKEN, ROOT, free_port, palisade, rss_mib, running, sign_up
from parts import product

OURS = "**Palisade, every layer on**"
REFUSING = "Palisade, refusing"
WITHOUT_A_TOKEN = "Palisade, 401 without a token"


def measure(run):
    released = product.Product(run)
    results, memory = throughput(run, released)
    counts, without = counted(run)
    product_counts = {**product.measure_bare(run), **released.counted()}
    return section(run, results, memory, counts, without) + "\n\n" + product_section(results, product_counts)


def product_section(results, counts):
    return f"""## The product

The rows above are of `pipeline`, which answers from memory before any other route is looked up. These are of the released
program `api` with production settings: `APP_ENVIRONMENT=production`, a JWT secret, telemetry as shipped, JSON logs to
`/dev/null`, a rate limit that refuses nothing (but for the row of 429), one worker. They were measured in the same rounds,
each beside bare actix-web that answers a user or `/health`. **Changes are compared on these.**

{product.section(results, counts)}"""


@contextlib.contextmanager
def all_running(run):
    """Every server at once, idle but for the one that is asked. Yields `(port, path, pid, token)` by name."""
    with peers.all_running(run) as others, contextlib.ExitStack() as stack:
        servers = {name: tuple(rest) for name, *rest in others}
        for name, program, more in [
            (OURS, "pipeline", {}),
            (REFUSING, "pipeline", {"RATE_LIMIT_REQUESTS": "10", "RATE_LIMIT_WINDOW_SECONDS": "86400"}),
            ("Palisade, user from SQLite", "api", {}),
        ]:
            port = free_port()
            command, env = palisade(run.program(program), run.own(program), port, **more)
            process = stack.enter_context(running(command, env, port, run.folder))
            if more:
                servers[name] = (port, servers[OURS][1], process.pid, servers[OURS][3])
            else:
                user, token = sign_up(port)
                where = "memory" if program == "pipeline" else "users"
                servers[name] = (port, f"/api/v1/{where}/{user}", process.pid, token)
        yield servers


def throughput(run, released):
    with all_running(run) as servers, released.running() as products:
        subjects = [(name, *server) for name, server in servers.items()]
        for name in (peers.BARE, peers.SHELF, peers.TOWER, OURS):
            port, _, pid, _ = servers[name]
            subjects.append((f"/health: {name}", port, "/health", pid, None))
        port, path, pid, _ = servers[OURS]
        subjects.append((WITHOUT_A_TOKEN, port, path, pid, None))
        subjects.append(("Palisade, 401 for a forged token", port, path, pid, PEER_TOKEN))
        bare = servers[peers.BARE]
        subjects.append((product.BARE_HEALTH, bare[0], "/health", bare[2], None))
        subjects += product.subjects(products)
        results = load.rounds(subjects, run.rounds, run.seconds)
        memory = {name: rss_mib(pid) for name, (_, _, pid, _) in servers.items()}
    return results, memory


def layers():
    """The switches of the layers, as the settings' schema names them."""
    schema = json.loads((ROOT / "docs/palisade.schema.json").read_text())
    section = schema["properties"]["layers"]
    section = schema["$defs"][section["$ref"].rsplit("/", 1)[1]] if "$ref" in section else section
    return list(section["properties"])


def counted(run):
    """Instructions per request: the servers that callgrind can run, then ours without one layer at a time."""
    counts = {}
    for name, (command, env) in list(peers.commands(run).items())[:3]:
        counts[name] = instructions.per_request(command, env, run.folder, peers.USER, PEER_TOKEN)
    port = free_port()
    command, env = palisade(run.program("pipeline"), run.own("pipeline"), port)
    with running(command, env, port, run.folder, core=None):
        user, token = sign_up(port)
    path = f"/api/v1/memory/{user}"
    counts[OURS] = instructions.per_request(command, env, run.folder, path, token)
    without = {}
    for layer in layers():
        off = {**env, f"LAYERS_{layer.upper()}": "false"}
        without[layer] = instructions.per_request(command, off, run.folder, path, token)
    return counts, without


def section(run, results, memory, counts, without):
    bare = results[peers.BARE]["rps"]
    served = [
        (name, f"{row['rps']:,.0f}", f"{row['rps'] / bare:.2f}", f"{row['us']:.1f}",
         f"{counts[name] / 1000:.1f} k" if name in counts else "–", f"{row['p50']:.2f} / {row['p99']:.2f}",
         f"{memory[name]:.0f}" if name in memory else "–")
        for name, row in results.items() if not name.startswith("/health") and name not in product.NAMES
    ]
    health = [
        (name.removeprefix("/health: "), f"{row['rps']:,.0f}",
         f"{row['rps'] / results['/health: ' + peers.BARE]['rps']:.2f}", f"{row['us']:.1f}")
        for name, row in results.items() if name.startswith("/health")
    ]
    full = counts[OURS]
    ablation = [
        (f"`{layer}`", f"{full - count:,.0f}", f"{100 * (full - count) / full:.1f} %")
        for layer, count in sorted(without.items(), key=lambda item: item[1])
    ]
    return f"""## Beside the peers

{run.head("edge")}

`GET /api/v1/users/{{id}}` with a bearer token, the user from memory, one worker on core 0, wrk with 64 connections on core
1, {run.rounds} interleaved rounds of {run.seconds} s, medians. Sources: `benches/peers`, `benches/src/pipeline.rs`. Ours has every
layer of `crates/server/src/pipeline.rs` on: request id, one JSON log line, error renderer, security headers, trusted hosts,
client address, bounds on requests in flight, CORS, compression, content validation, timeouts, rate limit, verified token
with live revocation, metrics as the peers have them. Instructions are those of user space by callgrind.

{table(["server", "req/s", "of bare", "server CPU µs per request", "instructions", "p50 / p99 ms", "MiB after"], served)}

## `GET /health`, through the same layers

{table(["server", "req/s", "of bare", "server CPU µs per request"], health)}

## Against the goals

{table(GOALS, goals(results, counts))}

## What each layer costs

Instructions per request of the full pipeline ({full:,.0f}) that vanish when one layer is off (`LAYERS_*=false`). A few
hundred either way are noise: how requests fall into one wake-up of the server varies.

{table(["layer", "instructions", "share"], ablation)}"""


def goals(results, counts):
    rps = {name: row["rps"] for name, row in results.items()}
    ours, bare = rps[OURS], rps[peers.BARE]
    return [
        at_least("every layer on, of bare actix-web", 0.8, ours / bare),
        at_most("instructions, of those of bare actix-web", 1.6, counts[OURS] / counts[peers.BARE], " ×"),
        at_least("of axum + tower layers", 2.5, ours / rps[peers.TOWER], " ×"),
        at_least("of actix-web + off-the-shelf middleware", 3.2, ours / rps[peers.SHELF], " ×"),
        at_least("of Fastify", 9, ours / rps[peers.FASTIFY], " ×"),
        at_least("of FastAPI", 100, ours / rps[peers.FASTAPI], " ×"),
        at_least("`/health`, of bare actix-web", 0.9, rps[f"/health: {OURS}"] / rps[f"/health: {peers.BARE}"]),
        at_least("429, of bare serving", 0.95, rps[REFUSING] / bare),
        at_least("401, of bare serving", 0.95, rps[WITHOUT_A_TOKEN] / bare),
    ]
