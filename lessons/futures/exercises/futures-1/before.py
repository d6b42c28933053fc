"""A promise of one result, as `concurrent.futures.Future` is inside."""

import threading
from concurrent.futures import InvalidStateError


class Promise:
    def __init__(self):
        self._condition = threading.Condition()
        self._done = False
        self._result = None

    def set_result(self, result):
        with self._condition:
            if self._done:
                raise InvalidStateError("there is a result already")
            self._done, self._result = True, result
            self._condition.notify_all()

    def result(self):
        with self._condition:
            while not self._done:
                self._condition.wait()
            return self._result

    def done(self):
        with self._condition:
            return self._done


if __name__ == "__main__":
    promise = Promise()

    def customer(number):
        print(f"customer {number} gets {promise.result()}")

    threads = [threading.Thread(target=customer, args=[number]) for number in (1, 2)]
    for thread in threads:
        thread.start()
    promise.set_result("the letter")
    for thread in threads:
        thread.join()
