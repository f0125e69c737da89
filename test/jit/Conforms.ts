/** The tests that every engine passes: what it computes, against the oracle `tfjs:cpu`. */
import type { Engine } from "@ornstein/jit/Engine"
import * as NdArray from "@ornstein/jit/NdArray"
import * as Program from "@ornstein/jit/Program"
import * as TfjsEngine from "@ornstein/jit/TfjsEngine"
import * as tf from "@tensorflow/tfjs-core"
import { assert, describe, it } from "vitest"
import { type Case, cases, type Drawn, edgeKernels, edges, empty } from "./Conformance.ts"
import * as OfTypes from "./ConformanceOfTypes.ts"
import { Draw } from "./Draw.ts"
import * as RandomProgram from "./RandomProgram.ts"

/** The kernels that the programs so far had, each with the element types of its last inputs. */
export const seen = new Map<string, Set<string>>()

/** Compiles `fn` with its gradients for `engine`, and the graph as traced for the oracle; runs both. */
const both = (engine: Engine, { fn, inputs }: Drawn, gradients: number, draw: Draw) => {
  const compiled = Program.compile(engine, {
    state: {},
    programs: {
      program: {
        inputs: inputs.map(({ spec }) => spec),
        fn: (state, xs) => {
          const values = [fn(...xs)].flat()
          // The gradient of a sum in which every element counts differently.
          const loss = (...ys: ReadonlyArray<tf.Tensor>) =>
            tf.addN(
              [fn(...ys, ...xs.slice(gradients))].flat().map((y) => tf.sum(tf.mul(y, pattern(y.shape))))
            )
          const grads = gradients === 0 ? [] : tf.grads(loss)(xs.slice(0, gradients))
          return [state, { values, grads }]
        }
      }
    }
  })
  const { program } = compiled.programs
  const oracle = TfjsEngine.cpu().link({ state: new Map(), programs: new Map([["program", program.traced]]) })
  const reference = oracle.programs.get("program") ?? assert.fail("no program")
  inputs.forEach(({ high, low, spec }, i) => {
    const data = program.inputs[i]?.data ?? assert.fail("no input")
    for (let k = 0; k < data.length; k++) {
      data[k] = spec.dtype === "float32" ? low + (high - low) * draw.unit() : draw.int(low, high)
    }
    reference.inputs.get(String(i))?.data.set(data)
  })
  program.run()
  reference.run()
  const { nodes, values } = program.traced
  for (const { inputs, kernel } of nodes) {
    const types = seen.get(kernel) ?? new Set()
    for (const value of Object.values(inputs)) types.add(values[value]?.dtype ?? "")
    seen.set(kernel, types)
  }
  const actual = new Map<string, NdArray.NdArray>([
    ...program.outputs.values.map((value, i) => [`values.${i}`, value] as const),
    ...program.outputs.grads.map((grad, i) => [`grads.${i}`, grad] as const)
  ])
  const results = [...reference.outputs].map(([path, expected]) => {
    const found = actual.get(path) ?? assert.fail(path)
    return { path, actual: { ...found, data: found.data.slice() }, expected }
  })
  compiled.dispose()
  oracle.dispose()
  return results
}

const pattern = (shape: ReadonlyArray<number>): tf.Tensor =>
  tf.tensor(
    Array.from({ length: shape.reduce((n, size) => n * size, 1) }, (_, i) => ((i * 7) % 11) / 5 - 1),
    [...shape]
  )

export type Tolerance = Case["tolerance"]

interface Compared {
  readonly path: string
  readonly actual: NdArray.NdArray
  readonly expected: NdArray.NdArray
}

const assertClose = (tolerance: Tolerance, { actual, expected, path }: Compared, smallest: number): void => {
  assert.deepStrictEqual([actual.dtype, actual.shape], [expected.dtype, expected.shape], path)
  const largest = Math.max(0, ...Array.from(expected.data, Math.abs).filter(Number.isFinite))
  const bound = (y: number) => {
    if (tolerance === "exact" || expected.dtype !== "float32") return 0
    // Four units in the last place, and of the smallest number that there is.
    return tolerance === "close" ? 4 * 2 ** -23 * Math.abs(y) + 4 * smallest : 1e-5 * (1 + largest)
  }
  Array.from(actual.data).forEach((x, i) => {
    const y = expected.data[i] ?? assert.fail(path)
    if (Object.is(x, y) || Math.abs(x - y) <= bound(y)) return
    assert.fail(`${path}[${i}] of [${expected.shape.join(", ")}] is ${x}; the oracle computes ${y}`)
  })
}

/**
 * The suite for one synchronous engine: `draws` programs of each case, compared as exactly as `within` makes of what a
 * case allows. `smallest` is the smallest number above 0 that the engine knows; without `hasExtremes` it has its own
 * ideas of NaN, and no tensors without elements; without `hasOutside`, its own ideas of indices outside.
 */
