"""What it costs to be seen: measurements, the log line and traces, off and on; a scrape."""
import contextlib
import http.server
import threading

import instructions
import load
from figures import GOALS, at_most, lines, table
from machine import free_port, palisade, running, rss_mib, sign_up

NOTHING = "nothing: no log line, no metrics, no traces"
SILENT = {"LAYERS_REQUEST_LOG": "false", "LOG_LEVEL": "error", "TELEMETRY_MODE": "off"}
TRACES = {"TELEMETRY_MODE": "prometheus,otlp", "OTEL_LOGS_EXPORTER": "none"}
VARIANTS = {
    NOTHING: SILENT,
    "JSON log line": {"TELEMETRY_MODE": "off"},
    "JSON log line, metrics": {"TELEMETRY_MODE": "prometheus"},
    "JSON log line, metrics, traces of 1 %": {**TRACES, "TELEMETRY_SAMPLE_RATE": "0.01"},
    "JSON log line, metrics, traces of 100 %": {**TRACES, "TELEMETRY_SAMPLE_RATE": "1.0"},
}


def measure(run):
    with collector() as sink:
        results, memory = throughput(run, sink)
        counts = {name: counted(run, sink, name) for name in VARIANTS}
    return section(run, results, memory, counts)


class Sink(http.server.BaseHTTPRequestHandler):
    """Takes everything and keeps nothing."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def collector():
    """Yields the address of one that is never the slowest part."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def start(run, stack, sink, name):
    port = free_port()
    more = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink, **VARIANTS[name]}
    folder = run.own(f"telemetry-{list(VARIANTS).index(name)}")
    command, env = palisade(run.program("pipeline"), folder, port, **more)
    process = stack.enter_context(running(command, env, port, run.folder))
    user, token = sign_up(port)
    return port, f"/api/v1/users/{user}", process.pid, token


def throughput(run, sink):
    with contextlib.ExitStack() as stack:
        subjects = [(name, *start(run, stack, sink, name)) for name in VARIANTS]
        results = load.rounds(subjects, run.rounds, run.seconds)
        return results, {name: rss_mib(pid) for name, _, _, pid, _ in subjects}


def counted(run, sink, name):
    port = free_port()
    more = {"OTEL_EXPORTER_OTLP_ENDPOINT": sink, **VARIANTS[name]}
    command, env = palisade(run.program("pipeline"), run.own("telemetry-counted"), port, **more)
    with running(command, env, port, run.folder, core=None):
        user, token = sign_up(port)
    return instructions.per_request(command, env, run.folder, f"/api/v1/users/{user}", token)


def section(run, results, memory, counts):
    figures = lines(run.program("telemetry"))
    calls = {(row["name"], row["threads"]): row["ns"] for row in figures if "ns" in row}
    scrapes = [row for row in figures if "scrape" in row]
    base, ground = results[NOTHING]["rps"], counts[NOTHING]
    variants = [
        (name, f"{row['rps']:,.0f}", f"{row['rps'] / base:.2f}", f"{row['us']:.1f}", f"{counts[name] / 1000:.1f} k",
         f"{(counts[name] - ground) / 1000:+.1f} k", f"{row['p50']:.2f} / {row['p99']:.2f}", f"{memory[name]:.0f}")
        for name, row in results.items()
    ]
    names = list(dict.fromkeys(name for name, _ in calls))
    program = run.program("telemetry")
    measured = [
        (name, f"{calls[name, 1]:.1f}", f"{calls[name, 2]:.1f}", f"{instructions.per_call(program, name, run.folder):.0f}")
        for name in names
    ]
    scraped = [(row["scrape"], f"{row['series']:,}", f"{row['ms']:.1f}", f"{row['kib']:,}") for row in scrapes]
    growths = [row for row in figures if "growth" in row]
    goals = [
        *(at_most(f"a scrape of 10,000 series, {row['scrape']}", 50, row["ms"], " ms") for row in scrapes),
        *(at_most(f"masking {row['growth']}", 12, row["times"], " ×") for row in growths),
    ]
    return f"""## To be seen

{run.head("telemetry")}

`GET /api/v1/users/{{id}}` through every layer, the user from memory, as in the first section, with more and more of what tells
about it. Spans go to a collector that takes everything at once; what it cannot take is dropped and counted, as in production.
Instructions are those of user space by callgrind, all threads together.

{table(["what is told", "req/s", "of nothing", "server CPU µs per request", "instructions", "more than nothing", "p50 / p99 ms", "MiB after"], variants)}

Nanoseconds per measurement on one thread and on two at once (best of 15 rounds of 1,000,000), and instructions:

{table(["measurement", "1 thread", "2 threads", "instructions"], measured)}

A scrape, from the cells to the text (median of 20):

{table(["format", "series", "ms", "KiB"], scraped)}

{table(GOALS, goals)}"""
