"""The rate limiter in memory, beside governor."""
from figures import GOALS, at_most, counted, lines, table


def measure(run):
    rows = lines(run.program("limiter"))
    checks = {(row["name"], row["keys"], row["threads"]): row["ns"] for row in rows if "ns" in row}
    goals = [
        at_most("a check in memory, 10,000 keys, the clock read for it", 30, checks["palisade", 10_000, 1], " ns"),
        at_most("the same with 1,000,000 keys", 120, checks["palisade", 1_000_000, 1], " ns"),
    ]
    return f"""## Rate limiter

{run.head("limiter")}

In memory, nanoseconds per check; `governor` is given one clock that it keeps.

{speed(checks)}

{memory(rows)}

{table(GOALS, goals)}"""


def speed(checks):
    """One line for each contender, a column for each number of keys and threads."""
    columns = list(dict.fromkeys((keys, threads) for _, keys, threads in checks))
    names = list(dict.fromkeys(name for name, _, _ in checks))
    head = ["limiter", *(f"{counted(keys, 'key')}, {counted(threads, 'thread')}" for keys, threads in columns)]
    return table(head, [[name, *(f"{checks[name, *column]:.0f}" for column in columns)] for name in names])


def memory(rows):
    said = []
    for row in rows:
        if "full_kib" in row:
            grown, left = row["full_kib"] - row["before_kib"], row["after_kib"] - row["before_kib"]
            name = row["name"].removeprefix("memory ").capitalize()
            said.append(f"{name}: {row['keys']:,} keys take {grown / 1024:.1f} MiB; "
                        f"{left / 1024:.1f} MiB are left once they have expired.")
    return "\n\n".join(said)
