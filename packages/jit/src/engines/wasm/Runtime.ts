/**
 * What is used of JavaScript's `WebAssembly` object, typed here because neither ECMAScript's library nor Node's
 * types declare it.
 */

// models

/** A compiled module; it can be posted to worker threads. */
export interface Module {
  readonly [brand]: never
}

declare const brand: unique symbol

export interface Memory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer
}

/** A function that a module imports. */
export type Function = (...args: Array<number>) => number | void

/** Functions by the names that a module imports them by. */
export interface Functions {
  readonly [name: string]: Function
}

type Imports = { readonly [module: string]: { readonly [name: string]: Memory | Function } }
export type Exports = { readonly [name: string]: (...args: Array<number>) => number }

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => Module
  readonly Memory: new (options: { initial: number; maximum: number; shared: boolean }) => Memory
  readonly Instance: new (module: Module, imports: Imports) => { readonly exports: Exports }
  readonly validate: (bytes: Uint8Array) => boolean
  readonly compile: (bytes: Uint8Array) => Promise<Module>
  readonly instantiate: (module: Module, imports: Imports) => Promise<{ readonly exports: Exports }>
}

/** Bytes of one page of memory. */
export const PAGE = 65536

// constructors

export const compile = (bytes: Uint8Array): Module => new WebAssembly.Module(bytes)

/** The same beside the caller: the main thread of a page may compile small modules only. */
export const compileAsync = (bytes: Uint8Array): Promise<Module> => WebAssembly.compile(bytes)

/** Zeroed memory of at least `bytes` that never grows, so that views of it stay valid. */
export const memory = (bytes: number, shared: boolean): Memory => {
  const pages = Math.max(1, Math.ceil(bytes / PAGE))
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared })
}

/** The module's exported functions, linked with `memory` and `functions` as its imports of module `env`. */
export const instantiate = (module: Module, memory: Memory, functions: Functions = {}): Exports =>
  new WebAssembly.Instance(module, { env: { memory, ...functions } }).exports

/** The same beside the caller. */
export const instantiateAsync = async (
  module: Module,
  memory: Memory,
  functions: Functions
): Promise<Exports> => (await WebAssembly.instantiate(module, { env: { memory, ...functions } })).exports

/** Whether this machine's WebAssembly accepts the module; how optional instructions are detected. */
export const validate = (bytes: Uint8Array): boolean => WebAssembly.validate(bytes)
