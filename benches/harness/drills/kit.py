"""What drills are made of: the program under test, its clients, and the servers that are harmed."""
import contextlib
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
import zlib

from machine import PASSWORD, free_ports, lasting_port
from servers import program

# A wait for something outside fails after this; a drill never passes or fails by how long something took.
PATIENCE = 60
# What a balancer asks.
READY = "/ready"
SECRET = "k7Jq0vXn3TzR9bWm5YcL1pHs8DfGa2Ue"


class Failure(Exception):
    """What was drilled does not hold."""


def until(what, holds, patience=PATIENCE):
    """Polls until `holds()` is true, and gives what it gave."""
    deadline = time.monotonic() + patience
    while True:
        value = holds()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"waited {patience} s in vain: {what}")
        time.sleep(0.02)


class Drill:
    """One run of a drill: the program, a folder of its own, and how large it is (`size.seconds` and the like)."""

    def __init__(self, api, folder, size, is_short):
        self.api, self.folder, self.is_short = pathlib.Path(api), pathlib.Path(folder), is_short
        self.size = type("Size", (), size)
        self.random = random.Random(1)

    def own(self, name):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        # The database servers run as users of their own.
        self.folder.chmod(0o755)
        return folder


class Api:
    """The program with production settings. `settings` go over them."""

    def __init__(self, drill, name, **settings):
        self.drill, self.folder, self.process = drill, drill.own(name), None
        self.port, self.management = free_ports(2)
        self.log = self.folder / "server.log"
        self.env = {
            "PATH": os.environ["PATH"], "APP_ENVIRONMENT": "production", "AUTH_JWT_SECRET": SECRET,
            "DATABASE_MIGRATE_ON_START": "true", "DATABASE_URL": f"sqlite://{self.folder}/drill.db",
            "APP_DATA_DIR": str(self.folder), "SERVER_PORT": str(self.port), "MANAGEMENT_PORT": str(self.management),
            "RATE_LIMIT_ENABLED": "false", "TELEMETRY_MODE": "prometheus", "LOG_FORMAT": "json", "LOG_LEVEL": "info",
            **{key: str(value) for key, value in settings.items()},
        }

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([self.drill.api], cwd=self.folder, env=self.env, stdout=log, stderr=log)

        def is_ready():
            if self.process.poll() is not None:
                raise Failure(f"the server ended with {self.process.returncode}: {self.last_lines()}")
            return status(self.port, "GET", READY) == 200

        until("the server is ready", is_ready)
        return self

    def last_lines(self):
        return " | ".join(self.log.read_text(errors="replace").splitlines()[-5:])[-2000:]

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Waits for its end, and gives its exit code."""
        until("the server ends", lambda: self.process.poll() is not None)
        return self.process.returncode

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def rss_kib(self, field="VmRSS"):
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split(f"{field}:")[1].split()[0])

    def metric(self, name):
        """The sum of the series whose name and labels begin so."""
        connection = http.client.HTTPConnection("127.0.0.1", self.management, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", "/metrics")
            lines = connection.getresponse().read().decode().splitlines()
        return sum(float(line.split(" # ")[0].rsplit(" ", 1)[1]) for line in lines if line.startswith(name))

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.kill()


class Client:
    """A client on one connection that stays open, as long as the server lets it."""

    def __init__(self, port, token=None, own="127.0.0.1"):
        self.port, self.token, self.own, self.connection = port, token, own, None

    def ask(self, method, path, body=None):
        """Status and body; `None` as the status when no answer came."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, PATIENCE, (self.own, 0))
                self.connection.connect()
                self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            headers = {"content-type": "application/json"} if body is not None else {}
            if self.token:
                headers["authorization"] = f"Bearer {self.token}"
            self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = self.connection.getresponse()
            text = answer.read()
            if answer.will_close:
                self.close()
            return answer.status, json.loads(text) if text.startswith((b"{", b"[")) else text
        except (OSError, http.client.HTTPException):
            self.close()
            return None, None

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


def status(port, method, path, body=None, token=None):
    client = Client(port, token)
    with contextlib.closing(client):
        return client.ask(method, path, body)[0]


def sign_up(port, name):
    """A new user's token."""
    client = Client(port, own=address(name))
    with contextlib.closing(client):
        email = f"{name}@example.com"
        made, answer = client.ask("POST", "/api/v1/auth/register", {"email": email, "username": name, "password": PASSWORD})
        if made != 201:
            raise Failure(f"signing up {name} gave {made}: {answer}")
        return sign_in(port, name)


