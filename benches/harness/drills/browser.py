"""The documentation pages and the set-up page in a browser: no console error, nothing wider than a telephone, no serious finding of axe-core; signing in works and outlasts a reload."""
import json
import re
import site
import subprocess

from drills.kit import Api, Client, Failure, until
from drills.tools import pip
from machine import PASSWORD

NEEDS = "chromium npm python3-venv"
PLAYWRIGHT, AXE = "1.65.2", "4.14.1"
AXE_SCRIPT = f"axe-{AXE}/node_modules/axe-core/axe.min.js"
SHORT = {"widths": [360], "schemes": ["light"]}
FULL = {"widths": [360, 768, 1280], "schemes": ["light", "dark"]}
# Each page with what is there when it has been built.
PAGES = {
    "/": "h1", "/errors": "table", "/errors/conflict": "dl", "/errors/not-found": "h1", "/docs": ".opblock-tag-section",
    "/redoc": ".redoc-wrap h1",
}
WORST = ("serious", "critical")
# Text as a reader sees it: what is left of Markdown in it was not understood.
MARKDOWN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const {textContent, parentElement} = walker.currentNode;
    if (/`\\w[^`]*`|\\w\\]\\(\\w/.test(textContent) && !parentElement.closest("code, pre, textarea, script, style")) found.push(textContent.trim());
  }
  return found;
}"""
OVERFLOW = """() => [...document.querySelectorAll("body *")]
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
  .map((element) => element.tagName.toLowerCase() + "." + element.className).slice(0, 3)"""


def run(drill):
    home = install()
    from playwright.sync_api import sync_playwright
    settings = {"APP_ENVIRONMENT": "local", "APP_DOCS_ENABLED": "true"}
    with Api(drill, "api", **settings) as api, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        looks = 0
        for scheme in drill.size.schemes:
            for width in drill.size.widths:
                visit = Visit(chromium, api, home, width, scheme)
                for path, built in PAGES.items():
                    visit.look(path, built)
                    looks += 1
        sign_in(Visit(chromium, api, home, 1280, "light"), api)
        set_up(Visit(chromium, api, home, 360, "light"), link(api))
        version = chromium.version
        chromium.close()
    return f"Chromium {version}: {looks} pages, signed in over a reload, set-up page from a weak password to a used link"


class Visit:
    """A window of its own, with everything that it reports."""

    def __init__(self, browser, api, home, width, scheme):
        self.base, self.home, self.name = f"http://127.0.0.1:{api.port}", home, f"{width}-{scheme}"
        self.page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        self.complaints = []
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def hear(self, message):
        # A status of 400 and above is what some of the pages are about.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            self.complaints.append(message.text)

    def look(self, path, built):
        self.page.goto(self.base + path, wait_until="networkidle")
        self.page.wait_for_selector(built)
        self.check(path)

    def check(self, path):
        """What holds for every page."""
        name = path.strip("/").replace("/", "-") or "root"
        shots = self.home / "screenshots"
        shots.mkdir(exist_ok=True)
        self.page.screenshot(path=shots / f"{name}-{self.name}.png", full_page=path != "/redoc")
        where = f"{path} at {self.name}"
        if "palisade" not in self.page.title():
            raise Failure(f"{where}: the tab says {self.page.title()!r}")
        if self.complaints:
            raise Failure(f"{where}: {self.complaints[:3]}")
        wide = self.page.evaluate("() => document.documentElement.scrollWidth > innerWidth")
        if wide:
            raise Failure(f"{where} is too wide: {self.page.evaluate(OVERFLOW)}")
        if markdown := self.page.evaluate(MARKDOWN):
            raise Failure(f"{where} shows Markdown: {markdown[:3]}")
        self.check_access(where)

    def check_access(self, where):
        self.page.evaluate((self.home / AXE_SCRIPT).read_text())
        found = self.page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
        worst = [f"{finding['id']} at {finding['nodes'][0]['target']}" for finding in found if finding["impact"] in WORST]
        if worst:
            raise Failure(f"{where}: axe-core finds {worst}")


def sign_in(visit, api):
    """Signs in with the body that the page suggests, after one word of it was changed, and then for all operations."""
    page = visit.page
    page.goto(f"{visit.base}/docs#/auth/auth_login", wait_until="networkidle")
    login = page.locator("#operations-auth-auth_login")
    body = login.locator("textarea.body-param__text")
    suggested = json.loads(body.input_value())
    name = suggested.get("username", "ann")
    client = Client(api.port)
    new = {"email": suggested.get("email", "ann@example.com"), "username": name, "password": PASSWORD}
    made, answer = client.ask("POST", "/api/v1/auth/register", new)
    client.close()
    if made != 201:
        raise Failure(f"the suggested names cannot sign up: {made} {answer}")
    body.fill(json.dumps({**suggested, "password": PASSWORD}))
    execute(login, "signing in with the suggested body")
    page.locator(".auth-wrapper .authorize").click()
    page.locator("#oauth_username").fill(new["email"])
    page.locator("#oauth_password").fill(PASSWORD)
    page.locator(".auth-btn-wrapper .authorize", has_text="Authorize").last.click()
    page.locator(".auth-btn-wrapper", has_text="Logout").wait_for()
    kept = page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    if PASSWORD in kept or "refresh_token" in kept or page.evaluate("() => localStorage.length"):
        raise Failure("the browser keeps more than the access token of this tab")
    visit.check("/docs#authorize")
    page.reload(wait_until="networkidle")
    me = page.locator("#operations-users-users_me")
    me.locator("button.opblock-summary-control").click()
    execute(me, "asking who is signed in, after a reload,")
    visit.check("/docs#users")


def execute(operation, what):
    """Presses the button of an operation that is open, and sees it answered with 200."""
    operation.locator("button.execute").click()
    answer = operation.locator(".live-responses-table tbody tr.response").first
    answer.wait_for()
    if not answer.inner_text().startswith("200"):
        raise Failure(f"{what} gave {answer.inner_text()[:300]}")


def set_up(visit, path):
    page = visit.page
    visit.page.goto(visit.base + path)
    visit.check("/setup/form")
    submit(page, "root@example.com", "root", "password1", "password1")
    page.get_by_text("too easy to guess").wait_for()
    visit.check("/setup/weak")
    if page.input_value("#email") != "root@example.com" or page.input_value("#password"):
        raise Failure("the form does not come back with the address and without the password")
    submit(page, "root@example.com", "root", PASSWORD, f"{PASSWORD}x")
    page.get_by_text("is not the same").wait_for()
    visit.check("/setup/unequal")
    submit(page, "root@example.com", "root", PASSWORD, PASSWORD)
    page.get_by_text("account is ready").wait_for()
    visit.check("/setup/done")
    page.goto(visit.base + path)
    page.get_by_text("This link is used up").wait_for()
    visit.check("/setup/used")


def submit(page, email, username, password, again):
    values = {"email": email, "username": username, "password": password, "password_confirm": again}
    for name, value in values.items():
        page.fill(f"#{name}", value)
    page.click("button")


def link(api):
    found = until("the link is printed", lambda: re.search(r"/setup/\S+", api.log.read_text()))
    return found.group(0)


def install():
    """Playwright and axe-core, in a folder of their own below the build's. The browser is Debian's."""
    home = pip("playwright", PLAYWRIGHT)
    if not (home / AXE_SCRIPT).exists():
        npm = ["npm", "install", "--ignore-scripts", "--silent", "--no-audit", "--no-fund", "--no-save", f"axe-core@{AXE}"]
        subprocess.run([*npm, "--prefix", f"axe-{AXE}"], cwd=home, check=True)
    for packages in home.glob("lib/python*/site-packages"):
        site.addsitedir(str(packages))
    return home
