import { Ddpg, delayedPolicy, huber, targetPolicySmoothing, twinCritics } from "@ornstein/algos"
import { pipe } from "effect/Function"
import { it } from "vitest"
import { onEngines } from "../engines.ts"
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

onEngines("DDPG computes the golden updates", (engine) => {
  it.each([
    "ddpg-basic",
    "ddpg-nstep",
    "ddpg-paper-coupled-l2",
    "ddpg-paper-loss-l2",
    "ddpg-two-branch",
    "ddpg-two-branch-huber-clip"
  ])("%s", (name) => {
    const update = Golden.read("update", name)
    const { critic_loss: loss } = update.hyper
    const algorithm = pipe(ddpg(update.hyper), loss?.kind === "huber" ? huber(loss.delta) : (self) => self)
    Golden.check(update, { engine: engine(), algorithm })
  })
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
