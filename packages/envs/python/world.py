"""The Python side of the bridge to Gymnasium: a supervisor and its child, the process of the worlds.

The supervisor is the standard library alone and runs nobody else's code: it forks before anything is imported. The child
imports Gymnasium and makes as many copies of one world as it is asked for.

Descriptors at the start: 3 requests in, 4 replies out, 5 the supervisor's last word. The argument is JSON,
{"deadline", "start"}: the most seconds from a request to its reply, and to the first reply of all.

A frame is a head of four little-endian uint32 (magic, sequence, operation or kind, bytes of the body) and the body.
A row of STEP asks: uint32 command, uint32 copy, uint64 seed, the action's numbers as float64.
A row of its reply: float64 reward, uint64 flags (1 terminated, 2 truncated, 4 it raised), the observation: each leaf in
its own type, at the next multiple of 8 bytes.
"""

import contextlib
import fcntl
import json
import mmap
import os
import select
import signal
import struct
import sys
import termios
import time

MAGIC = 0x4F524E53
HELLO, MAKE, STEP, FAULT, RENDER, DROP, CLOSE = 1, 2, 3, 4, 5, 6, 7
OK, ERROR = 16, 17
ACT, RESET = 1, 2
TERMINATED, TRUNCATED, RAISED = 1, 2, 4
HEAD = struct.Struct("<4I")

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def prctl(option, value):
    import ctypes

    ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


# the supervisor


def descendants():
    parents, found = {}, {os.getpid()}
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
            # The name in brackets may hold anything.
            parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
    while new := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= new
    return found - {os.getpid()}


def sweep():
    """Ends all descendants, daemons as well: the supervisor is their subreaper. Again until none is left."""
    end = time.monotonic() + 2
    while time.monotonic() < end:
        for pid in descendants():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)


class Tail:
    """What the world prints: passed on to our standard error, its last 4 KB kept."""

    def __init__(self, descriptor):
        self.descriptor, self.kept = descriptor, b""

    def drain(self, wait=0.0):
        if not select.select([self.descriptor], [], [], wait)[0]:
            return False
        data = os.read(self.descriptor, 65536)
        self.kept = (self.kept + data)[-4096:]
        with contextlib.suppress(OSError):
            # A terminal that takes nothing must not hold up the deadline.
            if data and select.select([], [2], [], 0)[1]:
                os.write(2, data[:4096])
        return bool(data)


def await_end(world, died, page, tail, limits):
    """Why it ends: the world died, whoever asked is gone, or a reply is late."""
    poll = select.poll()
    poll.register(3, 0)  # No event is asked for: a hang-up is always told, and no request is taken.
    poll.register(tail.descriptor, select.POLLIN)
    poll.register(died, select.POLLIN)
    state, since = None, time.monotonic()
    while True:
        for descriptor, event in poll.poll(max(5, min(250, limits["deadline"] * 100))):
            if descriptor == tail.descriptor:
                if not tail.drain():
                    poll.unregister(tail.descriptor)
            elif descriptor == died:
                status = os.waitpid(world, 0)[1]
                if os.WIFSIGNALED(status):
                    return {"signal": signal.Signals(os.WTERMSIG(status)).name}
                return {"exit": os.WEXITSTATUS(status)}
            elif event & select.POLLHUP:
                return {"gone": True}
        taken, given = struct.unpack_from("<QQ", page)
        # A stopped world takes no request at all.
        waiting = bytearray(4)
        fcntl.ioctl(3, termios.FIONREAD, waiting)
        if state != (taken, given) or (taken == given and not any(waiting)):
            state, since = (taken, given), time.monotonic()
        limit = limits["deadline" if given else "start"]
        if time.monotonic() - since > limit:
            # faulthandler says where it hangs, without the interpreter's lock.
            os.kill(world, signal.SIGUSR1)
            while tail.drain(0.2):
                pass
            return {"hung": limit}


def supervise(world, page, output, limits):
    tail = Tail(output)
    try:
        word = await_end(world, os.pidfd_open(world), page, tail, limits)
    except (AttributeError, OSError) as error:
        word = {"system": f"{type(error).__name__}: {error}"}
    sweep()
    while tail.drain():
        pass
    with contextlib.suppress(OSError):
        os.write(5, json.dumps({**word, "stderr": tail.kept.decode("utf8", "replace")}).encode())
    os._exit(0)


