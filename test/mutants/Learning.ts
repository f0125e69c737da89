/** Mutants of `packages/core` where it learns: networks, gradients, optimizers, phases, agents. */
import { of } from "./Mutant.ts"

/** On one engine: the others compute the same. */
const updates = (family: string) => [`algos/Updates: ${family} computes.*tfjs:cpu`]

export const learning = [
  ...of(
    "algos/src/family/Algorithm.ts",
    ["algos/Algorithm", ...updates("DDPG")],
    [
      [
        `tf.mul(perSample, weight))`,
        `tf.div(tf.mul(perSample, weight), tf.mean(weight)))`,
        "the loss is divided by the sum of weights",
        { tests: updates("TD3") }
      ],
      [
        `tf.mean(weight === undefined`,
        `tf.sum(weight === undefined`,
        "the loss is a sum over the batch",
        { tests: updates("DDPG") }
      ],
      [
        `like.rank === 2 ? tf.expandDims(x, 1) : x`,
        `x`,
        "rewards are not a column beside distributions",
        { tests: updates("D4PG") }
      ],
      [`if (first !== undefined) throw`, `if (first === name) throw`, "variants on one slot are not refused"],
      [
        `const RECORDS = ["optimizers", "coefficients", "networks", "draws", "scalars"] as const`,
        `const RECORDS = ["optimizers", "coefficients", "networks", "scalars"] as const`,
        "draws are not claimed one by one",
        { tests: ["laws/Variants"] }
      ],
      [
        `draws: { ...self.draws, ...replaced.draws }`,
        `draws: { ...replaced.draws }`,
        "a variant takes away the draws before it",
        { tests: ["laws/Variants", "algos/Algorithm"] }
      ],
      [
        `coefficients: { ...self.coefficients, ...replaced.coefficients }`,
        `coefficients: { ...replaced.coefficients }`,
        "a variant takes away the coefficients before it",
        { tests: updates("SAC") }
      ],
      ["name: `${self.name} + ${name}`", "name: self.name", "a variant does not change the name"],
      [
        `Environment.rescaleActions(world)`,
        `world`,
        "actions are not rescaled for learners",
        { tests: ["algos/Algorithm"] }
      ]
    ]
  ),
  ...of("algos/src/family/Bound.ts", updates("TD3"), [
    [`self.critic(self, sizes), self.criticCount)`, `self.critic(self, sizes), 1)`, "always one critic"],
    [`weights.seen?.(statistics)`, ``, "what a network has seen is lost", { tests: ["laws/Statistics"] }],
    [
      `is("criticLoss", given.error, { batch: rows(c.s) })`,
      ``,
      "errors of any shape become priorities",
      { tests: ["algos/Shapes"] }
    ],
    [
      `Shape.assertLike(owner(self, "updateTarget"), after, before)`,
      `after`,
      "targets change their shapes",
      { tests: ["algos/Shapes"] }
    ]
  ]),
  ...of("algos/src/family/Phases.ts", updates("DDPG"), [
    [
      `copies.map(([copy, name]) => [copy, Learner.get(online, name)])`,
      `copies.map(([copy, name]) => [copy, name === "actor" ? Learner.get(online, name) : critics.init(Key.fold(key, "target")).parameters])`,
      "targets do not begin as copies",
      { tests: ["laws/Variants", "laws/Update"] }
    ],
    [`tf.add(given.loss, penalty)`, `given.loss`, "the critics' penalty is left out"],
    [`every: algorithm.policyDelay`, `every: 1`, "the actor is never delayed", { tests: updates("TD3") }],
    [
      `algorithm.targetEvery ?? algorithm.policyDelay`,
      `algorithm.policyDelay`,
      "targetEvery is ignored",
      { tests: updates("D4PG") }
    ],
    [
      `algorithm.targetEvery ?? algorithm.policyDelay`,
      `algorithm.targetEvery ?? 1`,
      "targets are not delayed with the policy",
      { tests: updates("TD3") }
    ],
    [
      `const own = [criticPhase(algorithm, m), actorPhase(algorithm, m), targetPhase(algorithm, m)]`,
      `const own = [actorPhase(algorithm, m), criticPhase(algorithm, m), targetPhase(algorithm, m)]`,
      "the actor moves before the critic"
    ],
    [
      `const own = [criticPhase(algorithm, m), actorPhase(algorithm, m), targetPhase(algorithm, m)]`,
      `const own = [targetPhase(algorithm, m), criticPhase(algorithm, m), actorPhase(algorithm, m)]`,
      "targets follow before the updates"
    ],
    [
      `          current,`,
      `          state,`,
      "the temperature's step takes back the actor's",
      { tests: updates("SAC") }
    ],
    [
      `metrics?.(m, c, c.coefficient(name))`,
      `metrics?.(m, c, fromParameters(Learner.get(next.online, name)))`,
      "the reported temperature is the one after its step",
      { tests: updates("SAC") }
    ],
    [
      `actionNoise: algorithm.isStochastic ? action : 0`,
      `actionNoise: 0`,
      "stochastic policies do not draw",
      { tests: ["algos/Architecture"] }
    ],
    [
      `pass(c.online.critics)`,
      `pass(c.target.critics)`,
      "priorities are of the target critics",
      { tests: updates("TD3") }
    ],
    [
      `optimizer: { ...state.optimizer, [name]: moved.memory }`,
      `optimizer: state.optimizer`,
      "optimizers forget"
    ],
    [
      `m.updateTarget(c, Learner.get(state.online, name), Learner.get(state.target, name))`,
      `m.updateTarget(c, Learner.get(state.target, name), Learner.get(state.online, name))`,
      "targets and networks exchange their parts"
    ],
    [
      `value: tf.mean(value), error`,
      `value: tf.max(value), error`,
      "the reported value is the largest",
      { tests: updates("DDPG") }
    ]
  ]),
  ...of(
    "core/src/learner/Decision.ts",
    ["core/Decision"],
    [
      [
        `probabilities[i]! > probabilities[chosen]!`,
        `probabilities[i]! < probabilities[chosen]!`,
        "the best action is the least likely one"
      ],
      [`while (rest >= 0 && chosen`, `while (rest > 0.5 && chosen`, "actions are not drawn in proportion"],
      [
        `chosen < probabilities.length - 1) rest`,
        `chosen < probabilities.length) rest`,
        "an action beyond the last one"
      ],
      [`if (decision === "direct") action`, `if (decision !== "direct") action`, "decisions are mixed up"]
    ]
  ),
  ...of(
    "algos/src/family/Phases.ts",
    ["laws/Statistics"],
    [
      [`[name]: statistics() }`, `[name]: seen }`, "statistics never move"],
      [
        `if (targetStatistics === "kept")`,
        `if (targetStatistics !== "kept")`,
        "copied and kept are exchanged"
      ],
      [`        statistics = after`, ``, "a second pass forgets the first"],
      [`isTraining: false,`, `isTraining: true,`, "it acts by the minibatch's statistics"]
    ]
  ),
  ...of(
    "algos/src/family/Phases.ts",
    ["laws/Encoder"],
    [
      [
        `weights(state, "online", "actor", algorithm.beside)`,
        `weights(state, "online", "actor")`,
        "who acts has nothing beside"
      ],
      [
        `target: { ...state.target, ...Object.fromEntries(target) }`,
        `target: Object.fromEntries(target)`,
        "copies are lost"
      ],
      [`every: copyEvery`, `every: 1`, "copies never stand still"],
      [`Object.entries(beside[kind])`, `Object.entries(beside.online)`, "targets read what the networks read"]
    ]
  ),
  ...of(
    "core/src/learner/Draw.ts",
    ["core/Draw"],
    [
      [`subarray(0, draw.size)`, `subarray(0, draw.size).fill(0)`, "a subset is always of the first"],
      [`NdArray.spec([draw.size], "int32")`, `NdArray.spec([draw.of], "int32")`, "a subset is all"],
      [`draw.kind === "normal"`, `draw.kind === "uniform"`, "normal and uniform are exchanged"],
      [`if (size > of)`, `if (size > 2 * of)`, "more is drawn than there is"]
    ]
  ),
  ...of(
    "core/src/learner/Shape.ts",
    ["algos/Shapes"],
    [
      [`left.length === right.length &&`, ``, "a shape may have more dimensions"],
      [`size === right[i]`, `size <= (right[i] ?? 0)`, "a shape may be smaller"]
    ]
  ),
  ...of("core/src/learner/Gradient.ts", updates("DDPG"), [
    [`memory: next, loss: value }`, `memory, loss: value }`, "an optimizer's memory is lost"],
    [
      `optimizer.update(gradients, memory, parameters, scalars)`,
      `optimizer.update(Parameters.map(gradients, (g) => tf.neg(g)), memory, parameters, scalars)`,
      "losses are climbed"
    ]
  ]),
  ...of(
    "core/src/learner/Optimizer.ts",
    ["core/Optimizer"],
    [
      [`tf.add(p, change))`, `tf.sub(p, change))`, "changes are subtracted"],
      [`tf.mul(m, beta1), tf.mul(g, 1 - beta1)`, `tf.mul(m, beta1), g`, "Adam's first moment is a sum"],
      [`tf.mul(tf.square(g), 1 - beta2)`, `tf.mul(tf.abs(g), 1 - beta2)`, "Adam's second moment is of sizes"],
      [
        `tf.add(tf.sqrt(tf.mul(v, scaleV)), epsilon)`,
        `tf.sqrt(tf.add(tf.mul(v, scaleV), epsilon))`,
        "Adam's epsilon is within the root"
      ],
      [
        `const stepSize = tf.div(stepOf(scalars), correctionM)`,
        `const stepSize = stepOf(scalars)`,
        "Adam without correction of the first moment"
      ],
      [
        `const scaleV = tf.div(1, correctionV)`,
        `const scaleV = tf.scalar(1)`,
        "Adam without correction of the second moment"
      ],
      [
        `.pipe(Field.withDefault(0.999))`,
        `.pipe(Field.withDefault(0.99))`,
        "Adam's beta2 is 0.99",
        { tests: updates("DDPG") }
      ],
      [
        `Field.withDefault(1e-8)`,
        `Field.withDefault(1e-7)`,
        "Adam's epsilon is Keras'",
        { tests: updates("DDPG") }
      ],
      [
        `tf.add(g, tf.mul(p, scalar(scalars, "weightDecay")))`,
        `tf.add(g, tf.mul(p, tf.div(scalar(scalars, "weightDecay"), 2)))`,
        "half of the weight decay"
      ],
      [
        `tf.minimum(1, tf.div(scalar`,
        `tf.maximum(1, tf.div(scalar`,
        "small gradients are blown up to the limit"
      ],
      [
        `tf.add(tf.mul(v, momentum), g)`,
        `tf.add(tf.mul(v, momentum), tf.mul(g, 1 - momentum))`,
        "momentum is a mean"
      ],
      [
        `tf.div(tf.mul(g, step), tf.add(tf.sqrt(v), epsilon))`,
        `tf.div(tf.mul(g, step), tf.sqrt(tf.add(v, epsilon)))`,
        "RMSProp's epsilon is within the root"
      ],
      [`tf.mul(tf.square(g), 1 - decay)`, `tf.square(g)`, "RMSProp's mean is a sum"],
      [`tf.sub(change, tf.mul(p, share))`, `tf.add(change, tf.mul(p, share))`, "AdamW's parameters grow"],
      [`projections.reduce(`, `projections.slice(1).reduce(`, "only the last projection counts"],
      [`tf.sum(tf.square(g)))))`, `tf.max(tf.square(g)))))`, "the norm of gradients is another one"],
      [
        `tf.neg(scalar(scalars, "learningRate"))`,
        `scalar(scalars, "learningRate")`,
        "gradient descent climbs"
      ],
      [
        `link.update(changes, own, parameters, given)`,
        `link.update(gradients, own, parameters, given)`,
        "links of a chain see the first gradients"
      ]
    ]
  ),
  ...of(
    "core/src/learner/Network.ts",
    ["core/Network"],
    [
      [`1 / Math.sqrt(fanIn)`, `Math.sqrt(3 / fanIn)`, "the fan-in bound is larger"],
      [`Math.sqrt(6 / (fanIn + fanOut))`, `Math.sqrt(6 / fanIn)`, "Glorot's bound is He's"],
      [`Math.sqrt(6 / fanIn)`, `Math.sqrt(2 / fanIn)`, "He's bound is a deviation"],
      [`biased ? limit : 0`, `limit`, "Glorot's biases are not 0"],
      [`LAYER_NORM_EPSILON = 1e-5`, `LAYER_NORM_EPSILON = 1e-3`, "layer norm's epsilon is another"],
      [`scale), offset)`, `scale), 0)`, "layer norm without offset"],
      [`return tf.elu(x)`, `return tf.selu(x)`, "elu is selu"],
      [
        `i === actionAt ? tf.concat`,
        `i === 0 ? tf.concat`,
        "the action enters at the first layer",
        { tests: updates("DDPG") }
      ],
      [
        `(isLast ? options.finalInitial : undefined)`,
        `options.finalInitial`,
        "every layer begins as the last",
        { tests: ["core/Network", "algos/Architecture"] }
      ],
      [
        `options.layerNorm === true && !isLast`,
        `options.layerNorm === true`,
        "the last layer is normalised",
        { tests: ["core/Network", "algos/Architecture"] }
      ],
      [
        `options.activation ?? "relu"`,
        `options.activation ?? "tanh"`,
        "hidden layers are tanh",
        { tests: ["core/Network", "algos/Architecture"] }
      ],
      [`[name, network.init(Key.fold(key, name))]`, `[name, network.init(key)]`, "critics begin alike"],
      [
        `tf.concat([applyLayers(options.state, parameters, s), applyLayers(options.action, parameters, a)], 1)`,
        `tf.concat([applyLayers(options.action, parameters, a), applyLayers(options.state, parameters, s)], 1)`,
        "the branches are exchanged",
        { tests: updates("DDPG") }
      ],
      [`Key.fold(key, layer.name)`, `key`, "layers of one shape begin alike"],
      [`Key.uniforms(Key.fold(key, name)`, `Key.uniforms(key`, "weights and biases begin with the same draws"]
    ]
  ),
  ...of(
    "core/src/learner/Parameters.ts",
    ["core/Parameters"],
    [
      ["layer.startsWith(`${name}.`)", "layer.startsWith(name)", "critic 1 has the layers of critic 10 too"],
      [
        `f(leaf, at(right, path), path))`,
        `f(leaf, at(right, Object.keys(right)[0] + path.slice(path.lastIndexOf("."))), path))`,
        "every layer is zipped with the first"
      ]
    ]
  ),
  ...of(
    "core/src/learner/Learner.ts",
    ["laws/Acting", "laws/Update"],
    [
      [
        `n % phase.every === 0`,
        `(n + 1) % phase.every === 0`,
        "phases are due one update early",
        { tests: updates("TD3") }
      ],
      [
        `(lcm * every) / gcd(lcm, every)`,
        `Math.max(lcm, every)`,
        "the rhythm of 2 and 3 repeats after 3",
        { tests: ["laws/Acting"] }
      ],
      [
        `phase.update(current, inputs)`,
        `phase.update(state, inputs)`,
        "phases do not see what earlier ones changed",
        { tests: updates("DDPG") }
      ],
      [
        `{ ...reported, ...metrics }`,
        `metrics`,
        "only the last phase's metrics are reported",
        { tests: ["laws/Acting"] }
      ]
    ]
  ),
  ...of(
    "core/src/learner/Programs.ts",
    ["core/ParameterNoise", "laws/Interaction"],
    [
      [
        `online: { ...state.online, [plan.policy]: policy }`,
        `online: { ...state.online }`,
        "the perturbed policy is the policy"
      ],
      [
        `policy === undefined ? state`,
        `policy !== undefined ? state`,
        "another policy in the policy's place does not act",
        { tests: ["core/ParameterNoise"] }
      ]
    ]
  ),
  ...of(
    "core/src/learner/Scalars.ts",
    ["laws/Scalars"],
    [
      [`owner === "" ? name`, `owner !== "" ? name`, "scalars lose the names of their owners"],
      [
        `all.get(name) !== ramp`,
        `all.get(name) === undefined`,
        "two scalars of one name are one",
        { tests: ["core/Scalars"] }
      ],
      [
        `tf.scalar(read(scalars, name, 0, 0))`,
        `tf.scalar(0)`,
        "scalars are 0 at first",
        { tests: ["laws/Update"] }
      ],
      [
        `isRest(scalar) ? 1 - value : value`,
        `isRest(scalar) ? 1 - Math.fround(value) : value`,
        "what remains of 1 is taken of a rounded number",
        { tests: ["core/Scalars"] }
      ],
      [
        `{ besides: nameOf(owner, scalar.besides) }`,
        `scalar`,
        "what remains of 1 follows another owner's scalar",
        { tests: ["core/Scalars"] }
      ]
    ]
  ),
  ...of(
    "core/src/learner/Agent.ts",
    ["laws/Scalars"],
    [
      [
        `Scalars.read(scalars, name, step, n - 1)`,
        `Scalars.read(scalars, name, step, n)`,
        "the first update is the second of a ramp"
      ],
      [`data[0] = value`, `data[0] = Scalars.read(scalars, name, 0, 0)`, "ramps stand still"],
      [`if (isReported) metrics.add(name, value)`, ``, "what moves is not told"],
      [`scalars = { ...scalars, ...changed }`, `scalars = { ...scalars }`, "other scalars are not taken"]
    ]
  ),
  ...of(
    "core/src/learner/Actor.ts",
    ["laws/Acting", "laws/Policy: gathers experience"],
    [
      [`noise[i]!.fill(0)`, `noise[i]!.fill(1)`, "a best action is not at the mean"],
      [
        `Key.normals(Key.fold(given.policy, step + i), noise[i]!)`,
        `Key.normals(given.policy, noise[i]!)`,
        "a stochastic policy's numbers are those of every step"
      ],
      [
        `Key.fold(given.policy, step + i)`,
        `Key.fold(given.policy, step)`,
        "lanes share a stochastic policy's numbers",
        { tests: ["laws/Policy: gathers experience", "laws/Lanes"] }
      ],
      [
        `Key.fold(draws.decision, first + row)`,
        `Key.fold(draws.decision, first)`,
        "lanes share the draws of discrete actions",
        { tests: ["laws/Policy: gathers experience", "laws/Lanes"] }
      ],
      [
        `draws = given`,
        `draws = given ?? draws`,
        "a best action is drawn after one that was",
        { tests: ["laws/Policy: gathers experience"] }
      ],
      [
        `one(observations.subarray(i * width, (i + 1) * width)`,
        `one(observations.subarray(0, width)`,
        "the last episodes of an evaluation act on the first observation",
        { tests: ["laws/Policy"] }
      ],
      [
        `all.decide(i, actions[i]!)`,
        `all.decide(0, actions[i]!)`,
        "all episodes of an evaluation act alike",
        { tests: ["laws/Policy"] }
      ],
      [
        `=> array.subarray(i * width, (i + 1) * width)`,
        `=> array.subarray(0, width)`,
        "all rows read one",
        { tests: ["laws/Policy"] }
      ]
    ]
  ),
  ...of(
    "core/src/learner/Programs.ts",
    ["laws/Deployed"],
    [
      [
        `plan.deployed?.gathers === true ? plan.deployed.policy : undefined`,
        `plan.deployed?.policy`,
        "the deployed policy gathers always"
      ],
      [
        `deployed === undefined || deployed.gathers`,
        `deployed === undefined || !deployed.gathers`,
        "the deployed policy is not evaluated"
      ]
    ]
  ),
  ...of(
    "core/src/training/Acting.ts",
    ["laws/Deployed"],
    [
      [
        `agent.ended({ return: lane.episodeReturn`,
        `agent.ended({ return: environment.reward`,
        "the deployed policy hears the last reward for a return"
      ],
      [
        `isAtRest: () => lanes.every(({ environment }) => environment.steps === 0)`,
        `isAtRest: () => true`,
        "a run is kept within episodes that cannot be gone on with",
        { tests: ["laws/EpisodeEnds"] }
      ]
    ]
  ),
  ...of(
    "core/src/training/Keeping.ts",
    ["laws/EpisodeEnds"],
    [
      [
        `const cut = round === 0 && step % lanes.length === 0 ? acting.renew() : 0`,
        `const cut = 0`,
        "an episode that was cut off goes on"
      ],
      [`episode: episode + cut, round`, `episode, round`, "an episode that was cut off is not counted"]
    ]
  ),
  ...of(
    "core/src/training/Training.ts",
    ["laws/EpisodeEnds"],
    [
      [
        `isOver() || (isAwaited && acting.isAtRest())`,
        `isOver()`,
        "nobody stops at the end of an episode, where that is waited for"
      ]
    ]
  ),
  ...of(
    "core/src/learner/Agent.ts",
    ["laws/Compilation"],
    [
      [`leaf.data.set(first[i]!.leaf.data)`, ``, "a training begins with the numbers of the one before"],
      [
        `if (holder !== undefined) return`,
        `if (holder === SHAPES) return`,
        "two trainings share their numbers"
      ],
      [
        `if (holder !== own) throw`,
        `if (holder === undefined) throw`,
        "an agent that is over acts by another's numbers"
      ],
      [`agent.setScalars(scalars)`, ``, "a training begins with the learner's own scalars"]
    ]
  ),
  ...of(
    "core/src/learner/Update.ts",
    ["laws/Acting"],
    [
      [
        `Draw.write(draw, Key.fold(key, n), data)`,
        `Draw.write(draw, key, data)`,
        "every update has the same noise"
      ],
      [`key: Key.fold(key, name)`, `key`, "both noises of an update are the same"],
      [
        `if (!Scalars.isConstant(scalars, name)) moving.push`,
        `moving.push`,
        "what is constant is reported",
        { tests: ["laws/Scalars"] }
      ]
    ]
  ),
  ...of(
    "core/src/learner/Metrics.ts",
    ["laws/Interaction", "laws/Acting"],
    [
      [`[name, sum / count]))`, `[name, sum]))`, "metrics are sums"],
      [`entry.sum += value`, `entry.sum = value`, "metrics are the last over the count"],
      [
        `for (const { count, name, sum } of saved) sums.set(name, { sum, count })`,
        ``,
        "metrics of a cut slice are lost",
        { tests: ["laws/Training"] }
      ]
    ]
  ),
  ...of(
    "core/src/learner/Agent.ts",
    ["laws/Interaction", "laws/Acting"],
    [
      [
        `run(step === undefined ? undefined : draws, step ?? 0)`,
        `run(draws, step ?? 0)`,
        "evaluation draws",
        { tests: ["laws/Acting"] }
      ],
      [
        `(step === undefined ? evaluate : gather)`,
        `(step === undefined ? gather : gather)`,
        "the policy that gathers is evaluated",
        { tests: ["laws/Deployed"] }
      ],
      [`learned?.run()`, ``, "the deployed policy hears of no update", { tests: ["laws/Deployed"] }],
      [`ended.run()`, ``, "the deployed policy hears of no episode", { tests: ["laws/Deployed"] }],
      [`Key.fold(minibatchKey, n)`, `minibatchKey`, "every minibatch has the same draws"],
      [
        `if (update.error !== undefined) replay.prioritize?.(update.error)`,
        ``,
        "priorities are never told",
        { tests: ["laws/Acting", "core/ReplayLayers"] }
      ],
      [
        `schedule[n % period]`,
        `schedule[(n + 1) % period]`,
        "the phases are an update early",
        { tests: ["laws/Acting", "laws/Interaction"] }
      ],
      [
        `!Number.isFinite(data[0]!))?.name`,
        `Number.isNaN(data[0]!))?.name`,
        "infinite metrics are no divergence",
        { tests: ["laws/Acting"] }
      ],
      [
        `if (length !== leaf.data.length)`,
        `if (length < leaf.data.length)`,
        "a larger network's state is taken",
        { tests: ["laws/Training"] }
      ],
      [
        `digest.update(path).update(bytes(leaf.data))`,
        `digest.update(path)`,
        "a hash of names",
        { tests: ["laws/Training"] }
      ]
    ]
  ),
  ...of(
    "core/src/exploration/ParameterNoise.ts",
    ["core/ParameterNoise"],
    [
      [
        `distance < delta ? sigma * factor : sigma / factor`,
        `distance > delta ? sigma * factor : sigma / factor`,
        "parameter noise adapts the wrong way"
      ],
      [
        `snapshot: () => ({ sigma })`,
        `snapshot: () => ({ sigma: initialSigma })`,
        "adapted noise is lost in a snapshot"
      ]
    ]
  )
]
