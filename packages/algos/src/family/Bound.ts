/**
 * An algorithm bound to its networks at the sizes of a run: slots call each other by it, and every shape that crosses the
 * border of a slot is asserted. It is called while programs are traced, so this costs nothing in training.
 */
import type * as Learner from "@ornstein/core/Learner"
import * as Network from "@ornstein/core/Network"
import * as Parameters from "@ornstein/core/Parameters"
import * as Shape from "@ornstein/core/Shape"
import type * as tf from "@tensorflow/tfjs-core"
import type * as Slots from "./Slots.ts"

// pure core

const rows = (x: tf.Tensor): number => x.shape[0] ?? 0

/** What has as many rows as `x`, and columns or none. */
const rowsOf = (x: tf.Tensor, like: tf.Tensor): { readonly [dimension: string]: number } =>
  like.rank === 2 ? { batch: rows(x), n: like.shape[1] ?? 0 } : { batch: rows(x) }

/** A network as a function; in a pass that learns it says what it has seen. */
const applied =
  <Inputs extends ReadonlyArray<tf.Tensor>, Output>(network: Network.Network<Inputs, Output>) =>
  (weights: Network.Weights, ...inputs: Inputs): Output => {
    const { output, statistics } = network.apply(weights, ...inputs)
    weights.seen?.(statistics)
    return output
  }

/** Who fills a slot, as errors name it. */
export const owner = (self: Slots.Algorithm, slot: string): string =>
  `slot "${slot}" of ${self.claims[slot] ?? self.origin?.name ?? self.name}`

// constructors

/** The networks that the record describes. */
export const networks = (self: Slots.Algorithm, sizes: Learner.Sizes): Slots.Networks => ({
  actor: self.actor(self, sizes),
  critics: Network.ensemble(self.critic(self, sizes), self.criticCount),
  others: Object.fromEntries(
    Object.entries(self.networks).map(([name, { network }]) => [name, network(self, sizes)])
  )
})

/** The algorithm with its networks. */
export const make = (
  self: Slots.Algorithm,
  sizes: Learner.Sizes,
  { actor, critics, others = {} }: Slots.Networks = networks(self, sizes)
): Slots.Bound => {
  const { action } = sizes
  const is = (slot: string, x: tf.Tensor, dimensions: { readonly [name: string]: number }): tf.Tensor =>
    Shape.assert(owner(self, slot), x, dimensions)
  const [actorOf, criticsOf] = [applied(actor), applied(critics)]
  const penalty = self.criticPenalty
  const m: Slots.Bound = {
    sizes,
    actor: (actor, s) =>
      self.isStochastic
        ? is("actor", actorOf(actor, s), { batch: rows(s), "2 action": 2 * action })
        : is("actor", actorOf(actor, s), { batch: rows(s), action }),
    critics: (critics, s, a) =>
      criticsOf(critics, s, a).map((q) =>
        is("critic", q, { batch: rows(s), criticOutputs: self.criticOutputs })
      ),
    network: (name, weights, ...inputs) => {
      const network = others[name]
      if (network === undefined)
        throw new RangeError(`this algorithm has no network "${name}" beside its own`)
      return applied(network)(weights, ...inputs)
    },
    policy: (actor, s, noise) => is("policy", self.policy(m, actor, s, noise), { batch: rows(s), action }),
    targetAction: (c) => is("targetAction", self.targetAction(m, c), { batch: rows(c.s2), action }),
    value: (critics, s, a) => is("value", self.value(m, critics, s, a), { batch: rows(s) }),
    backup: (c, v) => is("backup", self.backup(m, c, v), rowsOf(c.r, v)),
    target: (c) => {
      const y = self.target(m, c)
      return is("target", y, rowsOf(c.r, y))
    },
    regression: (c, error) =>
      Shape.assertLike(owner(self, "regression"), self.regression(m, c, error), error),
    criticLoss: (c, critics, y) => {
      const given = self.criticLoss(m, c, critics, y)
      is("criticLoss", given.loss, {})
      is("criticLoss", given.error, { batch: rows(c.s) })
      is("criticLoss", given.value, { batch: rows(c.s) })
      for (const metric of Object.values(given.metrics ?? {})) is("criticLoss", metric, {})
      return given
    },
    ...(penalty === undefined
      ? {}
      : { criticPenalty: (c, critics) => is("criticPenalty", penalty(m, c, critics), {}) }),
    policyValue: (critics, s, a) => is("policyValue", self.policyValue(m, critics, s, a), { batch: rows(s) }),
    actorLoss: (c, actor) => is("actorLoss", self.actorLoss(m, c, actor), {}),
    updateTarget: (c, online, target) =>
      Parameters.zip(target, self.updateTarget(m, c, online, target), (before, after) =>
        Shape.assertLike(owner(self, "updateTarget"), after, before)
      )
  }
  return m
}
