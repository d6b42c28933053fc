"""Runs programs, at most `limit` at a time. An answer is the output, or the failure."""

import asyncio


async def run_all(programs, limit):
    permits = asyncio.Semaphore(limit)

    async def run(program):
        async with permits:
            child = await asyncio.create_subprocess_exec(
                *program, stdout=asyncio.subprocess.PIPE
            )
            output, _ = await child.communicate()
        if child.returncode != 0:
            # Negative, if a signal has killed it.
            raise RuntimeError(f"ended with {child.returncode}")
        return output.decode()

    runs = (run(program) for program in programs)
    return await asyncio.gather(*runs, return_exceptions=True)


if __name__ == "__main__":
    programs = [["sh", "-c", f"sleep 0.{n}; echo {n}"] for n in (3, 2, 1)]
    programs.append(["sh", "-c", "kill -KILL $$"])
    for answer in asyncio.run(run_all(programs, 2)):
        print(repr(answer))
