"""Fetching pages with aiohttp: fetch.py six|20ms|0ms|pages NUMBER. BENCH is the program with the server."""

import asyncio
import os
import resource
import subprocess
import sys
import time

try:
    import aiohttp
except ImportError:
    sys.exit("aiohttp is missing: pip install aiohttp, or name with PYTHON a python3 that has it")

SIX = [(620, 282_454), (300, 69_499), (450, 6_467), (380, 2_024), (340, 1_886), (620, 6_994)]
CASES = {  # milliseconds and bytes of each page; how many together
    "six": (SIX, 6),
    "20ms": ([(20, 100)] * 10_000, 500),
    "0ms": ([(0, 100)] * 10_000, 50),
}


def used():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


async def fetch_next(session, todo):
    """Faster than a task for each page and a semaphore, and takes less than half the memory."""
    pages = []
    for address in todo:
        async with session.get(address) as response:
            pages.append(await response.read())
    return pages


async def fetch_all(addresses, together):
    todo = iter(addresses)
    connector = aiohttp.TCPConnector(limit=together)
    async with aiohttp.ClientSession(connector=connector) as session:
        start, (cpu, _) = time.perf_counter(), used()
        workers = [fetch_next(session, todo) for _ in range(together)]
        pages = sum(await asyncio.gather(*workers), [])
        seconds = time.perf_counter() - start
        used_cpu, memory = used()
    return pages, seconds, used_cpu - cpu, memory


def main():
    if sys.argv[1] == "pages":
        pages, together = [(0, 100)] * int(sys.argv[2]), 50
    else:
        pages, together = CASES[sys.argv[1]]
    command = [os.environ["BENCH"], "--side", "fetch-server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        address = server.stdout.readline().strip()
        addresses = [f"http://{address}/{delay}/{size}" for delay, size in pages]
        bodies, seconds, cpu, memory = asyncio.run(fetch_all(addresses, together))
    expected = sum(size for _, size in pages)
    if sum(map(len, bodies)) != expected:
        sys.exit(f"not all of the {expected} bytes arrived")
    if sys.argv[1] == "six":
        print("quotient", seconds / (max(delay for delay, _ in pages) / 1e3))
    else:
        print("seconds", seconds)
        print("cpu", cpu)
        print("memory", memory)
        print("pages", len(pages) / seconds)


if __name__ == "__main__":
    main()
