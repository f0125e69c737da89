"""Steps per second of a world of Gymnasium without anything around it: ID SECONDS."""

import sys
import time

import gymnasium
import numpy

env, seconds = gymnasium.make(sys.argv[1]), float(sys.argv[2])
env.reset(seed=0)
space = env.action_space
action = numpy.full(space.shape, 0.3, space.dtype) if isinstance(space, gymnasium.spaces.Box) else 1


def run(seconds):
    steps, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        for _ in range(10):
            _, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                env.reset()
        steps += 10
    return steps / (time.perf_counter() - begun)


run(0.1)
print(run(seconds))
