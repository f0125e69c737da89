/**
 * Wrappers: environments around environments. Each is a function `Environment => Environment`, so they compose, and each
 * keeps its own state in the snapshot:
 *
 * ```ts
 * const world = pipe(Pendulum.make(), Wrapper.repeatActions(2), Wrapper.timeLimit(50))
 * ```
 *
 * A number that makes no sense (a limit of 0, a probability of 2) is an `ConfigError` when the wrapper is applied. The one
 * wrapper that is not here carries actions from [-1, 1] to their bounds: training needs it, so it is
 * `Environment.rescaleActions`.
 */
import * as Catalogue from "@ornstein/core/Catalogue"
import * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Key from "@ornstein/core/Key"
import * as Part from "@ornstein/core/Part"
import * as RunningStatistics from "@ornstein/core/RunningStatistics"
import * as Snapshot from "@ornstein/core/Snapshot"
import * as Space from "@ornstein/core/Space"

// models

/** What `episodeStatistics` reports when an episode ends. */
export interface EpisodeSummary {
  /** The undiscounted sum of rewards. */
  readonly return: number
  readonly length: number
  readonly terminated: boolean
}

// time

/** Truncates episodes after `limit` steps. Terminated and truncated can both be true: that is terminal. */
export const timeLimit =
  (limit: number): Environment.Wrapper =>
  (self) => {
    Field.make("Wrapper.timeLimit", Field.positiveInt, limit)
    const spec = { ...self.spec, timeLimit: Math.min(limit, self.spec.timeLimit ?? limit) }
    return Environment.wrap(self, spec, (inner) => ({
      truncated: () => inner.truncated || inner.steps >= limit,
      step: (action) => {
        if (inner.steps >= limit) {
          throw new Environment.EnvironmentError({
            environment: spec.id,
            step: inner.steps,
            what: "a step after the end",
            fix: "Call reset first"
          })
        }
        inner.step(action)
      }
    }))
  }

// actions

/** Takes any finite action and clips it to the bounds. */
export const clipActions = (self: Environment.Environment<Space.Box>): Environment.Environment<Space.Box> => {
  const { action: space } = self.spec
  const action = Space.box({
    shape: space.shape,
    low: Number.NEGATIVE_INFINITY,
    high: Number.POSITIVE_INFINITY,
    dtype: space.dtype
  })
  return Environment.wrap(self, { ...self.spec, action }, (inner) => {
    const singles = new Float32Array(Space.size(space))
    const doubles = new Float64Array(Space.size(space))
    return {
      step: (given) => {
        if (given.length !== singles.length) return inner.step(given)
        const clipped = given instanceof Float32Array ? singles : doubles
        for (let i = 0; i < clipped.length; i++) {
          clipped[i] = Math.max(space.low[i]!, Math.min(space.high[i]!, given[i]!))
        }
        inner.step(clipped)
      }
    }
  })
}

/** Takes each action `times` times and adds the rewards up; an end stops the repetition. */
export const repeatActions =
  (times: number): Environment.Wrapper =>
  (self) => {
    Field.make("Wrapper.repeatActions", Field.positiveInt, times)
    const { timeLimit: limit, timeStep, ...rest } = Environment.withoutGoals(self.spec)
    const spec = {
      ...rest,
      ...(limit === undefined ? {} : { timeLimit: Math.ceil(limit / times) }),
      ...(timeStep === undefined ? {} : { timeStep: timeStep * times })
    }
    return Environment.wrap(self, spec, (inner) => {
      let [reward, steps] = [0, 0]
      return {
        reward: () => reward,
        steps: () => steps,
        reset: (key) => {
          inner.reset(key)
          reward = 0
          steps = 0
        },
        step: (action) => {
          inner.step(action)
          let sum = inner.reward
          for (let i = 1; i < times && !inner.terminated && !inner.truncated; i++) {
            inner.step(action)
            sum += inner.reward
          }
          reward = sum
          steps += 1
        },
        state: {
          save: () => ({ reward, steps }),
          load: (saved) => {
            reward = Snapshot.getNumber(saved, "reward")
            steps = Snapshot.getNumber(saved, "steps")
          }
        }
      }
    })
  }

