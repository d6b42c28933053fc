"""The built book in headless Chromium: BOOK_URL says where it is served, CHROMIUM which browser to use."""

import os
import shutil
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

# Root may not use the sandbox; the rest keeps the browser from calling home.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCHEMES = ["light", "dark"]
# `just check-all` tries on all what the gate tries on some.
ALL = "ALL" in os.environ


def pairs(names, ways):
    """Each name in each way; in the gate, by turns in one of them."""
    return [(name, way) for number, name in enumerate(names) for way in (ways if ALL else [ways[number % len(ways)]])]


BOOK = os.environ.get("BOOK_URL", "").rstrip("/") + "/"


def pytest_configure():
    if BOOK == "/":
        raise pytest.UsageError("BOOK_URL is not set: serve target/book and say where")


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.paths = []

    def handle_starttag(self, tag, attributes):
        href = dict(attributes).get("href")
        if tag == "a" and href and not urlsplit(href).netloc:
            self.paths.append(href.partition("#")[0])


def pytest_generate_tests(metafunc):
    """`path` is each page that the sidebar links to; of the Chinese ones, in the gate each fourth."""
    if "path" in metafunc.fixturenames:
        paths = []
        for folder, each in (("", 1), ("zh-CN/", 1 if ALL else 4)):
            links = Links()
            with urlopen(urljoin(BOOK, folder + "toc.html")) as toc:
                links.feed(toc.read().decode())
            paths += [folder + path for path in list(dict.fromkeys(links.paths))[::each]]
        metafunc.parametrize("path", paths)


@pytest.fixture(scope="session")
def book():
    return BOOK


@pytest.fixture(scope="session")
def browser():
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    found = next(filter(None, (shutil.which(name) for name in names if name)), None)
    if found is None:
        pytest.exit("no Chromium: install the package chromium, or set CHROMIUM", returncode=2)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, book):
    """A page in a browser without a past. Errors and requests to other hosts fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    page = context.new_page()
    complaints = []
    host = urlsplit(book).netloc

    def requested(request):
        url = urlsplit(request.url)
        if url.scheme not in ("data", "blob") and url.netloc != host:
            complaints.append(f"request to {request.url}")

    def logged(message):
        if message.type == "error":
            complaints.append(f"{message.text} {message.location['url']}")

    page.on("request", requested)
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    page.on("console", logged)
    yield page
    context.close()
    assert not complaints


def violations(page, within="body"):
    """What axe finds against WCAG A and AA, each with the first element that it finds."""
    options = {"runOnly": ["wcag2a", "wcag2aa"], "resultTypes": ["violations"]}
    found = Axe().run(page, context=within, options=options).response["violations"]
    return [f"{it['id']}: {it['nodes'][0]['html'][:200]} {it['nodes'][0]['failureSummary']}" for it in found]
