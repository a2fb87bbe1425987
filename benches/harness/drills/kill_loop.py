"""SIGKILL at any moment of many writes, again and again: no acknowledged write is lost, and the server starts again."""
import contextlib

from drills.kit import Api, Client, Failure, Postgres, sign_up, status, threads
from machine import PASSWORD

NEEDS = "postgresql"
SHORT = {"kills": 6, "databases": ["SQLite"], "writers": 4}
FULL = {"kills": 30, "databases": ["SQLite", "PostgreSQL"], "writers": 8}


def run(drill):
    verdicts = [on(drill, database) for database in drill.size.databases]
    return "; ".join(verdicts)


def on(drill, database):
    with contextlib.ExitStack() as stack:
        settings = {}
        if database == "PostgreSQL":
            settings["DATABASE_URL"] = stack.enter_context(Postgres(drill.own("postgres"))).url
        api = stack.enter_context(Api(drill, f"api-{database}", AUTH_ACCESS_TOKEN_TTL_SECONDS=86_400, **settings))
        writers = [Writer(api, f"writer{number}") for number in range(drill.size.writers)]
        joiner = Joiner(api)
        for _ in range(drill.size.kills):
            with threads(*(writer.write for writer in writers), joiner.join) as stop:
                stop.wait(drill.random.uniform(0.05, 1.5))
                api.kill()
            api.start()
            for writer in writers:
                writer.check()
            joiner.check()
    writes = sum(writer.acknowledged for writer in writers) + len(joiner.joined)
    return f"{database}: {drill.size.kills} kills, {writes:,} acknowledged writes, none lost"


class Writer:
    """Changes the name of a user of its own, to a number that grows."""

    def __init__(self, api, name):
        self.api, self.token = api, sign_up(api.port, name)
        self.sent = self.acknowledged = 0

    def write(self, stop):
        client = Client(self.api.port, self.token)
        while not stop.is_set():
            self.sent += 1
            answered, _ = client.ask("PATCH", "/api/v1/users/me", {"name": f"Name {self.sent:09}"})
            if answered == 200:
                self.acknowledged = self.sent
            elif answered is None:
                return

    def check(self):
        answered, user = Client(self.api.port, self.token).ask("GET", "/api/v1/users/me")
        if answered != 200:
            raise Failure(f"a user is gone after a kill: {answered}")
        found = int((user["name"] or "Name 0").split()[1])
        if not self.acknowledged <= found <= self.sent:
            raise Failure(f"acknowledged {self.acknowledged}, sent {self.sent}, found {found}")
        self.sent = max(self.sent, found)


class Joiner:
    """Signs new users up, one after the other."""

    def __init__(self, api):
        self.api, self.joined, self.checked, self.next = api, [], 0, 0

    def join(self, stop):
        client = Client(self.api.port)
        while not stop.is_set():
            self.next += 1
            body = account(f"joiner{self.next}")
            answered, _ = client.ask("POST", "/api/v1/auth/register", body)
            if answered == 201:
                self.joined.append(body)
            elif answered is None:
                return

    def check(self):
        for body in self.joined[self.checked:]:
            answered = status(self.api.port, "POST", "/api/v1/auth/register", body)
            if answered != 409:
                raise Failure(f"{body['username']} was signed up and is gone: signing up again gave {answered}")
        self.checked = len(self.joined)


def account(name):
    return {"email": f"{name}@example.com", "username": name, "password": PASSWORD}
