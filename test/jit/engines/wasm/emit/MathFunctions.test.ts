import * as Assembler from "@ornstein/jit/internal/engines/wasm/assembly/Assembler"
import { type Code, v128 } from "@ornstein/jit/internal/engines/wasm/assembly/Instructions"
import * as MathFunctions from "@ornstein/jit/internal/engines/wasm/emit/MathFunctions"
import { MathFunctions as Functions } from "@ornstein/jit/internal/engines/lanes/index"
import * as Runtime from "@ornstein/jit/internal/engines/wasm/Runtime"
import { createHash } from "node:crypto"
import { assert, describe, it } from "vitest"

/** Every so many of the 2^32 numbers is tried; `ORNSTEIN_ULP_STRIDE=1` tries all. A prime, so that all bits vary. */
const STRIDE = Number(process.env["ORNSTEIN_ULP_STRIDE"] ?? 1031)
const ALL = 2 ** 32
const BATCH = Runtime.PAGE / 4

type Name = keyof typeof Functions

const references: { readonly [N in Name]: (x: number, y: number) => number } = {
  exp: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => (x > 100 ? x : Math.log1p(Math.exp(x))),
  rsqrt: (x) => 1 / Math.sqrt(x),
  selu: (x) => (x >= 0 ? 1.0507009873554805 * x : 1.7580993408473768 * Math.expm1(x)),
  pow: Math.pow
}

/** The functions on a page of numbers: `x` on the first, `y` on the second, results on the third. */
const compiled = () => {
  const assembler = Assembler.make({ pages: 3, shared: false })
  const math = MathFunctions.make(assembler)
  const expose = (name: string, apply: (x: Code, y: Code) => Code) =>
    assembler.expose(
      name,
      assembler.define(`all ${name}`, ["i32"], [], (_, [at]) =>
        v128.store(at.get, apply(v128.load(at.get), v128.load(at.get, Runtime.PAGE)), 2 * Runtime.PAGE)
      )
    )
  for (const f of Object.values(Functions)) {
    expose(f.name, (x, y) => (f === Functions.pow ? math(f, x, y) : math(f, x)))
  }
  const memory = Runtime.memory(3 * Runtime.PAGE, false)
  const functions = Runtime.instantiate(Runtime.compile(assembler.bytes()), memory)
  const page = (n: number) => new Float32Array(memory.buffer, n * Runtime.PAGE, BATCH)
  const run = (name: Name): void => {
    const f = functions[name]
    for (let at = 0; at < Runtime.PAGE; at += 16) f?.(at)
  }
  return { x: page(0), y: page(1), result: page(2), run }
}

const word = new DataView(new ArrayBuffer(4))
const float = (bits: number): number => {
  word.setUint32(0, bits)
  return word.getFloat32(0)
}

/** The distance of `x` from the exact value in units of the last place that a float32 near it has. */
const ulps = (x: number, exact: number): number => {
  const rounded = Math.fround(exact)
  if (Object.is(x, rounded)) return 0
  if (!Number.isFinite(x) || !Number.isFinite(rounded) || (x === 0 && exact === 0))
    return Number.POSITIVE_INFINITY
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(exact))))
  return Math.abs(x - exact) / 2 ** (exponent - 23)
}

const special = [
  0,
  -0,
  1,
  -1,
  2,
  -2,
  0.5,
  -0.5,
  3,
  -3,
  Infinity,
  -Infinity,
  Number.NaN,
  1e-45,
  -1e-45,
  3.4e38,
  -3.4e38
]

/** The beginning of the SHA-256 of results. */
const committed: { readonly [N in Exclude<Name, "pow">]: string } = {
  exp: "dbea2fd5cdb6c0db",
  expm1: "e2abf256f799b56f",
  log: "e800493f4b35dd0d",
  log1p: "31d5a2fe948bedd6",
  tanh: "32956d6c4955a5fe",
  sigmoid: "67288cf609343b40",
  softplus: "313d39dd0051d341",
  rsqrt: "0271b5746338bdcb",
  selu: "ec0fcb013709e105"
}

describe("MathFunctions", () => {
  const { result, run, x, y } = compiled()

  for (const name of [
    "exp",
    "expm1",
    "log",
    "log1p",
    "tanh",
    "sigmoid",
    "softplus",
    "rsqrt",
    "selu"
  ] as const) {
    it(`${name} is within 1 ulp everywhere`, () => {
      let worst = 0
      let at = Number.NaN
      for (let bits = 0; bits < ALL; bits += STRIDE * BATCH) {
        for (let i = 0; i < BATCH; i++) x[i] = float((bits + i * STRIDE) % ALL)
        run(name)
        for (let i = 0; i < BATCH; i++) {
          const error = ulps(result[i] ?? 0, references[name](x[i] ?? 0, 0))
          if (error > worst) {
            worst = error
            at = x[i] ?? 0
          }
        }
      }
      assert.isAtMost(worst, 1, `${name}(${at})`)
    })

    it(`${name} has the bits that it has always had`, () => {
      const hash = createHash("sha256")
      for (let page = 0; page < 16; page++) {
        for (let i = 0; i < BATCH; i++) x[i] = float((BATCH * page + i) * 16381)
        run(name)
        // One NaN for all: its sign and its payload are the machine's.
        hash.update(Float32Array.from(result, (y) => (Number.isNaN(y) ? Number.NaN : y)))
      }
      assert.strictEqual(hash.digest("hex").slice(0, 16), committed[name])
    })

    it(`${name} of special values is what ECMAScript says`, () => {
      x.fill(1)
      x.set(special)
      run(name)
      special.forEach((value, i) => {
        assert.isAtMost(ulps(result[i] ?? 0, references[name](Math.fround(value), 0)), 1, `${name}(${value})`)
      })
    })
  }

  it("pow is within 1 ulp", () => {
    let [worst, at] = [0, [Number.NaN, Number.NaN]]
    let seed = 1
    const random = () => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
      return seed
    }
    for (let round = 0; round < 16; round++) {
      for (let i = 0; i < BATCH; i++) {
        x[i] = float(random())
        y[i] = round % 2 === 0 ? float(random()) : (random() % 2000) / 100 - 10
      }
      run("pow")
      for (let i = 0; i < BATCH; i++) {
        const error = ulps(result[i] ?? 0, (x[i] ?? 0) ** (y[i] ?? 0))
        if (error > worst) [worst, at] = [error, [x[i] ?? 0, y[i] ?? 0]]
      }
    }
    assert.isAtMost(worst, 1, `pow(${at.join(", ")})`)
  })

  it("pow of special values is what ECMAScript says", () => {
    special.forEach((exponent) => {
      x.fill(1)
      x.set(special)
      y.fill(exponent)
      run("pow")
      special.forEach((value, i) => {
        const exact = Math.fround(value) ** Math.fround(exponent)
        assert.isAtMost(ulps(result[i] ?? 0, exact), 1, `pow(${value}, ${exponent})`)
      })
    })
  })
})
