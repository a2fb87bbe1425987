"""What a change has cost: the program of the present code beside that of an earlier revision."""
import contextlib
import functools
import os
import shutil
import statistics
import subprocess
import time

import instructions
import load
from figures import table
from machine import ROOT, free_port, palisade, run as execute, running, sign_up, target

# A file of a domain, which a developer of one changes.
TOUCHED = "crates/users/src/service/change.rs"
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
    revision = os.environ.get("BENCH_BEFORE")
    if not revision:
        raise SystemExit("please name the earlier revision in BENCH_BEFORE")
    found = execute("git", "rev-parse", "--short", revision, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    kept = target() / "before" / found
    kept.mkdir(parents=True, exist_ok=True)
    with checkout(found, run.own("checkout")) as earlier:
        if not (kept / "api").exists():
            cargo(earlier, kept / "target", "--release")
            shutil.copy(kept / "target/release/api", kept / "api")
            shutil.rmtree(kept / "target")
        programs = {"before": kept / "api", "after": run.program("api")}
        builds = {when: built(folder, run.own(f"built-{when}"))
                  for when, folder in {"before": earlier, "after": ROOT}.items()}
    return section(run, found, served(run, programs), counted(run, programs), builds)


@contextlib.contextmanager
def checkout(revision, folder):
    """A revision in a folder of its own, while it is wanted."""
    tree = folder / "tree"
    execute("git", "worktree", "add", "--quiet", "--detach", tree, revision, cwd=ROOT)
    try:
        yield tree
    finally:
        execute("git", "worktree", "remove", "--force", tree, cwd=ROOT)


def cargo(folder, into, *options):
    execute("cargo", "build", "--quiet", "-p", "palisade-api", *options, cwd=folder,
            env={**os.environ, "CARGO_TARGET_DIR": str(into), "CARGO_INCREMENTAL": "1"})


def built(folder, into):
    """Seconds of a debug build from nothing, and of one after a file of a domain was touched."""
    seconds = []
    for _ in range(2):
        began = time.monotonic()
        cargo(folder, into)
        seconds.append(time.monotonic() - began)
        (folder / TOUCHED).touch()
    shutil.rmtree(into)
    return seconds


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


def section(run, revision, served, counted, builds):
    subject = subprocess.run(["git", "log", "-1", "--format=%s", revision], cwd=ROOT, capture_output=True, text=True)

    def row(what, before, after, form):
        return what, form.format(before), form.format(after), f"{after / before:.2f}"

    rows = [row(f"{what}, requests a second", served["before", what], served["after", what], "{:,.0f}")
            for what in (READ, WRITE)]
    rows.append(row("instructions of such a read", counted["before"], counted["after"], "{:,.0f}"))
    for place, what in enumerate(["debug build of `api` from nothing, s", f"the same after `{TOUCHED}` was touched, s"]):
        rows.append(row(what, builds["before"][place], builds["after"][place], "{:.1f}"))
    return f"""\
## Before and after

{run.head("before")} Set for it: `BENCH_BEFORE={revision}`
("{subject.stdout.strip()}"). Server on core 0, wrk on core 1, SQLite, interleaved rounds,
medians; builds on both cores, one after the other.

{table(["what", "before", "after", "ratio"], rows)}
"""
