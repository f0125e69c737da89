"""Steps per second of Gymnasium's own worlds, for the table of docs/performance.md.

    python bench/python/world_steps.py Reacher-v5 Humanoid-v5

Prints one JSON object, steps per second of one processor by id: the best of several rounds with drawn actions, resets included.
"""

import json
import sys
import time

import gymnasium
import numpy

ROUNDS, ACTIONS, SECONDS = 7, 64, 0.25


def walk(env, actions, steps):
    env.reset(seed=0)
    for i in range(steps):
        _, _, terminated, truncated, _ = env.step(actions[i % ACTIONS])
        if terminated or truncated:
            env.reset()


def rate(name):
    env = gymnasium.make(name, disable_env_checker=True)
    env.action_space.seed(0)
    actions = [env.action_space.sample() for _ in range(ACTIONS)]
    begun = time.process_time()
    walk(env, actions, 200)
    steps = int(numpy.ceil(SECONDS * 200 / (time.process_time() - begun)))
    least = float("inf")
    for _ in range(ROUNDS):
        begun = time.process_time()
        walk(env, actions, steps)
        least = min(least, time.process_time() - begun)
    env.close()
    return steps / least


print(json.dumps({name: rate(name) for name in sys.argv[1:]}))
