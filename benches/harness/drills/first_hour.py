"""The commands of the README, the documents and the justfile, as a newcomer runs them, in a folder that holds what a clone holds."""
import contextlib
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess

from drills.kit import Failure, MariaDb, Postgres, Redis, status, until
from drills.tools import pip
from machine import PASSWORD, ROOT

NEEDS = "postgresql mariadb-server redis-server python3-venv curl git"
# The short form starts the program that is there where the commands say `cargo run`; the full form builds it.
SHORT = {"builds": False, "patience": 60}
FULL = {"builds": True, "patience": 1_800}
JUST = "1.56.0"
API, MANAGEMENT = 8000, 9090
# What others run: the gate runs the tests, and the drill fuzz-head the search.
RUN_ELSEWHERE = {"scripts/test", "PALISADE_FUZZ_SECONDS"}


def run(drill):
    for port in (API, MANAGEMENT):
        if answers(port):
            raise Failure(f"port {port}, which the documents name, is taken")
    hour = Hour(drill)
    found = {path: blocks for path in hour.documents() if (blocks := hour.blocks(path))}
    if unknown := found.keys() - PLAN.keys():
        raise Failure(f"{', '.join(sorted(unknown))}: there are commands that this drill does not run")
    for path, steps in PLAN.items():
        blocks = found.get(path, [])
        if len(blocks) != len(steps):
            raise Failure(f"{path} has {len(blocks)} blocks of commands, this drill runs {len(steps)}")
        for step, block in zip(steps, blocks):
            step(hour, block)
    recipes(hour)
    return f"{hour.ran} commands of {len(PLAN)} documents and the justfile"


class Hour:
    """A newcomer's shell in a fresh clone."""

    def __init__(self, drill):
        self.drill, self.clone, self.ran = drill, drill.own("palisade"), 0
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).exists():
                (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.clone / name)
        programs = drill.own("bin")
        (programs / "api").symlink_to(drill.api)
        (programs / "just").symlink_to(pip("rust-just", JUST) / "bin/just")
        if not drill.size.builds:
            run_it = f'[ "$1" = run ] && {{ shift; [ "$1" = --quiet ] && shift; [ "$1" = -- ] && shift; exec {drill.api} "$@"; }}'
            (programs / "cargo").write_text(f'#!/bin/sh\n{run_it}\nexec {shutil.which("cargo")} "$@"\n')
            (programs / "cargo").chmod(0o755)
        kept = {name: os.environ[name] for name in ("HOME", "CARGO_HOME", "RUSTUP_HOME", "LANG") if name in os.environ}
        self.env = {**kept, "PATH": f"{programs}:{os.environ['PATH']}", "BROWSER": "true"}

    def documents(self):
        return sorted(str(path.relative_to(self.clone)) for path in self.clone.rglob("*.md"))

    def blocks(self, path):
        """The commands of a document, block by block."""
        return re.findall(r"^```(?:sh|bash|shell|console)\n(.*?)^```", (self.clone / path).read_text(), re.M | re.S)

    def run(self, script, code=0, typed=None, **env):
        """What the shell prints."""
        command = ["bash", "-euo", "pipefail", "-c", script]
        ended = subprocess.run(command, cwd=self.clone, env={**self.env, **env}, input=typed or "", capture_output=True, text=True)
        self.ran += 1
        if ended.returncode != code:
            raise Failure(f"ended with {ended.returncode}, not {code}: {script}\n{ended.stdout[-1000:]}{ended.stderr[-1500:]}")
        return ended.stdout + ended.stderr

    @contextlib.contextmanager
    def serving(self, command="cargo run", port=API, **env):
        """While the command runs a server. It starts on what is there, and must end well."""
        log = self.drill.folder / "serving.log"
        with log.open("wb") as out:
            server = subprocess.Popen(
                ["bash", "-c", f"exec env {command}"],
                cwd=self.clone, env={**self.env, **env}, stdout=out, stderr=out, start_new_session=True)
        self.ran += 1

        def is_ready():
            if server.poll() is not None:
                raise Failure(f"ended with {server.returncode}: {command}\n{log.read_text(errors='replace')[-2000:]}")
            return status(port, "GET", "/ready") == 200

        try:
            until(f"{command} serves", is_ready, self.drill.size.patience)
            yield log
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            code = server.wait(timeout=60)
            # `cargo` and `just` may end before the server below them.
            until("the port is free", lambda: not any(answers(one) for one in (port, MANAGEMENT)))
        # `just` ends as its recipe is told to.
        if code not in (0, -signal.SIGTERM, 128 + signal.SIGTERM):
            raise Failure(f"the server ended with {code}: {command}")

    def empty(self):
        """As after the clone: no database."""
        shutil.rmtree(self.clone / "data", ignore_errors=True)


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def lines(block):
    """Each command with its comment."""
    for line in block.replace("\\\n", " ").splitlines():
        command, _, comment = line.partition(" #")
        if command.strip() and not command.startswith("#"):
            yield command.strip(), comment.strip()


def each(hour, block, env=None):
    """Runs line by line; what serves is waited for, asked what its comment asks, and stopped."""
    for command, comment in lines(block):
        words = [word for word in shlex.split(command) if not re.match(r"[A-Z_]+=", word)]
        if any(command.startswith(name) for name in RUN_ELSEWHERE) or command.startswith("git clone"):
            continue
        if words in (["cargo", "run"], ["api"], ["just", "run"]) or words[:2] == ["api", "--set"]:
            port = re.search(r"server\.port=(\d+)", command)
            with hour.serving(command, int(port.group(1)) if port else API, **(env or {})):
                then = re.search(r"then: (.*)", comment)
                if then:
                    hour.run(then.group(1))
        else:
            hour.run(command, **(env or {}))
    hour.empty()


