"""The cache on Redis, beside a plain `GET` over the same handle."""
import servers
from figures import GOALS, counted, exactly, lines, table


def measure(run):
    with servers.redis(run.folder, core="0") as (url, _):
        rows = lines("taskset", "-c", "1", run.program("redis-cache"), url, run.seconds / 2)
    flight = next(row for row in rows if "flight" in row)
    goal = exactly(f"fetches for {flight['callers']:,} callers of one key, in two processes", 1, flight["fetches"])
    return f"""## Cache on Redis

{run.head("redis-cache")}
It runs `taskset -c 1 target/release/redis-cache URL {run.seconds / 2}`, with Redis on core 0.

Hits a second of 10,000 users, in brackets the 99th percentile in microseconds. `Typed::get` makes the key of an id, checks
the seal of what Redis gives and decodes the user; the plain `GET` gives the bytes, over the same handle of two connections.

{hit_table(rows)}

A hundred users, microseconds:

{batch_table(rows)}

{flight["callers"]:,} callers want one value at the same moment that nobody has, half of them in each of two `Caching` with a handle
of its own on one Redis, from a source that takes {flight["source_ms"]} ms. For each of {flight["flights"]} such keys the source is asked
**{counted(flight["fetches"], "time")}** at most; the last caller has the value after {flight["took_ms"]:.1f} ms (median; worst {flight["worst_ms"]:.1f}).

{table(GOALS, [goal])}"""


def hit_table(rows):
    hits = {(row["name"], row["in_flight"]): row for row in rows if "hits_per_second" in row}
    columns = list(dict.fromkeys(in_flight for _, in_flight in hits))
    names = list(dict.fromkeys(name for name, _ in hits))

    def cell(row):
        return f"{row['hits_per_second']:,.0f} ({row['p99_us']:,.0f})" if row else "–"

    head = ["read", *(f"{in_flight} in flight" for in_flight in columns)]
    return table(head, [[name, *(cell(hits.get((name, column))) for column in columns)] for name in names])


def batch_table(rows):
    batches = [row for row in rows if "batch" in row]
    return table(["way", "p50", "p99"], [[row["batch"], f"{row['p50_us']:,}", f"{row['p99_us']:,}"] for row in batches])
