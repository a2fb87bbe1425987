"""An earlier revision of the workspace, with which the present one is compared."""
import contextlib
import os

from machine import ROOT, run

HEAD = ["what", "before", "after", "ratio"]


def earlier():
    """The revision that `BENCH_BEFORE` names."""
    revision = os.environ.get("BENCH_BEFORE")
    if not revision:
        raise SystemExit("please name the earlier revision in BENCH_BEFORE")
    return git("rev-parse", "--short", revision)


def named(revision):
    return f"`{revision}` (\"{git('log', '-1', '--format=%s', revision)}\")"


@contextlib.contextmanager
def checkout(revision, folder):
    """A revision in a folder of its own, while it is wanted."""
    tree = folder / "tree"
    git("worktree", "add", "--quiet", "--detach", str(tree), revision)
    try:
        yield tree
    finally:
        git("worktree", "remove", "--force", str(tree))


def build(folder, into, *options):
    """Builds the program `api` of the workspace in `folder`."""
    run("cargo", "build", "--quiet", "-p", "palisade-api", *options, cwd=folder,
        env={**os.environ, "CARGO_TARGET_DIR": str(into), "CARGO_INCREMENTAL": "1"})


def row(what, before, after, form):
    return what, form.format(before), form.format(after), f"{after / before:.2f}"


def git(*words):
    return run("git", *words, cwd=ROOT, capture_output=True, text=True).stdout.strip()