def tour(hour, block):
    with hour.serving():
        told = hour.run(block)
    refused = told.count('"code":"unauthorized"')
    if '"username":"ann"' not in told or "204" not in told or refused != 2:
        raise Failure(f"the tour does not end as the README says: {told[-1500:]}")
    hour.empty()


def databases(hour, block):
    with Postgres(hour.drill.own("postgres")) as postgres, MariaDb(hour.drill.own("mariadb")) as mariadb:
        block = re.sub(r"postgres://\S+", postgres.url, block)
        block = re.sub(r"mysql://\S+", mariadb.url, block)
        each(hour, block)


def cache(hour, block):
    with Redis(hour.drill.own("redis")) as redis:
        env = {"REDIS_URL": redis.url, "CACHE_ENABLED": "true"}
        with hour.serving(**env):
            user = sign_up(hour)
            each(hour, block.replace("users:0198c5a8-…", f"users:{user}"), env)
    hour.empty()


def new_admin(hour, block):
    hour.run("cargo run -- migrate")
    for command, _ in lines(block):
        hour.run(command, typed=f"{PASSWORD}\n")


def again(hour, block):
    with hour.serving():
        token = sign_in(hour)
        block = block.replace("https://api.example.com", f"http://127.0.0.1:{API}")
        body = json.dumps({"email": "ann@example.org", "username": "anna", "password": PASSWORD})
        block = re.sub(r"--json '.*'", f"--json {shlex.quote(body)}", block)
        first, second = hour.run(block, TOKEN=token), hour.run(block, TOKEN=token)
    if "HTTP/1.1 201" not in first or "HTTP/1.1 201" not in second or "idempotency-replayed" not in second.lower():
        raise Failure(f"a request that is sent again is not answered as before: {second[-1500:]}")
    hour.empty()


def operator(hour, block):
    with Redis(hour.drill.own("redis-of-operator")) as redis:
        with hour.serving(TELEMETRY_MODE="prometheus", REDIS_URL=redis.url):
            for command, _ in lines(block):
                hour.run(command.replace("curl -s ", "curl -sf "))
    hour.empty()


def read(_hour, _block):
    """Whose commands are the justfile's or an example's, or others run."""


def beside(hour, block):
    """A folder beside the clone. The drill `outside` builds what the page puts into it."""
    hour.run(f"cd .. && {block}")


# How the blocks of each document are run, in their order.
PLAN = {
    "README.md": [each, tour, databases],
    "CONTRIBUTING.md": [read],
    "docs/cache.md": [cache],
    "docs/embed.md": [beside],
    "docs/input.md": [read],
    "docs/operations.md": [each, new_admin],
    "docs/retries.md": [again],
    "docs/runbooks.md": [operator],
    "docs/telemetry.md": [each, operator],
    "docs/testing.md": [each],
}


def sign_up(hour):
    """The id of a user who has been read, and is cached."""
    url, person = f"http://127.0.0.1:{API}/api/v1", {"email": "bob@example.com", "username": "bob", "password": PASSWORD}
    hour.run(f"curl -sf {url}/auth/register --json {shlex.quote(json.dumps(person))}")
    token = sign_in(hour, "bob")
    user = json.loads(hour.run(f"curl -sf {url}/users/me -H 'Authorization: Bearer {token}'"))["id"]
    hour.run(f"curl -sf {url}/users/{user} -H 'Authorization: Bearer {token}'")
    return user


def sign_in(hour, name="ann"):
    body = shlex.quote(json.dumps({"email": f"{name}@example.com", "password": PASSWORD}))
    return json.loads(hour.run(f"curl -sf http://127.0.0.1:{API}/api/v1/auth/login --json {body}"))["access_token"]


def recipes(hour):
    """Every recipe of the justfile."""
    listed = hour.run("just --summary").split()
    if unknown := set(listed) - RECIPES.keys():
        raise Failure(f"justfile: there are recipes that this drill does not run: {', '.join(sorted(unknown))}")
    for recipe in listed:
        RECIPES[recipe](hour)


def shows(recipe):
    return lambda hour: hour.run(f"just {recipe}")


def serves(recipe):
    def run_it(hour):
        with hour.serving(f"just {recipe}"):
            pass
        hour.empty()
    return run_it


def steps(recipe, sample=None):
    """What takes long: the full form runs it, the short form looks whether its programs are there."""
    def run_it(hour):
        if hour.drill.size.builds and sample is not None:
            hour.run(f"just {recipe} {sample}")
        for line in hour.run(f"just --dry-run {recipe}").splitlines():
            if line and not shutil.which(shlex.split(line)[0], path=f"{hour.clone}:{hour.env['PATH']}") \
                    and not os.access(hour.clone / shlex.split(line)[0], os.X_OK):
                raise Failure(f"just {recipe}: there is no program {line}")
    return run_it


def database(hour):
    if "pending" not in hour.run("just db") or "applied" not in hour.run("just db migrate"):
        raise Failure("just db does not tell what it does")
    if "pending" in hour.run("just db status"):
        raise Failure("just db migrate has left something")
    told = hour.run("just db rollback", code=2)
    if "`rollback`" not in told:
        raise Failure(f"just db does not name the wrong word: {told}")
    hour.empty()


def generate(hour):
    hour.run("just generate")
    hour.run("api docs --check")


RECIPES = {
    "default": shows(""),
    "run": serves("run"),
    "dev": serves("dev"),
    "db": database,
    "generate": generate,
    "drills": shows("drills --list"),
    "check": steps("check", ""),
    "lint": steps("lint", ""),
    "fmt": steps("fmt", ""),
    "doc": steps("doc", ""),
    "test": steps("test", "-p palisade-core"),
    "bench": steps("bench"),
    "ci": steps("ci"),
}
