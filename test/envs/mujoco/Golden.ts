/** Worlds on MuJoCo beside what Gymnasium recorded: one step at a time, each from the recorded state. */
import { assert } from "@effect/vitest"
import * as Environment from "@ornstein/core/Environment"
import * as Key from "@ornstein/core/Key"
import * as Snapshot from "@ornstein/core/Snapshot"
import type * as Space from "@ornstein/core/Space"
import * as Effect from "effect/Effect"
import { readFileSync } from "node:fs"

type Rows = ReadonlyArray<ReadonlyArray<number>>

interface Episode {
  readonly label: string
  readonly reset_seed: number
  readonly initial_obs: ReadonlyArray<number>
  readonly actions: Rows
  readonly qpos: Rows
  readonly qvel: Rows
  readonly qacc_warmstart: Rows
  readonly observations: Rows
  readonly rewards: ReadonlyArray<number>
  readonly terminated: ReadonlyArray<boolean>
  readonly truncated: ReadonlyArray<boolean>
}

export interface Recording {
  readonly meta: { readonly action_dtype: string }
  readonly episodes: ReadonlyArray<Episode>
}

export const read = (name: string): Recording =>
  JSON.parse(readFileSync(`test/golden/mujoco/${name}.json`, "utf8"))

/** The recorded state in the place of ours: time, positions, velocities, the warm start; controls are set by a step. */
const withState = (snapshot: Snapshot.Snapshot, { qpos, qvel, qacc_warmstart }: Episode, step: number) => {
  const state = Snapshot.get(snapshot, "state")
  assert.instanceOf(state, Float64Array)
  const [positions, velocities, warm] = [qpos[step]!, qvel[step]!, qacc_warmstart[step]!]
  state.set([...positions, ...velocities, ...warm], 1)
  return Snapshot.isRecord(snapshot) ? { ...snapshot, state } : snapshot
}

const furthest = (ours: Space.Numbers, recorded: ReadonlyArray<number>): number =>
  ours.length === recorded.length
    ? Math.max(...recorded.map((x, i) => Math.abs(x - ours[i]!)))
    : Number.POSITIVE_INFINITY

/** Starts equal to the bit; observations within 1e-9, rewards within 1e-10, the same ends. Gives the number of steps. */
export const follows = (name: string, make: (gymnasiumSeed: number) => Environment.Environment<Space.Box>) =>
  Effect.gen(function* () {
    const { episodes, meta } = read(name)
    let steps = 0
    for (const episode of episodes) {
      const world = yield* make(episode.reset_seed).make
      world.reset(Key.make(0))
      assert.deepStrictEqual([...world.observation], episode.initial_obs, episode.label)
      for (const [step, row] of episode.actions.entries()) {
        if (step > 0) world.restore(withState(world.snapshot(), episode, step - 1))
        const action = meta.action_dtype === "float32" ? Float32Array.from(row) : Float64Array.from(row)
        yield* Environment.attempt(() => world.step(action))
        const at = `${episode.label}, step ${step}`
        assert.isBelow(furthest(world.observation, episode.observations[step]!), 1e-9, at)
        assert.isBelow(Math.abs(world.reward - episode.rewards[step]!), 1e-10, at)
        assert.strictEqual(world.terminated, episode.terminated[step], at)
        assert.strictEqual(world.truncated, episode.truncated[step], at)
        steps += 1
      }
    }
    return steps
  })