/**
 * With this probability the action before is taken again instead of the new one (Machado et al., "Revisiting the Arcade
 * Learning Environment", 2018): a deterministic world becomes a stochastic one.
 */
export const stickyActions =
  (probability: number): Environment.Wrapper =>
  (self) => {
    Field.make("Wrapper.stickyActions", Field.unitInterval, probability)
    return Environment.wrap(self, self.spec, (inner) => {
      let key = Key.make(0)
      let previous: Space.Numbers | undefined
      return {
        reset: (resetKey) => {
          key = Key.fold(resetKey, "stickyActions")
          previous = undefined
          inner.reset(resetKey)
        },
        step: (action) => {
          if (previous !== undefined && Key.uniform(key, inner.steps) < probability)
            return inner.step(previous)
          inner.step(action)
          if (previous === undefined) previous = action.slice()
          else previous.set(action)
        },
        state: {
          save: () => ({ high: key.high, low: key.low, previous: previous?.slice() ?? null }),
          load: (saved) => {
            key = { high: Snapshot.getNumber(saved, "high"), low: Snapshot.getNumber(saved, "low") }
            const last = Snapshot.get(saved, "previous")
            previous = last instanceof Float32Array || last instanceof Float64Array ? last : undefined
          }
        }
      }
    })
  }

// observations

/** The last `count` observations, oldest first, as `[count, ...shape]`; an episode begins with `count` times its first. */
export const stackObservations =
  (count: number): Environment.Wrapper =>
  (self) => {
    Field.make("Wrapper.stackObservations", Field.positiveInt, count)
    const { observation: space } = self.spec
    const repeat = (bounds: ReadonlyArray<number>) => Array.from({ length: count }, () => bounds).flat()
    const observation = Space.box({
      shape: [count, ...space.shape],
      low: repeat(space.low),
      high: repeat(space.high),
      dtype: space.dtype
    })
    return Environment.wrap(self, { ...Environment.withoutGoals(self.spec), observation }, (inner) => {
      const size = Space.size(space)
      const stack = Space.allocate(observation)
      return {
        observation: stack,
        reset: (key) => {
          inner.reset(key)
          for (let i = 0; i < count; i++) stack.set(inner.observation, i * size)
        },
        step: (action) => {
          inner.step(action)
          stack.copyWithin(0, size)
          stack.set(inner.observation, (count - 1) * size)
        },
        state: {
          save: () => stack.slice(),
          load: (saved) => {
            if (!(saved instanceof Float32Array || saved instanceof Float64Array))
              throw new TypeError("the snapshot holds no stack")
            stack.set(saved)
          }
        }
      }
    })
  }

/** Which statistics a normalising wrapper begins with, and whether it leaves them as they are (in evaluation). */
export interface NormalizeOptions extends RunningStatistics.NormalizeOptions {
  readonly statistics?: RunningStatistics.RunningStatistics
  readonly frozen?: boolean
}

/**
 * Observations brought to mean 0 and variance 1 by running statistics, which take in each observation before it is
 * normalised. Whoever stores what this gives stores normalised values; training does it the other way
 * (`RunningStatistics`).
 */
export const normalizeObservations =
  (options: NormalizeOptions = {}): Environment.Wrapper =>
  (self) => {
    const { clip = 10, frozen = false } = options
    const { shape, dtype } = self.spec.observation
    const observation = Space.box({ shape, low: -clip, high: clip, dtype })
    return Environment.wrap(self, { ...Environment.withoutGoals(self.spec), observation }, (inner) => {
      const normalized = Space.allocate(observation)
      const statistics = RunningStatistics.copy(
        options.statistics ?? RunningStatistics.make(Space.size(observation))
      )
      const take = () => {
        if (!frozen) RunningStatistics.add(statistics, inner.observation)
        RunningStatistics.normalize(statistics, inner.observation, normalized, options)
      }
      return {
        observation: normalized,
        reset: (key) => {
          inner.reset(key)
          take()
        },
        step: (action) => {
          inner.step(action)
          take()
        },
        state: {
          save: () => RunningStatistics.toSnapshot(statistics),
          load: (saved) => {
            RunningStatistics.restore(statistics, saved)
            RunningStatistics.normalize(statistics, inner.observation, normalized, options)
          }
        }
      }
    })
  }

