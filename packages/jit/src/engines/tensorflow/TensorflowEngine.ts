/**
 * The engine `tensorflow`: gives all programs of a module to TensorFlow's C library as one graph, through the addon of
 * `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node`. The state is variables of a session, which stay on the
 * device; one call of a program is one run of the session, to which only the inputs go and from which only the outputs
 * come.
 *
 * Every operation is bound to the device that was asked for, and the library is asked where it ran: a GPU that is not
 * there is an `EngineError`, never a run on the CPU.
 *
 * ```ts
 * const learner = Program.compile(await TensorflowEngine.make({ device: "gpu" }), { state, programs })
 * ```
 *
 * The bits are those of the library: the same in every run on one machine with one library and one number of threads
 * as far as it was measured (see docs/engines.md), not those of the engine `wasm`.
 */
import { type Engine, type Linked, type Module, untilDisposed } from "../../Engine.ts"
import type { NdArray } from "../../graph/index.ts"
import * as Addon from "./Addon.ts"
import * as SavedModel from "./SavedModel.ts"
import * as Session from "./Session.ts"

// models

export type Options = Addon.Options

export type Report = Session.Report

// pure core

const byPath = (
  places: ReadonlyArray<SavedModel.Place>,
  arrays: ReadonlyArray<NdArray.NdArray>
): ReadonlyMap<string, NdArray.NdArray> =>
  new Map(arrays.flatMap((array, i) => (places[i] === undefined ? [] : [[places[i].path, array] as const])))

// the engine

const link = (engine: string, library: Addon.Library, device: Addon.DeviceName, module: Module): Linked => {
  const model = SavedModel.make(module, Session.devices[device])
  const session = new Session.Session(engine, library, model.bytes)
  const arrays = [...module.state.values()].map((array) => ({ ...array, data: array.data.slice() }))
  const push = session.call(model.push, arrays, Session.fresh(model.push.fetches))
  const pull = session.call(model.pull, [], arrays)
  const programs = new Map(
    [...model.programs].map(([name, call]) => {
      const [inputs, outputs] = [Session.fresh(call.feeds), Session.fresh(call.fetches)]
      const run = session.call(call, inputs, outputs)
      return [
        name,
        {
          inputs: byPath(call.feeds, inputs),
          outputs: byPath(call.fetches, outputs),
          run,
          runAsync: () => Promise.resolve().then(run)
        }
      ]
    })
  )
  push()
  return untilDisposed(engine, {
    state: byPath(model.pull.fetches, arrays),
    programs,
    pull,
    push,
    dispose: () => session.dispose()
  })
}

// constructors

/** The version of TensorFlow's C library that is loaded for the device. Throws an `EngineError` where none loads. */
export const version = async (options: Options): Promise<string> => (await Addon.load(options)).tensorflow

/** Which device runs the programs of this engine. Throws an `EngineError` that says why it is not the one asked for. */
export const probe = async (options: Options): Promise<Report> =>
  Session.ask(options.device, await Addon.load(options))

/**
 * The engine `tensorflow:cpu` or `tensorflow:gpu`. Throws an `EngineError` that says what is missing: the package, its
 * addon, a library, the device.
 */
export const make = async (options: Options): Promise<Engine> => {
  const library = await Addon.load(options)
  Session.ask(options.device, library)
  const name = `tensorflow:${options.device}${options.tf32 === true ? ":tf32" : ""}`
  return {
    name,
    synchronous: true,
    libraries: { tensorflow: library.tensorflow },
    link: (module) => link(name, library, options.device, module)
  }
}
