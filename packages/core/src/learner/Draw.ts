/**
 * What an update draws besides its minibatch: numbers or choices that are read by key in every update, under the name that
 * an algorithm gives them.
 *
 * ```ts
 * const draws = { targetNoise: Draw.normal([batch, action]), critics: Draw.subset({ size: 2, of: 10 }) }
 * ```
 */
import * as NdArray from "@ornstein/jit/NdArray"
import { Key } from "../random/index.ts"

// models

export type Draw =
  /** Standard normal numbers. */
  | { readonly kind: "normal"; readonly shape: ReadonlyArray<number> }
  /** Numbers in [0, 1). */
  | { readonly kind: "uniform"; readonly shape: ReadonlyArray<number> }
  /** The first `size` of a random order of 0, 1, ..., of - 1: int32 `[size]`. */
  | { readonly kind: "subset"; readonly size: number; readonly of: number }

// constructors

/** Standard normal numbers of a shape. */
export const normal = (shape: ReadonlyArray<number>): Draw => ({ kind: "normal", shape })

/** Numbers in [0, 1) of a shape. */
export const uniform = (shape: ReadonlyArray<number>): Draw => ({ kind: "uniform", shape })

/** `size` different indices below `of`, in random order: int32 `[size]`. Throws a `RangeError` where there are not as many. */
export const subset = ({ of, size }: { readonly size: number; readonly of: number }): Draw => {
  if (size > of) throw new RangeError(`a subset of ${size} cannot be drawn from ${of}`)
  return { kind: "subset", size, of }
}

/** A random order of 0, 1, ..., n - 1: int32 `[n]`. */
export const permutation = (n: number): Draw => subset({ size: n, of: n })

// pure core

/** The array that holds it. */
export const spec = (draw: Draw): NdArray.Spec =>
  draw.kind === "subset" ? NdArray.spec([draw.size], "int32") : NdArray.spec(draw.shape)

/** Draws by the key into the array. Throws a `TypeError` if the array is of another type than `spec` says. */
export const write = (draw: Draw, key: Key.Key, out: NdArray.Data): void => {
  if (draw.kind === "subset") out.set(Key.permutation(key, draw.of).subarray(0, draw.size))
  else if (!(out instanceof Float32Array)) throw new TypeError(`a ${draw.kind} draw takes a float32 array`)
  else if (draw.kind === "normal") Key.normals(key, out)
  else Key.uniforms(key, out)
}
