"""An account that several tills withdraw from: check and change under one lock."""

import threading


class Account:
    def __init__(self, balance):
        self.balance = balance
        self.lock = threading.Lock()

    def withdraw(self, amount):
        """Takes `amount` out, and returns what is left; `None` if the account has not so much."""
        with self.lock:
            if self.balance < amount:
                return None
            self.balance -= amount
            return self.balance


account = Account(100)


def till(amount):
    left = account.withdraw(amount)
    print(f"{amount}: {left}\n", end="")


tills = [threading.Thread(target=till, args=[amount]) for amount in (70, 80)]
for thread in tills:
    thread.start()
for thread in tills:
    thread.join()
print(f"{account.balance} left")
