/** Reads the golden updates (`test/golden/updates/README.md`) and compares with them. */
import { Learner } from "@ornstein/core"
import { readFileSync } from "node:fs"
import { assert } from "vitest"

// models

export interface Tensor {
  readonly shape: ReadonlyArray<number>
  readonly data: ReadonlyArray<number>
}

export type Numbers = Tensor | ReadonlyArray<number> | number

export type Record<A> = { readonly [name: string]: A }

export interface Layer {
  readonly name: string
  readonly in: number
  readonly out: number
  readonly layer_norm: boolean
  readonly activation: "relu" | "tanh" | "elu" | "linear"
}

export interface NetworkDescription {
  readonly kind: "mlp" | "concat" | "action-at-layer" | "two-branch" | "gaussian" | "policy-and-value"
  readonly layers?: ReadonlyArray<Layer>
  readonly action_at?: number
  readonly state_branch?: ReadonlyArray<Layer>
  readonly action_branch?: ReadonlyArray<Layer>
  readonly trunk?: ReadonlyArray<Layer>
  readonly mean?: Layer
  readonly log_std_min?: number
  readonly log_std_max?: number
  readonly policy?: Layer
  readonly value?: Layer
}

export interface Adam {
  readonly learning_rate: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weight_decay: number
}

export interface Hyper {
  readonly observation_size: number
  readonly action_size: number
  readonly batch_size: number
  readonly networks: Record<NetworkDescription>
  readonly critic_loss?: { readonly kind: "mse" | "huber"; readonly delta?: number }
  readonly critic_loss_factor?: number
  readonly critic_optimizer: Adam
  readonly actor_optimizer: Adam
  readonly alpha_optimizer?: Adam
  readonly critic_l2_loss_term?: { readonly coefficient: number } | null
  readonly critic_clip_global_norm?: number | null
  readonly actor_clip_global_norm?: number | null
  readonly tau?: number
  readonly policy_delay?: number
  readonly target_noise_scale?: number
  readonly target_noise_clip?: number
  readonly target_entropy?: number
  /** Where the target entropy is the default. */
  readonly target_entropy_rule?: string
  readonly alpha_loss?: "log_alpha" | "exp(log_alpha)"
  readonly atoms?: { readonly v_min: number; readonly v_max: number; readonly count: number }
  readonly quantiles?: { readonly count: number; readonly dropped_per_critic: number }
  readonly behaviour_cloning?: { readonly alpha: number }
  readonly prioritized_replay?: {
    readonly alpha: number
    readonly epsilon: number
    readonly size: number
    readonly initial_priorities: ReadonlyArray<number>
    readonly buffer: Record<Tensor>
  }
  readonly target_update?: {
    readonly kind: "copy" | "polyak"
    readonly period?: number
    readonly tau?: number
  }
}

export interface Step {
  readonly losses: Record<number | null>
  readonly intermediates: Record<Numbers>
  readonly gradients?: Record<Tensor>
  readonly params: Record<Tensor>
}

export interface Update {
  readonly hyper: Hyper
  readonly initial: Record<Numbers>
  readonly batches: ReadonlyArray<Record<Numbers>>
  readonly steps: ReadonlyArray<Step>
}

/** An optimizer alone, on one parameter. */
export interface Descent {
  readonly hyper: { readonly optimizer: Adam }
  readonly initial: { readonly x: Tensor }
  readonly batches: ReadonlyArray<{ readonly gradient_x: ReadonlyArray<number> }>
  readonly steps: ReadonlyArray<{
    readonly params: { readonly x: Tensor }
    readonly first_moment: { readonly x: Tensor }
    readonly second_moment: { readonly x: Tensor }
  }>
}

export interface Initialisation {
  readonly cases: ReadonlyArray<{
    readonly label: string
    readonly scheme: "fan-in-uniform" | "final-uniform" | "glorot-uniform" | "he-uniform"
    readonly fan_in: number
    readonly fan_out: number
    readonly bound: number
    readonly accept: {
      readonly max_abs_at_most: number
      readonly max_abs_at_least: number
      readonly abs_mean_at_most: number
      readonly std_between: readonly [number, number]
    }
  }>
}

export interface NStep {
  readonly cases: ReadonlyArray<{
    readonly label: string
    readonly gamma: number
    readonly capacity: number | null
    readonly stream: {
      readonly reward: ReadonlyArray<number>
      readonly terminated: ReadonlyArray<boolean>
      readonly truncated: ReadonlyArray<boolean>
      readonly observation_id: ReadonlyArray<number>
      readonly next_observation_id: ReadonlyArray<number>
    }
    readonly expected: Record<{
      readonly reward_sum: ReadonlyArray<number>
      readonly discount: ReadonlyArray<number>
      readonly bootstrap_observation_id: ReadonlyArray<number>
    }>
  }>
}

