/** What a lowering rule is: a node of the graph in, tasks on buffers out. */
import { EngineError } from "../Engine.ts"
import type { Graph, NdArray } from "../graph/index.ts"
import type { BufferId } from "./Buffers.ts"
import type { Machine } from "./Machine.ts"
import type { Task } from "./Task.ts"

// models

export interface Value extends NdArray.Spec {
  readonly buffer: BufferId
  /** Whether it becomes a state, which the next call starts from. */
  readonly lasts: boolean
}

/** What rules see of the graph: a node's values and a place for new ones. */
export interface Context {
  readonly machine: Machine
  readonly node: Graph.Node
  readonly input: (i: number) => Value
  readonly inputs: ReadonlyArray<Value>
  readonly output: (i?: number) => Value
  readonly outputs: ReadonlyArray<Value>
  /** The number that an input is, where it is a constant of one element. */
  readonly constant: (i: number) => number | undefined
  readonly temporary: (spec: NdArray.Spec) => Value
}

export type Tasks = ReadonlyArray<Task | undefined>
export type Rule = (context: Context) => Tasks

// errors

const FIX = "Express it with supported kernels, or run it on the engine tfjs:cpu"

/** Throws an `EngineError` that names the kernel and the line of user code that asked for it. */
export const refuse = ({ machine, node }: Pick<Context, "machine" | "node">, why: string): never => {
  throw new EngineError({
    engine: machine.engine,
    reason: `kernel ${node.kernel} at ${node.site}: ${why}`,
    fix: FIX
  })
}
