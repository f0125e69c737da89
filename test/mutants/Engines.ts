/** Mutants of `packages/jit`: coefficients, elementwise rules, and the code that the engine `native` emits. */
import { of } from "./Mutant.ts"

export const engines = [
  ...of(
    "jit/src/engines/wasm/emit/Gather.ts",
    ["jit/Conformance"],
    [
      [`strides: [outer * size * row0,`, `strides: [0,`, "every batch gathers from the first one"],
      [
        `const width = NdArray.bytesOf(dtype)`,
        `const width = 4 + 0 * NdArray.bytesOf(dtype)`,
        "a truth value has the width of a float"
      ],
      [
        `i32.ltU(index.get, i32.const(size))`,
        `i32.ltU(index.get, i32.const(-1))`,
        "indices outside are not seen"
      ]
    ]
  ),
  ...of(
    "jit/src/plan/ReductionRules.ts",
    ["jit/Conformance"],
    [[`kind === "Mean" && given`, `kind === "Sum" && given`, "a mean of whole numbers has their bits"]]
  ),
  ...of(
    "jit/src/engines/lanes/MathFunctions.ts",
    ["jit/engines/wasm/emit/MathFunctions"],
    [
      [`length: 11 }`, `length: 7 }`, "the series of exp is short"],
      [
        `length: 10 }, (_, i) => 1 / (2 * i + 1))`,
        `length: 5 }, (_, i) => 1 / (2 * i + 1))`,
        "the series of log is short"
      ],
      [`(_, i) => 1 / (2 * i + 1))`, `(_, i) => 1 / (2 * i + 2))`, "a coefficient of log is another"],
      [`LN2_LOW = 1.90821492927058770002e-10`, `LN2_LOW = 0`, "log(2) has its first part only"],
      [`SELU_SCALE = 1.0507009873554805`, `SELU_SCALE = 1.0507`, "selu's scale is rounded"],
      [`SELU_ALPHA = 1.7580993408473768`, `SELU_ALPHA = 1.6732632423543772`, "selu's alpha is not scaled"],
      [
        `const offset = 0x3fe6a09e00000000n`,
        `const offset = 0x3ff0000000000000n`,
        "log is not centred around one"
      ],
      [`e, number(0)), x, near))`, `e, number(9)), x, near))`, "log1p loses its last bits near zero"],
      [`set.add(x, x), 40))`, `set.add(x, x), 4))`, "tanh ends early"],
      [`set.gt(x, set.const(100)), x`, `set.gt(x, set.const(1)), x`, "softplus is linear early"],
      [
        `whole, set.ne(trunc(half), half))`,
        `whole, eq(trunc(half), half))`,
        "odd powers of negative numbers are positive"
      ],
      [
        `select(eq(y, number(0)), number(1), select(`,
        `select(eq(y, number(9)), number(1), select(`,
        "nothing to the 0 is 1 but what log can do"
      ],
      [
        `eq(u, number(0)), number(Number.NEGATIVE_INFINITY), finite)`,
        `eq(u, number(0)), finite, finite)`,
        "log of 0 is finite"
      ]
    ]
  ),
  ...of(
    "jit/src/engines/lanes/ElementwiseKernels.ts",
    ["jit/Conformance: wasm", "jit/engines/native/emit/Elementwise"],
    [
      [
        `add(pmax(x, number(0)), number(0))`,
        `pmax(x, number(0))`,
        "relu of -0 is -0",
        { tests: ["jit/engines/wasm/WasmEngine: relu"] }
      ],
      [`"alpha", 0.2)))`, `"alpha", 0.2) / 2))`, "leakyRelu leaks another share"],
      [`dy, mul(dy, add(y, number(1))))`, `dy, mul(dy, y))`, "elu's gradient is another"],
      [
        `from === "int32" ? float32.fromInt32(x) : and(x, float32.const(1))`,
        `from === "int32" ? float32.fromInt32(x) : float32.fromInt32(x)`,
        "true is -1 as a number"
      ],
      [`float32.floor(float32.div(a, b)),`, `float32.div(a, b),`, "floorDiv does not round"],
      [`int32.ne(b, int32.const(0)))`, `int32.const(-1))`, "whole numbers are divided by 0"],
      [`lanes.float32.const(6))`, `lanes.float32.const(5))`, "relu6 ends at 5"],
      [
        `sub(and(gt(x, number(0)), number(1)), and(lt(x, number(0)), number(1)))`,
        `sub(and(gt(x, number(0)), number(1)), number(0))`,
        "no sign is negative"
      ],
      [`    float32.eq(x, x),`, `    float32.eq(x, float32.const(9)),`, "step gives back what it is given"],
      [`case 2:`, `case 3:`, "the third power is the second"],
      [`case -1:`, `case -2:`, "the power -2 is -1"]
    ]
  ),
  ...of(
    "jit/src/engines/native/emit/Reduction.ts",
    ["jit/engines/native/emit/Reduction", "jit/engines/native/NativeEngine: threads|every kernel"],
    [
      [
        `const count = rest - (vectors - 1) * width`,
        `const count = Math.min(rest, width)`,
        "the last vector of columns is taken for whole"
      ],
      [
        `(vector === vectors - 1 ? count : width)`,
        `(vector === 0 ? count : width)`,
        "the mask is at the first vector"
      ],
      [`const touched = isEmpty ? 0 :`, `const touched =`, "an empty reduction reads"],
      [`const skipped = isEmpty ? 0 :`, `const skipped =`, "a part of an empty reduction begins outside"],
      [
        `offset: (array, row) => group.offset(array) + row * group.step(array)`,
        `offset: (array, row) => row * group.step(array)`,
        "what is left of the rows is taken from the first ones"
      ],
      [
        `X.cmp(Loops.INDEX, whole), X.jb(top))`,
        `X.cmp(Loops.INDEX, whole - step), X.jb(top))`,
        "the last whole columns are left out",
        {
          tests: [
            "jit/engines/native/emit/Reduction",
            "jit/engines/native/NativeEngine: threads|every kernel"
          ]
        }
      ],
      [`isDivided ? all : range)`, `all)`, "every thread does all columns"]
    ]
  ),
  ...of(
    "jit/src/engines/native/emit/Loops.ts",
    ["jit/engines/native/emit/Reduction", "jit/engines/native/NativeEngine: threads|every kernel"],
    [
      [
        `const step = (dimension.strides[array] ?? 0) - back`,
        `const step = dimension.strides[array] ?? 0`,
        "pointers are not set back after the inner loop"
      ],
      [
        `const start = (range?.start ?? 0) * (dimensions[0]?.strides[array] ?? 0)`,
        `const start = 0 * (dimensions[0]?.strides[array] ?? 0)`,
        "every part begins with the first row"
      ],
      [`(end - rest) * step(array)`, `(start + rest) * step(array)`, "the rest of a group lies elsewhere"],
      [`if (rounds.includes(0)) return`, ``, "loops of no round are run once"]
    ]
  ),
  ...of(
    "jit/src/engines/native/emit/TurnedRow.ts",
    ["jit/engines/native/Product"],
    [
      [
        `Math.min(8, count - 8 * g), n)`,
        `8, n)`,
        "columns are read that are not there",
        { survives: "what is read too much is in no result: only at the very end of memory would it show" }
      ],
      [
        `X.vmaxps(sum, zero, sum), X.vaddps(sum, sum, zero))`,
        `X.vmaxps(sum, zero, sum))`,
        "a row's relu of -0 is -0"
      ],
      [
        `put(X.vxorps(X.xmm(g), X.xmm(g), X.xmm(g)))`,
        `put(X.vxorps(X.xmm(4), X.xmm(4), X.xmm(4)))`,
        "a row's sums begin with what is there"
      ],
      [
        `if (bias === "row") put(X.add(registers.bias, 4 * width))`,
        ``,
        "all columns have the first ones' bias"
      ],
      [
        `isSwapped ? [number, vector] : [vector, number]`,
        `isSwapped ? [vector, number] : [number, vector]`,
        "factors change places",
        { tests: ["jit/engines/native/Product", "jit/engines/native/NativeEngine: threads|every kernel"] }
      ],
      [
        `Panels.limitTo(x, { mask: X.k(2), signs: last }, rest, spare)`,
        `Panels.limitTo(x, { mask: X.k(2), signs: last }, STEPS, spare)`,
        "the last steps read what is behind the row",
        { survives: "what is read too much is in no result: only at the very end of memory would it show" }
      ]
    ]
  ),
  ...of(
    "jit/src/engines/wasm/Team.ts",
    ["jit/engines/wasm/LinkAsync"],
    [
      [
        `answers === workers.length`,
        `answers >= workers.length - 1`,
        "the caller blocks before all threads are there"
      ],
      [
        `const WARMING = 1_100`,
        `const WARMING = 900`,
        "the first calls allocate",
        { tests: ["jit/engines/wasm/Foreign", "jit/engines/native/NativeEngine: first calls"] }
      ],
      [
        `i32.const(index + 1), wordsOf`,
        `i32.const(index), wordsOf`,
        "the function before is called",
        { tests: ["jit/engines/wasm/Foreign"] }
      ]
    ]
  ),
  ...of(
    "jit/src/host/Threads.ts",
    ["jit/engines/wasm/LinkAsync"],
    [[`host.crossOriginIsolated === false`, `host.document === null`, "a page's threads share nothing"]]
  ),
  ...of(
    "jit/src/engines/native/emit/Product.ts",
    ["jit/engines/native/Product"],
    [
      [`continues: step > 0,`, `continues: false,`, "later steps of k forget those before"],
      [`bias: ends ? product.bias : "none"`, `bias: product.bias`, "every piece adds the bias"],
      [`relu: ends && product.relu`, `relu: product.relu`, "every piece is made positive"],
      [`if (rest > 0) compute(from,`, `if (rest > 1e9) compute(from,`, "the last rows are left out"],
      [
        `at.numbers + row * product.numbers.along + step * product.numbers.step`,
        `at.numbers + row * product.numbers.along`,
        "every piece has the first steps' numbers"
      ]
    ]
  ),
  ...of(
    "jit/src/engines/native/emit/Scan.ts",
    ["jit/engines/native/NativeEngine: threads|every kernel"],
    [
      [`reverse ? 4 * inner * (size - 1) : 0`, `0`, "what is scanned backwards begins in front"],
      [
        `exclusive ? [...step.store, step.add] : [step.add, ...step.store]`,
        `[step.add, ...step.store]`,
        "an exclusive scan holds its own"
      ],
      [`product ? 1 : 0) >>> 0)`, `product ? 0 : 0) >>> 0)`, "products begin with 0"],
      [`displacement: displacement + 4 * whole }`, `displacement }`, "the rest of a scan is its beginning"]
    ]
  ),
  ...of(
    "jit/src/NonFinite.ts",
    ["jit/NonFinite"],
    [
      [
        `for (const value of inputs) if (bad.has(value)) reaching.add(value)`,
        ``,
        "only the last operation is looked at"
      ],
      [`.filter((value) => bad.has(value))`, ``, "a result that is finite is followed"],
      [`if (given !== undefined) return`, `if (given === undefined) return`, "what was given is not told"]
    ]
  )
]

