/**
 * Extensions of a learner: numbers that somebody else keeps beside the learner's own, and programs that read all of them
 * and change those. Noise on the policy's parameters is one: a second policy, and programs that make it, act by it and
 * measure how far it is from the first.
 *
 * ```ts
 * const steps: Extension.Extension = {
 *   state: () => ({ steps: { taken: { count: NdArray.scalar(0) } } }),
 *   programs: () => ({ count: { inputs: {}, fn: (state) => [Extension.put(state, "steps", counted(state)), {}] } })
 * }
 * ```
 */
import type * as NdArray from "@ornstein/jit/NdArray"
import type * as tf from "@tensorflow/tfjs-core"
import * as Learner from "./Learner.ts"
import type * as Parameters from "./Parameters.ts"
import type * as Programs from "./Programs.ts"

// models

export interface Extension {
  /** Its numbers, by name, as they begin beside those of the learner; an array of the learner's is copied. */
  readonly state: (
    plan: Learner.Plan,
    learner: Learner.State<NdArray.NdArray>
  ) => { readonly [name: string]: Parameters.Arrays }
  /** Its programs, by name: what they change of the learner's own numbers is changed. */
  readonly programs: (
    plan: Learner.Plan,
    sizes: Learner.Sizes,
    learner: Learner.State<NdArray.NdArray>
  ) => { readonly [name: string]: Programs.Definition }
}

// pure core

/** The numbers of this name; throws a `RangeError` if there are none. */
export const get = (state: Learner.State<tf.Tensor>, name: string): Parameters.Tensors =>
  Learner.get(state.extension ?? {}, name)

/** The state with other numbers of this name. */
export const put = (
  state: Learner.State<tf.Tensor>,
  name: string,
  numbers: Parameters.Tensors
): Learner.State<tf.Tensor> => ({ ...state, extension: { ...state.extension, [name]: numbers } })

/** What programs of an extension are called beside those of the learner. */
export const programName = (name: string): string => `extension.${name}`

/** The learner's state with the extension's. Throws a `RangeError` where both have numbers of one name. */
export const extended = (
  plan: Learner.Plan,
  state: Learner.State<NdArray.NdArray>,
  extension: Extension | undefined
): Learner.State<NdArray.NdArray> => {
  if (extension === undefined) return state
  const [own = {}, added] = [state.extension, extension.state(plan, state)]
  const twice = Object.keys(added).find((name) => name in own)
  if (twice !== undefined) throw new RangeError(`two extensions keep numbers under "${twice}"`)
  return { ...state, extension: { ...own, ...added } }
}

/** The extension's programs by name. */
export const programs = (
  plan: Learner.Plan,
  sizes: Learner.Sizes,
  state: Learner.State<NdArray.NdArray>,
  extension: Extension | undefined
): { readonly [name: string]: Programs.Definition } =>
  Object.fromEntries(
    Object.entries(extension?.programs(plan, sizes, state) ?? {}).map(([name, definition]) => [
      programName(name),
      definition
    ])
  )
