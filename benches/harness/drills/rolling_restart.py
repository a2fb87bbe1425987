"""Each of several processes is stopped by SIGTERM and started again under load, behind a balancer that asks the ready path: no request is lost."""
import contextlib
import signal
import threading
import time

from drills.kit import READY, Api, Client, Failure, Postgres, sign_up, status, threads, until

NEEDS = "postgresql"
SHORT = {"processes": 2, "rounds": 1, "clients": 8, "drain": 2}
FULL = {"processes": 3, "rounds": 4, "clients": 32, "drain": 5}
# How often the balancer asks, as most do by default or more often.
PROBE_EVERY = 0.5


def run(drill):
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(Postgres(drill.own("postgres")))
        settings = {"DATABASE_URL": database.url, "SERVER_DRAIN_DELAY_SECONDS": drill.size.drain,
                    "AUTH_ACCESS_TOKEN_TTL_SECONDS": 86_400, "DATABASE_POOL_SIZE": 5, "DATABASE_MAX_OVERFLOW": 5}
        processes = [stack.enter_context(Api(drill, f"api{number}", **settings)) for number in range(drill.size.processes)]
        balancer = Balancer(processes)
        tokens = [sign_up(processes[0].port, f"client{number}") for number in range(drill.size.clients)]
        jobs = [lambda stop, token=token: balancer.work(token, stop) for token in tokens]
        with threads(balancer.probe, *jobs) as stop:
            until("every process has requests", balancer.everybody_is_asked)
            for _ in range(drill.size.rounds):
                for process in processes:
                    process.signal(signal.SIGTERM)
                    code = process.wait()
                    if code != 0:
                        raise Failure(f"a stop ended with {code}: {process.last_lines()}")
                    process.start()
                    until("the balancer sees it", lambda: process.port in balancer.ready)
                    if stop.is_set():
                        break
    restarts = drill.size.rounds * drill.size.processes
    if balancer.lost:
        raise Failure(f"{len(balancer.lost)} of {balancer.asked:,} requests were lost in {restarts} restarts: {balancer.lost[:3]}")
    return f"{restarts} restarts of {drill.size.processes} processes, {balancer.asked:,} requests, none lost"


class Balancer:
    """Hands requests to processes whose ready path said 200 when it was last asked, over connections that stay open."""

    def __init__(self, processes):
        self.processes, self.ready = processes, {process.port for process in processes}
        self.asked, self.by_port, self.lost, self.lock = 0, {}, [], threading.Lock()

    def probe(self, stop):
        while not stop.is_set():
            ports = [process.port for process in self.processes]
            self.ready = {port for port in ports if status(port, "GET", READY) == 200}
            time.sleep(PROBE_EVERY)

    def everybody_is_asked(self):
        return len(self.by_port) == len(self.processes)

    def work(self, token, stop):
        clients, turn = {}, hash(token)
        while not stop.is_set():
            ready = sorted(self.ready)
            if not ready:
                raise Failure("no process is ready")
            turn += 1
            port = ready[turn % len(ready)]
            client = clients.setdefault(port, Client(port, token))
            answered, body = client.ask("GET", "/api/v1/users/me")
            with self.lock:
                self.asked += 1
                self.by_port[port] = self.by_port.get(port, 0) + 1
                if answered != 200:
                    self.lost.append((answered, body))
