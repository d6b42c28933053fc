"""A bounded buffer, as `queue.Queue(maxsize=room)` is inside."""

import threading
from collections import deque


class Buffer:
    def __init__(self, room):
        self.room = room
        self.values = deque()
        lock = threading.Lock()
        self.not_full = threading.Condition(lock)
        self.not_empty = threading.Condition(lock)

    def put(self, value):
        with self.not_full:
            while len(self.values) == self.room:
                self.not_full.wait()
            self.values.append(value)
            self.not_empty.notify()

    def get(self):
        with self.not_empty:
            while not self.values:
                self.not_empty.wait()
            self.not_full.notify()
            return self.values.popleft()


if __name__ == "__main__":
    buffer = Buffer(2)
    till = threading.Thread(target=lambda: [buffer.put(sale) for sale in range(1, 6)])
    till.start()
    for _ in range(5):
        print(f"sale {buffer.get()} is booked")
    till.join()
