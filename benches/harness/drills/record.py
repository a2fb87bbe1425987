"""docs/drills.md: the last result of each drill. The table is written by `scripts/drills`, the rest by hand."""
import re

from machine import ROOT

DOCUMENT = ROOT / "docs/drills.md"
HEAD = ["| drill | what it shows | last full run | result |", "|---|---|---|---|"]
ROW = re.compile(r"^\| `([a-z-]+)` \|.*$", re.M)


def write(names, name, shows, passed, verdict, date):
    """Replaces the row of a drill; the others stay as they are."""
    text = DOCUMENT.read_text()
    rows = {match.group(1): match.group(0) for match in ROW.finditer(text)}
    first = " ".join(verdict.split())[:600].replace("|", "\\|")
    rows[name] = f"| `{name}` | {shows} | {date} | {'passed' if passed else '**failed**'}: {first} |"
    before = text.split(HEAD[0])[0].rstrip()
    after = text.split(HEAD[1])[1].split("\n\n", 1)[1:] if HEAD[1] in text else []
    table = "\n".join([*HEAD, *(rows[known] for known in names if known in rows)])
    DOCUMENT.write_text("\n\n".join([before, table, *(rest.strip() for rest in after)]).strip() + "\n")
