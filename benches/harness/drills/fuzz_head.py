"""Request heads of any bytes, in any pieces, to the real parser over a socket: no panic, no reply that is not well-formed."""
import json
import os
import re
import subprocess

from drills.kit import Failure
from machine import ROOT

NEEDS = ""
SHORT = {"seconds": 20}
FULL = {"seconds": 1_800}
TEST = "fuzz_head"


def run(drill):
    program = test_program()
    seconds = {**os.environ, "PALISADE_FUZZ_SECONDS": str(drill.size.seconds)}
    command = [program, TEST, "--ignored", "--nocapture"]
    ended = subprocess.run(command, cwd=ROOT / "crates/listener", env=seconds, capture_output=True, text=True)
    told = re.search(r"fuzz-head: (.*)", ended.stdout)
    if ended.returncode != 0:
        raise Failure(f"{told.group(1) if told else ''}\n{ended.stdout[-3000:]}{ended.stderr[-1000:]}")
    if not told:
        raise Failure(f"crates/listener/tests has no test {TEST}: {ended.stdout[-500:]}")
    return told.group(1)


def test_program():
    """The test program of `palisade-listener`, of the build that `scripts/test` makes."""
    build = ["cargo", "test", "--workspace", "--all-features", "--no-run", "--message-format", "json"]
    lines = subprocess.run(build, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    for message in map(json.loads, lines):
        if message["reason"] == "compiler-artifact" and message["target"]["name"] == "it":
            if message["target"]["src_path"].endswith("crates/listener/tests/it/main.rs"):
                return message["executable"]
    raise Failure("crates/listener has no integration tests")
