"""The servers that ours is compared with, as `benches/peers` has them."""
import contextlib

from machine import PEER_TOKEN, ROOT, free_port, running

BARE = "bare actix-web (P0)"
SHELF = "actix-web + off-the-shelf middleware (P1)"
TOWER = "axum + tower layers (P2)"
FASTAPI = "FastAPI + middleware (P3)"
FASTIFY = "Fastify + plugins (P4)"
USER = "/api/v1/users/42"


def commands(run):
    """The command and the settings of each, by name."""
    built, env = run.peers, {"WORKERS": "1"}
    uvicorn = [built / "venv/bin/uvicorn", "app:app", "--no-access-log", "--loop", "uvloop", "--http", "httptools",
               "--log-level", "warning", "--app-dir", ROOT / "benches/peers/p3-fastapi"]
    return {
        BARE: ([built / "release/p0-actix-bare"], env),
        SHELF: ([built / "release/p1-actix-shelf"], env),
        TOWER: ([built / "release/p2-axum-shelf"], env),
        FASTIFY: (["node", built / "p4-fastify/server.js"], env),
        FASTAPI: (uvicorn, env),
    }


@contextlib.contextmanager
def all_running(run):
    """All of them, idle but for the one that is asked. Yields `(name, port, path, pid, token)` of each."""
    with contextlib.ExitStack() as stack:
        subjects = []
        for name, (command, env) in commands(run).items():
            port = free_port()
            more = ["--port", str(port)] if "uvicorn" in str(command[0]) else []
            process = stack.enter_context(running(command + more, {**env, "PORT": str(port)}, port, run.folder))
            subjects.append((name, port, USER, process.pid, PEER_TOKEN))
        yield subjects
