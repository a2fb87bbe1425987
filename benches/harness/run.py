"""One run: how long it measures, where it works, and what it builds when that is first wanted."""
import functools
import os
import pathlib
import platform
import re
import subprocess

import machine


class Run:
    def __init__(self, rounds, seconds, folder):
        self.rounds, self.seconds, self.folder = rounds, seconds, pathlib.Path(folder)

    def program(self, name):
        """The release build of a program of ours: `api`, or one of `benches`."""
        return machine.build(name)

    @functools.cached_property
    def peers(self):
        """The folder of those that we are compared with."""
        return machine.build_peers()

    def own(self, name):
        """A folder of that name, which nobody else works in."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return folder

    def head(self, part):
        """How the figures of a part came about."""
        cpu = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
        cpu = cpu.group(1) if cpu else platform.processor()
        rustc = subprocess.run(["rustc", "--version"], cwd=machine.ROOT, capture_output=True, text=True).stdout.strip()
        return (f"By `scripts/bench {self.rounds} {self.seconds} {part}` on a machine of {os.cpu_count()} cores ({cpu}), "
                f"{rustc}, release profile.")
