"""A lock beside some data: many readers, or one writer."""

import threading
from contextlib import contextmanager


class ReadWriteLock:
    def __init__(self):
        self.changed = threading.Condition()
        self.readers = 0
        self.writer = False

    @contextmanager
    def reading(self):
        with self.changed:
            while self.writer:
                self.changed.wait()
            self.readers += 1
        try:
            yield
        finally:
            with self.changed:
                self.readers -= 1
                self.changed.notify_all()

    @contextmanager
    def writing(self):
        with self.changed:
            while self.writer or self.readers > 0:
                self.changed.wait()
            self.writer = True
        try:
            yield
        finally:
            with self.changed:
                self.writer = False
                self.changed.notify_all()


if __name__ == "__main__":
    lock, pages = ReadWriteLock(), []

    def read(reader):
        with lock.reading():
            print(f"reader {reader} sees {len(pages)} pages")

    threads = [threading.Thread(target=read, args=[reader]) for reader in (1, 2, 3)]
    for thread in threads:
        thread.start()
    with lock.writing():
        pages.append("page")
    for thread in threads:
        thread.join()
