/**
 * What a checkpoint holds besides the rows of the replay, as files: `state.json` with every counter and small value,
 * and its arrays as safetensors, named by where they belong.
 *
 * ```text
 * parameters.safetensors   online.actor.l0.w [inputs, outputs], target.critic.l2.b [outputs], ...
 * optimizer.safetensors    optimizer.actor.m.l0.w, optimizer.actor.v.l0.w, ...
 * state.safetensors        arrays of the environment, exploration, normalisation, replay: replay.tree, ...
 * state.json               the rest; {"$tensor": "replay.tree"} stands where an array was
 * ```
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { JsonText } from "../config/index.ts"
import { Safetensors, Snapshot } from "../state/index.ts"
import { Training } from "../training/index.ts"
import * as CheckpointError from "./CheckpointError.ts"

// models

/** The files of a checkpoint by name. */
export type Files = { readonly [name: string]: Uint8Array }

export type Shapes = { readonly [path: string]: ReadonlyArray<number> }

// pure core

const PARAMETERS = "parameters.safetensors"
const OPTIMIZER = "optimizer.safetensors"
const STATE = "state.safetensors"
const REST = "state.json"

/** The files that every checkpoint has. */
export const FILES: ReadonlyArray<string> = [PARAMETERS, OPTIMIZER, STATE, REST]

const SERVICES = ["environment", "exploration", "normalization", "replay"] as const

const TENSOR = "$tensor"

const isArray = (u: Snapshot.Snapshot): u is Snapshot.TypedArray => ArrayBuffer.isView(u)

/** Moves the arrays inside a snapshot to `tensors`, by their path. */
const extract = (
  value: Snapshot.Snapshot,
  path: string,
  tensors: Map<string, Safetensors.Tensor>
): Snapshot.Snapshot => {
  const below = (name: string | number) => (path === "" ? String(name) : `${path}.${name}`)
  if (isArray(value)) {
    tensors.set(path, { shape: [value.length], data: value })
    return { [TENSOR]: path }
  }
  if (Array.isArray(value)) return value.map((item, i) => extract(item, below(i), tensors))
  if (!Snapshot.isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, extract(item, below(name), tensors)])
  )
}

/** Puts the arrays back, and tells which; throws a `TypeError` if one is not there. */
const restore = (
  value: Snapshot.Snapshot,
  tensors: Safetensors.Tensors,
  used: Set<string>
): Snapshot.Snapshot => {
  if (Array.isArray(value)) return value.map((item) => restore(item, tensors, used))
  if (!Snapshot.isRecord(value)) return value
  const path = value[TENSOR]
  if (typeof path === "string" && Object.keys(value).length === 1) {
    const tensor = Object.hasOwn(tensors, path) ? tensors[path] : undefined
    if (tensor === undefined) throw new TypeError(`there is no array "${path}"`)
    if (used.has(path)) throw new TypeError(`the array "${path}" is there once, and named twice`)
    used.add(path)
    return tensor.data
  }
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, restore(item, tensors, used)]))
}

/** The files of a state; `shapes` are those of the agent's arrays. */
export const encode = (state: Training.TrainState, shapes: Shapes): Files => {
  const tensors = new Map<string, Safetensors.Tensor>()
  const agent = new Map<string, Safetensors.Tensor>()
  const rest = {
    ...state,
    ...Object.fromEntries(SERVICES.map((name) => [name, extract(state[name], name, tensors)])),
    agent: extract(state.agent, "", agent)
  }
  const learned = Array.from(
    agent,
    ([name, { data, shape }]) => [name, { data, shape: shapes[name] ?? shape }] as const
  )
  const isOptimizer = (name: string) => name.startsWith("optimizer")
  return {
    [PARAMETERS]: Safetensors.encode(Object.fromEntries(learned.filter(([name]) => !isOptimizer(name)))),
    [OPTIMIZER]: Safetensors.encode(Object.fromEntries(learned.filter(([name]) => isOptimizer(name)))),
    [STATE]: Safetensors.encode(Object.fromEntries(tensors)),
    [REST]: new TextEncoder().encode(`${JSON.stringify(Snapshot.toJson(rest), undefined, 2)}\n`)
  }
}

const isTrainState = Schema.is(Training.TrainState)

/** A state, and the shapes of its arrays. */
export interface Decoded {
  readonly state: Training.TrainState
  readonly shapes: Shapes
}

/** The state in these files, which have been compared with their digests already. */
export const decode = (path: string, files: Files): Result.Result<Decoded, CheckpointError.CheckpointError> =>
  Result.gen(function* () {
    const damaged = (reason: string) => CheckpointError.damaged(path, reason)
    const bytes = (name: string) =>
      Result.fromNullishOr(files[name], () => damaged(`its manifest has no ${name}`))
    const read = (name: string) =>
      Result.flatMap(bytes(name), (file) =>
        Result.mapError(Safetensors.decode(file), ({ what: reason }) => damaged(`${name}: ${reason}`))
      )
    const parts = [yield* read(PARAMETERS), yield* read(OPTIMIZER), yield* read(STATE)]
    const entries = parts.flatMap((tensors) => Object.entries(tensors))
    const tensors: Safetensors.Tensors = Object.fromEntries(entries)
    const text = new TextDecoder().decode(yield* bytes(REST))
    yield* Result.mapError(JsonText.parse(text), ({ reason }) => damaged(`${REST}: ${reason}`))
    const used = new Set<string>()
    const state = yield* Result.try({
      try: () => restore(Snapshot.parse(text), tensors, used),
      catch: (cause) => damaged(`${REST}: ${cause instanceof Error ? cause.message : String(cause)}`)
    })
    if (used.size !== entries.length) {
      const name = Object.keys(tensors).find((name) => !used.has(name))
      return yield* Result.fail(
        damaged(
          name === undefined
            ? "an array stands in two of its files"
            : `${REST} does not name the array "${name}"`
        )
      )
    }
    if (!isTrainState(state)) {
      return yield* Result.fail(damaged("its state is not the one that this version of Ornstein has"))
    }
    return { state, shapes: Object.fromEntries(entries.map(([name, { shape }]) => [name, shape])) }
  })
