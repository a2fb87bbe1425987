"""Private servers of others: Redis and PostgreSQL, on a core that the caller names."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import time

from machine import free_port


@contextlib.contextmanager
def redis(folder, core):
    """Yields its URL and its port."""
    port = free_port()
    process = subprocess.Popen(
        ["taskset", "-c", core, "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        cwd=folder, stdout=subprocess.DEVNULL)
    try:
        until_ready(["redis-cli", "-p", str(port), "ping"], process)
        yield f"redis://127.0.0.1:{port}", port
    finally:
        end(process)


@contextlib.contextmanager
def postgres(folder, core):
    """Yields the URL of an empty database. As root it runs as the user `postgres`, because it refuses to be root's."""
    port, user = free_port(), "postgres" if os.geteuid() == 0 else None
    home = folder / "postgres"
    home.mkdir()
    if user:
        shutil.chown(home, user)
        # So that this user gets to its folder.
        folder.chmod(0o755)
    options = {"cwd": home, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "user": user}
    initdb = [program("initdb"), "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "-D", "data"]
    subprocess.run(initdb, check=True, **options)
    settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    process = subprocess.Popen(
        ["taskset", "-c", core, program("postgres"), "-D", "data", *(f"-c{name}={value}" for name, value in settings.items())],
        **options)
    try:
        until_ready([program("pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-U", "postgres"], process)
        yield f"postgres://postgres@127.0.0.1:{port}/postgres"
    finally:
        # Without waiting for those who are still connected.
        process.send_signal(2)
        end(process)


@contextlib.contextmanager
def mariadb(folder, core):
    """Yields the URL of an empty database."""
    port, home = free_port(), folder / "mariadb"
    user = "mysql" if os.geteuid() == 0 else None
    home.mkdir()
    if user:
        shutil.chown(home, user)
        folder.chmod(0o755)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "user": user}
    subprocess.run(["mariadb-install-db", "--no-defaults", f"--datadir={home}", "--auth-root-authentication-method=normal",
                    "--skip-test-db"], check=True, **quiet)
    server = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
    process = subprocess.Popen(
        ["taskset", "-c", core, server, "--no-defaults", f"--datadir={home}", f"--port={port}", "--bind-address=127.0.0.1",
         f"--socket={home}/socket", "--innodb-flush-log-at-trx-commit=0"], **quiet)
    try:
        client = ["mariadb", "--no-defaults", f"--socket={home}/socket", "-uroot", "-e"]
        until_ready([*client, "select 1"], process)
        subprocess.run([*client, "create database bench; create user bench@'127.0.0.1' identified by 'bench'; "
                                 "grant all on bench.* to bench@'127.0.0.1'"], check=True)
        yield f"mysql://bench:bench@127.0.0.1:{port}/bench"
    finally:
        end(process)


def program(name):
    """The newest one: Debian keeps each version of PostgreSQL in a folder of its own."""
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    found = versions[-1] if versions else shutil.which(name)
    if not found:
        raise SystemExit(f"please install postgresql: there is no {name}")
    return str(found)


def until_ready(question, process):
    for _ in range(400):
        if subprocess.run(question, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0:
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SystemExit(f"{process.args} did not start")


def end(process):
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
