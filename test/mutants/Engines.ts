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
      ]
    ]
  ),
  ...of(
    "jit/src/host/Threads.ts",
    ["jit/engines/wasm/LinkAsync"],
    [[`host.crossOriginIsolated === false`, `host.document === null`, "a page's threads share nothing"]]
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
    [[`slow.add(name)`, ``, "a slow sink is told of at every event"]]
  )
]
