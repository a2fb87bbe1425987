"""What a change has cost: the program of the present code beside that of an earlier revision."""
import contextlib
import functools
import shutil
import statistics

import instructions
import load
from earlier import HEAD, build, checkout, earlier, named, row
from figures import table
from machine import free_port, palisade, running, sign_up, target

# One user's name, a new one with each request.
PATCH = """
local count = 0
request = function()
  count = count + 1
  return wrk.format("PATCH", "/api/v1/users/me",
    {["authorization"] = "Bearer %s", ["content-type"] = "application/json"}, '{"name":"N' .. count .. 'x"}')
end
"""
READ, WRITE = "`GET /users/{id}`, from the cache", "`PATCH /users/me`, 8 connections"


def measure(run):
    revision = earlier()
    kept = target() / "before" / revision
    kept.mkdir(parents=True, exist_ok=True)
    if not (kept / "api").exists():
        with checkout(revision, run.own("checkout")) as tree:
            build(tree, kept / "target", "--release")
        shutil.copy(kept / "target/release/api", kept / "api")
        shutil.rmtree(kept / "target")
    programs = {"before": kept / "api", "after": run.program("api")}
    return section(run, revision, served(run, programs), counted(run, programs))


def served(run, programs):
    """The median of requests a second, in interleaved rounds."""
    asked = {}
    with contextlib.ExitStack() as servers:
        for when, program in programs.items():
            port, folder = free_port(), run.own(f"served-{when}")
            command, env = palisade(program, folder, port)
            pid = servers.enter_context(running(command, env, port, folder)).pid
            user, token = sign_up(port)
            script = folder / "patch.lua"
            script.write_text(PATCH % token)
            asked[when, READ] = functools.partial(load.wrk, port, f"/api/v1/users/{user}", pid, run.seconds, token)
            asked[when, WRITE] = functools.partial(load.scripted, port, script, 8, pid, run.seconds)
        found = [{what: ask()["rps"] for what, ask in asked.items()} for _ in range(run.rounds)]
    return {what: statistics.median(one[what] for one in found) for what in asked}


def counted(run, programs):
    """User-space instructions of a read from the cache."""
    counts = {}
    for when, program in programs.items():
        port, folder = free_port(), run.own(f"counted-{when}")
        command, env = palisade(program, folder, port)
        with running(command, env, port, folder, core=None):
            user, token = sign_up(port)
        counts[when] = instructions.per_request(command, env, folder, f"/api/v1/users/{user}", token)
    return counts


def section(run, revision, served, counted):
    rows = [row(f"{what}, requests a second", served["before", what], served["after", what], "{:,.0f}")
            for what in (READ, WRITE)]
    rows.append(row("instructions of such a read, in user space", counted["before"], counted["after"], "{:,.0f}"))
    return f"""\
## Before and after

{run.head("before")}
The earlier revision: {named(revision)}.
Server on core 0, wrk on core 1, SQLite, {run.rounds} interleaved rounds of {run.seconds} s, medians.

{table(HEAD, rows)}
"""
