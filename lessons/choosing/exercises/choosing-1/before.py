"""The same function for many items, on a thread for each."""

import time
from concurrent.futures import ThreadPoolExecutor


def map_on_threads(work, items):
    with ThreadPoolExecutor(max_workers=max(1, len(items))) as executor:
        return list(executor.map(work, items))


def page(name):
    time.sleep(0.3)
    return f"the page of {name}"


if __name__ == "__main__":
    print(map_on_threads(page, ["tea", "milk", "bread"]))
