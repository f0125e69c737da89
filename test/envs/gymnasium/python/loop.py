"""Gymnasium alone, without the bridge: the same seeds and actions; what it showed as one hash. JSON in, JSON out."""

import hashlib
import importlib
import json
import struct
import sys

import gymnasium
import numpy

asked = json.loads(sys.argv[1])
for name in asked["imports"]:
    importlib.import_module(name)
env = gymnasium.make(asked["id"], **asked["kwargs"])
state, digest = asked["draw"], hashlib.sha256()


def flat(value):
    if isinstance(value, dict):
        return numpy.concatenate([flat(part) for part in value.values()])
    return numpy.asarray(value, numpy.float64).ravel()


def draw():
    global state
    state = (state * 1664525 + 1013904223) % 2**32
    return state / 2**32


seeds = iter(asked["seeds"])
observation, _ = env.reset(seed=next(seeds))
digest.update(flat(observation).tobytes())
space = env.action_space
for _ in range(asked["steps"]):
    if isinstance(space, gymnasium.spaces.Box):
        action = numpy.array([2 * draw() - 1 for _ in range(space.low.size)]).reshape(space.shape).astype(space.dtype)
    else:
        action = space.dtype.type(int(draw() * space.n))
    observation, reward, terminated, truncated, _ = env.step(action)
    digest.update(flat(observation).tobytes() + struct.pack("<d2B", reward, terminated, truncated))
    if terminated or truncated:
        observation, _ = env.reset(seed=next(seeds))
        digest.update(flat(observation).tobytes())
print(json.dumps(digest.hexdigest()))