def add_admin(api, name):
    """An administrator, by the command line."""
    command = [api.drill.api, "users", "create", "--admin", "--email", f"{name}@example.com", "--username", name]
    ended = subprocess.run(command, cwd=api.folder, env=api.env, input=f"{PASSWORD}\n", capture_output=True, text=True)
    if ended.returncode != 0:
        raise Failure(f"making an administrator ended with {ended.returncode}: {ended.stderr}")


def address(name):
    """A loopback address of one's own: each may try only so many passwords a minute."""
    number = zlib.crc32(name.encode())
    return f"127.{1 + number % 250}.{number // 250 % 250}.{1 + number // 62_500 % 250}"


def sign_in(port, name):
    client = Client(port, own=address(name))
    with contextlib.closing(client):
        body = {"email": f"{name}@example.com", "password": PASSWORD}
        answered, pair = client.ask("POST", "/api/v1/auth/login", body)
        if answered != 200:
            raise Failure(f"signing in {name} gave {answered}: {pair}")
        return pair["access_token"]


@contextlib.contextmanager
def threads(*jobs):
    """Runs each job with an event that tells it to stop; waits for all at the end, and hands their failures on."""
    stop, failures = threading.Event(), []

    def guarded(job):
        try:
            job(stop)
        except Exception as failure:  # It is raised again below, on the drill's own thread.
            failures.append(failure)
            stop.set()

    running = [threading.Thread(target=guarded, args=(job,), daemon=True) for job in jobs]
    for thread in running:
        thread.start()
    try:
        yield stop
    finally:
        stop.set()
        for thread in running:
            thread.join()
    if failures:
        raise failures[0]


def tree(pid):
    """The process and all below it: the database servers give each child a session of its own."""
    found = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                found += tree(int(child))
    return found


class Database:
    """A private server that can be harmed."""

    user = None

    def __init__(self, folder):
        self.folder, self.port, self.process = folder, lasting_port(), None
        if os.geteuid() == 0 and self.user:
            shutil.chown(folder, self.user)
        self.options = {"cwd": folder, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
                        "user": self.user if os.geteuid() == 0 else None}
        self.prepare()

    def prepare(self):
        """Fills its folder."""

    def start(self):
        self.process = subprocess.Popen(self.command(), **self.options)
        until(f"{type(self).__name__} takes requests", self.is_ready)
        return self

    def signal(self, number):
        """Signals all its processes, those too that it starts meanwhile."""
        done = set()
        while new := set(tree(self.process.pid)) - done:
            for pid in sorted(new, key=lambda pid: pid != self.process.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            done |= new

    def freeze(self):
        self.signal(signal.SIGSTOP)

    def thaw(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def run(self, *command):
        return subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=PATIENCE)

    def is_ready(self):
        return self.ask("SELECT 1").returncode == 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()


class Postgres(Database):
    user = "postgres"

    def prepare(self):
        initdb = [program("initdb"), "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "-D", "data"]
        subprocess.run(initdb, check=True, **self.options)

    def command(self):
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        return [program("postgres"), "-D", "data", *(f"-c{name}={value}" for name, value in settings.items())]

    @property
    def url(self):
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def ask(self, sql):
        return self.run(program("psql"), "-X", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-c", sql)

    def set_read_only(self, wanted):
        """As after a fail-over to a standby: for open connections too."""
        self.ask(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if wanted else 'off'}")
        self.ask("SELECT pg_reload_conf()")


class MariaDb(Database):
    user = "mysql"

    def prepare(self):
        install = ["mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db",
                   "--skip-name-resolve", f"--datadir={self.folder}/data"]
        subprocess.run(install, check=True, **self.options)

    def command(self):
        places = {"datadir": "data", "socket": "socket", "pid-file": "pid"}
        server = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
        return [server, "--no-defaults", *(f"--{key}={self.folder}/{name}" for key, name in places.items()),
                f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve"]

    def start(self):
        super().start()
        # `read_only` binds nobody who administers the server.
        self.ask("CREATE DATABASE IF NOT EXISTS drill; CREATE USER IF NOT EXISTS drill@'%'; GRANT ALL ON drill.* TO drill@'%'")
        return self

    @property
    def url(self):
        return f"mysql://drill@127.0.0.1:{self.port}/drill"

    def ask(self, sql):
        return self.run("mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", self.port, "-u", "root", "-e", sql)

    def set_read_only(self, wanted):
        self.ask(f"SET GLOBAL read_only = {int(wanted)}")


class Redis(Database):
    def command(self):
        return ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def ask(self, command):
        return self.run("redis-cli", "-p", self.port, *command.split())

    def is_ready(self):
        return self.ask("PING").stdout.strip() == "PONG"

    def set_read_only(self, wanted):
        """A replica of nobody that is there."""
        self.ask("REPLICAOF 127.0.0.1 1" if wanted else "REPLICAOF NO ONE")
