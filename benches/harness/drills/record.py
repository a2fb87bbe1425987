"""docs/drills.md: the last result of each drill. The table is written by `scripts/drills`, what is above it by hand."""
import re

from machine import ROOT

DOCUMENT = ROOT / "docs/drills.md"
HEAD = "| drill | what it shows | last full run | result |\n|---|---|---|---|"
ROW = re.compile(r"^\| `([a-z-]+)` \|.*$", re.M)
LONGEST = 600


def write(shown, name, passed, verdict, date):
    """Replaces the row of a drill. `shown` says by name what each drill shows; one that never ran has a row too."""
    text = DOCUMENT.read_text()
    rows = {match.group(1): match.group(0) for match in ROW.finditer(text)}
    result = " ".join(verdict.split())[:LONGEST].replace("|", "\\|")
    rows[name] = f"| `{name}` | {shown[name]} | {date} | {'passed' if passed else '**failed**'}: {result} |"
    for other, shows in shown.items():
        rows.setdefault(other, f"| `{other}` | {shows} | – | not run yet |")
    introduction = text.split(HEAD.split("\n")[0])[0].rstrip()
    table = "\n".join([HEAD, *(rows[known] for known in shown)])
    DOCUMENT.write_text(f"{introduction}\n\n{table}\n")
