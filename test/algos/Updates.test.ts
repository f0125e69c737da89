import {
  Algorithm,
  behaviourCloning,
  categoricalCritic,
  Ddpg,
  delayedPolicy,
  huber,
  quantileCritic,
  softActor,
  targetPolicySmoothing,
  targetUpdate,
  twinCritics
} from "@ornstein/algos"
import type { Engine } from "@ornstein/jit"
import * as tf from "@tensorflow/tfjs-core"
import { pipe } from "effect/Function"
import { it } from "vitest"
import { onEngines } from "../engines.ts"
import { onWebgpu } from "../webgpu.ts"
import * as Golden from "./Golden.ts"
import * as GoldenNetworks from "./GoldenNetworks.ts"
import * as GoldenUpdate from "./GoldenUpdate.ts"

const ddpg = (hyper: Golden.Hyper) =>
  Ddpg.make({
    // A file that says how targets follow gives that to `targetUpdate`.
    ...(hyper.target_update === undefined ? { tau: hyper.tau ?? 1 } : {}),
    actorLearningRate: hyper.actor_optimizer.learning_rate,
    criticLearningRate: hyper.critic_optimizer.learning_rate,
    criticWeightDecay: hyper.critic_optimizer.weight_decay,
    criticL2: hyper.critic_l2_loss_term?.coefficient ?? 0,
    ...(hyper.actor_clip_global_norm ? { actorGradientClip: hyper.actor_clip_global_norm } : {}),
    ...(hyper.critic_clip_global_norm ? { criticGradientClip: hyper.critic_clip_global_norm } : {})
  }).pipe(GoldenNetworks.withNetworks(hyper))

const checkDdpg = (engine: Engine.Engine, name: string): void => {
  const update = Golden.read("update", name)
  const { critic_loss: loss } = update.hyper
  const algorithm = pipe(
    ddpg(update.hyper),
    loss?.kind === "huber" ? huber({ delta: loss.delta! }) : (self) => self
  )
  GoldenUpdate.check(update, { engine, algorithm })
}

onEngines("DDPG computes the golden updates", (engine) => {
  it.each([
    "ddpg-basic",
    "ddpg-nstep",
    "ddpg-paper-coupled-l2",
    "ddpg-paper-loss-l2",
    "ddpg-two-branch",
    "ddpg-two-branch-huber-clip"
  ])("%s", (name) => checkDdpg(engine(), name))
})

// One file: an adapter in software takes seconds for it, and minutes for all of them.
onWebgpu("DDPG computes a golden update", (engine) => {
  it("ddpg-basic", () => checkDdpg(engine(), "ddpg-basic"))
})

/** TD3 as the file has it. The file's noise is scaled already, ours is not. */
const td3 = ({ batches, hyper, ...rest }: Golden.Update) => {
  const { policy_delay: every, target_noise_clip: clip, target_noise_scale: sigma } = hyper
  const algorithm = ddpg(hyper).pipe(
    twinCritics,
    targetPolicySmoothing({ sigma: sigma!, clip: clip! }),
    delayedPolicy({ every: every! })
  )
  const unscaled = batches.map((batch) => ({
    ...batch,
    target_noise: Golden.flat(batch["target_noise"]!).map((n) => n / sigma!)
  }))
  return { algorithm, update: { ...rest, hyper, batches: unscaled } }
}

onEngines("TD3 computes the golden updates", (engine) => {
  it.each(["td3", "td3-delay3"])("%s", (name) => {
    const { algorithm, update } = td3(Golden.read("update", name))
    GoldenUpdate.check(update, { engine: engine(), algorithm })
  })

  it("per-twin, with importance weights", () => {
    const { algorithm, update } = td3(Golden.read("update", "per-twin"))
    const names = { intermediates: { error: "signed_error" } }
    GoldenUpdate.check(update, { engine: engine(), algorithm }, names)
  })
})

onEngines("TD3+BC computes the golden updates", (engine) => {
  it("td3-bc-negative-q", () => {
    const { algorithm, update } = td3(Golden.read("update", "td3-bc-negative-q"))
    const { alpha } = update.hyper.behaviour_cloning!
    GoldenUpdate.check(update, { engine: engine(), algorithm: algorithm.pipe(behaviourCloning({ alpha })) })
  })
})