export const conforms = (
  engine: Engine,
  draws: number,
  within: (tolerance: Tolerance) => Tolerance,
  smallest = 2 ** -149,
  hasExtremes = true,
  hasOutside = hasExtremes
): void => {
  const compare = (tolerance: Tolerance, compared: Compared): void =>
    assertClose(within(tolerance), compared, smallest)
  describe(`${engine.name} computes what the oracle computes:`, () => {
    const holds = ({ draw: drawCase, gradients, name, tolerance }: Case): void => {
      for (let seed = 0; seed < draws; seed++) {
        const draw = new Draw(seed * 1000 + name.length)
        for (const result of both(engine, drawCase(draw), gradients, draw)) {
          compare(result.path.startsWith("grads") && tolerance !== "exact" ? "sum" : tolerance, result)
        }
      }
    }

    it.each(cases)("$name", holds)

    it.each(OfTypes.cases)("$name", holds)

    it.runIf(hasOutside)("a sum by segments leaves out what belongs to none", () => holds(OfTypes.outside))

    // The oracle fails: what is expected is counted by hand.
    it.runIf(hasOutside).each(["float32", "int32", "bool"] as const)(
      "rows of %s that are not there are zeros, also batch by batch",
      (dtype) => {
        for (const [batch, rows, width, count] of [
          [1, 3, 1, 4],
          [3, 4, 2, 5],
          [2, 5, 9, 7],
          [4, 2, 17, 3]
        ] as const) {
          const compiled = Program.compile(engine, {
            state: {},
            programs: {
              program: {
                inputs: {
                  x: NdArray.spec([batch, rows, width], dtype),
                  each: NdArray.spec([batch, count], "int32"),
                  all: NdArray.spec([count], "int32")
                },
                fn: (state, { all, each, x }) => [
                  state,
                  { each: tf.gather(x, each, 1, 1), all: tf.gather(x, all, 1) }
                ]
              }
            }
          })
          const { program } = compiled.programs
          const { all, each, x } = program.inputs
          const draw = new Draw(width)
          x.data.forEach((_, i) => (x.data[i] = dtype === "bool" ? 1 : i + 1))
          each.data.forEach((_, i) => (each.data[i] = i === 0 ? -1 : draw.int(-2, rows + 1)))
          all.data.forEach((_, i) => (all.data[i] = i === 0 ? rows : draw.int(-2, rows + 1)))
          program.run()
          const expected = (index: (line: number, i: number) => number): ReadonlyArray<number> =>
            Array.from({ length: batch * count * width }, (_, at) => {
              const [line, i, k] = [
                Math.floor(at / width / count),
                Math.floor(at / width) % count,
                at % width
              ]
              const row = index(line, i)
              return row >= 0 && row < rows ? (x.data[(line * rows + row) * width + k] ?? NaN) : 0
            })
          assert.deepStrictEqual(
            [...program.outputs.each.data],
            expected((line, i) => each.data[line * count + i] ?? NaN)
          )
          assert.deepStrictEqual(
            [...program.outputs.all.data],
            expected((_, i) => all.data[i] ?? NaN)
          )
          compiled.dispose()
        }
      }
    )

    it.each(hasExtremes ? empty : [])("tensors without elements, $name", ({ drawn }) => {
      for (const result of both(engine, drawn, 1, new Draw(1))) compare("exact", result)
    })

    it("random programs whose state changes, over three calls", () => {
      for (let seed = 0; seed < draws * 4; seed++) {
        const { program, state } = RandomProgram.make(1000 + seed)
        const compiled = Program.compile(engine, { state, programs: { program } })
        const oracle = TfjsEngine.cpu().link({
          state: new Map(Object.entries(state)),
          programs: new Map([["program", compiled.programs.program.traced]])
        })
        const draw = new Draw(seed)
        const reference = oracle.programs.get("program") ?? assert.fail("no program")
        for (const [name, array] of Object.entries(compiled.state)) {
          array.data.forEach((_, i) => (array.data[i] = 2 * draw.unit() - 1))
          oracle.state.get(name)?.data.set(array.data)
        }
        compiled.push()
        for (let call = 0; call < 3; call++) {
          for (const [name, { data }] of Object.entries(compiled.programs.program.inputs)) {
            data.forEach((_, i) => (data[i] = 2 * draw.unit() - 1))
            reference.inputs.get(name)?.data.set(data)
          }
          compiled.programs.program.run()
          reference.run()
          compiled.pull()
          const actual = Object.entries({ ...compiled.state, ...compiled.programs.program.outputs })
          for (const [path, array] of actual) {
            const expected = oracle.state.get(path) ?? reference.outputs.get(path) ?? assert.fail(path)
            compare("sum", {
              path: `program ${seed}, call ${call}: ${path}`,
              actual: array,
              expected
            })
          }
        }
        compiled.dispose()
      }
    })

    it.runIf(hasExtremes)("infinities, zeros, subnormals and NaN", () => {
      const numbers = [...edges.filter((x) => x === 0 || Math.abs(x) >= smallest), Number.NaN]
      const drawn: Drawn = {
        inputs: [{ spec: { shape: [numbers.length], dtype: "float32" }, low: 0, high: 0 }],
        fn: (x) => edgeKernels.map((f) => f(tf.add(x, tf.tensor1d(numbers))))
      }
      for (const result of both(engine, drawn, 0, new Draw(1))) compare("close", result)
    })
  })
}
