/** The program that acts, where it treats each observation as if it were alone: then it is one for any number of them. */
import * as Graph from "@ornstein/jit/Graph"
import type * as NdArray from "@ornstein/jit/NdArray"
import * as Trace from "@ornstein/jit/Trace"
import * as Result from "effect/Result"
import type * as Learner from "./Learner.ts"
import * as Programs from "./Programs.ts"
import * as Template from "./Template.ts"

// models

export interface Rowwise {
  /** It, for one observation. */
  readonly one: Graph.Graph
  readonly template: Template.Template
}

// pure core

/** Are they the same program, wherever it was written? */
const isSame = (a: Graph.Graph, b: Graph.Graph): boolean => {
  const outline = ({ nodes, results, values }: Graph.Graph): string =>
    JSON.stringify([
      values.map(({ dtype, shape }) => ({ dtype, shape })),
      nodes.map(({ attributes, inputNames, inputs, kernel, outputs }) => [
        kernel,
        inputs,
        inputNames,
        Object.entries(attributes).map(([name, value]) => `${name} ${Graph.showAttribute(value)}`),
        outputs
      ]),
      results.map(({ path, value }) => [path, value])
    ])
  return outline(a) === outline(b)
}

const renamed = (graph: Graph.Graph): Graph.Graph => ({
  ...graph,
  parameters: graph.parameters.map((p) =>
    p.role === "input" ? { ...p, path: p.path.replace(/^act\./, "") } : p
  )
})

/** The program that acts on so many rows, of the parameters that it reads. */
const traced = (
  plan: Learner.Plan,
  state: Learner.State<NdArray.NdArray>,
  sizes: Learner.Sizes,
  rows: number
): Graph.Graph => {
  const { fn, inputs } = Programs.evaluating(plan, sizes, rows)
  return Template.pruned(renamed(Trace.trace({ name: "act", state, inputs, fn }).graph))
}

// constructors

/** Traces the program for one row, two and three; fails if a row depends on the others. Throws what tracing throws. */
export const of = (
  plan: Learner.Plan,
  state: Learner.State<NdArray.NdArray>,
  sizes: Learner.Sizes
): Result.Result<Rowwise, Template.RowsFault> => {
  const one = traced(plan, state, sizes, 1)
  const two = traced(plan, state, sizes, 2)
  const three = traced(plan, state, sizes, 3)
  return Result.try({
    try: () => {
      const template = Template.of(two, three)
      const constants = new Map(one.constants.map(({ data, value }) => [value, data]))
      if (isSame(Template.at(template, constants, 1), one)) return { one, template }
      throw new Template.RowsFault("it is another for one row than for several")
    },
    catch: (cause) => {
      if (cause instanceof Template.RowsFault) return cause
      throw cause
    }
  })
}
