/** The GPU's side of a `Thread`: carries out one order after the other until it is terminated. */
import { EngineError } from "../../Engine.ts"
import { TfjsEngine } from "../tfjs/index.ts"
import { Post } from "../../host/node/index.ts"
import { ENGINE } from "./Adapter.ts"
import * as Gpu from "./Gpu.ts"
import type { Answer, Arrays, Order } from "./Thread.ts"

// models

/** A module on the device, and the caller's views of it. */
interface Linked {
  readonly resident: TfjsEngine.Resident
  readonly order: Extract<Order, { readonly _tag: "link" }>
}

// pure core

const isOrder = (u: unknown): u is Order => typeof u === "object" && u !== null && "_tag" in u

const copy = (from: Arrays, to: Arrays): void => {
  for (const [path, { data }] of from) to.get(path)?.data.set(data)
}

const find = <A>(found: A | undefined, what: string): A => {
  if (found === undefined) throw new RangeError(`there is no ${what}`)
  return found
}

const failure = (cause: unknown): NonNullable<Answer["failure"]> => {
  if (cause instanceof EngineError) return { engine: cause.engine, reason: cause.reason, fix: cause.fix }
  return {
    engine: ENGINE,
    reason: cause instanceof Error ? cause.message : String(cause),
    fix: "Report it to the authors of @ornstein/jit."
  }
}

// orders

/** What the thread knows. */
class Orders {
  #gpu: Gpu.Gpu | undefined
  readonly #modules = new Map<number, Linked>()

  async follow(order: Order): Promise<Answer> {
    if (order._tag === "open") {
      this.#gpu = await Gpu.open(order.wanted)
      return { adapter: this.#gpu.adapter }
    }
    const gpu = find(this.#gpu, "device")
    const result = await this.#carryOut(gpu, order).catch(async (cause: unknown) => {
      // What the device reports comes by the event loop, and says more than what failed because of it.
      await new Promise(setImmediate)
      throw gpu.fault() ?? cause
    })
    const fault = gpu.fault()
    if (fault !== undefined) throw fault
    return result
  }

  async #carryOut(gpu: Gpu.Gpu, order: Exclude<Order, { readonly _tag: "open" }>): Promise<Answer> {
    switch (order._tag) {
      case "memory":
        return { memory: gpu.memory() }
      case "link": {
        const programs = new Map([...order.programs].map(([name, { graph }]) => [name, graph]))
        const resident = TfjsEngine.resident(gpu.device, { state: order.state, programs })
        this.#modules.set(order.module, { resident, order })
        return {}
      }
      case "run": {
        const { order: linked, resident } = this.#module(order.module)
        const shared = find(linked.programs.get(order.program), order.program)
        const program = find(resident.programs.get(order.program), order.program)
        copy(shared.inputs, program.inputs)
        await program.runAsync()
        copy(program.outputs, shared.outputs)
        return {}
      }
      case "pull": {
        const { order: linked, resident } = this.#module(order.module)
        await resident.pullAsync()
        copy(resident.state, linked.state)
        return {}
      }
      case "push": {
        const { order: linked, resident } = this.#module(order.module)
        copy(linked.state, resident.state)
        resident.push()
        return {}
      }
      case "unlink":
        this.#module(order.module).resident.dispose()
        this.#modules.delete(order.module)
        return {}
    }
  }

  #module(id: number): Linked {
    return find(this.#modules.get(id), `module ${id}`)
  }
}

const orders = new Orders()

Post.serve(async (order): Promise<Answer> => {
  try {
    return await orders.follow(find(isOrder(order) ? order : undefined, "such order"))
  } catch (cause) {
    return { failure: failure(cause) }
  }
})
