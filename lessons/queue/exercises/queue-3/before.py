"""A queue without room: a value goes from hand to hand."""

import threading
from collections import deque


class Handover:
    def __init__(self):
        self.changed = threading.Condition()
        self.values = deque()
        self.taken = 0

    def put(self, value):
        with self.changed:
            self.values.append(value)
            number = self.taken + len(self.values)
            self.changed.notify_all()
            self.changed.wait_for(lambda: self.taken >= number)

    def take(self):
        with self.changed:
            self.changed.wait_for(lambda: self.values)
            return self._pop()

    def try_take(self):
        with self.changed:
            return self._pop() if self.values else None

    def _pop(self):
        self.taken += 1
        self.changed.notify_all()
        return self.values.popleft()


if __name__ == "__main__":
    handover = Handover()

    def till():
        for sale in range(1, 4):
            handover.put(sale)
            print(f"the till knows that {sale} is taken")

    thread = threading.Thread(target=till)
    thread.start()
    for _ in range(3):
        print(f"the clerk takes {handover.take()}")
    thread.join()
