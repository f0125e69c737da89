"""Worlds that misbehave, each in one way, and one that behaves. They need no package but what is called gymnasium."""

import ctypes
import os
import signal
import subprocess
import sys
import time

import gymnasium
from gymnasium import spaces

SLEEP = ["sleep", "987"]


class Awkward(gymnasium.Env):
    """Ends after 3 steps with reward 1 each; shows [seed's remainder, step]."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 20}

    def __init__(self, how="", render_mode=None):
        self.how, self.render_mode, self.seed, self.taken = how, render_mode, 0, 0
        self.observation_space = spaces.Box(-1e9, 1e9, (2,), "float32")
        self.action_space = spaces.Box(-1, 1, (1,), "float32")
        if how == "print":
            print("in init")
            os.system("echo from a shell")
            os.write(1, b"raw on 1\n")
        if how == "slow start":
            time.sleep(1000)
        if how == "spaces":
            inner = spaces.Tuple((spaces.Discrete(5, start=-2), spaces.Box(0, 1, (), "float64")))
            self.observation_space = spaces.Dict({"image": spaces.Box(0, 255, (2, 3), "uint8"), "nest": inner})
            self.action_space = spaces.Dict({"arm": spaces.Box(-1, 1, (2,), "float32"), "leg": spaces.Box(0, 2, (1,), "float64")})
        if how == "discrete":
            self.action_space = spaces.Discrete(3, start=5)
        if how == "unknown space":
            self.observation_space = spaces.Dict({"hand": spaces.MultiDiscrete([3, 4])})
        if how == "mixed action":
            self.action_space = spaces.Dict({"go": spaces.Discrete(2), "arm": spaces.Box(-1, 1, (2,), "float32")})

    def see(self, action=None):
        if self.how == "spaces":
            arm = [0, 0] if action is None else [float(x) for x in action["arm"].tolist()]
            leg = 0 if action is None else float(action["leg"].tolist()[0])
            return {"image": [[self.taken] * 3, [200] * 3], "nest": (self.taken - 2, arm[0] + arm[1] + leg)}
        if self.how == "discrete":
            return [0 if action is None else int(action), self.taken]
        if self.how == "shape" and self.taken:
            return [1.0, 2.0, 3.0]
        if self.how == "infinite" and self.taken:
            return [float("inf"), 0.0]
        if self.how == "forgetful":
            return [float(time.monotonic_ns() % 1_000_003), self.taken]
        return [self.seed % 1_000_003, self.taken]

    def reset(self, seed=None, options=None):
        self.seed, self.taken = seed, 0
        if self.how == "raise in reset":
            raise ValueError("no start today")
        return self.see(), {}

    def step(self, action):
        self.taken += 1
        self.harm()
        return self.see(action), 1.0, self.taken >= 3, False, {}

    def harm(self):
        how = self.how
        if how == "print":
            print("step", self.taken)
            os.system("echo x")
        if how == "flood":
            print("y" * 100_000)
        if how == "raise":
            raise ValueError("the wheel\nis off")
        if how == "sys.exit":
            sys.exit(4)
        if how == "exit":
            print("a last word", flush=True)
            os._exit(3)
        if how == "segfault":
            ctypes.string_at(0)
        if how == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        if how == "sleep":
            time.sleep(1000)
        if how == "lock":
            # In C, with the interpreter's lock held.
            ctypes.PyDLL(None).sleep(1000)
        if how == "garbage":
            for descriptor in range(3, 256):
                try:
                    os.write(descriptor, b"Hello, I am your progress bar 100%")
                except OSError:
                    pass
        if how == "close all":
            os.closerange(3, 256)
        if how.startswith("children"):
            subprocess.Popen(SLEEP)
            subprocess.Popen(SLEEP, start_new_session=True)
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.execvp(SLEEP[0], SLEEP)
                os._exit(0)
            if os.fork() == 0:
                # No exec: it keeps every descriptor.
                os.setsid()
                time.sleep(987)
        if how == "children, asleep":
            time.sleep(1000)

    def render(self):
        return [[[10 * self.taken, 0, 255]] * 5] * 4


gymnasium.register("Awkward-v0", Awkward)
gymnasium.register("Limited-v0", Awkward, max_episode_steps=2)
