"""Timing as `ornstein bench update` does it: the best of many short rounds."""

import time


def best(run, seconds, calls=5):
    for _ in range(20):
        run()
    end, least = time.perf_counter() + seconds, float("inf")
    while time.perf_counter() < end:
        begun = time.perf_counter()
        for _ in range(calls):
            run()
        least = min(least, (time.perf_counter() - begun) / calls)
    return least * 1000
