/** Runs of a graph by TensorFlow, and the question where they ran. */
import { EngineError } from "../../Engine.ts"
import { NdArray } from "../../graph/index.ts"
import { Scratch } from "../../host/node/index.ts"
import type * as Addon from "./Addon.ts"
import * as Diagnosis from "./Diagnosis.ts"
import * as GraphDef from "./GraphDef.ts"
import * as SavedModel from "./SavedModel.ts"
import type { Device } from "./Writer.ts"

// models

/** What a small program found out. */
export interface Report {
  /** The npm package whose addon was loaded. */
  readonly package: string
  /** The version of TensorFlow. */
  readonly tensorflow: string
  /** The kind of device that ran it, as TensorFlow says. */
  readonly device: (typeof SavedModel.DEVICES)[number]
  /** Tensors that the library holds in this process. */
  readonly tensors: number
}

// pure core

export const devices: { readonly [name in Addon.DeviceName]: Device } = {
  cpu: "/device:CPU:0",
  gpu: "/device:GPU:0"
}

/** The caller's memory as the session takes it: floats as the whole numbers of the same bits. */
const fed = ({ data }: NdArray.NdArray): { readonly type: number; readonly view: NdArray.Data } => {
  if (data instanceof Uint8Array) return { type: GraphDef.TYPES.bool, view: data }
  const view = new Int32Array(data.buffer, data.byteOffset, data.length)
  return { type: GraphDef.TYPES.int32, view }
}

const explain = (engine: string, cause: unknown): EngineError =>
  new EngineError({
    engine,
    reason: `TensorFlow refused: ${(cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, "")}`,
    fix: "The kernel that it names may be missing on this device: use another one, or the engine wasm.",
    cause
  })

// the session

/** A model that TensorFlow has loaded, and calls of it. */
export class Session {
  readonly #engine: string
  readonly #binding: Addon.Binding
  readonly #model: number

  constructor(engine: string, { binding }: Addon.Library, bytes: Uint8Array) {
    this.#engine = engine
    this.#binding = binding
    this.#model = Scratch.withFile("saved_model.pb", bytes, (folder) => {
      try {
        return binding.loadSavedModel(folder, GraphDef.TAG)
      } catch (cause) {
        throw explain(engine, cause)
      }
    })
  }

  /** One run: reads `inputs`, which are the feeds in their order, and writes the fetches to `outputs`. */
  call(
    { feeds, fetches }: SavedModel.Call,
    inputs: ReadonlyArray<NdArray.NdArray>,
    outputs: ReadonlyArray<NdArray.NdArray>
  ): () => void {
    const binding = this.#binding
    // A session refuses to run nothing.
    if (fetches.length === 0) return () => undefined
    const [feedNames, fetchNames] = [feeds, fetches].map((places) => places.map(({ name }) => name).join(","))
    const sources = inputs.map((array) => ({ ...fed(array), shape: [...array.shape] }))
    return () => {
      const tensors = sources.map(({ shape, type, view }) => binding.createTensor(shape, type, view))
      try {
        const results = binding.runSavedModel(this.#model, tensors, feedNames ?? "", fetchNames ?? "")
        results.forEach(({ id }, i) => {
          outputs[i]?.data.set(binding.tensorDataSync(id))
          binding.deleteTensor(id)
        })
      } catch (cause) {
        throw explain(this.#engine, cause)
      } finally {
        for (const tensor of tensors) binding.deleteTensor(tensor)
      }
    }
  }

  dispose(): void {
    this.#binding.deleteSavedModel(this.#model)
  }
}

/** Arrays for what a call takes or gives. */
export const fresh = (places: ReadonlyArray<SavedModel.Place>): ReadonlyArray<NdArray.NdArray> =>
  places.map(({ dtype, shape }) => NdArray.zeros(shape, dtype))

/** The number that the model's call `device` gives. */
const located = (engine: string, library: Addon.Library, device: Device): number | undefined => {
  const model = SavedModel.make({ state: new Map(), programs: new Map() }, device)
  const session = new Session(engine, library, model.bytes)
  const indices = fresh(model.device.fetches)
  try {
    session.call(model.device, [], indices)()
    return indices[0]?.data[0]
  } finally {
    session.dispose()
  }
}

/** Runs a small program on the device, and asks where it ran. Throws an `EngineError` if that is another one. */
export const ask = (device: Addon.DeviceName, library: Addon.Library): Report => {
  const engine = `tensorflow:${device}`
  const refuse = (reason: string, cause?: unknown): never => {
    throw new EngineError({
      engine,
      reason: `TensorFlow ${library.tensorflow} ${reason}`,
      fix: 'Install what is missing, as docs/engines.md says, build the addon again (`ornstein native build --gpu`), or ask for the device "cpu".',
      cause
    })
  }
  const locate = (): number | undefined => {
    try {
      return located(engine, library, devices[device])
    } catch (cause) {
      if (device === "cpu") throw cause
      return refuse(
        `ran nothing on a GPU (${Diagnosis.describe(Diagnosis.examine(library.tensorflow))})`,
        cause
      )
    }
  }
  const found = SavedModel.DEVICES[locate() ?? -1]
  if (found?.toLowerCase() !== device) return refuse(`ran it on ${found ?? "a device of another kind"}`)
  return {
    package: library.package,
    tensorflow: library.tensorflow,
    device: found,
    tensors: library.binding.getNumOfTensors()
  }
}
