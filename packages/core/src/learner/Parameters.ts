/**
 * The trainable numbers of one network: layers by name, and in each layer its arrays by name (`w`, `b`, `scale`,
 * `offset`). The same shape of record holds arrays on the host, tensors inside a program, gradients and moments.
 */
import type * as NdArray from "@ornstein/jit/NdArray"
import type * as tf from "@tensorflow/tfjs-core"

// models

export type Parameters<L> = { readonly [layer: string]: { readonly [name: string]: L } }

export type Arrays = Parameters<NdArray.NdArray>

export type Tensors = Parameters<tf.Tensor>

// combinators

/** Applies `f` to every array; it is given `layer.name`. */
export const map = <A, B>(parameters: Parameters<A>, f: (leaf: A, path: string) => B): Parameters<B> =>
  Object.fromEntries(
    Object.entries(parameters).map(([layer, arrays]) => [
      layer,
      Object.fromEntries(Object.entries(arrays).map(([name, leaf]) => [name, f(leaf, `${layer}.${name}`)]))
    ])
  )

/** The array of the other parameters at the same place; throws a `RangeError` where there is none. */
export const at = <A>(parameters: Parameters<A>, path: string): A => {
  const split = path.lastIndexOf(".")
  const leaf = parameters[path.slice(0, split)]?.[path.slice(split + 1)]
  if (leaf === undefined) throw new RangeError(`these parameters have no "${path}"`)
  return leaf
}

/** Applies `f` to the arrays that stand at the same place in two sets of parameters. */
export const zip = <A, B, C>(
  left: Parameters<A>,
  right: Parameters<B>,
  f: (left: A, right: B, path: string) => C
): Parameters<C> => map(left, (leaf, path) => f(leaf, at(right, path), path))

/** Every array by its path `layer.name`, made into something else. */
export const paths = <A, B>(
  parameters: Parameters<A>,
  f: (leaf: A) => B
): ReadonlyArray<readonly [path: string, B]> =>
  Object.entries(parameters).flatMap(([layer, arrays]) =>
    Object.entries(arrays).map(([name, leaf]) => [`${layer}.${name}`, f(leaf)] as const)
  )

/** All arrays in order. */
export const leaves = <A>(parameters: Parameters<A>): ReadonlyArray<A> =>
  Object.values(parameters).flatMap((arrays) => Object.values(arrays))

/** The parameters whose arrays are these, in the order of `leaves(like)`. */
export const fromLeaves = <A, B>(like: Parameters<A>, leaves: ReadonlyArray<B>): Parameters<B> => {
  let i = 0
  return map(like, () => {
    const leaf = leaves[i++]
    if (leaf === undefined) throw new RangeError(`${leaves.length} arrays are too few`)
    return leaf
  })
}

/** Puts `prefix.` before the name of every layer. */
export const prefix = <A>(parameters: Parameters<A>, name: string): Parameters<A> =>
  Object.fromEntries(Object.entries(parameters).map(([layer, arrays]) => [`${name}.${layer}`, arrays]))

/** The layers whose names begin with `prefix.`, without it: the inverse of `prefix`. */
export const unprefixed = <A>(parameters: Parameters<A>, name: string): Parameters<A> =>
  Object.fromEntries(
    Object.entries(parameters)
      .filter(([layer]) => layer.startsWith(`${name}.`))
      .map(([layer, arrays]) => [layer.slice(name.length + 1), arrays])
  )
