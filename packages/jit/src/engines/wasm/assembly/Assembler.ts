/**
 * A WebAssembly module, put together function by function and encoded to bytes (WebAssembly 3.0, "Binary format").
 *
 * ```ts
 * const module = Assembler.make({ pages: 1, shared: false })
 * const twice = module.define("twice", ["i32"], ["i32"], (_, [x]) => i32.add(x.get, x.get))
 * module.expose("twice", twice)
 * Runtime.instantiate(Runtime.compile(module.bytes()), memory).twice(21) // 42
 * ```
 */
import { type Code, type Local, unsigned } from "./Instructions.ts"

// models

export type Type = "i32" | "i64" | "f32" | "f64" | "v128"

/** A function of the module, called with code that leaves its arguments on the stack. */
export interface Func {
  readonly index: number
  readonly call: (...args: ReadonlyArray<Code>) => Code
}

/** Gives out a function's local variables while its body is written. */
export interface Scope {
  readonly local: (type: Type) => Local
  /** Variables that `reuse` gives out are given back at its end, so that later code can have them. */
  readonly reuse: (body: () => Code) => Code
}

export interface Assembler {
  /** An imported function; all imports come before the first definition. */
  readonly declare: (name: string, params: ReadonlyArray<Type>, results: ReadonlyArray<Type>) => Func
  readonly define: <const P extends ReadonlyArray<Type>>(
    name: string,
    params: P,
    results: ReadonlyArray<Type>,
    body: (scope: Scope, params: { readonly [K in keyof P]: Local }) => Code
  ) => Func
  readonly expose: (name: string, func: Func) => void
  readonly bytes: () => Uint8Array<ArrayBuffer>
}

// pure core: encoding

const TYPES: { readonly [T in Type]: number } = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b }

const flatten = (code: Code, out: Array<number>): Array<number> => {
  for (const part of code) {
    if (typeof part === "number") out.push(part)
    else flatten(part, out)
  }
  return out
}

const text = (s: string): Code => {
  const bytes = new TextEncoder().encode(s)
  return [unsigned(bytes.length), [...bytes]]
}

const vector = (items: ReadonlyArray<Code>): Code => [unsigned(items.length), items]

const sized = (code: Code): ReadonlyArray<number> => {
  const bytes = flatten(code, [])
  return [...unsigned(bytes.length), ...bytes]
}

const section = (id: number, code: Code): Code => [id, sized(code)]

const local = (index: number): Local => ({
  get: [0x20, unsigned(index)],
  set: (value) => [value, 0x21, unsigned(index)],
  tee: (value) => [value, 0x22, unsigned(index)]
})

/** Locals as the binary format wants them: runs of one type. */
const runs = (types: ReadonlyArray<Type>): Code => {
  const out: Array<[count: number, type: Type]> = []
  for (const type of types) {
    const last = out.at(-1)
    if (last !== undefined && last[1] === type) last[0]++
    else out.push([1, type])
  }
  return vector(out.map(([count, type]) => [unsigned(count), TYPES[type]]))
}

const isPerParameter = <P extends ReadonlyArray<Type>>(
  locals: ReadonlyArray<Local>,
  params: P
): locals is { readonly [K in keyof P]: Local } => locals.length === params.length

// constructors

/** A module that imports the memory `env.memory` of that many pages, and nothing else until told. */
export const make = (memory: { readonly pages: number; readonly shared: boolean }): Assembler => {
  const types: Array<{
    readonly key: string
    readonly params: ReadonlyArray<Type>
    readonly results: ReadonlyArray<Type>
  }> = []
  const imports: Array<Code> = []
  const functions: Array<{ readonly name: string; readonly type: number; readonly body: Code }> = []
  const exports: Array<Code> = []

  const typeOf = (params: ReadonlyArray<Type>, results: ReadonlyArray<Type>): number => {
    const key = `${params.join()}:${results.join()}`
    const known = types.findIndex((type) => type.key === key)
    return known >= 0 ? known : types.push({ key, params, results }) - 1
  }
  const list = (names: ReadonlyArray<Type>): Code => vector(names.map((name) => [TYPES[name]]))
  const func = (index: number): Func => ({ index, call: (...args) => [args, 0x10, unsigned(index)] })

  return {
    declare: (name, params, results) => {
      imports.push([text("env"), text(name), 0x00, unsigned(typeOf(params, results))])
      return func(imports.length - 1)
    },
    define: <const P extends ReadonlyArray<Type>>(
      name: string,
      params: P,
      results: ReadonlyArray<Type>,
      build: (scope: Scope, params: { readonly [K in keyof P]: Local }) => Code
    ) => {
      const variables: Array<Type> = []
      let free: Array<{ readonly type: Type; readonly local: Local }> = []
      let taken: Array<{ readonly type: Type; readonly local: Local }> = []
      const scope: Scope = {
        local: (type) => {
          const at = free.findIndex((candidate) => candidate.type === type)
          const [recycled] = at < 0 ? [] : free.splice(at, 1)
          const given = recycled ?? { type, local: local(params.length + variables.push(type) - 1) }
          taken.push(given)
          return given.local
        },
        reuse: (body) => {
          const outer = taken
          taken = []
          const code = body()
          free = [...free, ...taken]
          taken = outer
          return code
        }
      }
      const locals = params.map((_, i) => local(i))
      const code = isPerParameter(locals, params) ? build(scope, locals) : []
      functions.push({ name, type: typeOf(params, results), body: sized([runs(variables), code, 0x0b]) })
      return func(imports.length + functions.length - 1)
    },
    expose: (name, { index }) => {
      exports.push([text(name), 0x00, unsigned(index)])
    },
    bytes: () => {
      const pages = unsigned(memory.pages)
      const memoryImport: Code = [
        text("env"),
        text("memory"),
        0x02,
        memory.shared ? 0x03 : 0x01,
        pages,
        pages
      ]
      const names = vector(functions.map(({ name }, i) => [unsigned(imports.length + i), text(name)]))
      return new Uint8Array(
        flatten(
          [
            [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
            section(1, vector(types.map(({ params, results }) => [0x60, list(params), list(results)]))),
            section(2, vector([...imports, memoryImport])),
            section(3, vector(functions.map(({ type }) => unsigned(type)))),
            section(7, vector(exports)),
            section(10, vector(functions.map(({ body }) => body))),
            section(0, [text("name"), 0x01, sized(names)])
          ],
          []
        )
      )
    }
  }
}
