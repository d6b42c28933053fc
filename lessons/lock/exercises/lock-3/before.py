"""A semaphore, made of a condition variable: so many threads may be inside at once as it has
permits."""

import threading


class Semaphore:
    def __init__(self, permits):
        self.free = permits
        self.released = threading.Condition()  # It has a lock of its own.

    def acquire(self):
        """Blocks until a permit is free, and takes it."""
        with self.released:
            while self.free == 0:
                self.released.wait()
            self.free -= 1

    def try_acquire(self):
        """Takes a permit if one is free; whether it has."""
        with self.released:
            is_free = self.free > 0
            if is_free:
                self.free -= 1
            return is_free

    def release(self):
        """Gives a permit back, or adds one: any thread may do it."""
        with self.released:
            self.free += 1
            self.released.notify()


def guest(number):
    seats.acquire()
    print(f"guest {number} sits down\n", end="")
    seats.release()


seats = Semaphore(2)
guests = [threading.Thread(target=guest, args=[number]) for number in (1, 2, 3)]
for thread in guests:
    thread.start()
for thread in guests:
    thread.join()
