/**
 * The first call of a compiled program, compared with `tfjs:cpu` on the graph as it was traced. Numbers agree if
 * `|x - y| <= absolute + relative * max |y|`, the maximum over the tensor; NaN agrees with NaN only.
 */
import { EngineError, type Executable, type Linked, type Module } from "./Engine.ts"
import * as TfjsEngine from "./engines/tfjs/TfjsEngine.ts"
import type * as NdArray from "./graph/NdArray.ts"

// models

export interface Tolerance {
  readonly absolute: number
  readonly relative: number
}

/** Room for another order of summation in float32, and no more. */
export const defaultTolerance: Tolerance = { absolute: 1e-6, relative: 1e-4 }

// pure core

/** The place of the worst disagreement beyond the tolerance, if there is one. */
export const difference = (
  actual: NdArray.Data,
  expected: NdArray.Data,
  { absolute, relative }: Tolerance
): number | undefined => {
  let largest = 0
  for (const y of expected) if (Number.isFinite(y)) largest = Math.max(largest, Math.abs(y))
  const bound = absolute + relative * largest
  const found = actual.findIndex(
    (x, i) => !(Object.is(x, expected[i]) || Math.abs(x - (expected[i] ?? 0)) <= bound)
  )
  return found === -1 ? undefined : found
}

const assertAgree = (
  engine: string,
  what: string,
  actual: NdArray.NdArray | undefined,
  expected: NdArray.NdArray,
  tolerance: Tolerance
): void => {
  const place = actual === undefined ? 0 : difference(actual.data, expected.data, tolerance)
  if (place === undefined) return
  throw new EngineError({
    engine,
    reason: `${what} is ${actual?.data[place]} at element ${place}, but tfjs:cpu computes ${expected.data[place]}`,
    fix: "Report it to the authors of @ornstein/jit with the program, or pass a wider `check` tolerance."
  })
}

const copy = (from: ReadonlyMap<string, NdArray.NdArray>, to: ReadonlyMap<string, NdArray.NdArray>): void => {
  for (const [path, { data }] of from) to.get(path)?.data.set(data)
}

// combinators

/** The programs of `linked`, whose first calls are compared with the oracle; later calls are the engine's own. */
export const againstOracle = (
  engine: string,
  traced: Module,
  linked: Linked,
  check: true | Tolerance
): ReadonlyMap<string, Executable> => {
  const tolerance = check === true ? defaultTolerance : check
  const oracle = TfjsEngine.cpu().link(traced)
  const waiting = new Set(linked.programs.keys())
  const checked = (name: string, program: Executable): Executable => {
    const reference = oracle.programs.get(name)
    const before = () => {
      linked.pull()
      copy(linked.state, oracle.state)
      copy(program.inputs, reference?.inputs ?? new Map())
      reference?.run()
    }
    const after = () => {
      linked.pull()
      for (const [path, expected] of reference?.outputs ?? []) {
        assertAgree(engine, `output ${path} of "${name}"`, program.outputs.get(path), expected, tolerance)
      }
      for (const [path, expected] of oracle.state) {
        assertAgree(engine, `state ${path} after "${name}"`, linked.state.get(path), expected, tolerance)
      }
      waiting.delete(name)
      if (waiting.size === 0) oracle.dispose()
    }
    return {
      ...program,
      run: () => {
        if (!waiting.has(name)) return program.run()
        before()
        program.run()
        after()
      },
      runAsync: async () => {
        if (!waiting.has(name)) return program.runAsync()
        before()
        await program.runAsync()
        after()
      }
    }
  }
  return new Map([...linked.programs].map(([name, program]) => [name, checked(name, program)]))
}
