/** What a method does in place of what it should. */

export const hows = ["error", "text", "undefined", "nan", "shape", "promise"] as const
export type How = (typeof hows)[number]

export interface Misbehaviour {
  /** `world.step` */
  readonly method: string
  readonly how: How
  /** Calls that are made as they should be before. */
  readonly after: number
}

declare global {
  // The module that is run and the test that asks for it share nothing else.
  var misbehaviour: (Misbehaviour & { calls: number }) | undefined
}

const instead: { readonly [how in How]: () => unknown } = {
  error: () => {
    throw new Error("it broke")
  },
  text: () => {
    throw "it broke"
  },
  undefined: () => undefined,
  nan: () => Number.NaN,
  shape: () => ({ answer: ["forty", "two"] }),
  promise: () => Promise.reject(new Error("it broke later"))
}

/** Does it misbehave now? */
export const isDue = (method: string): boolean => {
  const asked = globalThis.misbehaviour
  if (asked?.method !== method) return false
  asked.calls += 1
  return asked.calls > asked.after
}

/** What is done instead. */
export const act = (): unknown => instead[globalThis.misbehaviour?.how ?? "error"]()

/** A field's promise: whoever has the field hears that it fails. */
const held = (made: unknown): unknown => {
  if (made instanceof Promise) made.catch(() => {})
  return made
}

/** The same object, whose fields and methods misbehave when they are asked to: `world.step` is `step` of a `world`. */
export const prone = <A extends object>(sort: string, self: A): A =>
  new Proxy(self, {
    get: (target, name, receiver): unknown => {
      const own: unknown = Reflect.get(target, name, receiver)
      if (typeof name !== "string") return own
      const method = `${sort}.${name}`
      if (typeof own !== "function") return isDue(method) ? held(act()) : own
      return (...args: ReadonlyArray<unknown>): unknown =>
        isDue(method) ? act() : Reflect.apply(own, target, args)
    }
  })

/** The same of a function. */
export const proneTo = <Args extends ReadonlyArray<unknown>, B>(
  method: string,
  f: (...args: Args) => B
): ((...args: Args) => B) =>
  new Proxy(f, {
    apply: (target, self, args): unknown => (isDue(method) ? act() : Reflect.apply(target, self, args))
  })
