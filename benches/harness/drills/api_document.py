"""spectral, with the rules of OWASP, and redocly read the API document: no finding, and they find what is taken out of it."""
import json
import os
import shutil
import subprocess

from drills import tools
from drills.kit import Failure
from machine import ROOT

NEEDS = "nodejs npm"
SHORT = {}
FULL = {}
# They would tell their makers of each run.
QUIET = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
METHODS = {"get", "put", "post", "delete", "patch"}


def run(drill):
    home = tools.node()
    for source in (ROOT / "docs/openapi.json", tools.SOURCES / "spectral.yaml", tools.SOURCES / "redocly.yaml"):
        shutil.copy(source, home)
    found = [f"{name}: {said}" for name, said in lint(home) if said]
    if found:
        raise Failure("; ".join(found)[-4000:])
    document = json.loads((home / "openapi.json").read_text())
    operations = sum(len(METHODS & item.keys()) for item in document["paths"].values())
    # A linter that reads nothing finds nothing.
    del document["components"]["schemas"]["Username"]["maxLength"], document["info"]["license"]
    (home / "openapi.json").write_text(json.dumps(document))
    blind = [name for name, said in lint(home) if not said]
    if blind:
        raise Failure(f"{' and '.join(blind)} did not find what was taken out of the document")
    return f"{operations} operations, no finding"


def lint(home):
    """What each linter has found."""
    tool = f"{home}/node_modules/.bin"
    spectral = [f"{tool}/spectral", "lint", "--ruleset", "spectral.yaml", "--fail-severity", "hint", "--quiet"]
    redocly = [f"{tool}/redocly", "lint", "--config", "redocly.yaml", "--format", "stylish"]
    for name, command in (("spectral", spectral), ("redocly", redocly)):
        ended = subprocess.run([*command, "openapi.json"], cwd=home, env=QUIET, capture_output=True, text=True)
        yield name, ended.returncode != 0 and f"{ended.stdout[-2000:]}{ended.stderr[-500:]}"