# spaces


class Layout:
    """A space as named leaves at fixed places of a row."""

    def __init__(self, space, is_observation):
        import gymnasium.spaces as spaces
        import numpy as np

        self.np, self.spaces, self.space, self.is_observation = np, spaces, space, is_observation
        self.leaves, self.bytes = [], 0
        self.add(space, "")

    def parts(self, space):
        if isinstance(space, self.spaces.Dict):
            return list(space.spaces.items())
        if isinstance(space, self.spaces.Tuple):
            return list(enumerate(space.spaces))
        return None

    def add(self, space, name):
        np, parts = self.np, self.parts(space)
        if parts is not None:
            for key, part in parts:
                self.add(part, f"{name}.{key}" if name else str(key))
            return
        kind = type(space).__name__
        if not isinstance(space, (self.spaces.Box, self.spaces.Discrete)):
            raise SpaceError(f"the {'observation' if self.is_observation else 'action'} space {kind}{f' at {name!r}' if name else ''}")
        dtype, count = np.dtype(space.dtype), 1
        for length in space.shape:
            count *= int(length)
        leaf = {"name": name, "kind": kind, "dtype": dtype.name, "shape": [int(n) for n in space.shape]}
        leaf |= {"count": count, "offset": self.bytes}
        if kind == "Discrete" or isinstance(space, self.spaces.Discrete):
            leaf |= {"kind": "Discrete", "n": int(space.n), "start": int(getattr(space, "start", 0))}
        else:
            leaf |= {"kind": "Box", "low": numbers(np, space.low), "high": numbers(np, space.high)}
        self.leaves.append(leaf)
        self.bytes += -(-count * (dtype.itemsize if self.is_observation else 8) // 8) * 8

    def writer(self, buffer, place):
        """Puts an observation into the buffer."""
        np, leaves = self.np, iter(self.leaves)

        def build(space):
            parts = self.parts(space)
            if parts is not None:
                inner = [(key, build(part)) for key, part in parts]
                return lambda value: [write(value[key]) for key, write in inner]
            leaf, shape = next(leaves), tuple(space.shape)
            view = np.frombuffer(buffer, space.dtype, leaf["count"], place + leaf["offset"]).reshape(shape)

            def write(value):
                # NumPy would broadcast another shape in silence.
                if np.shape(value) != shape:
                    raise ValueError(f"an observation of shape {np.shape(value)} where the space says {shape}")
                view[...] = value

            return write

        return build(self.space)

    def reader(self, buffer, place):
        """Makes an action of the buffer: always a copy, since a world may keep it."""
        np, leaves = self.np, iter(self.leaves)

        def build(space):
            parts = self.parts(space)
            if parts is not None:
                inner = [(key, build(part)) for key, part in parts]
                if isinstance(space, self.spaces.Dict):
                    return lambda: {key: read() for key, read in inner}
                return lambda: tuple(read() for _, read in inner)
            leaf, shape = next(leaves), tuple(space.shape)
            view = np.frombuffer(buffer, "f8", leaf["count"], place + leaf["offset"]).reshape(shape)
            if leaf["kind"] == "Discrete":
                kind, start = np.dtype(space.dtype).type, leaf["start"]
                return lambda: kind(int(view[()]) + start)
            return lambda: view.astype(space.dtype)

        return build(self.space)


class SpaceError(Exception):
    pass


def numbers(np, values):
    """JSON has no infinities: they are their names."""
    return [x if abs(x) < float("inf") else str(x) for x in np.asarray(values, "f8").ravel().tolist()]


# the worlds


class Worlds:
    """Copies of one world, and the rows in which they are stepped."""

    def __init__(self, asked):
        import importlib

        sys.path[0] = os.getcwd()
        picture_library()
        for name in asked["imports"] + (["shimmy"] if asked["id"].startswith("dm_control/") else []):
            importlib.import_module(name)
        import gymnasium

        self.gymnasium, self.asked, self.copies, self.reasons = gymnasium, asked, {}, {}
        self.spare = self.make()
        self.action = Layout(self.spare.action_space, False)
        self.observation = Layout(self.spare.observation_space, True)
        self.wide_in, self.wide_out = 16 + self.action.bytes, 16 + self.observation.bytes
        self.rows_in, self.rows_out, self.places = bytearray(), bytearray(HEAD.size), []

    def make(self):
        import importlib

        asked, kwargs = self.asked, dict(self.asked["kwargs"])
        if asked["timeLimit"] is not None:
            kwargs["max_episode_steps"] = asked["timeLimit"]
        if "render_mode" not in kwargs and "rgb_array" in self.render_modes():
            kwargs["render_mode"] = "rgb_array"
        env = self.gymnasium.make(asked["id"], **kwargs)
        for wrapper in asked["wrappers"]:
            module, _, name = wrapper["name"].replace(":", ".").rpartition(".")
            around = getattr(importlib.import_module(module or "gymnasium.wrappers"), name)
            env = around(env, **wrapper["kwargs"])
        return env

    def render_modes(self):
        """Those of the class; none where it cannot be had without making one."""
        import importlib

        with contextlib.suppress(Exception):
            package, _, name = self.asked["id"].rpartition(":")
            if package:
                importlib.import_module(package)
            entry = self.gymnasium.spec(name).entry_point
            if isinstance(entry, str):
                module, _, name = entry.partition(":")
                entry = getattr(importlib.import_module(module), name)
            return entry.metadata["render_modes"]
        return []

    def described(self):
        import numpy as np

        env, spec = self.spare, self.spare.spec
        try:
            step = float(env.unwrapped.dt)
        except Exception:
            fps = env.metadata.get("render_fps")
            step = 1 / fps if fps else None
        try:
            mode = env.render_mode
        except Exception:
            mode = None
        return {
            "observation": self.observation.leaves,
            "action": self.action.leaves,
            "rowIn": self.wide_in,
            "rowOut": self.wide_out,
            "timeLimit": spec and spec.max_episode_steps,
            "rewardThreshold": spec and spec.reward_threshold,
            "timeStep": step,
            "renders": mode == "rgb_array",
            "versions": {"gymnasium": self.gymnasium.__version__, "numpy": np.__version__},
        }

    def add(self):
        """One more copy; its number."""
        env, self.spare = self.spare or self.make(), None
        copy = next(n for n in range(len(self.copies) + 1) if n not in self.copies)
        self.copies[copy] = env
        if len(self.places) < len(self.copies):
            # Views hold a buffer at its size: a longer one is another.
            rows = 2 * len(self.copies)
            self.rows_in, self.rows_out = bytearray(rows * self.wide_in), bytearray(HEAD.size + rows * self.wide_out)
            self.places = [self.place(row) for row in range(rows)]
        return copy

    def place(self, row):
        x, y = row * self.wide_in, HEAD.size + row * self.wide_out
        asked, answer = memoryview(self.rows_in)[x : x + 16], memoryview(self.rows_out)[y : y + 16]
        return (
            asked.cast("I"),
            asked.cast("Q"),
            self.action.reader(self.rows_in, x + 16),
            answer.cast("d"),
            answer.cast("Q"),
            self.observation.writer(self.rows_out, y + 16),
        )

    def step(self, rows):
        for row in range(rows):
            asked, seeds, action, reward, flags, write = self.places[row]
            env = self.copies[asked[1]]
            try:
                if asked[0] == ACT:
                    observation, reward[0], terminated, truncated, _ = env.step(action())
                    flags[1] = (TERMINATED if terminated else 0) | (TRUNCATED if truncated else 0)
                else:
                    observation, _ = env.reset(seed=seeds[1])
                    reward[0] = 0
                    flags[1] = 0
                write(observation)
            except BaseException as error:
                self.reasons[asked[1]] = reason(error)
                flags[1] = RAISED

    def drop(self, copy):
        self.copies.pop(copy).close()

    def render(self, copy):
        import numpy as np

        picture = self.copies[copy].render()
        if picture is None or np.ndim(picture) != 3:
            raise ValueError("no picture of rows, columns and colours")
        return struct.pack("<3I", *np.shape(picture)) + np.ascontiguousarray(picture, "u1").tobytes()

    def close(self):
        for env in self.copies.values():
            env.close()


def picture_library():
    """Without a display MuJoCo draws by EGL, where that is installed."""
    import ctypes.util

    if "DISPLAY" not in os.environ and "MUJOCO_GL" not in os.environ and ctypes.util.find_library("EGL"):
        os.environ["MUJOCO_GL"] = "egl"


def reason(error):
    """What was raised: its type, its words, and the places that it went through, the last one first."""
    import traceback

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    at = [f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line}" for frame in reversed(frames)]
    # Gymnasium's errors know their bases better than we do.
    bases = [base.__name__ for base in type(error).__mro__]
    kind = "world"
    if isinstance(error, SpaceError):
        kind = "space"
    elif isinstance(error, ModuleNotFoundError) or "DependencyNotInstalled" in bases:
        kind = "package"
    elif "UnregisteredEnv" in bases:
        kind = "unknown"
    missing = error
    while getattr(missing, "name", None) is None and missing.__cause__:
        missing = missing.__cause__
    name = getattr(missing, "name", None)
    return {
        "reason": kind,
        "module": name if kind == "package" and isinstance(name, str) else None,
        "type": type(error).__name__,
        "message": str(error)[:4000],
        "at": at[:3],
    }


def serve(page, requests, replies):
    counts, head, worlds = memoryview(page).cast("Q"), bytearray(HEAD.size), None

    def receive(buffer, got):
        view = memoryview(buffer)[got:]
        while len(view):
            view = view[os.readv(requests, [view]) or os._exit(0) :]

    def send(buffer):
        # Before it is written: whoever reads late makes no world hang.
        counts[1] = counts[0]
        view = memoryview(buffer)
        while len(view):
            view = view[os.write(replies, view) :]

    def reply(kind, body=b""):
        send(HEAD.pack(MAGIC, sequence, kind, len(body)) + body)

    def say(value):
        reply(OK, json.dumps(value).encode())

    while True:
        rows_in = worlds.rows_in if worlds else bytearray()
        got = os.readv(requests, [head, rows_in] if rows_in else [head]) - HEAD.size
        if got < 0:
            os._exit(0)
        counts[0] += 1
        magic, sequence, operation, size = HEAD.unpack(head)
        if magic != MAGIC:
            os._exit(70)
        try:
            if operation == STEP:
                receive(memoryview(rows_in)[:size], got)
                worlds.step(size // worlds.wide_in)
                size = size // worlds.wide_in * worlds.wide_out
                HEAD.pack_into(worlds.rows_out, 0, MAGIC, sequence, OK, size)
                send(memoryview(worlds.rows_out)[: HEAD.size + size])
                continue
            body = bytearray(size)
            body[:got] = rows_in[:got]
            receive(body, got)
            if operation == HELLO:
                worlds = Worlds(json.loads(body))
                say(worlds.described())
            elif operation == MAKE:
                say(worlds.add())
            elif operation == FAULT:
                say(worlds.reasons.pop(json.loads(body)))
            elif operation == RENDER:
                reply(OK, worlds.render(json.loads(body)))
            elif operation == DROP:
                worlds.drop(json.loads(body))
                say(None)
            else:
                if worlds:
                    worlds.close()
                say(None)
                os._exit(0)
        except BaseException as error:
            reply(ERROR, json.dumps(reason(error)).encode())


def main():
    limits, me = json.loads(sys.argv[1]), os.getpid()
    page, (output, printed) = mmap.mmap(-1, 4096), os.pipe()
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    world = os.fork()
    if world:
        os.close(4)
        os.close(printed)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        supervise(world, page, output, limits)
    # The supervisor does not go alone.
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != me:
        os._exit(1)
    ours = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 64) for descriptor in (3, 4)]
    requests, replies = ours
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    for descriptor in (3, 4, 5, output, printed):
        os.close(descriptor)

    def forget():
        """A fork without exec would hold our pipes open."""
        while ours:
            os.close(ours.pop())

    os.register_at_fork(after_in_child=forget)
    import faulthandler

    faulthandler.enable(2)
    faulthandler.register(signal.SIGUSR1, 2)
    serve(page, requests, replies)


main()
