"""Memory over a longer run with everything on."""
import contextlib

import load
from figures import GOALS, at_most, table
from machine import rss_mib
from parts import telemetry

# How often memory is looked at, and how long it is in between, in seconds.
LOOKS, BETWEEN = 10, 60


def measure(run):
    everything = list(telemetry.VARIANTS)[-1]
    with telemetry.collector() as sink, contextlib.ExitStack() as stack:
        port, path, pid, token = telemetry.start(run, stack, sink, everything)
        requests, seen = 0, []
        for _ in range(LOOKS):
            requests += load.wrk(port, path, pid, BETWEEN, token)["rps"] * BETWEEN
            seen.append(rss_mib(pid))
    return section(run, requests, seen)


def section(run, requests, seen):
    goals = [at_most(f"memory after {LOOKS} minutes, of that after the first", 1.1, seen[-1] / seen[0], " ×")]
    minutes = [[f"{minute}" for minute in range(1, LOOKS + 1)], [f"{mib:.1f}" for mib in seen]]
    return f"""## Memory over ten minutes

{run.head("soak")}

The whole pipeline with log line, metrics and every request traced, under the load of one wrk with 64 connections, which
made {requests / 1e6:.1f} million requests. MiB of resident memory after each minute:

{table(minutes[0], [minutes[1]])}

{table(GOALS, goals)}"""
