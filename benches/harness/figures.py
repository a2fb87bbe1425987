"""Figures: the lines that a benchmark prints, and tables of them."""
import json
import subprocess

GOALS = ["what", "goal", "measured", "reached"]


def lines(*command):
    """The JSON lines that a benchmark prints."""
    text = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def table(head, rows):
    rows = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *rows])


def counted(number, noun):
    return f"{number:,} {noun}{'s' * (number > 1)}"


def at_least(what, goal, value, unit=""):
    """A line of a table of goals."""
    measured = f"{value:,.2f}{unit}" if goal < 100 else f"{value:,.0f}{unit}"
    return what, f"≥ {goal:,}{unit}", measured, "yes" if value >= goal else "no"


def at_most(what, goal, value, unit="", digits=1):
    return what, f"≤ {goal:,}{unit}", f"{value:,.{digits}f}{unit}", "yes" if value <= goal else "no"


def exactly(what, goal, value):
    return what, f"{goal:,}", f"{value:,}", "yes" if value == goal else "no"
