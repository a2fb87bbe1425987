"""The tools of drills, each in a fixed version, below the build's folder. `benches/api-document` names those that read the API document."""
import hashlib
import shutil
import subprocess

from drills.kit import Failure
from machine import ROOT, target

SOURCES = ROOT / "benches/api-document"


def node():
    """A folder with the packages of package-lock.json."""
    home = installed("package-lock.json")
    if not (home / "done").exists():
        for name in ("package.json", "package-lock.json"):
            shutil.copy(SOURCES / name, home)
        # No package needs a script of its own; one that had it could run anything here.
        install = ["npm", "ci", "--ignore-scripts", "--silent", "--no-audit", "--no-fund"]
        subprocess.run(install, cwd=home, check=True)
        (home / "done").touch()
    return home


def python():
    """A folder with an environment of the packages of requirements.txt."""
    home = installed("requirements.txt")
    if not (home / "done").exists():
        subprocess.run(["python3", "-m", "venv", home], check=True)
        requirements = ["--no-deps", "--requirement", SOURCES / "requirements.txt"]
        subprocess.run([home / "bin/pip", "install", "--quiet", "--disable-pip-version-check", *requirements], check=True)
        (home / "done").touch()
    return home


def pip(package, version):
    """A folder with an environment of this package. One that was left half made is made again."""
    home = target() / f"{package}-{version}"
    if not (home / "done").exists():
        subprocess.run(["python3", "-m", "venv", "--clear", home], check=True)
        install = ["install", "--quiet", "--disable-pip-version-check", f"{package}=={version}"]
        subprocess.run([home / "bin/pip", *install], check=True)
        (home / "done").touch()
    return home


def installed(versions):
    """A folder that belongs to these versions alone."""
    digest = hashlib.sha256((SOURCES / versions).read_bytes()).hexdigest()[:12]
    home = target() / "api-document" / f"{versions.split('.')[0]}-{digest}"
    home.mkdir(parents=True, exist_ok=True)
    return home


def ask(what, *command, **options):
    """What the command prints. It must succeed."""
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    if ended.returncode != 0:
        raise Failure(f"{what} ended with {ended.returncode}: {ended.stdout[-2000:]}{ended.stderr[-1000:]}")
    return ended.stdout
