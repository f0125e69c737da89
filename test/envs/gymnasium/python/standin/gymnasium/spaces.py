class Space:
    pass


class Box(Space):
    def __init__(self, low, high, shape=None, dtype="float32"):
        count = 1
        for n in shape:
            count *= n
        self.shape, self.dtype = tuple(shape), dtype
        self.low, self.high = [low] * count, [high] * count


class Discrete(Space):
    shape, dtype = (), "int64"

    def __init__(self, n, start=0):
        self.n, self.start = n, start


class MultiDiscrete(Space):
    def __init__(self, nvec):
        self.nvec = nvec


class Dict(Space):
    def __init__(self, spaces):
        self.spaces = dict(spaces)


class Tuple(Space):
    def __init__(self, spaces):
        self.spaces = tuple(spaces)
