"""Requests per second: wrk on one core, the server on the other, in interleaved rounds."""
import re
import statistics
import subprocess

from machine import cpu_seconds


def wrk(port, path, pid, seconds, token=None, coding=None):
    options = ["-c64", "-H", "Origin: https://app.example.com", "-H", "User-Agent: wrk/4.1"]
    if token:
        options += ["-H", f"Authorization: Bearer {token}"]
    if coding:
        options += ["-H", f"Accept-Encoding: {coding}"]
    return figures(port, path, pid, seconds, options)


def scripted(port, script, connections, pid, seconds):
    """What a script of wrk asks for."""
    return figures(port, "", pid, seconds, [f"-c{connections}", "-s", str(script)])


def figures(port, path, pid, seconds, options):
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-d{seconds}s", "--latency", *options]
    before = cpu_seconds(pid)
    text = subprocess.run(command + [f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True, check=True).stdout
    spent = cpu_seconds(pid) - before
    if "Socket errors" in text:
        raise SystemExit(f"errors under load on {path}:\n{text}")
    requests = int(re.search(r"(\d+) requests in", text).group(1))
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    return {
        "rps": float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)),
        "us": spent / requests * 1e6,
        "p50": latency(text, 50),
        "p99": latency(text, 99),
        "refused": int(refused.group(1)) / requests if refused else 0.0,
    }


def latency(text, percentile):
    """In milliseconds."""
    number, unit = re.search(rf"\s{percentile}%\s+([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def rounds(subjects, count, seconds):
    """Runs each subject `(name, port, path, pid, token)` once per round; the median of each figure by name."""
    results = {}
    for port_path_pid_token in {subject[1:] for subject in subjects}:
        wrk(*port_path_pid_token[:3], 1, port_path_pid_token[3])
    for _ in range(count):
        for name, port, path, pid, token in subjects:
            results.setdefault(name, []).append(wrk(port, path, pid, seconds, token))
    return {
        name: {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        for name, rows in results.items()
    }
