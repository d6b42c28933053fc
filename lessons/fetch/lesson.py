# SPDX-License-Identifier: MIT OR Apache-2.0
"""Fetching: pages that are waited for together take as long as the slowest.

The lesson in Python:    python3 lessons/fetch/lesson.py        (9 seconds, needs no network)
What it uses:            pip install -r lessons/fetch/requirements.txt
"""

import asyncio
import os
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE / "timing"), str(HERE / "../../shared/timing")]
from timing import Act, run, say, seconds, step  # noqa: E402

try:
    import aiohttp
    import requests
except ModuleNotFoundError as missing:
    sys.exit(f"lesson.py: no {missing.name}: pip install -r {HERE / 'requirements.txt'}")

# The six pages of Yang's article: the sizes that he printed, and delays that add up to his
# seconds.
PAGES = {
    "github.com": (282_454, 0.62),
    "sjtu.edu.cn": (69_499, 0.30),
    "acm.sjtu.edu.cn/OnlineJudge/": (6_467, 0.45),
    "chat.deepseek.com": (2_024, 0.38),
    "www.bilibili.com": (1_886, 0.34),
    "stackoverflow.com/questions": (6_994, 0.62),
}
LIMIT = 10.0  # seconds


def main():
    os.environ["no_proxy"] = "127.0.0.1"  # All pages are on this computer.
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = "{}:{}".format(*server.server_address)
    sites = {name: f"http://{address}/{name}" for name in PAGES}

    with Act("One by one") as act:
        total = one_by_one(sites)
        act.end(f"{total} bytes")

    with Act("By 1, 5 and 15 threads, each of which takes the next page") as act:
        totals = set()
        for threads in (1, 5, 15):
            with step(f"threads: {threads}"):
                totals.add(by_threads(sites, threads))
        act.end(" or ".join(f"{total} bytes" for total in totals))

    with Act("All together, async") as act:
        total = asyncio.run(all_together(sites))
        act.end(f"{total} bytes")

    with Act("One page fails, and the others arrive") as act:
        total = asyncio.run(failures(address))
        act.end(f"{total} bytes")


class Server(ThreadingTCPServer):
    """A small web server, so that the lesson needs no network: a thread for each connection."""

    daemon_threads = True
    request_queue_size = 32

    def handle_error(self, *_):
        """The client has closed its end. Nothing is left to do then."""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path[1:]
        if path in PAGES:
            length, delay = PAGES[path]
            time.sleep(seconds(delay))
            self.answer(200, length, b"." * length)
        elif path == "circle":
            self.answer(302, 0, b"", Location="/circle")
        elif path == "half":
            self.answer(200, 100, b"breaks off here")
        elif path == "never":
            self.rfile.read(1)  # until the client gives up
        else:
            self.answer(404, 0, b"")

    def answer(self, status, length, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """The lesson itself prints what arrives."""


def one_by_one(sites):
    """This thread does nothing else until the page has arrived."""
    total = 0
    with requests.Session() as session:
        for name, address in sites.items():
            response = session.get(address, timeout=LIMIT)
            body = response.content
            report(name, len(body), response.status_code, response.reason)
            total += len(body)
    return total


def by_threads(sites, threads):
    """The same blocking call on several threads. More threads than pages have nothing to do."""

    def size(address):
        return len(requests.get(address, timeout=LIMIT).content)

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(size, sites.values()))


class TooLarge(Exception):
    """The page has more bytes than allowed."""


async def fetch(session, name, address, limit=10_000_000):
    """Reads the whole body. aiohttp itself has no limit on its size."""
    async with session.get(address) as response:
        size = 0
        async for chunk in response.content.iter_chunked(65_536):
            size += len(chunk)
            if size > limit:
                raise TooLarge
        return name, size, response.status, response.reason


async def all_together(sites):
    """One thread waits for all pages, as long as the slowest takes."""
    timeout = aiohttp.ClientTimeout(total=LIMIT)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        fetches = (fetch(session, *site) for site in sites.items())
        pages = await asyncio.gather(*fetches)
    for page in pages:
        report(*page)
    return sum(size for _, size, *_ in pages)


async def failures(address):
    """Without `return_exceptions`, `await gather(...)` would raise the first failure only."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and no server listens there
        cases = {
            "an address without http": "sjtu.edu.cn",
            "no server there": "http://{}:{}/".format(*closed.getsockname()),
            "no such page": f"http://{address}/nothing",
            "no answer": f"http://{address}/never",
            "half a page": f"http://{address}/half",
            "a large page": f"http://{address}/github.com",
            "a redirect to itself": f"http://{address}/circle",
            "TLS with a plain server": f"https://{address}/sjtu.edu.cn",
            "a page": f"http://{address}/sjtu.edu.cn",
        }
        # `LESSON_SPEED` shortens only a part of it: the good page needs some real time.
        timeout = aiohttp.ClientTimeout(total=0.2 + seconds(0.8))
        async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
            pages = (fetch(session, *case, limit=100_000) for case in cases.items())
            outcomes = await asyncio.gather(*pages, return_exceptions=True)
    total = 0
    for case, outcome in zip(cases, outcomes):
        if isinstance(outcome, Exception):
            say(f"{case:<28} {type(outcome).__name__}")
        else:
            report(*outcome)
            total += outcome[1]
    return total


def report(name, size, status, reason):
    say(f"{name:<28} {size:>6} bytes, {status} {reason}")


if __name__ == "__main__":
    run(__doc__, main)
