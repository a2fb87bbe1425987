"""schemathesis asks every operation of the API document whatever the document allows and forbids: no 5xx, no panic, no answer of which the document says nothing."""
import re
import subprocess

from drills.kit import Api, Failure, add_admin, sign_in
from drills.tools import SOURCES, pip

NEEDS = "python3-venv"
VERSION = "4.32.5"
PHASES = "examples,coverage,fuzzing,stateful"
SHORT = {"examples": 3, "seconds": 45}
FULL = {"examples": 200, "seconds": 3 * 3600}
# What ends the session that asks, so that all that follows would be a 401.
ENDS_THE_SESSION = "/auth/(logout|password/change)"


def run(drill):
    tool = pip("schemathesis", VERSION) / "bin/st"
    with Api(drill, "api", APP_DOCS_ENABLED="true", AUTH_ACCESS_TOKEN_TTL_SECONDS=86_400) as api:
        add_admin(api, "caller")
        token = sign_in(api.port, "caller")
        command = [
            tool, "--config-file", SOURCES / "schemathesis.toml", "run", f"http://127.0.0.1:{api.port}/openapi.json",
            "--no-color", "--phases", PHASES, "--max-examples", drill.size.examples, "--max-time", drill.size.seconds,
            "--seed", 1, "--exclude-path-regex", ENDS_THE_SESSION, "--header", f"Authorization: Bearer {token}",
            "--request-timeout", 60, "--generation-database", "none", "--continue-on-failure", "--warnings", "off",
        ]
        ended = subprocess.run([str(part) for part in command], cwd=api.folder, capture_output=True, text=True)
        requests, panics = api.metric("http_requests_total"), api.metric("exceptions_unhandled_total")
    if ended.returncode != 0:
        raise Failure(f"schemathesis ended with {ended.returncode}: {ended.stdout[-6000:]}{ended.stderr[-500:]}")
    if panics:
        raise Failure(f"{panics:.0f} panics in {requests:,.0f} requests")
    operations = re.search(r"Tested: (\d+)", ended.stdout)
    told = f"{operations.group(1)} operations, " if operations else ""
    return f"{told}{requests:,.0f} requests, no finding, no panic"
