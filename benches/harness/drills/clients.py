"""Clients that four generators make of the API document are type-checked, sign up and in, page, and change with If-Match."""
import os
import shutil

from drills import tools
from drills.kit import Api, add_admin
from machine import PASSWORD

NEEDS = "nodejs npm python3-venv default-jre-headless"
SHORT = {}
FULL = {}
ADMIN = "admin"


def run(drill):
    node, python = tools.node(), tools.python()
    # Beside the packages, where the clients find them.
    folder = node / "clients"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tools.SOURCES / "clients", folder)
    with Api(drill, "api", APP_DOCS_ENABLED="true") as api:
        add_admin(api, ADMIN)
        address = f"http://127.0.0.1:{api.port}"
        env = {**os.environ, "API_URL": address, "API_ADMIN": f"{ADMIN}@example.com", "API_PASSWORD": PASSWORD}
        typescript = from_typescript(node, folder, f"{address}/openapi.json", env)
        made = [*typescript, *from_python(python, folder, f"{address}/openapi.json", env)]
    return f"{', '.join(made)}: type-checked and served"


def from_typescript(node, folder, document, env):
    tool = node / "node_modules/.bin"
    shape = ["--output", "openapi_typescript.gen.d.ts"]
    tools.ask("openapi-typescript", tool / "openapi-typescript", document, *shape, cwd=folder)
    made = ["--file", "hey_api.config.mjs", "--no-log-file"]
    tools.ask("@hey-api/openapi-ts", tool / "openapi-ts", *made, cwd=folder, env={**env, "API_DOCUMENT": document})
    tools.ask("tsc", tool / "tsc", "--project", ".", cwd=folder)
    for program in ("openapi_typescript", "hey_api"):
        tools.ask(program, "node", f"built/{program}.js", cwd=folder, env=env)
    return "openapi-typescript", "@hey-api/openapi-ts"


def from_python(python, folder, document, env):
    env = {**env, "PATH": f"{python}/bin:{env['PATH']}"}
    made = ["--meta", "none", "--output-path", "python_client_gen", "--fail-on-warning"]
    tools.ask("openapi-python-client", "openapi-python-client", "generate", "--url", document, *made, cwd=folder, env=env)
    parts = "apis,models,supportingFiles,apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"
    made = ["--generator-name", "python", "--package-name", "generator_gen", "--global-property", parts, "--output", "made"]
    tools.ask("openapi-generator", "openapi-generator-cli", "generate", "--input-spec", document, *made, cwd=folder, env=env)
    shutil.move(folder / "made/generator_gen", folder)
    shutil.rmtree(folder / "made")
    programs = ("python_client.py", "generator.py")
    tools.ask("mypy", "mypy", "--config-file", "mypy.ini", "--cache-dir", python / "mypy", *programs, cwd=folder, env=env)
    for program in programs:
        tools.ask(program, python / "bin/python", program, cwd=folder, env=env)
    return "openapi-python-client", "openapi-generator"
