/** The notebook's `play`: an episode with every action printed, its result, and whether that wins. */
import type * as Environment from "@ornstein/core/Environment"
import type * as Evaluation from "@ornstein/core/Evaluation"
import * as Rollout from "@ornstein/lab/Rollout"
import * as Statistics from "@ornstein/lab/Statistics"
import { Console, Effect } from "effect"

export interface Options {
  /** How an action is printed. */
  readonly show: (action: number) => string
  /** What an episode is worth, from its rewards. */
  readonly mark: (rewards: ReadonlyArray<number>) => number
  readonly toWin: number
}

/** Left and right; the sum of rewards. */
export const cartPole: Options = {
  show: (action) => (action === 0 ? "L" : "R"),
  mark: (rewards) => rewards.reduce((sum, reward) => sum + reward, 0),
  toWin: 300
}

/** The torque; the mean reward of the last 40 steps. */
export const pendulum: Options = {
  show: (action) => action.toFixed(2),
  mark: (rewards) => Statistics.mean(rewards.slice(-40)),
  toWin: -0.05
}

export const play = Effect.fnUntraced(function* (
  environment: Environment.Environment,
  player: Evaluation.Policy,
  { mark, show, toWin }: Options,
  seed = 0
) {
  const shown: Array<string> = []
  const rewards: Array<number> = []
  const policy: Evaluation.Policy = (observation, action) => {
    player(observation, action)
    shown.push(show(action[0] ?? 0))
  }
  const limit = environment.spec.timeLimit ?? 1000
  yield* Rollout.play(environment, policy, { seed, steps: limit }, ({ reward, steps }) =>
    Effect.sync(() => {
      if (steps > 0) rewards.push(reward)
    })
  )
  const final = mark(rewards)
  yield* Console.log(`Let's play: ${shown.join(", ")}, Done!`)
  yield* Console.log(
    `The total reward is ${final.toFixed(2)}. ${final >= toWin ? "YOU WIN!" : "Sorry, try again..."}`
  )
})
