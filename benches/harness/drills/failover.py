"""A database or Redis stops, freezes or turns read-only under load: no 500, no lost write, no wrong answer, and it heals."""
import contextlib
import time

from drills.kit import READY, Api, Client, Failure, MariaDb, Postgres, Redis, sign_up, status, threads, until

NEEDS = "postgresql mariadb-server redis-server"
SHORT = {"servers": ["PostgreSQL", "Redis"], "harms": ["freeze", "kill", "read-only"], "seconds": 1.5, "clients": 4}
FULL = {"servers": ["PostgreSQL", "MariaDB", "Redis"], "harms": ["freeze", "kill", "read-only"] * 3, "seconds": 5,
        "clients": 16}
KINDS = {"PostgreSQL": Postgres, "MariaDB": MariaDb, "Redis": Redis}


def run(drill):
    return "; ".join(on(drill, name) for name in drill.size.servers)


def on(drill, name):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(KINDS[name](drill.own(name)))
        if name == "Redis":
            settings = {"REDIS_URL": server.url, "CACHE_ENABLED": "true", "CACHE_BACKEND": "redis",
                        "RATE_LIMIT_ENABLED": "true", "RATE_LIMIT_REQUESTS": "100000000", "RATE_LIMIT_PER_HOUR": "0"}
        else:
            settings = {"DATABASE_URL": server.url}
        settings["AUTH_ACCESS_TOKEN_TTL_SECONDS"] = 86_400
        api = stack.enter_context(Api(drill, f"api-{name}", **settings))
        load = Load(api, drill.size.clients)
        with threads(*load.jobs()):
            for harm in drill.size.harms:
                load.begin(harm)
                harmed(drill, server, harm, name, api)
                load.heals(f"{name} after {harm}")
        load.judge(name, may_refuse=name != "Redis")
    return f"{name}: {len(drill.size.harms)} harms, {load.told()}"


def harmed(drill, server, harm, name, api):
    if harm == "freeze":
        server.freeze()
    elif harm == "kill":
        server.kill()
    else:
        server.set_read_only(True)
    if name != "Redis":
        until(f"readiness tells of {harm}", lambda: status(api.port, "GET", READY) == 503)
    time.sleep(drill.size.seconds)
    if harm == "freeze":
        server.thaw()
    elif harm == "kill":
        server.start()
    else:
        server.set_read_only(False)


class Load:
    """Clients that each change and read a user of their own, without pause."""

    def __init__(self, api, clients):
        self.api, self.tally, self.errors, self.harm = api, {}, {}, "nothing"
        self.people = [{"token": sign_up(api.port, f"client{number}"), "sent": 0, "known": 0} for number in range(clients)]

    def jobs(self):
        return [lambda stop, person=person: self.work(person, stop) for person in self.people]

    def work(self, person, stop):
        client = Client(self.api.port, person["token"])
        while not stop.is_set():
            person["sent"] += 1
            answered, _ = client.ask("PATCH", "/api/v1/users/me", {"name": f"Name {person['sent']}"})
            self.count(answered)
            if answered == 200:
                person["known"] = person["sent"]
            answered, user = client.ask("GET", "/api/v1/users/me")
            self.count(answered)
            if answered == 200:
                found = int((user["name"] or "Name 0").split()[1])
                if not person["known"] <= found <= person["sent"]:
                    raise Failure(f"{self.harm}: acknowledged {person['known']}, sent {person['sent']}, read {found}")
            elif answered != 200:
                time.sleep(0.01)

    def count(self, answered):
        self.tally[answered] = self.tally.get(answered, 0) + 1
        if answered not in (200, 503):
            self.errors.setdefault(answered, self.harm)

    def begin(self, harm):
        self.harm = harm

    def heals(self, what):
        def works():
            return all(
                Client(self.api.port, person["token"]).ask("GET", "/api/v1/users/me")[0] == 200 for person in self.people)

        until(f"{what}: everybody is served", works)
        until(f"{what}: it is ready", lambda: status(self.api.port, "GET", READY) == 200)
        body = {"name": "Name 0"}
        probe = sign_up(self.api.port, f"healed{sum(self.tally.values())}")
        until(f"{what}: writes work", lambda: status(self.api.port, "PATCH", "/api/v1/users/me", body, probe) == 200)

    def judge(self, name, may_refuse):
        if self.errors:
            raise Failure(f"{name}: {', '.join(f'{status} during {harm}' for status, harm in self.errors.items())}; {self.told()}")
        if not may_refuse and self.tally.get(503):
            raise Failure(f"{name}: {self.told()}: without Redis everybody is served")

    def told(self):
        return ", ".join(f"{count:,} answered {answered}" for answered, count in sorted(self.tally.items(), key=str))
