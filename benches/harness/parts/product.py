"""The released program `api` with production settings, as an operator gets it. Its rows stand in the part `edge`."""
import contextlib

import instructions
import peers
from figures import table
from machine import PEER_TOKEN, free_port, production, running, sign_up

CACHED = "cached user"
UNCACHED = "user from SQLite"
HEALTH = "`GET /health`"
UNAUTHORIZED = "401 without a token"
REFUSED = "429"
BARE_HEALTH = "`GET /health`, bare actix-web (P0)"

# The settings of each server beside those of production.
SERVERS = {
    CACHED: {"CACHE_ENABLED": "true", "CACHE_BACKEND": "memory"},
    UNCACHED: {},
    REFUSED: {"RATE_LIMIT_REQUESTS": "10", "RATE_LIMIT_WINDOW_SECONDS": "86400"},
}

NAMES = [CACHED, UNCACHED, UNAUTHORIZED, REFUSED, HEALTH, BARE_HEALTH]


class Product:
    """The servers, each with its command, its settings and one user."""

    def __init__(self, run):
        self.folder, self.commands, self.user = run.folder, {}, {}
        for name, more in SERVERS.items():
            folder = run.own("product-" + name.replace(" ", "-"))
            command, env = production(run.program("api"), folder, free_port(), **SERVERS[UNCACHED])
            with running(command, env, int(env["SERVER_PORT"]), folder, core=None):
                user, token = sign_up(int(env["SERVER_PORT"]))
            self.user[name] = (f"/api/v1/users/{user}", token)
            self.commands[name] = (command, {**env, **more})

    @contextlib.contextmanager
    def running(self):
        """Every server at once. Yields the subjects of a load: name, port, path, process and token."""
        with contextlib.ExitStack() as stack:
            at = {}
            for name, (command, env) in self.commands.items():
                port = int(env["SERVER_PORT"])
                process = stack.enter_context(running(command, env, port, self.folder, quiet=True))
                at[name] = (port, process.pid)
            yield [(name, *at[server], path, token) for name, server, path, token in self.rows()]

    def rows(self):
        """Each row: its name, its server, its path and its token."""
        return [
            *((name, name, *self.user[name]) for name in SERVERS),
            (HEALTH, CACHED, "/health", ""),
            (UNAUTHORIZED, CACHED, self.user[CACHED][0], ""),
        ]

    def counted(self):
        """Instructions per request of each row."""
        return {
            name: instructions.per_request(*self.commands[server], self.folder, path, token)
            for name, server, path, token in self.rows()
        }


def subjects(servers):
    """In the order that the load takes them."""
    return [(name, port, path, pid, token or None) for name, port, pid, path, token in servers]


def measure_bare(run):
    """Instructions per request of bare actix-web, for each of its two rows."""
    command, env = peers.commands(run)[peers.BARE]
    return {
        peers.BARE: instructions.per_request(command, env, run.folder, peers.USER, PEER_TOKEN),
        BARE_HEALTH: instructions.per_request(command, env, run.folder, "/health", ""),
    }


def section(results, counts):
    """A table of all rows; each in terms of bare actix-web that answers the same."""
    def row(name):
        bare = BARE_HEALTH if name in (HEALTH, BARE_HEALTH) else peers.BARE
        measured = results[name]
        return (
            name, f"{measured['rps']:,.0f}", f"{measured['rps'] / results[bare]['rps']:.2f}", f"{measured['us']:.1f}",
            f"{counts[name] / 1000:.1f} k", f"{counts[name] / counts[bare]:.1f}",
            f"{measured['p50']:.2f} / {measured['p99']:.2f}")

    head = ["released `api`", "req/s", "of bare", "server CPU µs per request", "instructions", "× bare", "p50 / p99 ms"]
    return table(head, [row(name) for name in [peers.BARE, *NAMES]])
