/**
 * The engine `tfjs:webgpu`: TensorFlow.js' WebGPU kernels in Node, on Dawn (the npm package `webgpu`), which computes
 * through Vulkan, Metal or Direct3D 12. The state stays on the device; a call brings the inputs there and the outputs
 * back.
 *
 * The adapter is asked what it is. One in software is refused unless it was asked for, and the engine's name says
 * which it is: `tfjs:webgpu:nvidia-ampere`, `tfjs:webgpu:software:google-swiftshader`.
 *
 * ```ts
 * const engine = await WebgpuEngine.make()
 * const learner = Program.compile(engine, { state, programs })
 * ```
 *
 * WebGPU answers later, so the device lives on a thread of its own: `run` sleeps until the answer comes, `runAsync`
 * lets the caller's event loop turn. Both need the packages `webgpu` and `@tensorflow/tfjs-backend-webgpu`, which are
 * optional: `npm install webgpu@0.6.2 @tensorflow/tfjs-backend-webgpu@4.22.0`.
 *
 * WebGPU may flush numbers below 2^-126 to 0 and has its own `exp` and `tanh`: the bits are the driver's, not those of
 * the engine `wasm`. NaN stays NaN, though kernels of TensorFlow.js lose it there (see `passes/KeepNan`).
 */
import { type Engine, EngineError, type Linked, type Module, untilDisposed } from "../../Engine.ts"
import { Graph, NdArray } from "../../graph/index.ts"
import * as Adapter from "./Adapter.ts"
import type { Memory } from "./Gpu.ts"
import * as Thread from "./Thread.ts"

/** An adapter in words. */
export { show } from "./Adapter.ts"

// models

export interface Options {
  /** `hardware`: a GPU, nothing else. `any`: also an adapter in software, as SwiftShader. */
  readonly adapter?: Adapter.Wanted
}

export interface WebgpuEngine extends Engine {
  /** What computes. */
  readonly adapter: Adapter.Adapter
  /** What the device holds. */
  readonly memory: () => Memory
  /** Ends the device's thread, and with it everything that was linked. */
  readonly dispose: () => void
}

// pure core

/** Zeros in memory that both threads see. */
const shared = ({ dtype, shape }: NdArray.Spec): NdArray.NdArray => {
  const length = NdArray.size(shape)
  const buffer = new SharedArrayBuffer(dtype === "bool" ? length : 4 * length)
  const data =
    dtype === "float32"
      ? new Float32Array(buffer)
      : dtype === "int32"
        ? new Int32Array(buffer)
        : new Uint8Array(buffer)
  return { dtype, shape, data }
}

/** WebGPU binds no buffer without bytes. */
const assertNotEmpty = (engine: string, { nodes, values }: Graph.Graph): void => {
  for (const { inputs, kernel, outputs, site } of nodes) {
    const empty = [...inputs, ...outputs].find((id) => values[id]?.shape.includes(0))
    if (empty === undefined) continue
    throw new EngineError({
      engine,
      reason: `${kernel} (${site}) is about a tensor without elements, [${String(values[empty]?.shape)}], and WebGPU has none`,
      fix: "Leave it out of the program, or use another engine."
    })
  }
}

const places = (
  graph: Graph.Graph,
  role: string,
  list: Graph.Graph["parameters"] | Graph.Graph["results"]
): Thread.Arrays =>
  new Map(
    list.flatMap((place) =>
      place.role === role ? [[place.path, shared(Graph.spec(graph, place.value))] as const] : []
    )
  )

// constructors

const link = (thread: Thread.Thread, engine: string, id: number, module: Module): Linked => {
  const state = new Map([...module.state].map(([path, array]) => [path, shared(array)]))
  for (const [path, { data }] of module.state) state.get(path)?.data.set(data)
  const programs = new Map(
    [...module.programs].map(([name, graph]) => {
      assertNotEmpty(engine, graph)
      const inputs = places(graph, "input", graph.parameters)
      const outputs = places(graph, "output", graph.results)
      return [name, { graph, inputs, outputs }]
    })
  )
  thread.ask({ _tag: "link", module: id, state, programs })
  const order = (_tag: "pull" | "push" | "unlink") => (): void => {
    thread.ask({ _tag, module: id })
  }
  return untilDisposed(engine, {
    state,
    programs: new Map(
      Array.from(programs, ([name, { inputs, outputs }]) => {
        const run: Thread.Order = { _tag: "run", module: id, program: name }
        return [
          name,
          {
            inputs,
            outputs,
            run: () => void thread.ask(run),
            runAsync: () => thread.askAsync(run).then(() => undefined)
          }
        ]
      })
    ),
    pull: order("pull"),
    push: order("push"),
    dispose: order("unlink")
  })
}

/**
 * The engine, on the adapter that WebGPU prefers. Fails with an `EngineError` that says what is missing: a package, the
 * Vulkan loader, a driver, a GPU.
 */
export const make = async ({ adapter: wanted = "hardware" }: Options = {}): Promise<WebgpuEngine> => {
  const thread = await Thread.start(wanted)
  const name = Adapter.engineName(thread.adapter)
  let modules = 0
  return {
    name,
    synchronous: true,
    adapter: thread.adapter,
    memory: () => thread.ask({ _tag: "memory" }).memory ?? { tensors: 0, buffers: 0, bytes: 0 },
    dispose: thread.end,
    link: (module) => {
      modules += 1
      return link(thread, name, modules, module)
    }
  }
}

/** What WebGPU would compute on, whether or not it is hardware. Fails as `make` does where there is nothing. */
export const probe = async (): Promise<Adapter.Adapter> => {
  const { adapter, dispose } = await make({ adapter: "any" })
  dispose()
  return adapter
}
