"""What a change has cost those who build: a debug build from nothing, and one after a file was touched."""
import shutil
import time

from earlier import HEAD, build, checkout, earlier, named, row
from figures import table
from machine import ROOT

# A file of a domain, such as a developer changes.
TOUCHED = "crates/users/src/service/change.rs"


def measure(run):
    revision = earlier()
    with checkout(revision, run.own("checkout")) as tree:
        before = built(tree, run.own("before"))
    return section(run, revision, before, built(ROOT, run.own("after")))


def built(folder, into):
    """The seconds of both builds."""
    seconds = []
    for _ in range(2):
        began = time.monotonic()
        build(folder, into)
        seconds.append(time.monotonic() - began)
        (folder / TOUCHED).touch()
    shutil.rmtree(into)
    return seconds


def section(run, revision, before, after):
    names = ["a debug build of `api` from nothing, s", f"another one after `{TOUCHED}` was touched, s"]
    rows = [row(name, *seconds, "{:.1f}") for name, *seconds in zip(names, before, after)]
    return f"""\
## Builds, before and after

{run.head("builds").replace("release profile", "debug profile")}
The earlier revision: {named(revision)}.
Each once, on both cores, with incremental compilation.

{table(HEAD, rows)}
"""