/** With the values that the file's logits of atoms mean. */
const withValues = (update: Golden.Update): Golden.Update => ({
  ...update,
  steps: update.steps.map(({ intermediates, ...step }) => {
    const { atoms: givenAtoms, logits: givenLogits } = intermediates
    if (givenAtoms === undefined || givenLogits === undefined) return { ...step, intermediates }
    const [z, logits] = [Golden.flat(givenAtoms), Golden.flat(givenLogits)]
    const q = Array.from({ length: logits.length / z.length }, (_, row) => {
      const weights = z.map((_, j) => Math.exp(logits[row * z.length + j]!))
      const total = weights.reduce((sum, w) => sum + w, 0)
      return weights.reduce((sum, w, j) => sum + (w / total) * z[j]!, 0)
    })
    return { ...step, intermediates: { ...intermediates, q } }
  })
})

onEngines("D4PG computes the golden updates", (engine) => {
  it.each(["d4pg", "d4pg-hard-copy", "per-categorical"])("%s", (name) => {
    const update = Golden.read("update", name)
    const { atoms, target_update: targets } = update.hyper
    const algorithm = ddpg(update.hyper).pipe(
      categoricalCritic({ minimum: atoms!.v_min, maximum: atoms!.v_max, atoms: atoms!.count }),
      targetUpdate(
        targets?.kind === "copy"
          ? { rule: "hard", every: targets.period! }
          : { rule: "soft", tau: targets!.tau! }
      )
    )
    const error = name === "per-categorical" ? "error" : "cross_entropy"
    const names = { intermediates: { y: "projected", error } }
    GoldenUpdate.check(withValues(update), { engine: engine(), algorithm }, names)
  })
})

/** The soft actor as the file has it; where its target entropy is the default, by ours. */
const soft = ({ hyper }: Golden.Update): Algorithm.Variant => {
  const { actor } = hyper.networks
  return softActor({
    temperatureLearningRate: hyper.alpha_optimizer!.learning_rate,
    ...(hyper.target_entropy_rule === undefined ? { targetEntropy: hyper.target_entropy! } : {}),
    logStdMinimum: actor!.log_std_min!,
    logStdMaximum: actor!.log_std_max!,
    temperatureLoss: hyper.alpha_loss === "log_alpha" ? "logarithmic" : "exponential"
  })
}

/** With the mean of all critics' quantiles, which the file lists as `[critic, batch, quantile]`. */
const withMeans = (update: Golden.Update): Golden.Update => ({
  ...update,
  steps: update.steps.map(({ intermediates, ...step }) => {
    if (intermediates["quantiles"] === undefined) return { ...step, intermediates }
    const all = Golden.flat(intermediates["quantiles"])
    const { batch_size: rows, quantiles } = update.hyper
    const { count } = quantiles!
    const q = Array.from({ length: rows }, (_, row) => {
      const own = all.filter((_, i) => Math.floor(i / count) % rows === row)
      return own.reduce((sum, x) => sum + x, 0) / own.length
    })
    return { ...step, intermediates: { ...intermediates, q } }
  })
})

/** The file tells of the actor's entropy before its step by the mean log-probability. */
const withEntropy = (update: Golden.Update): Golden.Update => ({
  ...update,
  steps: update.steps.map(({ losses, ...step }) => ({
    ...step,
    losses: { ...losses, entropy: -losses["mean_log_probability"]! }
  }))
})

const softLosses = { temperature: "alpha_used", entropy: "entropy" }

onEngines("SAC computes the golden updates", (engine) => {
  it.each(["sac", "sac-exp-alpha", "sac-3d"])("%s", (name) => {
    const update = Golden.read("update", name)
    const { critic_loss_factor: factor } = update.hyper
    const algorithm = ddpg(update.hyper).pipe(
      soft(update),
      twinCritics,
      Algorithm.variant("factor", () => ({
        regression: (_m, _c, error) => tf.mul(tf.square(error), factor!)
      }))
    )
    GoldenUpdate.check(withEntropy(update), { engine: engine(), algorithm }, { losses: softLosses })
  })
})

onEngines("TQC computes the golden updates", (engine) => {
  it.each(["tqc", "tqc-zero-dropped", "per-quantile"])("%s", (name) => {
    const update = Golden.read("update", name)
    const { count: quantiles, dropped_per_critic: dropped } = update.hyper.quantiles!
    const algorithm = ddpg(update.hyper).pipe(soft(update), quantileCritic({ count: 3, quantiles, dropped }))
    const names = { losses: softLosses, intermediates: { error: "signed_error" } }
    GoldenUpdate.check(withMeans(withEntropy(update)), { engine: engine(), algorithm }, names)
  })
})
