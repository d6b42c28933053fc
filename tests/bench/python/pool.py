"""Jobs for worker processes."""

import math
import multiprocessing
import sys
import time

WORKERS = 4
NUMBERS = [
    112_272_535_095_293,
    112_582_705_942_171,
    112_272_535_095_293,
    115_280_095_190_773,
    115_797_848_077_099,
    1_099_726_899_285_419,
]


def square(number):
    return number * number


def is_prime(number):
    if number < 2:
        return False
    if number == 2:
        return True
    if number % 2 == 0:
        return False
    return all(number % divisor for divisor in range(3, math.isqrt(number) + 1, 2))


def apply():
    with multiprocessing.Pool(1) as pool:
        pool.apply(square, (3,))
        start = time.perf_counter()
        for _ in range(10_000):
            assert pool.apply(square, (3,)) == 9
        print("us", (time.perf_counter() - start) / 10_000 * 1e6)


def map(squares=1_000_000):
    with multiprocessing.Pool(WORKERS) as pool:
        pool.apply(square, (3,))
        start = time.perf_counter()
        answers = pool.map(square, range(squares))
        took = time.perf_counter() - start
        assert answers[-1] == (squares - 1) ** 2
    print("M/s", squares / took / 1e6)
    print("s", took)


def imap():
    with multiprocessing.Pool(WORKERS) as pool:
        pool.apply(square, (3,))
        start = time.perf_counter()
        for number, answer in enumerate(pool.imap(square, range(10_000))):
            assert answer == number * number
        print("k/s", 10 / (time.perf_counter() - start))


def primes():
    with multiprocessing.Pool(WORKERS) as pool:
        pool.apply(square, (3,))
        start = time.perf_counter()
        assert sum(pool.map(is_prime, NUMBERS)) == 5
        print("s", time.perf_counter() - start)


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    {"apply": apply, "map": map, "imap": imap, "primes": primes}[sys.argv[1]](*(int(it) for it in sys.argv[2:]))
