/** Networks and optimizers by name, and of one's own, in a program. */
import { Algorithm, Architecture, Ddpg, Dense, Networks, Registry } from "@ornstein/algos"
import * as Bound from "@ornstein/algos/internal/family/Bound"
import { Config, Field, Key, type Learner, Network, Optimizer, Optimizers, Part } from "@ornstein/core"
import { assert, describe, it } from "vitest"

const sizes: Learner.Sizes = { observation: 5, action: 2, batch: 3 }

const shapes = (algorithm: Algorithm.Algorithm) => {
  const { actor, critics } = Bound.networks(algorithm, sizes)
  const of = (network: Pick<typeof actor, "init">) =>
    Object.entries(network.init(Key.make(1)).parameters).map(
      ([layer, { w }]) => `${layer} ${w!.shape.join("x")}`
    )
  return { actor: of(actor), critics: of(critics) }
}

/** One layer for each. */
const linear = Part.make("linear", {
  description: "one layer without an activation, for each network",
  source: "for this test",
  options: {
    bound: Field.positive.annotate({ description: "where numbers begin" }).pipe(Field.withDefault(0.1))
  },
  example: { bound: 0.2 },
  make: ({ bound }): Architecture.Architecture => {
    const initial = { kind: "uniform", bound } as const
    return {
      actor: (_, { action, observation }) =>
        Network.mlp({ input: observation, hidden: [], output: action, outputActivation: "tanh", initial }),
      critic: ({ criticOutputs }, { action, observation }) =>
        Network.concatenated(
          Network.stack({ input: observation + action, hidden: [], output: criticOutputs, initial })
        )
    }
  }
})

describe("networks", () => {
  it("are dense with the options beside them, or by name", () => {
    const beside = shapes(Ddpg.make({ hidden: [4, 3], criticHidden: [7] }))
    assert.deepStrictEqual(
      shapes(Ddpg.make({ network: { kind: "dense", hidden: [4, 3], criticHidden: [7] } })),
      beside
    )
    assert.deepStrictEqual(beside.critics, ["0.l0 7x7", "0.l1 7x1"])
  })

  it("refuse options of dense networks beside another, and a second network", () => {
    const both = () => Ddpg.make({ hidden: [4], network: { kind: "deepSets" } })
    assert.throws(both, "hidden has no effect: deepSets replaces all that is made of it")
    const { refusals } = Registry.bases.make({
      ...defaults,
      network: Dense.Options.make({}),
      variants: [{ kind: "deepSets", hidden: [4], features: 2 }]
    })
    assert.deepStrictEqual(
      refusals.map(({ allowed, path }) => `${path.join(".")}: ${allowed}`),
      ['variants.0: replaces "actor", "critic", as dense does; leave one of them out']
    )
  })

  it("of one's own are chosen by a part, whose options are checked", () => {
    const network = Networks.kinds.choose(linear, { bound: 0.5 })
    assert.deepStrictEqual({ ...network }, { ...network, kind: "linear", bound: 0.5 })
    const algorithm = Ddpg.make({ network })
    assert.strictEqual(algorithm.name, "DDPG + linear")
    assert.deepStrictEqual(shapes(algorithm), { actor: ["l0 5x2"], critics: ["0.l0 7x1"] })
    assert.throws(() => Networks.kinds.choose(linear, { bound: -1 }), /options of linear: bound: expected/)
  })

  it("that nobody has made are refused", () => {
    const options: unknown = { kind: "linear", bound: 0.5 }
    const refused = Config.decode({ schema: Ddpg.Options, rules: [], example: {} }, { network: options })
    assert.match(String(refused), /network.kind/)
  })

  it("of one's own beside the variants that they are made for", () => {
    const network = Networks.kinds.choose(linear, {})
    const { learner } = Registry.bases.make({ ...defaults, base: "sac", network })
    assert.strictEqual(learner.name, "SAC + linear")
  })
})

const defaults = { base: "ddpg", ...Ddpg.Options.make({}), variants: [] } as const

describe("the least memory of networks", () => {
  const leastOf = (options: Ddpg.Input, observation: number): number =>
    Registry.bases.make({ ...defaults, ...Ddpg.Options.make(options) }).leastBytes(observation)

  it("is of what they have, by whatever name", () => {
    // Float32: an actor of 3 x 4, a critic of 3 x 5, with two moments each and a target of the critic's.
    assert.strictEqual(leastOf({ hidden: [4], criticHidden: [5] }, 3), 4 * (3 * 12 + 4 * 15))
    const dense = { kind: "dense", hidden: [4], criticHidden: [5] } as const
    assert.strictEqual(leastOf({ network: dense }, 3), 4 * (3 * 12 + 4 * 15))
    assert.strictEqual(leastOf({ hidden: [4], critic: { kind: "twoBranch" } }, 3), 4 * 3 * 12)
    assert.strictEqual(leastOf({ network: { kind: "deepSets" } }, 4), 0)
  })
})

describe("optimizers", () => {
  const still = Part.make("still", {
    description: "does not move",
    source: "for this test",
    options: {},
    example: {},
    make: (): Optimizers.Rated => () => Optimizer.scale(0)
  })

  it("of one's own are chosen by a part", () => {
    const optimizer = Optimizers.all.choose(still, {})
    const { optimizers } = Ddpg.make({ actorOptimizer: optimizer })
    assert.notProperty(optimizers.actor.scalars, "learningRate")
    assert.property(optimizers.critic.scalars, "learningRate")
  })
})