/** Of `packages/lab`: what listeners hear. */
export const listeners = [
  ...of(
    "lab/src/events/Inbox.ts",
    ["lab/Inbox", "lab/Sinks"],
    [
      [
        `if (events.length >= capacity) {`,
        `if (events.length > capacity) {`,
        "an inbox holds one event more"
      ],
      [
        `events.splice(leastWanted(events), 1)`,
        `events.splice(0, 1)`,
        "the oldest event is left out, whatever it is"
      ],
      [`const count = missed - told`, `const count = missed`, "what was missed is told twice"],
      [`missed += events.length`, `missed += 0`, "what waits in a closed inbox is not missed"],
      [
        `    if (next !== undefined) return Effect.succeed(next)`,
        `    if (next !== undefined) return ((isIdle = true), Effect.succeed(next))`,
        "an inbox is idle while its last event is heard"
      ]
    ]
  ),
  ...of(
    "lab/src/events/Hub.ts",
    ["lab/Sinks"],
    [
      [`slow.add(name)`, ``, "a slow sink is told of at every event"],
      [
        `event._tag === "Failed"`,
        `event._tag === "Started"`,
        "a failed run is not told to all durable sinks"
      ],
      [
        `Effect.andThen(deliver(event)), Effect.andThen(drain)`,
        `Effect.andThen(deliver(event))`,
        "what is told while an event is heard waits for the next"
      ],
      [`(quick.includes(ear) ? 0 : ear.inbox.size())`, `0`, "what a slow sink has not heard is not counted"],
      [`durable.push(hear)`, `durable.unshift(hear)`, "durable sinks hear in another order"]
    ]
  )
]
