/** Mutants of `packages/algos`. */
import { of } from "./Mutant.ts"

/** On one engine: the others compute the same. */
const updates = (family: string) => [`algos/Updates: ${family} computes.*tfjs:cpu`]

export const algos = [
  ...of(
    "algos/src/bases/A2c.ts",
    ["algos/A2c"],
    [
      [
        `tf.mul(of("discount"), next)`,
        `tf.mul(of("discount"), ActorCritic.forward(network, old, of("observation")).value)`,
        "A2C bootstraps from V(s), not V(s')"
      ],
      [`tf.add(of("reward")`, `tf.sub(of("reward")`, "A2C subtracts the bootstrapped value"],
      [`tf.sub(y, before.value)`, `tf.sub(before.value, y)`, "A2C's advantage has the other sign"],
      [`tf.sub(y, before.value)`, `y`, "A2C without a baseline"],
      [`const all = tf.sub(`, `const all = tf.add(`, "A2C's entropy bonus is a penalty"],
      [
        `tf.mul(entropy, Learner.get(scalars, "entropyWeight"))`,
        `tf.mul(entropy, 0)`,
        "A2C without an entropy bonus"
      ],
      [
        `tf.mul(value, Learner.get(scalars, "valueCoefficient"))`,
        `value`,
        "A2C's coefficient of the value is ignored"
      ],
      [`Optimizer.clipByGlobalNorm(options.gradientClip),`, ``, "A2C does not clip gradients"],
      [`ActorCritic.maskedMean(all, mask)`, `tf.sum(tf.mul(all, mask))`, "A2C sums over the rollout"],
      [`advantage, tf.square)`, `advantage, tf.abs)`, "A2C's value has an absolute loss"],
      [
        `entropy: ActorCritic.maskedMean(reported.entropy, mask)`,
        `entropy: tf.sum(reported.entropy)`,
        "A2C reports a sum of entropies"
      ]
    ]
  ),
  ...of(
    "algos/src/bases/ActorCritic.ts",
    ["algos/ActorCritic", "algos/A2c"],
    [
      [
        `tf.mul(tf.sub(tf.add(policy`,
        `tf.mul(tf.add(tf.add(policy`,
        "the actor-critic's entropy bonus is a penalty"
      ],
      [
        `tf.sum(tf.mul(tf.sub(`,
        `tf.mean(tf.mul(tf.sub(`,
        "the actor-critic's loss is a mean over the rows that fill up too"
      ],
      [
        `tf.add(policy, value), bonus), mask))`,
        `tf.add(policy, value), bonus), 1))`,
        "the actor-critic's loss counts the rows that fill up"
      ],
      [
        `policy: tf.neg(tf.mul(logProbabilityOf`,
        `policy: tf.abs(tf.mul(logProbabilityOf`,
        "the policy's term has no sign"
      ],
      [`regression(tf.sub(value, target))`, `regression(value)`, "the value is fitted to 0"],
      [
        `tf.mul(tf.exp(logProbabilities), logProbabilities)`,
        `logProbabilities`,
        "the entropy is not weighted by probabilities"
      ],
      [`tf.logSoftmax(logits!)`, `tf.softmax(logits!)`, "probabilities in place of their logarithms"],
      [
        `options.advantageGradient === "detached" ? before.value : given.value`,
        `given.value`,
        "a detached advantage is not detached"
      ],
      [
        `options.advantageGradient === "detached" ? before.value : given.value`,
        `before.value`,
        "the advantage's gradient never flows into the value"
      ],
      [
        `Huber.loss(error, Learner.get(scalars, "huberDelta"))`,
        `tf.square(error)`,
        "the actor-critic's value has a square loss"
      ],
      [`epsilon: 1e-7`, `epsilon: 1e-3`, "the actor-critic's Adam has another epsilon"],
      [
        `tf.div(tf.sum(tf.mul(x, mask)), tf.sum(mask))`,
        `tf.mean(tf.mul(x, mask))`,
        "a masked mean over all rows"
      ],
      [
        `optimizer: { [NETWORK]: moved.memory }`,
        `optimizer: state.optimizer`,
        "the actor-critic's optimizer forgets"
      ],
      [
        `criticLoss: tf.sum(tf.mul(reported.value, mask))`,
        `criticLoss: tf.mean(reported.value)`,
        "the actor-critic reports another loss"
      ],
      [
        `trunk.map((layer) => ({ ...layer, activation: "relu", initial }))`,
        `trunk.map((layer) => ({ ...layer, activation: "tanh", initial }))`,
        "the actor-critic's trunk has another activation"
      ]
    ]
  ),
  ...of(
    "algos/src/variants/BehaviourCloning.ts",
    ["algos/BehaviourCloning"],
    [
      [`tf.mean(tf.abs(q(`, `tf.mean(tf.neg(q(`, "TD3+BC's lambda has a sign"],
      [`tf.mean(tf.abs(q(`, `tf.abs(tf.mean(q(`, "TD3+BC's lambda is of the mean, not of sizes"],
      [`q(c.online.actor)`, `q(actor)`, "TD3+BC's lambda is not held constant"],
      [
        `tf.sub(imitation, tf.mul(lambda, tf.mean(q(actor))))`,
        `tf.add(imitation, tf.mul(lambda, tf.mean(q(actor))))`,
        "TD3+BC descends the value"
      ],
      [
        `tf.sub(imitation, tf.mul(lambda, tf.mean(q(actor))))`,
        `tf.neg(tf.mul(lambda, tf.mean(q(actor))))`,
        "TD3+BC without imitation"
      ],
      [`tf.div(c.scalar("cloningAlpha"),`, `tf.div(1,`, "TD3+BC's alpha is ignored"],
      [
        `tf.mean(tf.square(tf.sub(m.policy`,
        `tf.sum(tf.square(tf.sub(m.policy`,
        "TD3+BC sums the distance to the data"
      ],
      [`), 1e-6)`, `), 0)`, "TD3+BC divides by 0"]
    ]
  ),
  ...of(
    "algos/src/variants/CategoricalCritic.ts",
    ["algos/CategoricalCritic", ...updates("D4PG")],
    [
      [
        `Algorithm.batchMean(crossEntropy, c.weight)`,
        `Algorithm.batchMean(crossEntropy, undefined)`,
        "the categorical critic drops importance weights",
        { tests: updates("D4PG") }
      ],
      [
        `error: crossEntropy`,
        `error: tf.sub(1, crossEntropy)`,
        "wrong priorities from the categorical critic",
        { tests: updates("D4PG") }
      ],
      [`tf.clipByValue(tz, minimum, maximum)`, `tz`, "mass beyond the support is lost"],
      [`, z)), width)`, `, z)), width * 2)`, "mass goes to more than the two nearest atoms"],
      [
        `minimum + (j * (maximum - minimum)) / (atoms - 1)`,
        `minimum + (j * (maximum - minimum)) / atoms`,
        "the last atom is not the maximum"
      ],
      [
        `tf.softmax(logits(m, c.target.critics, c.s2`,
        `tf.softmax(logits(m, c.target.critics, c.s`,
        "the categorical target is of s",
        { tests: updates("D4PG") }
      ],
      [
        `logits(m, c.target.critics`,
        `logits(m, c.online.critics`,
        "the categorical target is of the online critic",
        { tests: updates("D4PG") }
      ],
      [
        `tf.sum(tf.mul(y, log), 1)`,
        `tf.sum(tf.mul(tf.sub(y, tf.exp(log)), log), 1)`,
        "the categorical loss is no cross-entropy",
        { tests: updates("D4PG") }
      ],
      [
        `value: tf.sum(tf.mul(tf.exp(log), z()), 1)`,
        `value: tf.sum(tf.mul(log, z()), 1)`,
        "the categorical critic reports another value",
        { tests: updates("D4PG") }
      ],
      [
        `criticOutputs: options.atoms`,
        `criticOutputs: 51`,
        "the categorical critic has always 51 atoms",
        { tests: ["laws/Variants"] }
      ]
    ]
  ),
  ...of("algos/src/bases/Ddpg.ts", updates("DDPG"), [
    [`c.discount, v), v))`, `c.discount, v), tf.mul(v, 0.99)))`, "DDPG discounts twice"],
    [`tf.add(Algorithm.columnLike(c.r, v)`, `tf.add(tf.zerosLike(v)`, "targets without rewards"],
    [`m.policy(c.target.actor`, `m.policy(c.online.actor`, "the target's action is the online actor's"],
    [`m.policy(c.target.actor, c.s2)`, `m.policy(c.target.actor, c.s)`, "the target's action is for s"],
    [`m.value(c.target.critics`, `m.value(c.online.critics`, "the target's value is the online critic's"],
    [`m.value(c.target.critics, c.s2`, `m.value(c.target.critics, c.s`, "the target's value is of s"],
    [
      `(_m, _c, error) => tf.square(error)`,
      `(_m, _c, error) => tf.mul(tf.square(error), 0.5)`,
      "half of the square"
    ],
    [
      `m.regression(c, error), c.weight), error, value: q }`,
      `m.regression(c, error), undefined), error, value: q }`,
      "DDPG drops importance weights",
      { tests: ["algos/Prioritized"] }
    ],
    [
      `c.weight), error, value: q }`,
      `c.weight), error: q, value: q }`,
      "wrong priorities from DDPG",
      { tests: ["algos/Prioritized"] }
    ],
    [`filter((array) => array.rank === 2)`, `filter(() => true)`, "the L2 penalty is on biases too"],
    [
      `tf.addN(squares), c.scalar("criticL2")`,
      `tf.div(tf.addN(squares), 2), c.scalar("criticL2")`,
      "half of the L2 penalty"
    ],
    [
      `tf.neg(tf.mean(m.policyValue(`,
      `tf.abs(tf.mean(m.policyValue(`,
      "the actor descends the value",
      { tests: updates("DDPG") }
    ],
    [`tf.neg(tf.mean(m.policyValue(c`, `tf.neg(tf.sum(m.policyValue(c`, "the actor's loss is a sum"],
    [
      `m.policyValue(c.online.critics`,
      `m.policyValue(c.target.critics`,
      "the actor climbs the target critic"
    ],
    [
      `Optimizers.all.make(options.actorOptimizer)(options.actorLearningRate)`,
      `Optimizers.all.make(options.actorOptimizer)(options.criticLearningRate)`,
      "the actor learns at the critic's rate"
    ],
    [`...clip(options.actorGradientClip),`, ``, "the actor's gradient is not clipped"],
    [
      `Optimizers.all.make(options.criticOptimizer)(options.criticLearningRate)`,
      `Optimizers.all.make(options.actorOptimizer)(options.criticLearningRate)`,
      "the critics descend as the actor does",
      { tests: ["laws/Options"] }
    ],
    [`...clip(options.criticGradientClip),`, ``, "the critic's gradient is not clipped"],
    [`Optimizer.weightDecay(options.criticWeightDecay),`, ``, "no weight decay"]
  ]),
  ...of("algos/src/variants/DelayedPolicy.ts", updates("TD3"), [
    [`({ policyDelay })`, `({ policyDelay: 1 })`, "the policy is never delayed"],
    [`({ policyDelay })`, `({ policyDelay: policyDelay + 1 })`, "the policy is delayed by one more"]
  ]),
  ...of(
    "algos/src/networks/DeepSets.ts",
    ["algos/DeepSets"],
    [
      [`tf.mean(seen, 1)`, `tf.sum(seen, 1)`, "a deep set's critic sums over dimensions"],
      [
        `tf.transpose(tf.reshape(x, [-1, k, n]), [0, 2, 1])`,
        `tf.reshape(x, [-1, n, k])`,
        "a deep set's rows mix dimensions"
      ],
      [
        `outputActivation: isStochastic ? "linear" : "tanh"`,
        `outputActivation: "linear"`,
        "a deep set's actor is not bounded"
      ]
    ]
  ),
  ...of("algos/src/variants/Huber.ts", updates("DDPG"), [
    [`tf.sub(size, tf.mul(within, 0.5))`, `tf.sub(size, within)`, "Huber's loss is 0 within delta"],
    [`tf.minimum(size, delta)`, `tf.minimum(size, 1)`, "Huber's delta is always 1"],
    [
      `tf.sub(size, tf.mul(within, 0.5)))`,
      `tf.div(tf.sub(size, tf.mul(within, 0.5)), delta))`,
      "Huber's loss is over delta"
    ]
  ]),
  ...of(
    "algos/src/variants/LayerNorm.ts",
    ["laws/Variants"],
    [
      [
        `({ layerNorm: true })`,
        `({ layerNorm: false })`,
        "no layer normalisation",
        { tests: ["algos/Architecture"] }
      ]
    ]
  ),
  ...of(
    "algos/src/variants/QuantileCritic.ts",
    ["algos/QuantileCritic"],
    [
      [`smallest(z, count * (quantiles - dropped))`, `smallest(z, count * quantiles)`, "TQC drops nothing"],
      [
        `smallest(z, count * (quantiles - dropped))`,
        `smallest(z, count * quantiles - dropped)`,
        "TQC drops as many in all as of each critic"
      ],
      [
        `smallest(z, count * (quantiles - dropped))`,
        `tf.neg(smallest(tf.neg(z), count * (quantiles - dropped)))`,
        "TQC drops the smallest"
      ],
      [`(2 * i + 1) / (2 * m)`, `i / m`, "quantile fractions are not the midpoints"],
      [
        `tf.sub(tau, tf.step(tf.neg(u)))`,
        `tf.sub(tau, tf.step(u))`,
        "quantile fractions the other way round"
      ],
      [`tf.mul(asymmetry, Huber.loss(u, 1))`, `tf.mul(asymmetry, tf.abs(u))`, "no Huber loss of quantiles"],
      [
        `Algorithm.batchMean(loss(theta, y), c.weight)`,
        `Algorithm.batchMean(loss(theta, y), undefined)`,
        "quantile critics drop importance weights",
        { tests: updates("TQC") }
      ],
      [
        `error: tf.sub(tf.mean(y, 1), value)`,
        `error: tf.mean(y, 1)`,
        "wrong priorities from quantile critics",
        { tests: updates("TQC") }
      ],
      [
        `loss: tf.addN(losses)`,
        `loss: tf.div(tf.addN(losses), count)`,
        "quantile losses are averaged over critics",
        { tests: updates("TQC") }
      ],
      [
        `all(m, c.target.critics`,
        `all(m, c.online.critics`,
        "the quantile target is of the online critics",
        { tests: updates("TQC") }
      ],
      [
        `c.s2, m.targetAction`,
        `c.s, m.targetAction`,
        "the quantile target is of s",
        { tests: updates("TQC") }
      ],
      [
        `tf.mean(all(m, critics, s, a), 1)`,
        `tf.min(all(m, critics, s, a), 1)`,
        "the actor climbs the least quantile",
        { tests: updates("TQC") }
      ],
      [
        `at % n < Math.floor(at / n)`,
        `at % n > Math.floor(at / n)`,
        "ties are ranked from the end",
        { survives: "equal numbers have equal places, in whatever order" }
      ],
      [`tf.less(other, own)`, `tf.less(own, other)`, "quantiles are sorted downwards"]
    ]
  ),
  ...of("algos/src/variants/SoftActor.ts", updates("SAC"), [
    [
      `targetEntropy === undefined ? -m.sizes.action`,
      `targetEntropy === undefined ? m.sizes.action`,
      "the default target entropy has the wrong sign"
    ],
    [
      `targetEntropy === undefined ? -m.sizes.action : c.scalar("targetEntropy")`,
      `-m.sizes.action`,
      "the target entropy is ignored",
      { tests: ["algos/SoftActor"] }
    ],
    [`tf.add(currentSample(`, `tf.sub(currentSample(`, "the temperature aims at minus the target entropy"],
    [
      `return tf.neg(tf.mul(temperatureLoss`,
      `return tf.abs(tf.mul(temperatureLoss`,
      "the temperature's loss has no sign"
    ],
    [
      `temperatureLoss === "logarithmic" ? logAlpha : tf.exp(logAlpha)`,
      `logAlpha`,
      "the temperature's loss is always of log alpha"
    ],
    [
      `tf.sub(v, Algorithm.columnLike(bonus, v))`,
      `tf.add(v, Algorithm.columnLike(bonus, v))`,
      "targets pay for certainty"
    ],
    [`tf.sub(v, Algorithm.columnLike(bonus, v))`, `v`, "targets without entropy"],
    [
      `tf.sub(tf.mul(alpha(c), logProbability), q)`,
      `tf.add(tf.mul(alpha(c), logProbability), q)`,
      "the soft actor descends the value"
    ],
    [`tf.mul(alpha(c), logProbability)`, `logProbability`, "the soft actor's temperature is always 1"],
    [`tf.softplus(tf.mul(u, -2))`, `0`, "no correction for tanh"],
    [`, logStd), HALF_LOG_2_PI)`, `, logStd), 0)`, "log-probabilities without the constant"],
    [
      `const HALF_LOG_2_PI = 0.9189385332046727`,
      `const HALF_LOG_2_PI = 1.8378770664093453`,
      "twice the constant of log-probabilities"
    ],
    [
      `const u = tf.add(mean, tf.mul(tf.exp(logStd)`,
      `const u = tf.add(mean, tf.mul(tf.exp(tf.mul(logStd, 2))`,
      "a deviation of exp(2 logStd)"
    ],
    [`tf.clipByValue(logStd!, logStdMinimum, logStdMaximum)`, `logStd!`, "log deviations are not clipped"],
    [
      `sample(limits, m, c.online.actor, c.s2`,
      `sample(limits, m, c.online.actor, c.s`,
      "the next action is for s"
    ],
    [`c.draw("nextPolicyNoise")`, `c.draw("policyNoise")`, "s and s' share their noise"],
    [`targets: ["critic"]`, `targets: ["actor", "critic"]`, "a soft actor has a target"],
    [
      `noise === undefined ? mean : tf.add(`,
      `noise === undefined ? tf.mul(mean, 2) : tf.add(`,
      "the soft actor's best action is not its mean",
      { tests: ["algos/SoftActor"] }
    ],
    [
      `entropy: tf.neg(tf.mean(`,
      `entropy: tf.abs(tf.mean(`,
      "the reported entropy has no sign",
      { tests: ["algos/SoftActor"] }
    ],
    [
      `initial: initialLogTemperature`,
      `initial: 0`,
      "the temperature begins at 1 always",
      { tests: ["algos/SoftActor"] }
    ]
  ]),
  ...of("algos/src/variants/TargetPolicySmoothing.ts", updates("TD3"), [
    [
      `"targetNoise"), c.scalar("smoothingSigma"))`,
      `"targetNoise"), 1)`,
      "sigma of the smoothing is ignored"
    ],
    [`tf.maximum(tf.minimum(drawn, limit), tf.neg(limit))`, `drawn`, "the smoothing's noise is not clipped"],
    [
      `tf.clipByValue(tf.add(m.policy(c.target.actor, c.s2), noise), -1, 1)`,
      `tf.add(m.policy(c.target.actor, c.s2), noise)`,
      "the smoothed action is not clipped"
    ],
    [
      `tf.add(m.policy(c.target.actor, c.s2), noise), -1`,
      `m.policy(c.target.actor, c.s2), -1`,
      "no smoothing"
    ],
    [`m.policy(c.target.actor, c.s2)`, `m.policy(c.target.actor, c.s)`, "the smoothed action is for s"]
  ]),
  ...of("algos/src/variants/TargetUpdate.ts", updates("DDPG"), [
    [
      `tf.add(tf.mul(slow, rest), tf.mul(fast, tau))`,
      `tf.add(tf.mul(slow, tau), tf.mul(fast, rest))`,
      "Polyak's tau the other way round"
    ],
    [`tf.add(tf.mul(slow, rest), tf.mul(fast, tau))`, `tf.add(slow, tf.mul(fast, tau))`, "targets grow"]
  ]),
  ...of("algos/src/variants/TargetUpdate.ts", updates("D4PG"), [
    [`targetEvery: options.every`, `targetEvery: 1`, "targets are copied in every update"],
    [`options.rule === "hard"`, `options.rule === "soft"`, "a copy where a share was asked for"],
    [`scalars: scalars(options.tau)`, `scalars: scalars(0.005)`, "the tau of targetUpdate is ignored"]
  ]),
  ...of("algos/src/variants/TwinCritics.ts", updates("TD3"), [
    [`tf.minimum(least, q)`, `tf.maximum(least, q)`, "the larger of two critics in the target"],
    [
      `m.regression(c, tf.sub(y, q)), c.weight)`,
      `m.regression(c, tf.sub(y, q)), undefined)`,
      "twin critics drop importance weights"
    ],
    [
      `error: tf.sub(y, value), value`,
      `error: tf.sub(y, qs[0]!), value`,
      "wrong priorities from twin critics"
    ],
    [
      `loss: tf.addN(losses)`,
      `loss: tf.div(tf.addN(losses), losses.length)`,
      "the losses of twin critics are averaged"
    ],
    [
      `const [first] = values(m, critics, s, a)`,
      `const first = values(m, critics, s, a).reduce((least, q) => tf.minimum(least, q))`,
      "TD3's actor climbs the minimum"
    ],
    [
      `tf.div(tf.addN([...tensors]), tensors.length)`,
      `tf.addN([...tensors])`,
      "a mean of critics is their sum"
    ]
  ]),
  ...of(
    "algos/src/variants/CriticEnsemble.ts",
    ["algos/CriticEnsemble"],
    [
      [`tf.gather(all, c.draw(SUBSET))`, `all`, "the target asks all critics"],
      [`subset < count`, `subset <= count`, "all critics are drawn in a random order"],
      [
        `Draw.subset({ size: subset, of: count })`,
        `Draw.subset({ size: subset, of: subset })`,
        "the first critics are asked"
      ],
      [`tf.min(asked, 0)`, `tf.max(asked, 0)`, "the largest of the critics that were asked"],
      [`tf.mean(asked, 0)`, `tf.min(asked, 0)`, "the mean of the critics that were asked is their minimum"],
      [
        `TwinCritics.mean(TwinCritics.values(m, critics, s, a))`,
        `TwinCritics.values(m, critics, s, a)[0]!`,
        "the actor climbs the first critic of an ensemble"
      ],
      [`c.target.critics`, `c.online.critics`, "an ensemble's target is of its critics as they are"]
    ]
  ),
  ...of(
    "algos/src/networks/Dense.ts",
    ["algos/Architecture"],
    [
      [
        `output: isStochastic ? 2 * action : action`,
        `output: action`,
        "a stochastic actor has one head",
        { tests: ["algos/Architecture"] }
      ],
      [
        `outputActivation: isStochastic ? "linear" : "tanh"`,
        `outputActivation: "linear"`,
        "the actor is not bounded"
      ],
      [`= options.criticHidden ?? options.hidden`, `= options.hidden`, "criticHidden is ignored"],
      [
        `0 : weights(observation, options.criticHidden ?? options.hidden)`,
        `0 : weights(observation, options.hidden)`,
        "a critic is thought to have the actor's size",
        { tests: ["algos/Networks"] }
      ],
      [
        `i === 1 ? { ...layer, input: layer.input + action } : layer`,
        `layer`,
        "the second layer has no room for the action"
      ],
      [`bound: 3e-3`, `bound: 3e-1`, "the last layer begins large"],
      [
        `options.critic.branches === undefined ? rest : hidden`,
        `hidden`,
        "a two-branch critic's trunk has one layer more"
      ],
      [`{ state: [first], action: [first] }`, `{ state: [first], action: [] }`, "the action has no branch"],
      [`  activation,`, `  activation: "relu" as const,`, "the choice of the activation is ignored"],
      [`initial: { kind: initial }`, `initial: { kind: "fanIn" }`, "the choice of the beginning is ignored"]
    ]
  ),
  ...of(
    "algos/src/bases/Recipes.ts",
    ["algos/Registry"],
    [
      [
        `variants: [{ kind: "softActor" }, { kind: "twinCritics" }]`,
        `variants: [{ kind: "softActor" }]`,
        "SAC has one critic"
      ],
      [
        `variants: [{ kind: "twinCritics" }, { kind: "targetPolicySmoothing" }, { kind: "delayedPolicy" }]`,
        `variants: [{ kind: "twinCritics" }, { kind: "targetPolicySmoothing" }]`,
        "TD3 without delay"
      ],
      [
        `variants: [{ kind: "softActor" }, { kind: "quantileCritic" }]`,
        `variants: [{ kind: "quantileCritic" }]`,
        "TQC without entropy"
      ]
    ]
  ),
  ...of(
    "algos/src/bases/Recipe.ts",
    ["algos/Registry", "lab/Experiment"],
    [
      [`if (Result.isSuccess(result)) return result.success`, ``, "variants of a file are ignored"],
      [
        `const base = own.reduce((algorithm, variant) => variant(algorithm), Ddpg.make(ddpg))`,
        `const base = Ddpg.make(ddpg)`,
        "a recipe's own variants are ignored"
      ],
      [`owners.has(error.first)`, `!owners.has(error.first)`, "a conflict is told of the wrong one"]
    ]
  ),
  ...["DelayedPolicy", "Huber", "BehaviourCloning"].flatMap((name) => {
    const make = `${name.charAt(0).toLowerCase()}${name.slice(1)}`
    return of(
      `algos/src/variants/${name}.ts`,
      ["algos/Registry"],
      [[`make: ${make}`, `make: () => ${make}()`, `options of ${make} in a file are ignored`]]
    )
  })
]
