"""What the bridge's script uses of NumPy, in the standard library: one-dimensional views with a shape."""

import array
import itertools

__version__ = "stand-in"

LETTERS = {"float64": "d", "float32": "f", "int64": "q", "int32": "i", "int8": "b", "uint8": "B"}
SHORT = {"f8": "float64", "u1": "uint8"}


class dtype:
    def __init__(self, of):
        self.name = of.name if isinstance(of, dtype) else SHORT.get(of, of)
        self.letter = LETTERS[self.name]
        self.itemsize = array.array(self.letter).itemsize
        self.type = float if self.letter in "df" else int


class View:
    def __init__(self, numbers, kind, shape):
        self.numbers, self.dtype, self.shape = numbers, kind, shape

    def reshape(self, shape):
        return View(self.numbers, self.dtype, tuple(shape))

    def ravel(self):
        return View(self.numbers, self.dtype, (len(self.numbers),))

    def tolist(self):
        return [self.dtype.type(x) for x in self.numbers]

    def tobytes(self):
        return array.array(self.dtype.letter, self.tolist()).tobytes()

    def astype(self, of):
        kind = dtype(of)
        return View(array.array(kind.letter, [kind.type(x) for x in self.numbers]), kind, self.shape)

    def __getitem__(self, at):
        return self.numbers[0 if at == () else at]

    def __setitem__(self, _, values):
        for i, x in enumerate(flat(values)):
            self.numbers[i] = self.dtype.type(x)


def flat(values):
    if isinstance(values, View):
        return values.tolist()
    if isinstance(values, (list, tuple)):
        return list(itertools.chain.from_iterable(map(flat, values)))
    return [values]


def shape(values):
    if isinstance(values, View):
        return values.shape
    if isinstance(values, (list, tuple)):
        return (len(values), *shape(values[0])) if values else (0,)
    return ()


def ndim(values):
    return len(shape(values))


def asarray(values, of):
    kind = dtype(of)
    return View(array.array(kind.letter, map(kind.type, flat(values))), kind, shape(values))


ascontiguousarray = asarray


def frombuffer(buffer, of, count, offset):
    kind = dtype(of)
    return View(memoryview(buffer)[offset : offset + count * kind.itemsize].cast(kind.letter), kind, (count,))
