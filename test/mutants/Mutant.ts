/** Mutants: bugs of one line, planted one at a time to see whether a fast test goes red. */
import { stripTypeScriptTypes } from "node:module"

// models

export interface Mutant {
  /** What goes wrong: unique, in words. */
  readonly name: string
  /** The source, under `packages/`: `core/src/replay/Sampler.ts`. */
  readonly file: string
  /** A part of one line that stands in the file exactly once. */
  readonly before: string
  readonly after: string
  /**
   * The test files that are asked first, without `.test.ts`, and after a colon a pattern of their names if not all of
   * their tests: `core/Sampler`, `algos/Updates: TQC`. The rest of the fast tests come after.
   */
  readonly tests: ReadonlyArray<string>
  /** Why no test can kill it: what it computes is the same. */
  readonly survives?: string
}

/** `before`, `after`, what goes wrong; and where other tests than the file's are nearer, which. */
export type Row =
  | readonly [before: string, after: string, name: string]
  | readonly [
      before: string,
      after: string,
      name: string,
      also: { readonly tests?: ReadonlyArray<string>; readonly survives?: string }
    ]

// constructors

/** The mutants of one source file, and the tests that are nearest to it. */
export const of = (
  file: string,
  tests: ReadonlyArray<string>,
  rows: ReadonlyArray<Row>
): ReadonlyArray<Mutant> =>
  rows.map(([before, after, name, also]) => ({
    name,
    file,
    before,
    after,
    tests: also?.tests ?? tests,
    ...(also?.survives === undefined ? {} : { survives: also.survives })
  }))

// pure core

/** The file and the pattern of a row's test. */
export const testOf = (test: string): { readonly file: string; readonly name?: string } => {
  const [file = "", name] = test.split(": ")
  return { file: `test/${file}.test.ts`, ...(name === undefined ? {} : { name }) }
}

/** The source with the bug; or why there is none: the line is no longer there, or there more than once. */
export const plant = (
  { after, before }: Pick<Mutant, "before" | "after">,
  source: string
): string | undefined => {
  const [head, tail, ...rest] = source.split(before)
  return head === undefined || tail === undefined || rest.length > 0 ? undefined : `${head}${after}${tail}`
}

/** What is wrong with a row of the table, for the source as it is. */
export const fault = (mutant: Mutant, source: string): string | undefined => {
  if (mutant.before === mutant.after) return "it changes nothing"
  if (mutant.before.includes("\n")) return "it is more than one line"
  const planted = plant(mutant, source)
  if (planted === undefined) {
    const count = source.split(mutant.before).length - 1
    return `stale: its line stands in packages/${mutant.file} ${count} times: ${mutant.before}`
  }
  try {
    stripTypeScriptTypes(planted)
    return undefined
  } catch (cause) {
    return `it does not parse: ${cause instanceof Error ? cause.message : String(cause)}`
  }
}
