"""Programs outside of the workspace, from empty folders: that of docs/embed.md and that of examples/outside are built and used."""
import json
import os
import pathlib
import re
import shutil
import subprocess

from drills.kit import Api, Failure, status
from machine import PASSWORD, ROOT, request, target

NEEDS = ""
SHORT = {"most_lines": 120}
FULL = {"most_lines": 120}


def run(drill):
    lines = sum(len(path.read_text().splitlines()) for path in (ROOT / "examples/outside").rglob("*") if path.is_file()
                and path.name != "Cargo.lock")
    if lines > drill.size.most_lines:
        raise Failure(f"examples/outside has {lines} lines, at most {drill.size.most_lines} are promised")
    before = changed()
    embedded = program(drill, "embedded", *documented())
    used(drill, embedded, "embedded")
    outside = program(drill, "outside", manifest(), (ROOT / "examples/outside/src/main.rs").read_text())
    extended(drill, outside)
    if changed() != before:
        raise Failure("building a program outside has changed a file of the workspace")
    return f"two programs built and used, {lines} lines for the one with a domain, a limiter and a layer of its own"


def changed():
    return subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def documented():
    """Manifest and program of docs/embed.md, with the paths into this workspace."""
    text = (ROOT / "docs/embed.md").read_text()
    dependencies = re.search(r"^```toml\n(.*?)^```", text, re.M | re.S).group(1)
    package = '[package]\nname = "embedded"\nversion = "0.1.0"\nedition = "2024"\n\n'
    return package + dependencies.replace("../palisade/", f"{ROOT}/") + "\n[workspace]\n", rust(text)


def rust(text):
    return re.search(r"^```rust,no_run\n(.*?)^```", text, re.M | re.S).group(1)


def manifest():
    return (ROOT / "examples/outside/Cargo.toml").read_text().replace("../../", f"{ROOT}/")


def program(drill, name, cargo, main):
    """Built in a folder of its own, by the versions and profiles of the workspace, so that what it shares is built once."""
    folder = drill.own(name)
    (folder / "src").mkdir()
    (folder / "src/main.rs").write_text(main)
    profiles = re.findall(r"^\[profile\.dev.*?(?=^\[(?!profile\.dev)|\Z)", (ROOT / "Cargo.toml").read_text(), re.M | re.S)
    profiles = re.sub(r"^\[profile\.dev\.package\.palisade.*?(?=^\[|\Z)", "", "".join(profiles), flags=re.M | re.S)
    (folder / "Cargo.toml").write_text(f"{cargo}\n{profiles}")
    shutil.copy2(ROOT / "Cargo.lock", folder / "Cargo.lock")
    built = target() / "outside"
    environment = {**os.environ, "CARGO_TARGET_DIR": str(built), "CARGO_INCREMENTAL": "0"}
    ended = subprocess.run(["cargo", "build", "--quiet"], cwd=folder, env=environment, capture_output=True, text=True)
    if ended.returncode:
        raise Failure(f"{name} does not build:\n{ended.stderr[-3000:]}")
    return built / "debug" / name


def used(drill, binary, name):
    drill.api = binary
    with Api(drill, f"{name}-running") as api:
        return sign_up(api.port)


def sign_up(port):
    body = {"email": "ann@example.com", "username": "ann", "password": PASSWORD}
    status(port, "POST", "/api/v1/auth/register", body)
    code, pair = request(port, "POST", "/api/v1/auth/login", {"email": "ann@example.com", "password": PASSWORD})
    if code != 200:
        raise Failure(f"sign-in is {code}: {json.dumps(pair)}")
    return pair["access_token"]


def extended(drill, binary):
    routes = subprocess.run([binary, "routes"], cwd=drill.folder, capture_output=True, text=True, check=True).stdout
    if not re.search(r"GET +/api/v1/greetings +greetings:read", routes):
        raise Failure(f"`outside routes` does not list the route of the domain:\n{routes}")
    drill.api = binary
    with Api(drill, "outside-running", RATE_LIMIT_ENABLED="true") as api:
        token = sign_up(api.port)
        answers = [status(api.port, "GET", "/api/v1/greetings", token=token), status(api.port, "GET", "/api/v1/greetings")]
        if answers != [200, 401]:
            raise Failure(f"the route of the domain answers {answers}, not [200, 401]")
        answers = [status(api.port, "GET", "/api/v1/greetings", token=token) for _ in range(20)]
        if answers[0] != 200 or answers[-1] != 429:
            raise Failure(f"the program's own limiter lets through {answers}")
