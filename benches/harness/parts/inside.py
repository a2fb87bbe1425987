"""What is at hand in this process: the cache in memory beside a bare moka, one fetch for many callers, guarded calls."""
import instructions
from figures import GOALS, at_most, counted, exactly, lines, table

SIZES = (10_000, 1_000_000)
PARTS_OF_A_READ = ("making the key", "decoding the user")


def measure(run):
    cache, resilience = run.program("cache"), run.program("resilience")
    reads, guarded = lines(cache), lines(resilience)
    hits = {(row["name"], row["keys"], row["threads"]): row["ns"] for row in reads if "ns" in row}
    calls = {(row["name"], row["threads"]): row["ns"] for row in guarded}
    flight = next(row for row in reads if "flight" in row)
    return f"""## Cache in memory

{run.head("inside")}
It runs, on all cores, `target/release/cache` and `target/release/resilience`, and both under callgrind with `count NAME
{instructions.CALLS}` and `count NAME {2 * instructions.CALLS}`, whose difference gives the instructions.

Nanoseconds per hit, best of 15 interleaved rounds of 200,000. `moka` is a bare `moka::sync::Cache` with the same keys of
text, a weigher and a time to live for each value. `Cache::get` gives the bytes; `Typed::get` makes the key of an id and
decodes the user, of some 260 bytes of JSON; what these two cost by themselves is below.

{read_table(hits, {name: instructions.per_call(cache, name, run.folder) for name in unique(hits)})}

{flight["callers"]:,} callers want one value at the same moment that nobody has, from a source that takes {flight["source_ms"]} ms. For
each of {flight["flights"]} such keys the source is asked **{counted(flight["fetches"], "time")}** at most; the last caller has the value after
{flight["took_ms"]:.1f} ms (median; worst {flight["worst_ms"]:.1f}).

{table(GOALS, goals(hits, flight))}

## Breaker and policy

Nanoseconds per call around one that answers at once, best of 15 interleaved rounds of 1,000,000, and instructions as above.
The time limits are one per attempt and one in all; the retry has a budget.

{guarded_table(calls, {name: instructions.per_call(resilience, name, run.folder) for name in unique(calls)})}"""


def unique(figures):
    return list(dict.fromkeys(key[0] for key in figures))


def read_table(hits, counts):
    columns = list(dict.fromkeys((keys, threads) for _, keys, threads in hits))
    head = ["read", *(f"{counted(keys, 'key')}, {counted(threads, 'thread')}" for keys, threads in columns), "instructions"]

    def cell(name, column):
        ns, bare = hits[name, *column], hits["moka", *column]
        return f"{ns:.0f}" if name in ("moka", *PARTS_OF_A_READ) else f"{ns:.0f} ({ns / bare:.2f} ×)"

    return table(head, [[name, *(cell(name, column) for column in columns), f"{counts[name]:,.0f}"] for name in unique(hits)])


def guarded_table(calls, counts):
    rows = [[name, f"{calls[name, 1]:.1f}", f"{calls[name, 2]:.1f}", f"{counts[name]:,.0f}"] for name in unique(calls)]
    return table(["call", "1 thread", "2 threads", "instructions"], rows)


def goals(hits, flight):
    return [
        *(at_most(f"a hit in memory, of a bare moka's: {counted(keys, 'key')}, {counted(threads, 'thread')}", 2,
                  hits["Cache::get", keys, threads] / hits["moka", keys, threads], " ×", digits=2)
          for keys in SIZES for threads in (1, 2)),
        exactly(f"fetches for {flight['callers']:,} callers of one key", 1, flight["fetches"]),
    ]
