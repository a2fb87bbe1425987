"""What is run and where: folders, builds, processes, what the kernel says of them."""
import contextlib
import functools
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PEERS = ROOT / "benches/peers"
PEER_TOKEN = (PEERS / "token.txt").read_text().strip()
PASSWORD = "violet-harbour-lantern-9"


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, **options)


def want(*tools):
    for tool in tools:
        if not shutil.which(tool):
            raise SystemExit(f"please install {tool}")


@functools.cache
def target():
    text = run("cargo", "metadata", "--format-version", "1", "--no-deps", cwd=ROOT, capture_output=True).stdout
    return pathlib.Path(json.loads(text)["target_directory"])


def build(program):
    """The release build of a program of ours. All are built as one selection of packages, so that each is made of the same
    parts whichever is wanted first."""
    run("cargo", "build", "--release", "-p", "palisade-api", "-p", "palisade-benches", "--bin", program, cwd=ROOT)
    return target() / "release" / program


def build_peers():
    peers = target() / "peers"
    peers.mkdir(exist_ok=True)
    for name in ("p0-actix-bare", "p1-actix-shelf", "p2-axum-shelf"):
        run("cargo", "build", "--release", "--quiet", "--manifest-path", PEERS / name / "Cargo.toml",
            env={**os.environ, "CARGO_TARGET_DIR": str(peers)})
    if not (peers / "venv/bin/uvicorn").exists():
        run("python3", "-m", "venv", peers / "venv")
        run(peers / "venv/bin/pip", "install", "--quiet", "-r", PEERS / "p3-fastapi/requirements.txt")
    if not (peers / "p4-fastify/node_modules").exists():
        shutil.copytree(PEERS / "p4-fastify", peers / "p4-fastify", dirs_exist_ok=True)
        run("npm", "install", "--silent", "--no-audit", "--no-fund", cwd=peers / "p4-fastify")
    return peers


def free_port():
    return free_ports(1)[0]


def free_ports(count):
    """As many different ones: all are held until the last is found."""
    with contextlib.ExitStack() as held:
        listeners = [held.enter_context(socket.socket()) for _ in range(count)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]


def lasting_port():
    """One that stays free while its server is down: below the range from which the system takes ports for connections. Above,
    whoever asks a dead server again and again ends up connected to itself, and the server finds its port taken."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise SystemExit("no free port between 20000 and 32000")


def request(port, method, path, body=None, token=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"content-type": "application/json"} if body is not None else {}
    if token:
        headers["authorization"] = f"Bearer {token}"
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text else None


def sign_up(port):
    """A user and its access token, on a server that may know the user already."""
    request(port, "POST", "/api/v1/auth/register", {
        "email": "bench@example.com", "username": "bench", "name": "Bench Mark", "password": PASSWORD})
    _, pair = request(port, "POST", "/api/v1/auth/login", {"email": "bench@example.com", "password": PASSWORD})
    token = pair["access_token"]
    return request(port, "GET", "/api/v1/users/me", token=token)[1]["id"], token


def is_ready(port):
    """Whether the server takes requests. A peer without `/ready` is asked for `/health`."""
    for path in ("/ready", "/health"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        if status != 404:
            return status == 200
    return False


def wait_for(port, process, limit=120):
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if is_ready(port):
                return
        if process.poll() is not None:
            break
        time.sleep(0.0005)
    raise SystemExit(f"{process.args} did not start")


@contextlib.contextmanager
def running(command, env, port, folder, core="0", quiet=False):
    """The process of a server, from the moment it is ready to its end. Where it is quiet, its log goes nowhere."""
    with open(os.devnull if quiet else folder / "server.log", "ab") as log:
        process = subprocess.Popen(
            (["taskset", "-c", core] if core else []) + [str(part) for part in command],
            cwd=folder, stdout=log, stderr=log, env={**os.environ, **env},
        )
    try:
        wait_for(port, process)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def palisade(binary, folder, port, **more):
    """The command and settings of a server of ours: everything on that production has on."""
    env = {
        "SERVER_PORT": str(port), "MANAGEMENT_ENABLED": "false", "SERVER_WORKERS": "1",
        "APP_DATA_DIR": str(folder), "DATABASE_URL": f"sqlite://{folder}/bench.db",
        "LOG_LEVEL": "info", "LOG_FORMAT": "json", "TELEMETRY_MODE": "prometheus", "RUST_BACKTRACE": "0",
        "CORS_ORIGINS": "https://app.example.com", "SECURITY_ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SECURITY_TRUSTED_PROXIES": "10.0.0.0/8",
        "RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_REQUESTS": "1000000000", "RATE_LIMIT_PER_HOUR": "0",
        "RATE_LIMIT_BURST": "0",
    }
    env.update(more)
    return [binary], env


def production(binary, folder, port, **more):
    """The command and settings of the program as production runs it: all as shipped, but for what a deployment must say
    and for what would refuse a benchmark."""
    env = {
        "APP_ENVIRONMENT": "production", "AUTH_JWT_SECRET": "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue",
        "SERVER_PORT": str(port), "MANAGEMENT_PORT": "0", "SERVER_WORKERS": "1", "SERVER_DRAIN_DELAY_SECONDS": "0",
        "APP_DATA_DIR": str(folder), "DATABASE_URL": f"sqlite://{folder}/bench.db", "DATABASE_MIGRATE_ON_START": "true",
        "LOG_FORMAT": "json", "AUTH_ACCESS_TOKEN_TTL_SECONDS": "86400",
        "RATE_LIMIT_REQUESTS": "1000000000", "RATE_LIMIT_PER_HOUR": "0", "RATE_LIMIT_BURST": "0",
    }
    env.update(more)
    return [binary], env


def rss_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def cpu_seconds(pid):
    """Of all threads of the process and of its children."""
    total = 0.0
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            total += int((task / "schedstat").read_text().split()[0]) / 1e9
            for child in (task / "children").read_text().split():
                total += cpu_seconds(child)
    return total
