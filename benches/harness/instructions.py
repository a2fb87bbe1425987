"""User-space instructions per request or call, under callgrind: those of 2N less those of N."""
import os
import pathlib
import re
import signal
import subprocess
import sys

from machine import free_port, wait_for

REQUESTS = pathlib.Path(__file__).with_name("requests.py")
N = 500
CALLS = 20_000
# Otherwise callgrind counts each iteration of `rep movsb`, which costs a processor next to nothing.
TUNABLES = "glibc.cpu.x86_rep_stosb_threshold=1000000:glibc.cpu.x86_rep_movsb_threshold=1000000"


def per_request(command, env, folder, path, token):
    def total(count):
        return serving(command, env, folder, path, token, count)

    return (total(2 * N) - total(N)) / N


def per_call(program, name, folder):
    """Those of a contender of a benchmark that counts."""
    return (calling(program, name, folder, 2 * CALLS) - calling(program, name, folder, CALLS)) / CALLS


def calling(program, name, folder, count):
    out = folder / "callgrind.out"
    subprocess.run([*callgrind(out), str(program), "count", name, str(count)], cwd=folder, check=True,
                   env={**os.environ, "GLIBC_TUNABLES": TUNABLES}, stderr=subprocess.DEVNULL)
    return total_of(out)


def serving(command, env, folder, path, token, count):
    port = free_port()
    out = folder / "callgrind.out"
    env = {**os.environ, **env, "PORT": str(port), "SERVER_PORT": str(port), "GLIBC_TUNABLES": TUNABLES}
    process = subprocess.Popen(
        [*callgrind(out), *map(str, command)],
        cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        subprocess.run([sys.executable, REQUESTS, str(port), str(count), "16", path, token], check=True)
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return total_of(out)


def callgrind(out):
    return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"]


def total_of(out):
    return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.M).group(1))
