"""Fetches pages, a few at a time, with a time limit for each."""

import asyncio


async def fetch_all(addresses, together, limit, fetch):
    permits = asyncio.Semaphore(together)

    async def fetch_one(address):
        async with permits:
            # The limit begins when it is the page's turn.
            return await asyncio.wait_for(fetch(address), limit)

    fetches = (fetch_one(address) for address in addresses)
    return await asyncio.gather(*fetches, return_exceptions=True)


async def fetch(address):
    if address == "broken":
        raise OSError("no such page")
    await asyncio.sleep(60 if address == "slow" else 0.1)
    return f"the page {address}"


if __name__ == "__main__":
    addresses = ["one", "slow", "broken", "two"]
    for page in asyncio.run(fetch_all(addresses, 2, 1.0, fetch)):
        print(repr(page))
