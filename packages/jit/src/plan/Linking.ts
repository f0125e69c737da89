/** Programs that have their place in a memory, as a caller sees them: live arrays, and calls. */
import type { Executable, Linked, Module } from "../Engine.ts"
import { Graph, type NdArray } from "../graph/index.ts"
import type { BufferId } from "./Buffers.ts"
import * as Layout from "./Layout.ts"

// models

/** What runs the programs. */
export interface Runner {
  /** The call of the program with that number in the layout. */
  readonly program: (index: number) => () => void
  /** Throws an `EngineError` if nothing can be run any more. */
  readonly check: () => void
  readonly dispose: () => void
}

// constructors

/** Writes the state's initial numbers and all constants into the memory, and gives the views of it. */
export const link = (
  module: Module,
  { programs, states }: Layout.Layout,
  memory: ArrayBuffer | SharedArrayBuffer,
  { check, dispose, program }: Runner
): Linked => {
  const state = new Map(
    Array.from(module.state, ([path, array]) => {
      const view = Layout.view(memory, states.get(path) ?? 0, array)
      view.data.set(array.data)
      return [path, view] as const
    })
  )
  const executable = (placed: Layout.Placed, index: number): Executable => {
    const { address, constants, graph, inputs, outputs, schedule } = placed
    for (const [buffer, data] of constants) Layout.put(memory, address(buffer), data)
    const views = (
      listed: Graph.Graph["parameters" | "results"],
      places: ReadonlyMap<string, BufferId>
    ): ReadonlyMap<string, NdArray.NdArray> =>
      new Map(
        listed.flatMap(({ path, role, value }) => {
          const buffer = places.get(path)
          return role === "state" || buffer === undefined
            ? []
            : [[path, Layout.view(memory, address(buffer), Graph.spec(graph, value))] as const]
        })
      )
    const run = program(index)
    return {
      inputs: views(graph.parameters, inputs),
      outputs: views(graph.results, outputs),
      run,
      runAsync: () => Promise.resolve().then(run),
      threads: schedule.threads
    }
  }
  return {
    state,
    programs: new Map(programs.map((placed, index) => [placed.name, executable(placed, index)])),
    pull: check,
    push: check,
    dispose
  }
}
