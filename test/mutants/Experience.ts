/** Mutants of `packages/core` where experience is made, kept and drawn. */
import { of } from "./Mutant.ts"

const prioritized = ["core/PrioritizedLoop", "core/Sampler"]
const statistics = ["core/RunningStatistics"]

export const experience = [
  ...of(
    "core/src/training/Acting.ts",
    ["laws/Interaction"],
    [
      [
        `transition.terminated = environment.terminated`,
        `transition.terminated = false`,
        "the replay is not told of terminations"
      ],
      [
        `transition.terminated = environment.terminated`,
        `transition.terminated = environment.terminated || environment.truncated`,
        "truncations are stored as terminations"
      ],
      [
        `transition.truncated = environment.truncated`,
        `transition.truncated = false`,
        "the replay is not told of truncations"
      ],
      [`lane.exploration.reset()`, ``, "exploration is not reset at an episode's start"],
      [
        `normalization.begin(lane.environment.observation)`,
        ``,
        "an episode's first observation is not taken into the statistics"
      ],
      [
        `normalization.add(`,
        `((_: unknown, r: number, e: boolean, i: number) => normalization.add(lane.observation, r, e, i))(`,
        "statistics take in s, not s'"
      ],
      [
        `normalization.add(`,
        `((s: Space.Numbers, r: number, _: boolean, i: number) => normalization.add(s, r, false, i))(`,
        "the discounted return runs on over episodes"
      ],
      [`normalization.add(`, `((..._: ReadonlyArray<unknown>) => {})(`, "statistics take nothing in"],
      [
        `normalization.apply(lanes[i]!.observation, lanes[i]!.seen)`,
        `lanes[i]!.seen.set(lanes[i]!.observation)`,
        "the policy sees raw observations"
      ],
      [
        `agent.actTogether(seen, step, actions)`,
        `agent.actTogether(seen, 0, actions)`,
        "a stochastic policy draws the same in each step",
        { tests: ["laws/Acting"] }
      ],
      [
        `agent.actTogether(seen, step, actions)`,
        `agent.act(seen.subarray(0, width), undefined, actions[0]!)`,
        "training acts by the best action",
        { tests: ["laws/Acting"] }
      ],
      [`perturb(lanes[i]!, step + i)`, `continue`, "no exploration"],
      [`perturb(lanes[i]!, step + i)`, `perturb(lanes[i]!, 0)`, "exploration draws the same in each step"],
      [
        `perturb(lanes[i]!, step + i)`,
        `perturb(lanes[i]!, step)`,
        "the steps of a round explore as its first",
        { tests: ["laws/Lanes"] }
      ],
      [
        `if (!wasFinite || isFinite(action)) return`,
        `if (isFinite(action)) return`,
        "an exploration is blamed for its policy",
        { tests: ["laws/Acting"] }
      ],
      [`if (step + i < options.warmup)`, `if (step + i <= options.warmup)`, "one step of warm-up more"],
      [
        `if (step + i < options.warmup)`,
        `if (step < options.warmup)`,
        "a round is in the warm-up as a whole",
        { tests: ["laws/Lanes"] }
      ],
      [`Key.fold(warmupKey, step + i)`, `warmupKey`, "all actions of the warm-up are the same"],
      [
        `lane.environment.reset(Key.fold(lane.key, lane.episode))`,
        `lane.environment.reset(lane.key)`,
        "every episode starts alike",
        { tests: ["laws/Acting"] }
      ],
      [
        `Streams.of(Streams.ofLane(key, i), "environment")`,
        `Streams.of(key, "environment")`,
        "all lanes start alike",
        { tests: ["laws/Lanes"] }
      ],
      [
        `lane.episodeReturn += environment.reward`,
        `lane.episodeReturn = environment.reward`,
        "an episode's return is its last reward"
      ],
      [`lane.episodeReturn = 0`, ``, "returns are summed over episodes"],
      [`lane.episodeLength = 0`, ``, "lengths are summed over episodes"],
      [
        `transition.reward = environment.reward`,
        `transition.reward = lane.episodeReturn`,
        "returns are stored for rewards"
      ],
      [
        `step: step - n + i + 1`,
        `step: step - n + 1`,
        "episodes end at the first step of their round",
        { tests: ["laws/Lanes"] }
      ],
      [
        `else alone(seen`,
        `else agent.act(seen`,
        "the perturbed policy does not act",
        { tests: ["laws/Acting"] }
      ],
      [
        `action.set(saved)`,
        ``,
        "actions that are selected are lost in a resumption",
        { tests: ["laws/Lanes"] }
      ],
      [
        `lane.observation.set(lane.environment.observation)`,
        ``,
        "what a lane has seen is lost in a resumption",
        { tests: ["laws/Lanes"] }
      ]
    ]
  ),
  ...of(
    "core/src/training/Learning.ts",
    ["laws/Interaction"],
    [
      [
        `agent.learn(n, step - 1, sampled)`,
        `agent.learn(n, step, sampled)`,
        "ramps are a step late",
        { tests: ["laws/Scalars"] }
      ],
      [`step >= learningStarts`, `step > learningStarts`, "learning starts a step late"],
      [` && (step / lanes) % updateEvery === 0`, ``, "updates in every step"],
      [`? updatesPerRound : 0`, `? 1 : 0`, "one update in a round"],
      [
        `(step / lanes) % updateEvery`,
        `step % updateEvery`,
        "steps are counted, and not rounds of lanes",
        { tests: ["laws/Lanes"] }
      ],
      [
        `if (agent.hasDiverged()) {`,
        `if (step < 0) {`,
        "divergence is not noticed",
        { tests: ["laws/Acting"] }
      ]
    ]
  ),
  ...of(
    "core/src/training/Interaction.ts",
    ["laws/Lanes"],
    [
      [`if (episode >= episodes) break`, ``, "episodes are not counted", { tests: ["laws/Training"] }],
      [`step % lanes > 0 ? take : 0`, `0`, "actions are selected anew in the middle of a round"],
      [`if (step % lanes > 0) return standing()`, ``, "updates in the middle of a round"]
    ]
  ),
  ...of(
    "core/src/exploration/PerLane.ts",
    ["core/PerLane"],
    [
      [`(lane / (lanes - 1)) *`, `(lane / lanes) *`, "a ladder does not reach its last rung"],
      [`episode += 1`, ``, "scales are drawn once"],
      [`from + (to - from) * Key`, `to * Key`, "scales are drawn below the range"],
      [`episode = Snapshot.getNumber(snapshot, "episode")`, ``, "scales are drawn anew after a resumption"]
    ]
  ),
  ...of(
    "core/src/workers/Workers.ts",
    ["core/Workers"],
    [
      [
        `Math.floor((lanes * each) / workers)`,
        `Math.ceil(lanes / workers) * each`,
        "there are more lanes than asked for"
      ],
      [
        `if (words[isFaulty] !== 0) ask(`,
        `if (words[isFaulty] === 2) ask(`,
        "what a world throws is not told"
      ],
      [`words[keyLow] = key.low`, `words[keyLow] = 0`, "a lane begins by another key"],
      [`thrown = { cause }`, ``, "what a world throws in the run's own thread is lost"]
    ]
  ),
  ...of(
    "core/src/exploration/ParameterNoise.ts",
    ["laws/Acting"],
    [
      [
        `perturb(Key.fold(perturbationKey, episode), sigma())`,
        `perturb(Key.fold(perturbationKey, episode), 0)`,
        "noise on parameters is 0",
        { tests: ["laws/Acting", "core/ParameterNoise"] }
      ],
      [
        `Key.fold(perturbationKey, episode)`,
        `perturbationKey`,
        "noise on parameters is the same in each episode"
      ],
      [`tf.add(`, `tf.mul(`, "noise on parameters multiplies", { tests: ["core/ParameterNoise"] }],
      [
        `tf.sqrt(tf.mean(tf.square(apart)))`,
        `tf.mean(tf.square(apart))`,
        "the distance of policies is squared",
        { tests: ["core/ParameterNoise"] }
      ],
      [
        `if (step % settings.every !== 0) return`,
        `if (step % settings.every === 0) return`,
        "noise on parameters adapts when it should not"
      ]
    ]
  ),
  ...of(
    "core/src/training/Normalization.ts",
    ["laws/Interaction"],
    [
      [`["observation", "nextObservation"]`, `["observation"]`, "next observations are not normalised"],
      [
        `["observation", "nextObservation"]`,
        `["nextObservation"]`,
        "observations of minibatches are not normalised"
      ],
      [`out, { clip: widest })`, `out, {})`, "the clip of observations is ignored"],
      [
        `RunningStatistics.addReward(rewards, reward, isEnd)`,
        `RunningStatistics.addReward(rewards, reward, false)`,
        "reward statistics do not see ends"
      ],
      [
        `RunningStatistics.scaleOf(rewards), clip }`,
        `RunningStatistics.scaleOf(rewards), clip: 10 }`,
        "the clip of rewards is ignored",
        { tests: ["laws/Interaction", "core/Valuation"] }
      ],
      [
        `rewards.discounted = discounted[lane]!`,
        ``,
        "the discounted return runs on from lane to lane",
        { tests: ["core/Valuation"] }
      ],
      [`{ ...scaled, ...valuation }`, `{ ...valuation }`, "rewards are not normalised"],
      [
        `RunningStatistics.rewardScale(gamma)`,
        `RunningStatistics.rewardScale(1)`,
        "the return for the scale is not discounted"
      ],
      [
        `RunningStatistics.restore(observations, Snapshot.get(snapshot, "observations"))`,
        ``,
        "statistics of observations are lost in a resumption",
        { tests: ["laws/Acting"] }
      ],
      [
        `RunningStatistics.restoreRewardScale(rewards, Snapshot.get(snapshot, "rewards"))`,
        ``,
        "statistics of rewards are lost in a resumption",
        { tests: ["laws/Acting"] }
      ]
    ]
  ),
  ...of("core/src/training/RunningStatistics.ts", statistics, [
    [`distance * (value - mean[i]!)`, `distance * distance`, "Welford's squares are too large"],
    [
      `mean[i] = mean[i]! + distance / self.count`,
      `mean[i] = mean[i]! + distance / (self.count + 1)`,
      "the running mean lags"
    ],
    [
      `count < 2 ? 1 : squares[i]! / count`,
      `count < 2 ? 1 : squares[i]! / (count - 1)`,
      "the sample variance"
    ],
    [`(values[at]! - mean) * scale`, `values[at]! * scale`, "observations are not centred"],
    [
      `for (let at = i; at < values.length; at += size)`,
      `for (let at = i; at < size; at += size)`,
      "only the first row is normalised",
      { tests: ["core/RunningStatistics"] }
    ],
    [
      `self.discounted * self.discount + reward`,
      `self.discounted + reward`,
      "the return for the scale is a plain sum"
    ],
    [`if (isEnd) self.discounted = 0`, ``, "the return for the scale does not begin anew"],
    [`(distance * b.count) / merged.count`, `distance / 2`, "merged means are not weighted"],
    [
      `self.discounted = Snapshot.getNumber(saved, "discounted")`,
      ``,
      "the return at a resumption is lost",
      { tests: ["core/RunningStatistics", "envs/Wrapper"] }
    ],
    [
      `Math.max(-clip, Math.min(clip, (values`,
      `Math.max(-clip, Math.max(-clip, (values`,
      "normalised numbers are not clipped above"
    ]
  ]),
  ...of(
    "core/src/replay/Assembly.ts",
    ["core/ReplayLayers", "core/Replay"],
    [
      [
        `sampler.add(Transitions.newest(transitions))`,
        ``,
        "the sampler is not told of new transitions",
        { tests: prioritized }
      ],
      [
        `gamma: shape.gamma ?? 1 }`,
        `gamma: 1 }`,
        "gamma of the run is ignored when sampling",
        { tests: ["laws/Interaction"] }
      ],
      [
        `{ ...plain, ...valuation }`,
        `plain`,
        "valuations are ignored when sampling",
        { tests: ["laws/Interaction"] }
      ],
      [
        `capacity < lanes`,
        `capacity < 0`,
        "a replay has room for fewer transitions than lanes",
        { tests: ["core/ReplayLayers"] }
      ],
      [
        `compact === true ? Transitions.compact(capacity, shape)`,
        `compact === false ? Transitions.compact(capacity, shape)`,
        "compact storage is not compact",
        { tests: ["core/ReplayMemory"] }
      ],
      [
        `[...Reader.FIELDS, "weight"] : Reader.FIELDS`,
        `[...Reader.FIELDS, "weight"] : [...Reader.FIELDS, "weight"]`,
        "uniform replays say that they weigh",
        { tests: ["core/ReplayLayers", "laws/Interaction"] }
      ]
    ]
  ),
  ...of(
    "core/src/replay/Uniform.ts",
    ["core/ReplayByBruteForce"],
    [
      [
        `replacement ? Sampler.uniform : Sampler.withoutReplacement(capacity)`,
        `Sampler.uniform`,
        "replacement cannot be switched off"
      ]
    ]
  ),
  ...of(
    "core/src/replay/NStep.ts",
    ["core/ReplayLayers", "lab/Experiment"],
    [
      [`make(shape, Reader.nStep(steps))`, `make(shape, Reader.nStep(1))`, "n steps are one"],
      [`nStep > timeLimit`, `nStep > timeLimit + 1`, "n steps may be one more than an episode has"]
    ]
  ),
  ...of(
    "core/src/replay/Prioritized.ts",
    ["core/ReplayLayers"],
    [[`NStep.apply(options, layer(options))`, `layer(options)`, "nStep of a prioritized replay is ignored"]]
  ),
  ...of(
    "core/src/replay/Reader.ts",
    ["core/Reader", "laws/Interaction"],
    [
      [
        `discount[row] = transitions.terminated[slot] === 0 ? valuation.gamma : 0`,
        `discount[row] = valuation.gamma`,
        "minibatches bootstrap on termination"
      ],
      [
        `discount[row] = transitions.terminated[slot] === 0 ? valuation.gamma : 0`,
        `discount[row] = Transitions.isEnd(transitions, slot) ? 0 : valuation.gamma`,
        "minibatches do not bootstrap on truncation"
      ],
      [
        `Math.max(-clip, Math.min(clip, reward * scale))`,
        `Math.max(-clip, Math.min(clip, reward)) * scale`,
        "rewards are clipped before they are scaled",
        { tests: ["core/Valuation", "core/Reader"] }
      ],
      [`k < n && !Transitions.isEnd`, `k <= n && !Transitions.isEnd`, "n steps are n + 1"],
      [`&& !Transitions.isEnd(transitions, slot) && age`, `&& age`, "windows run over the ends of episodes"],
      [`&& age >= lanes; k++`, `; k++`, "windows run on into what is older"],
      [
        `&& age >= lanes; k++`,
        `&& age > 0; k++`,
        "windows run on into what another lane made later",
        { tests: ["core/ReplayByBruteForce"] }
      ],
      [
        `age -= lanes`,
        `age -= 1`,
        "windows of lanes run on into what is older",
        { tests: ["core/ReplayByBruteForce"] }
      ],
      [`sum += product * rewardOf(`, `sum += rewardOf(`, "rewards of n steps are not discounted"],
      [
        `product *= terminated[slot] === 0 ? gamma : 0`,
        `product *= gamma`,
        "n steps bootstrap on termination"
      ]
    ]
  ),
  ...of("core/src/replay/Sampler.ts", prioritized, [
    [
      `SumTree.set(tree, slot, Elementary.pow(priority, alpha))`,
      `SumTree.set(tree, slot, priority)`,
      "alpha is ignored"
    ],
    [`(i + Key.uniform(key, i)) * width`, `(i + Key.uniform(key)) * width`, "one uniform for all strata"],
    [`(i + Key.uniform(key, i)) * width`, `Key.uniform(key, i) * total`, "draws are not stratified"],
    [`Ramp.at(beta, stored)`, `Ramp.at(beta, 0)`, "beta is frozen"],
    [
      `importance(tree, held, Ramp`,
      `importance(tree, capacity, Ramp`,
      "N is the capacity",
      { survives: "N cancels when weights are divided by the largest of the minibatch" }
    ],
    [
      `add: (slot) => setPriority(slot, largest)`,
      `add: (slot) => setPriority(slot, 1)`,
      "new transitions get priority 1"
    ],
    [`Math.abs(errors[i]!) + epsilon`, `Math.abs(errors[i]!)`, "no epsilon in priorities"],
    [
      `Math.abs(errors[i]!) + epsilon`,
      `Math.max(0, errors[i]!) + epsilon`,
      "negative errors have no priority"
    ],
    [`largest = Math.max(largest, priority)`, `largest = priority`, "the largest priority is forgotten"],
    [`out[i]! / most`, `out[i]!`, "weights are not divided by the largest"],
    [`/ total, -beta)`, `/ total, beta)`, "weights are inverted"],
    [`into.set(perRow)`, `into.fill(1)`, "weights are all 1"],
    [`drawn = slots`, `drawn = slots.map((_, i) => i)`, "priorities go to the first slots"],
    [
      `return { largest, weights }`,
      `return { largest: 1, weights }`,
      "the largest priority is lost in a snapshot",
      { tests: ["core/Sampler"] }
    ],
    [
      `(stored - saved.length + i) % capacity`,
      `i % capacity`,
      "priorities are restored to other slots",
      { tests: ["core/Sampler"] }
    ],
    [
      `while (drawnIn[slot] === round)`,
      `while (round < 0)`,
      "without replacement a transition comes twice",
      { tests: ["core/Sampler"] }
    ],
    [
      `drawnIn[slot] = round`,
      `drawnIn[slot] = round - 1`,
      "no transition is marked as drawn",
      { tests: ["core/Sampler"] }
    ],
    [
      `void Key.integers(key, slots, held))`,
      `void Key.integers(key, slots, Math.max(1, held - 1)))`,
      "the newest transition is never drawn",
      { tests: ["core/Replay"] }
    ]
  ]),
  ...of(
    "core/src/replay/SumTree.ts",
    ["core/SumTree", ...prioritized],
    [
      [
        `rest >= left && sums[node + 1]! > 0`,
        `rest > left && sums[node + 1]! > 0`,
        "a boundary belongs to the slot before it"
      ],
      [`rest >= left && sums[node + 1]! > 0`, `rest >= left`, "a branch without weight is entered"],
      [`rest -= left`, ``, "the left branch is not taken off"],
      [`while (node > 1) {`, `while (node > 3) {`, "the root is not updated"],
      [`sums[2 * node]! + sums[2 * node + 1]!`, `sums[2 * node]!`, "sums are of the left branches"]
    ]
  ),
  ...of(
    "core/src/config/Slot.ts",
    ["core/Slot"],
    [
      [
        `inside.filter((type) => !SchemaShape.isChosen(type))`,
        `inside`,
        "a filled slot says in JSON Schema that it takes anything"
      ]
    ]
  ),
  ...of(
    "core/src/config/Catalogue.ts",
    ["core/Slot"],
    [
      [
        `return refuse(product.success)`,
        `return undefined`,
        "a ramp of one's own leaves the bounds of its place"
      ]
    ]
  ),
  ...of(
    "core/src/ramp/Ramp.ts",
    ["core/Ramp", "core/Exploration", ...prioritized],
    [
      [`Math.min(1, step / ramp.steps)`, `step / ramp.steps`, "a line does not end"],
      [
        `(ramp.from - ramp.to) * halved`,
        `(ramp.to - ramp.from) * halved`,
        "an exponential ramp goes the other way"
      ],
      [
        `ramp.from - (ramp.from - ramp.to)`,
        `ramp.to - (ramp.from - ramp.to)`,
        "a linear ramp begins elsewhere"
      ],
      [`step >= steps ? to : to`, `step < 0 ? to : to`, "a cosine comes up again"],
      [
        `Trigonometry.cos((Math.PI * step)`,
        `Trigonometry.cos((2 * Math.PI * step)`,
        "a cosine of a whole wave"
      ],
      [`({ at }) => at > step`, `({ at }) => at >= step`, "a held value lasts a step too long"],
      [`(step - before.at) / (after.at - before.at)`, `step / after.at`, "lines begin at step 0"],
      [`return points[0].value`, `return 0`, "before its first point a ramp is 0"],
      [
        `if (rest < steps) return at(ramp, rest)`,
        `if (rest < steps) return at(ramp, step)`,
        "parts do not begin anew"
      ],
      [`if (rest < steps) return`, `if (rest <= steps) return`, "a part lasts a step too long"],
      [`at(to, step - steps)`, `at(to, step)`, "what follows a warm-up has begun before"],
      [`from + (at(to, 0) - from) * (step / steps)`, `at(to, 0) * (step / steps)`, "a warm-up begins at 0"],
      [`product * at(factor, step)`, `product + at(factor, step)`, "factors are added"],
      [
        `ramp.per === "update" ? at(ramp, update) : at(ramp, step)`,
        `ramp.per === "update" ? at(ramp, step) : at(ramp, step)`,
        "updates are not counted"
      ],
      [`at <= (points[i - 1]?.at ?? -1)`, `at < (points[i - 1]?.at ?? -1)`, "two points at one step"],
      [
        `of(a.least * b.least, a.least * b.most, a.most * b.least, a.most * b.most)`,
        `of(a.least * b.least, a.most * b.most)`,
        "the range of a product leaves out its corners"
      ]
    ]
  ),
  ...of(
    "core/src/replay/Transitions.ts",
    ["core/Transitions", "core/Replay"],
    [
      [`Math.min(self.stored(), self.capacity)`, `self.stored()`, "more transitions than there are"],
      [
        `(stored - 1) % self.capacity`,
        `stored % self.capacity`,
        "the newest transition is the oldest",
        { tests: ["core/Reader", "core/ReplayByBruteForce"] }
      ],
      [
        `terminated[slot] !== 0 || truncated[slot] !== 0`,
        `terminated[slot] !== 0`,
        "a truncation is no end of an episode",
        { tests: ["core/Reader", "core/Rollout"] }
      ],
      [
        `arrays.terminated[slot] = transition.terminated ? 1 : 0`,
        `arrays.terminated[slot] = 0`,
        "terminations are not kept",
        { tests: ["laws/Interaction"] }
      ],
      [
        `arrays.reward[slot] = transition.reward`,
        `arrays.reward[slot] = Math.trunc(transition.reward * 10) / 10`,
        "rewards are kept rounded",
        { tests: ["core/Transitions", "core/Replay", "core/Reader"] }
      ],
      [
        `copyRow(observations, (slot + lanes) % capacity, width, into, at)`,
        `copyRow(observations, slot + lanes, width, into, at)`,
        "compact storage does not go round the ring"
      ],
      [
        `copyRow(observations, (slot + lanes) % capacity, width, into, at)`,
        `copyRow(observations, (slot + 1) % capacity, width, into, at)`,
        "compact storage gives the observation of another lane"
      ],
      [
        `if (age < lanes) copyRow`,
        `if (age < 1) copyRow`,
        "compact storage knows the newest transition of one lane only"
      ],
      [
        `writeRow(newestNext, n % lanes`,
        `writeRow(newestNext, 0`,
        "compact storage keeps one newest for all lanes"
      ],
      [
        `=> (slot + lanes) % capacity`,
        `=> Math.min(slot + lanes, capacity - 1)`,
        "trajectories do not go round the ring"
      ],
      [`=> (slot + lanes) % capacity`, `=> (slot + 1) % capacity`, "a trajectory is of all lanes"],
      [
        `age(self, slot) < self.lanes`,
        `age(self, slot) < 1`,
        "only one transition is the newest of its lane"
      ],
      [`lasts.delete(n % capacity)`, ``, "compact storage keeps an old episode's end"],
      [`Float32Array.from(observation))`, `newestNext)`, "compact storage keeps one end for all"]
    ]
  ),
  ...of(
    "core/src/replay/Rollout.ts",
    ["core/Rollout"],
    [
      [
        `Transitions.isEnd(steps, t) || t === newest`,
        `t === newest`,
        "returns run over the ends of episodes"
      ],
      [`steps.terminated[t] === 0 ? gamma : 0`, `gamma`, "rollouts bootstrap on termination"],
      [
        `steps.terminated[t] === 0 ? gamma : 0`,
        `Transitions.isEnd(steps, t) ? 0 : gamma`,
        "rollouts do not bootstrap on truncation"
      ],
      [
        `steps.copyNextObservation(last,`,
        `steps.copyNextObservation(t,`,
        "rollouts bootstrap from the next step, not the last"
      ],
      [
        `discounts[t] = product`,
        `discounts[t] = gamma`,
        "rollouts discount once",
        { tests: ["core/Rollout", "algos/A2c"] }
      ],
      [
        `if (options.normalize) normalize(returns)`,
        `normalize(returns)`,
        "returns are always normalised",
        { tests: ["core/Rollout"] }
      ],
      [
        `Math.sqrt(squares / n)`,
        `Math.sqrt(squares / (n - 1))`,
        "returns are normalised by the sample deviation",
        { tests: ["algos/ActorCritic"] }
      ],
      [`until === "episode" && isEnd`, `isEnd`, "a full rollout ends with an episode"],
      [`t >= 0; t -= lanes`, `t >= 0; t -= 1`, "rollouts mix lanes"],
      [`newest >= Math.max(0, count - lanes)`, `newest >= count - 1`, "rollouts hold one lane only"],
      [
        `capacity % lanes === 0`,
        `capacity >= lanes`,
        "rollouts may end in the middle of the lanes",
        { tests: ["core/ReplayLayers"] }
      ],
      [`steps.restore(0)`, ``, "a rollout is learned from twice"],
      [
        `if (batch !== capacity) {`,
        `if (batch > capacity) {`,
        "a minibatch shorter than its rollout is not refused",
        { tests: ["core/ReplayLayers"] }
      ]
    ]
  ),
  ...of(
    "core/src/replay/Hindsight.ts",
    ["core/Hindsight"],
    [
      [`>= ratio) continue`, `< ratio) continue`, "the share of other goals is turned round"],
      [`strategy === "final" ? ahead : -back`, `-back`, "the final goal is a future one"],
      [
        `strategy === "episode" ? before(transitions, slot)`,
        `strategy === "episode" ? 0`,
        "goals of the whole episode are future ones"
      ],
      [
        `(slot + steps * lanes + capacity)`,
        `(slot + steps + capacity)`,
        "goals are those of other lanes",
        { tests: ["core/ReplayByBruteForce"] }
      ],
      [
        `Math.floor(older / lanes)`,
        `older`,
        "goals are those of an episode that is overwritten",
        { tests: ["core/ReplayByBruteForce"] }
      ],
      [`goals.setGoal(next, goal)`, ``, "the next observation keeps the old goal"],
      [
        `Reader.rewardOf(valuation, goals.reward(reached, goal))`,
        `rewards[row]!`,
        "the reward is not computed anew"
      ],
      [`isReached || (isOldEnd && !isOfOldGoal) ? 0`, `isReached ? 0`, "a crash is forgotten in hindsight"],
      [
        `isReached || (isOldEnd && !isOfOldGoal) ? 0`,
        `isOldEnd && !isOfOldGoal ? 0`,
        "a goal reached in hindsight does not end"
      ],
      [`ahead - begin + 1`, `Math.max(1, ahead - begin)`, "the episode's last goal is never chosen"],
      [`goals.isTerminal(reached, old)`, `goals.isTerminal(reached, goal)`, "ends of the old goal stay ends"],
      [
        `ratio: k / (k + 1)`,
        `ratio: 1 / (k + 1)`,
        "fewer goals in hindsight than asked for",
        { tests: ["core/ReplayLayers"] }
      ]
    ]
  ),
  ...of(
    "core/src/exploration/OrnsteinUhlenbeck.ts",
    ["core/Exploration"],
    [
      [
        `x[i]! + theta * (mean - x[i]!) * dt`,
        `x[i]! - theta * (mean - x[i]!) * dt`,
        "noise runs away from its mean"
      ],
      [`sigma * Math.sqrt(dt) * normal(i)`, `sigma * dt * normal(i)`, "noise grows with dt, not its root"],
      [
        `action[i] = clip(action[i]! + x[i]!)`,
        `action[i] = action[i]! + x[i]!`,
        "perturbed actions are not clipped"
      ],
      [`x.fill(0)`, ``, "an episode begins with the noise of the last"],
      [
        `sigma: factor() * Ramp.at(options.sigma, step) }`,
        `sigma: Ramp.at(options.sigma, 0) }`,
        "sigma is frozen"
      ]
    ]
  ),
  ...of(
    "core/src/exploration/Gaussian.ts",
    ["core/Exploration"],
    [
      [
        `action[i]! + scale * Key.normal(now, i)`,
        `action[i]! + scale * Key.normal(now)`,
        "all dimensions have the same noise"
      ]
    ]
  ),
  ...of(
    "core/src/exploration/Mixture.ts",
    ["core/Exploration"],
    [
      [`2 * Key.uniform(now, i + 1) - 1`, `Key.uniform(now, i + 1)`, "mixed actions are never negative"],
      [
        `Key.uniform(now, 0) >= Ramp.at(share, step)`,
        `Key.uniform(now, 0) < Ramp.at(share, step)`,
        "the mixture's share is turned round"
      ],
      [
        `epsilon === 0 ? self`,
        `epsilon !== 0 ? self`,
        "epsilon of a file is ignored",
        { tests: ["core/Exploration", "laws/Acting"] }
      ]
    ]
  ),
  ...of(
    "core/src/training/Evaluation.ts",
    ["core/Evaluation", "laws/Training"],
    [
      [`lane.sum += lane.`, `lane.sum = lane.`, "an evaluation's return is the last reward"],
      [
        `returns[episode] = sum`,
        `returns[begun - 1] = sum`,
        "returns stand at the newest episodes",
        { tests: ["core/Evaluation"] }
      ],
      [
        `lanes[i] = lanes[playing]!`,
        ``,
        "a lane that is done plays on in place of one that is not",
        { tests: ["core/Evaluation"] }
      ],
      [
        `std: Math.sqrt(variance)`,
        `std: Math.sqrt((variance * returns.length) / (returns.length - 1))`,
        "the deviation of returns has another divisor"
      ],
      [`reset(Key.fold(key, lane.episode))`, `reset(key)`, "every evaluated episode starts alike"],
      [`Key.make(seed)`, `Key.make(0)`, "the evaluation's seed is ignored"]
    ]
  )
]