export interface Priorities {
  readonly cases: ReadonlyArray<{
    readonly label: string
    readonly alpha: number
    readonly beta: number
    readonly epsilon: number
    readonly priorities: ReadonlyArray<number>
    readonly indices: ReadonlyArray<number>
    readonly td: ReadonlyArray<number>
    readonly stratified_draws: ReadonlyArray<number>
    readonly expected: {
      readonly powered_sum: number
      readonly probabilities: ReadonlyArray<number>
      readonly weights: ReadonlyArray<number>
      readonly new_priorities: ReadonlyArray<number>
      readonly stratified_indices: ReadonlyArray<number>
    }
  }>
}

export interface Noise {
  readonly cases: ReadonlyArray<{
    readonly label: string
    readonly kind: "ou-dt" | "ou-decay" | "gaussian-decay"
    readonly settings: {
      readonly theta?: number
      readonly mu?: number
      readonly sigma?: number
      readonly dt?: number
      readonly initial?: number
      readonly sigma_max?: number
      readonly sigma_min?: number
      readonly decay_period?: number
      readonly order?: "decay-then-evolve" | "evolve-then-decay"
    }
    readonly reset_before_step: ReadonlyArray<number>
    readonly normals: Tensor
    readonly policy_actions?: Tensor
    readonly expected: { readonly noise: Tensor; readonly actions?: Tensor }
  }>
}

export interface Projection {
  readonly cases: ReadonlyArray<{
    readonly label: string
    readonly v_min: number
    readonly v_max: number
    readonly count: number
    readonly reward: ReadonlyArray<number>
    readonly discount: ReadonlyArray<number>
    readonly probabilities: Tensor
    readonly expected: {
      readonly projected: Tensor
      readonly sum: ReadonlyArray<number>
      readonly mean: ReadonlyArray<number>
    }
  }>
}

export interface Prioritized {
  readonly batches: ReadonlyArray<{ readonly indices: ReadonlyArray<number>; readonly beta: number }>
}

/** A run of stores and samples: `expected.events[k]` is what becomes of `events[k]`. */
export interface PrioritizedLoop {
  readonly hyper: {
    readonly capacity: number
    readonly alpha: number
    readonly beta: { readonly start: number; readonly end: number; readonly over_stored_transitions: number }
    readonly epsilon: number
    readonly batch_size: number
  }
  readonly cases: ReadonlyArray<{
    readonly new_priority: string
    readonly events: ReadonlyArray<
      | { readonly kind: "store" }
      | {
          readonly kind: "sample"
          readonly uniforms: ReadonlyArray<number>
          readonly errors: ReadonlyArray<number>
        }
    >
    readonly expected: {
      readonly events: ReadonlyArray<{
        readonly slot?: number
        readonly slots?: ReadonlyArray<number>
        readonly weights?: ReadonlyArray<number>
        readonly tree_sum: number
      }>
      readonly final_priorities: ReadonlyArray<number>
    }
  }>
}

/** Rollouts, and what an on-policy learner makes of each. */
export interface OnPolicy {
  readonly hyper: {
    readonly gamma: number
    readonly networks: Record<NetworkDescription>
    readonly entropy_coefficient?: number
    readonly value_coefficient?: number
    readonly advantage_gradient?: "flows-into-value" | "detached"
    readonly optimizer: Adam
  }
  readonly initial: Record<Tensor>
  readonly batches: ReadonlyArray<{
    readonly observation: Tensor
    readonly next_observation?: Tensor
    readonly action: ReadonlyArray<number>
    readonly reward: ReadonlyArray<number>
    readonly terminated?: ReadonlyArray<boolean>
    readonly truncated?: ReadonlyArray<boolean>
  }>
  readonly steps: ReadonlyArray<{
    readonly losses: Record<number>
    readonly intermediates: Record<Numbers>
    readonly gradients: Record<Tensor>
    readonly params: Record<Tensor>
  }>
}

/** What the files of each family hold. */
export interface Families {
  readonly nStep: NStep
  readonly priorities: Priorities
  readonly prioritized: Prioritized
  readonly noise: Noise
  readonly projection: Projection
  readonly update: Update
  readonly descent: Descent
  readonly initialisation: Initialisation
  readonly prioritizedLoop: PrioritizedLoop
  readonly onPolicy: OnPolicy
}

// reading

export const read = <F extends keyof Families>(_family: F, name: string): Families[F] => {
  const file: Families[F] = JSON.parse(readFileSync(`test/golden/updates/${name}.json`, "utf8"))
  return file
}

export const flat = (numbers: Numbers): ReadonlyArray<number> =>
  typeof numbers === "number" ? [numbers] : "data" in numbers ? numbers.data : numbers

export const entry = Learner.get

// comparing

/** Absolute, and relative where the number is above 1. */
export const near = (
  actual: ArrayLike<number>,
  expected: Numbers,
  tolerance: number,
  label: string,
  isRelative = true
): void => {
  const numbers = flat(expected)
  assert.strictEqual(actual.length, numbers.length, label)
  for (let i = 0; i < numbers.length; i++) {
    const scale = isRelative ? Math.max(1, Math.abs(numbers[i]!)) : 1
    const distance = Math.abs(actual[i]! - numbers[i]!)
    if (!(distance <= tolerance * scale)) {
      assert.fail(`${label}[${i}]: ${actual[i]} is ${distance} from ${numbers[i]}`)
    }
  }
}
