"""What the bridge's script uses of Gymnasium, in the standard library, so that it is tested where Gymnasium is not."""

import importlib
import types

from . import error, spaces

__version__ = "stand-in"

registry = {}


class Env:
    metadata = {}
    render_mode = None
    spec = None

    @property
    def unwrapped(self):
        return self

    def close(self):
        pass


class TimeLimit(Env):
    def __init__(self, env, limit):
        self.env, self.limit, self.taken = env, limit, 0
        self.observation_space, self.action_space = env.observation_space, env.action_space
        self.metadata, self.render_mode = env.metadata, env.render_mode

    @property
    def unwrapped(self):
        return self.env

    def reset(self, seed=None):
        self.taken = 0
        return self.env.reset(seed=seed)

    def step(self, action):
        self.taken += 1
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, reward, terminated, truncated or self.taken >= self.limit, info

    def render(self):
        return self.env.render()

    def close(self):
        self.env.close()


def register(id, entry_point, max_episode_steps=None):
    registry[id] = types.SimpleNamespace(
        id=id, entry_point=entry_point, max_episode_steps=max_episode_steps, reward_threshold=None
    )


def spec(id):
    if id not in registry:
        raise error.NameNotFound(f"Environment `{id}` doesn't exist.")
    return registry[id]


def make(id, max_episode_steps=None, **kwargs):
    module, _, name = id.rpartition(":")
    if module:
        importlib.import_module(module)
    found = spec(name)
    env = found.entry_point(**kwargs)
    limit = max_episode_steps or found.max_episode_steps
    around = TimeLimit(env, limit) if limit else env
    around.spec = types.SimpleNamespace(max_episode_steps=limit, reward_threshold=found.reward_threshold)
    return around
