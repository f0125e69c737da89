import {
  categoricalCritic,
  Ddpg,
  delayedPolicy,
  huber,
  softActor,
  targetPolicySmoothing,
  targetUpdate,
  twinCritics
} from "@ornstein/algos"
import { Algorithm } from "@ornstein/core"
import type { Engine } from "@ornstein/jit"
import * as tf from "@tensorflow/tfjs"
import { pipe } from "effect/Function"
import { it } from "vitest"
import { onEngines } from "../engines.ts"
import { onWebgpu } from "../webgpu.ts"
import * as Golden from "./Golden.ts"

const ddpg = (hyper: Golden.Hyper) =>
  Ddpg.make({
    tau: hyper.tau ?? 1,
    actorLearningRate: hyper.actor_optimizer.learning_rate,
    criticLearningRate: hyper.critic_optimizer.learning_rate,
    criticWeightDecay: hyper.critic_optimizer.weight_decay,
    criticL2: hyper.critic_l2_loss_term?.coefficient ?? 0,
    ...(hyper.actor_clip_global_norm ? { actorGradientClip: hyper.actor_clip_global_norm } : {}),
    ...(hyper.critic_clip_global_norm ? { criticGradientClip: hyper.critic_clip_global_norm } : {})
  }).pipe(Golden.withNetworks(hyper))

const checkDdpg = (engine: Engine.Engine, name: string): void => {
  const update = Golden.read("update", name)
  const { critic_loss: loss } = update.hyper
  const algorithm = pipe(ddpg(update.hyper), loss?.kind === "huber" ? huber(loss.delta) : (self) => self)
  Golden.check(update, { engine, algorithm })
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

onEngines("TD3 computes the golden updates", (engine) => {
  it.each(["td3", "td3-delay3"])("%s", (name) => {
    const update = Golden.read("update", name)
    const { policy_delay: every, target_noise_clip: clip, target_noise_scale: sigma } = update.hyper
    const algorithm = ddpg(update.hyper).pipe(
      twinCritics,
      targetPolicySmoothing({ sigma: sigma!, clip: clip! }),
      delayedPolicy(every)
    )
    // The file's noise is scaled already.
    const batches = update.batches.map((batch) => ({
      ...batch,
      target_noise: Golden.flat(batch["target_noise"]!).map((n) => n / sigma!)
    }))
    Golden.check({ ...update, batches }, { engine: engine(), algorithm })
  })
})

onEngines("D4PG computes the golden updates", (engine) => {
  it.each(["d4pg", "d4pg-hard-copy"])("%s", (name) => {
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
    const names = { intermediates: { y: "projected", error: "cross_entropy" } }
    Golden.check(update, { engine: engine(), algorithm }, names)
  })
})

onEngines("SAC computes the golden updates", (engine) => {
  it.each(["sac", "sac-exp-alpha"])("%s", (name) => {
    const update = Golden.read("update", name)
    const { actor } = update.hyper.networks
    const { alpha_loss, alpha_optimizer, critic_loss_factor: factor, target_entropy } = update.hyper
    const algorithm = ddpg(update.hyper).pipe(
      softActor({
        temperatureLearningRate: alpha_optimizer!.learning_rate,
        targetEntropy: target_entropy!,
        logStdMinimum: actor!.log_std_min!,
        logStdMaximum: actor!.log_std_max!,
        temperatureLoss: alpha_loss === "log_alpha" ? "logarithmic" : "exponential"
      }),
      twinCritics,
      Algorithm.variant("factor", () => ({ regression: (error) => tf.square(error).mul(factor!) }))
    )
    // The file tells of the actor's entropy before its step by the mean log-probability.
    const steps = update.steps.map(({ losses, ...step }) => ({
      ...step,
      losses: { ...losses, entropy: -losses["mean_log_probability"]! }
    }))
    const names = { losses: { temperature: "alpha_used", entropy: "entropy" } }
    Golden.check({ ...update, steps }, { engine: engine(), algorithm }, names)
  })
})