// rewards

/** Rewards over the running standard deviation of the discounted return; they are not centred, which would move the optimum. */
export const normalizeRewards =
  (options: {
    readonly discount: number
    readonly clip?: number
    readonly frozen?: boolean
  }): Environment.Wrapper =>
  (self) =>
    Environment.wrap(self, Environment.withoutGoals(self.spec), (inner) => {
      const { discount, clip = 10, frozen = false } = options
      const scale = RunningStatistics.rewardScale(discount)
      let reward = 0
      return {
        reward: () => reward,
        reset: (key) => {
          inner.reset(key)
          scale.discounted = 0
          reward = 0
        },
        step: (action) => {
          inner.step(action)
          if (!frozen) RunningStatistics.addReward(scale, inner.reward, inner.terminated || inner.truncated)
          reward = Math.max(-clip, Math.min(clip, inner.reward * RunningStatistics.scaleOf(scale)))
        },
        state: {
          save: () => ({ reward, scale: RunningStatistics.rewardScaleToSnapshot(scale) }),
          load: (saved) => {
            reward = Snapshot.getNumber(saved, "reward")
            RunningStatistics.restoreRewardScale(scale, Snapshot.get(saved, "scale"))
          }
        }
      }
    })

// episodes

/** Calls `onEnd` with the return and length of each episode that ends. */
export const episodeStatistics =
  (onEnd: (summary: EpisodeSummary) => void): Environment.Wrapper =>
  (self) =>
    Environment.wrap(self, self.spec, (inner) => {
      let sum = 0
      return {
        reset: (key) => {
          inner.reset(key)
          sum = 0
        },
        step: (action) => {
          inner.step(action)
          sum += inner.reward
          if (inner.terminated || inner.truncated) {
            onEnd({ return: sum, length: inner.steps, terminated: inner.terminated })
          }
        },
        state: {
          save: () => sum,
          load: (saved) => {
            if (typeof saved !== "number") throw new TypeError("the snapshot holds no return")
            sum = saved
          }
        }
      }
    })

// parts

/**
 * The wrappers that a configuration can put around a world, in its list `wrappers`, the first one innermost. Those that
 * normalise are not among them: `training.normalize` does it with statistics that evaluations share.
 */
export const kinds = Catalogue.of<Environment.Wrapper>("wrapper").with(
  Part.make("timeLimit", {
    description: "episodes are truncated after so many steps",
    source: "Gymnasium's TimeLimit",
    options: { limit: Field.positiveInt.annotate({ description: "the most steps of an episode" }) },
    example: { limit: 50 },
    make: ({ limit }): Environment.Wrapper => timeLimit(limit)
  }),
  Part.make("repeatActions", {
    description: "each action is taken several times, its rewards added up",
    source: {
      authors: "Mnih et al.",
      year: 2015,
      title: "Human-level control through deep reinforcement learning",
      link: "https://doi.org/10.1038/nature14236"
    },
    options: { times: Field.positiveInt.annotate({ description: "how often each action is taken" }) },
    example: { times: 2 },
    make: ({ times }): Environment.Wrapper => repeatActions(times)
  }),
  Part.make("stickyActions", {
    description: "now and then the action before is taken again",
    source: {
      authors: "Machado et al.",
      year: 2018,
      title: "Revisiting the Arcade Learning Environment",
      link: "https://arxiv.org/abs/1709.06009"
    },
    options: {
      probability: Field.unitInterval
        .annotate({ description: "how probable it is that the action before is taken again" })
        .pipe(Field.withDefault(0.25))
    },
    example: { probability: 0.5 },
    make: ({ probability }): Environment.Wrapper => stickyActions(probability)
  }),
  Part.make("stackObservations", {
    description: "the last observations together, oldest first",
    source: "Gymnasium's FrameStackObservation",
    options: { count: Field.positiveInt.annotate({ description: "how many observations" }) },
    example: { count: 3 },
    make: ({ count }): Environment.Wrapper => stackObservations(count)
  })
)
