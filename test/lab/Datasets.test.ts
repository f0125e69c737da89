/** Datasets of every format: right values of real files, rows recomputed by hand, and what is refused. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Datasets from "@ornstein/lab/internal/datasets/Datasets"
import * as Description from "@ornstein/lab/internal/datasets/Description"
import * as Reference from "@ornstein/lab/internal/datasets/Reference"
import { Dataset, Replay, Safetensors, Space } from "@ornstein/core"
import * as JsonPath from "@ornstein/core/JsonPath"
import { Effect, Layer, Result } from "effect"
import { copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as DatasetFiles from "./DatasetFiles.ts"

const golden = (name: string): string => join(import.meta.dirname, "../golden/imports", name)
const valuesOf = (name: string): unknown => JSON.parse(readFileSync(golden(name), "utf8"))
const at = (json: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>((value, name) => JsonPath.child(value, name), json)
const numbersAt = (json: unknown, ...path: ReadonlyArray<string>): ReadonlyArray<number> => {
  const found = at(json, ...path)
  return (Array.isArray(found) ? found : [found]).map(Number)
}

const read = (file: string) => Effect.provide(Datasets.read(file), NodeServices.layer)
const described = (file: string) => Effect.map(read(file), (recorded) => Description.make(recorded))

const close = (
  found: ReadonlyArray<number> | number,
  expected: ReadonlyArray<number>,
  tolerance = 1e-12
): void => {
  const list = typeof found === "number" ? [found] : found
  assert.strictEqual(list.length, expected.length)
  list.forEach((x, i) => assert.closeTo(x, expected[i]!, tolerance * Math.max(1, Math.abs(expected[i]!))))
}

// real files

describe("a real dataset of Minari", () => {
  const values = valuesOf("minari/pendulum-hdf5.json")

  it.live.each([
    "minari/pendulum-hdf5",
    "minari/pendulum-hdf5/data",
    "minari/pendulum-hdf5/data/main_data.hdf5"
  ])("is described rightly by %s", (name) =>
    Effect.gen(function* () {
      const { action, episodes, format, lengths, observation, rewards, steps, ...rest } = yield* described(
        golden(name)
      )
      assert.deepStrictEqual(
        [format, episodes, steps, rest.open, rest.terminals, rest.timeouts, rest.environment, rest.id],
        ["minari", 10, 271, 0, 5, 5, "Pendulum-v1", "pendulum/small-v0"]
      )
      assert.deepStrictEqual([lengths.shortest, lengths.longest], [7, 40])
      close(rewards.sum, numbersAt(values, "sum_of_rewards"))
      const returns = numbersAt(values, "returns")
      close(rest.return.mean, [returns.reduce((a, b) => a + b, 0) / 10])
      const ofObservations = ["observations_acted_on", "observation"]
      for (const name of ["mean", "std", "min", "max"] as const) {
        close(observation[name], numbersAt(values, ...ofObservations, name))
        close(action[name], numbersAt(values, "actions", name))
      }
      assert.strictEqual(observation.space, "Box([3], float32, [-1, -1, -8] to [1, 1, 8])")
      assert.deepStrictEqual([rest.transitions, rest.problem, rest.inferred], [271, null, []])
    })
  )

  it.live("gives each step the observation that followed, the last of its episode too", () =>
    Effect.gen(function* () {
      const { raw } = yield* read(golden("minari/pendulum-hdf5"))
      const column = (name: string) => raw.columns[name]?.data ?? new Float32Array(0)
      const [observation, next] = [column("observation"), column("nextObservation")]
      const whole = at(values, "episode_0", "observations", "observation")
      const first = (Array.isArray(whole) ? whole : []).flat().map(Number)
      assert.deepStrictEqual([...observation.subarray(0, 40 * 3)], first.slice(0, 40 * 3))
      assert.deepStrictEqual([...next.subarray(0, 40 * 3)], first.slice(3))
      assert.deepStrictEqual(
        [...next.subarray(-3)],
        [...numbersAt(values, "last_observation", "observation")]
      )
      assert.deepStrictEqual([...column("action").subarray(-1)], [...numbersAt(values, "last_action")])
      const flags = (name: string) => at(values, name)
      const ends = [column("terminated"), column("truncated")].map((ones) => {
        let end = -1
        return numbersAt(values, "episode_lengths").map((length) => ones[(end += length)] === 1)
      })
      assert.deepStrictEqual(ends, [flags("terminated"), flags("truncated")])
    })
  )
})

it.live("a real file of D4RL is described rightly", () =>
  Effect.gen(function* () {
    const values = valuesOf("d4rl/pendulum.json")
    const { action, episodes, format, lengths, observation, open, rewards, steps, ...rest } =
      yield* described(golden("d4rl/pendulum.hdf5"))
    assert.deepStrictEqual(
      [format, episodes, open, steps, rest.terminals, rest.timeouts],
      ["d4rl", 10, 1, 220, 7, 2]
    )
    assert.deepStrictEqual([lengths.shortest, lengths.longest], [1, 40])
    close(rewards.sum, numbersAt(values, "sum_of_rewards"))
    close(rewards.mean, numbersAt(values, "rewards", "mean"), 1e-7)
    for (const name of ["mean", "std", "min", "max"] as const) {
      close(observation[name], numbersAt(values, "observations", name))
      close(action[name], numbersAt(values, "actions", name))
    }
    const { raw } = yield* read(golden("d4rl/pendulum.hdf5"))
    const rows = at(values, "last_rows", "next_observations")
    assert.deepStrictEqual(
      Array.from((raw.columns["next_observations"]?.data ?? []).slice(-9)),
      (Array.isArray(rows) ? rows : []).flat()
    )
  })
)

// D4RL by hand

/** Episodes of 3, 2 and 2 steps: terminated, timed out, open. Observations count up from 0, 10, 20. */
const flat = {
  observations: { data: Float32Array.of(0, 0, 1, 0, 2, 0, 10, 0, 11, 0, 20, 0, 21, 0), shape: [7, 2] },
  actions: { data: Float32Array.of(-2, 0, 2, 1, -1, 0.5, -0.5), shape: [7, 1] },
  rewards: { data: Float32Array.of(1, 2, 3, 4, 5, 6, 7), shape: [7] },
  terminals: { data: Uint8Array.of(0, 0, 1, 0, 0, 0, 0), shape: [7] },
  timeouts: { data: Uint8Array.of(0, 0, 0, 0, 1, 0, 0), shape: [7] },
  next_observations: { data: Float32Array.of(1, 0, 2, 0, 3, 0, 11, 0, 12, 0, 21, 0, 22, 0), shape: [7, 2] }
}

const without = (...names: ReadonlyArray<string>): Parameters<typeof DatasetFiles.hdf5>[0] =>
  Object.fromEntries(Object.entries(flat).filter(([name]) => !names.includes(name)))

const learned = (file: string) =>
  Effect.map(read(file), ({ raw }) =>
    Result.getOrThrow(
      Dataset.make(raw.columns, {
        observation: 2,
        action: 1,
        actions: Space.box({ shape: [1], low: -1, high: 1 }),
        units: Space.box({ shape: [1], low: -2, high: 2 })
      })
    )
  )

describe("a file of D4RL", () => {
  it.live("with next observations keeps every row, and actions are carried to [-1, 1]", () =>
    Effect.gen(function* () {
      const { count, rows, summary } = yield* learned(DatasetFiles.file(DatasetFiles.hdf5(flat)))
      assert.strictEqual(count, 7)
      assert.deepStrictEqual([...(rows["nextObservation"] ?? [])], [...flat.next_observations.data])
      assert.deepStrictEqual([...(rows["action"] ?? [])], [-1, 0, 1, 0.5, -0.5, 0.25, -0.25])
      assert.match(summary, /7 transitions: 1 terminated, 1 truncated, in episodes of 2 to 3 steps$/)
    })
  )

  it.live("without them drops the row before a timeout and the last, never the one that ends the world", () =>
    Effect.gen(function* () {
      const file = DatasetFiles.file(DatasetFiles.hdf5(without("next_observations")))
      const { count, rows, summary } = yield* learned(file)
      assert.strictEqual(count, 5)
      assert.deepStrictEqual([...(rows["reward"] ?? [])], [1, 2, 3, 4, 6])
      // After the end nothing is looked at.
      const next = [...(rows["nextObservation"] ?? [])]
      assert.deepStrictEqual(
        [next.slice(0, 4), next.slice(6)],
        [
          [1, 0, 2, 0],
          [11, 0, 21, 0]
        ]
      )
      assert.deepStrictEqual([...(rows["terminated"] ?? [])], [0, 0, 1, 0, 0])
      assert.deepStrictEqual([...(rows["truncated"] ?? [])], [0, 0, 0, 1, 1])
      assert.match(summary, /2 left out/)
      const { inferred, leftOut, rewards } = yield* described(file)
      assert.deepStrictEqual([leftOut, rewards.sum], [2, 28])
      assert.match(inferred.join(), /no "next_observations"/)
    })
  )

  it.live("without timeouts is cut where its next observation is not the next row's", () =>
    Effect.gen(function* () {
      const { episodes, inferred, timeouts } = yield* described(
        DatasetFiles.file(DatasetFiles.hdf5(without("timeouts")))
      )
      assert.deepStrictEqual([episodes, timeouts], [3, 1])
      assert.match(inferred.join(), /no "timeouts"/)
    })
  )

  it.live("without timeouts and next observations is described, and not learned from", () =>
    Effect.gen(function* () {
      const file = DatasetFiles.file(DatasetFiles.hdf5(without("timeouts", "next_observations")))
      const { problem, transitions } = yield* described(file)
      assert.strictEqual(transitions, 0)
      assert.match(problem ?? "", /"truncated": it is not there/)
    })
  )

  it.live("is terminated where both flags are set", () =>
    Effect.gen(function* () {
      const both = { ...flat, timeouts: { data: Uint8Array.of(0, 0, 1, 0, 1, 0, 0), shape: [7] } }
      const file = DatasetFiles.file(DatasetFiles.hdf5(both))
      const { summary } = yield* learned(file)
      assert.match(summary, /1 terminated, 1 truncated/)
      const { terminals, timeouts } = yield* described(file)
      assert.deepStrictEqual([terminals, timeouts], [1, 2])
    })
  )
})

// Minari by hand

const episode = (name: string, first: number, steps: number, terminated: number) => ({
  [`${name}/observations`]: {
    data: Float64Array.from({ length: 2 * (steps + 1) }, (_, i) => (i % 2 === 0 ? first + i / 2 : 0)),
    shape: [steps + 1, 2]
  },
  [`${name}/actions`]: { data: Float32Array.from({ length: steps }, () => 2), shape: [steps, 1] },
  [`${name}/rewards`]: { data: Float64Array.from({ length: steps }, (_, i) => first + i), shape: [steps] },
  [`${name}/terminations`]: {
    data: Uint8Array.from({ length: steps }, (_, i) => (i === steps - 1 ? terminated : 0)),
    shape: [steps]
  },
  [`${name}/truncations`]: {
    data: Uint8Array.from({ length: steps }, (_, i) => (i === steps - 1 ? 1 - terminated : 0)),
    shape: [steps]
  }
})

/** Twelve episodes of two steps: observations of episode n from 100 n on. */
const twelve = Object.fromEntries(
  Array.from({ length: 12 }, (_, n) => Object.entries(episode(`episode_${n}`, 100 * n, 2, n % 2))).flat()
)
const counts = { episodes: 12, steps: 24 }

const minari = (
  arrays: Parameters<typeof DatasetFiles.hdf5>[0] = twelve,
  metadata = DatasetFiles.metadata(counts),
  change?: Parameters<typeof DatasetFiles.hdf5>[1]
): string =>
  DatasetFiles.folder({ "main_data.hdf5": DatasetFiles.hdf5(arrays, change), "metadata.json": metadata })

/** The same in Arrow. */
const inArrow = (padding = 0): string =>
  DatasetFiles.folder({
    "metadata.json": DatasetFiles.metadata(counts, { data_format: "arrow" }),
    ...Object.fromEntries(
      Array.from({ length: 12 }, (_, n) => [
        `${n}/part-0.arrow`,
        DatasetFiles.batch({
          observations: [0, 1, 2].map((t) => [100 * n + t, 0]),
          actions: [[2], [2], [padding]],
          rewards: [100 * n, 100 * n + 1, padding],
          terminations: [false, n % 2 === 1, padding !== 0],
          truncations: [false, n % 2 === 0, padding !== 0]
        })
      ])
    )
  })

describe("episodes of Minari", () => {
  it.live("are taken by number, not in the order of a listing", () =>
    Effect.gen(function* () {
      const { raw } = yield* read(minari())
      const rewards = [...(raw.columns["reward"]?.data ?? [])]
      assert.deepStrictEqual(rewards, Array.from({ length: 12 }, (_, n) => [100 * n, 100 * n + 1]).flat())
    })
  )

  it.live("are the same in Arrow, where the last row is a padding", () =>
    Effect.gen(function* () {
      const inHdf5 = yield* described(minari())
      for (const padding of [0, 1]) {
        const found = yield* described(inArrow(padding))
        assert.strictEqual(found.hash, inHdf5.hash)
        assert.deepStrictEqual([found.storage, found.episodes, found.steps], ["arrow", 12, 24])
      }
    })
  )

  it.live("that have no end are taken to be cut off there", () =>
    Effect.gen(function* () {
      const open = { ...twelve, "episode_3/terminations": { data: Uint8Array.of(0, 0), shape: [2] } }
      const { episodes, inferred, timeouts } = yield* described(minari(open))
      assert.deepStrictEqual([episodes, timeouts], [12, 7])
      assert.match(inferred.join(), /of 1 episodes is neither/)
    })
  )
})

it.live("a normalised score stands beside the raw one, with its source", () =>
  Effect.gen(function* () {
    const scores = { ref_min_score: 0, ref_max_score: 2204 }
    const own = yield* described(minari(twelve, DatasetFiles.metadata(counts, scores)))
    // Returns are 200 n + 1, from 1 to 2201.
    assert.strictEqual(own.return.mean, 1101)
    assert.deepStrictEqual(own.reference, {
      minimum: 0,
      maximum: 2204,
      source: "the dataset's own metadata",
      normalized: (100 * 1101) / 2204
    })
    const none = yield* described(minari())
    assert.isNull(none.reference)
    const hopper = Description.make(yield* read(minari()), Reference.named("hopper-v2"))
    assert.closeTo(hopper.reference?.normalized ?? 0, (100 * (1101 + 20.272305)) / (3234.3 + 20.272305), 1e-9)
    assert.match(hopper.reference?.source ?? "", /D4RL/)
  })
)

// what is refused

const hdf5 = (
  arrays: Parameters<typeof DatasetFiles.hdf5>[0],
  change?: Parameters<typeof DatasetFiles.hdf5>[1]
) => DatasetFiles.file(DatasetFiles.hdf5(arrays, change))

const linked = (): string => {
  const folder = minari()
  const target = join(folder, "main_data.hdf5")
  copyFileSync(target, join(folder, "other.hdf5"))
  rmSync(target)
  symlinkSync(join(folder, "other.hdf5"), target)
  return folder
}

const short = (file: string, keep: (length: number) => number): string => {
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.subarray(0, keep(bytes.length)))
  return file
}

const cut = (folder: string, name: string): string => {
  short(join(folder, name), (length) => length >> 1)
  return folder
}

const directory = (): string => {
  const folder = minari()
  rmSync(join(folder, "main_data.hdf5"))
  mkdirSync(join(folder, "main_data.hdf5"))
  return folder
}

describe("refused, with what, where and how to fix it, is", () => {
  const zeros = { data: new Float32Array(2), shape: [1, 2] }
  const wrong: ReadonlyArray<readonly [title: string, file: () => string, message: RegExp]> = [
    ["nothing", () => "/nowhere/data.hdf5", /there is no such file.*Name a dataset/],
    ["a folder of something else", () => DatasetFiles.folder({ a: "b" }), /no metadata.json in it/],
    ["another file", () => DatasetFiles.file("{}", "a.json"), /no dataset that is known.*Name a dataset/],
    ["an empty file", () => DatasetFiles.file(""), /no dataset that is known/],
    ["HDF5 of something else", () => hdf5({ x: zeros }), /neither observations nor episodes/],
    ["the signature of HDF5 alone", () => short(hdf5(flat), () => 8), /it cannot be opened as HDF5/],
    ["half of a file", () => short(hdf5(flat), (length) => length >> 1), /damaged/],
    ["episodes without metadata", () => hdf5(twelve), /there is no metadata.json beside it/],
    ["a link in a folder", linked, /symbolic link/],
    ["a folder in place of a file", directory, /it is a directory, not a regular file/],
    ["half of a dataset", () => cut(minari(), "main_data.hdf5"), /damaged/],
    ["half of an episode in Arrow", () => cut(inArrow(), "3/part-0.arrow"), /3\/part-0.arrow.*as Arrow/],
    [
      "Parquet",
      () => minari(twelve, DatasetFiles.metadata(counts, { data_format: "parquet" })),
      /hdf5 and arrow/
    ],
    ["metadata that is none", () => minari(twelve, "[1"), /metadata.json: it is not JSON/],
    [
      "metadata of other episodes",
      () => minari(twelve, DatasetFiles.metadata({ episodes: 13, steps: 24 })),
      /says that there are 13 episodes of 24 steps, and there are 12 episodes of 24/
    ],
    [
      "a space that is not read",
      () => minari(twelve, DatasetFiles.metadata(counts, { observation_space: '{"type": "Text"}' })),
      /observation_space: a space of type "Text" is none of Box/
    ],
    [
      "no episode",
      () => minari({ other: zeros }, DatasetFiles.metadata({ episodes: 0, steps: 0 })),
      /it has no episodes/
    ],
    [
      "an episode without its last observation",
      () => minari({ ...twelve, "episode_2/observations": { data: new Float32Array(4), shape: [2, 2] } }),
      /episode_2\/observations: it has shape \[2, 2\], and \[3, 2\] is expected/
    ],
    [
      "a missing array",
      () =>
        minari(Object.fromEntries(Object.entries(twelve).filter(([name]) => name !== "episode_4/rewards"))),
      /episode_4\/rewards: it is not there, where an array is expected/
    ],
    [
      "a group in place of an array",
      () => hdf5({ ...without("rewards"), "rewards/x": zeros }),
      /it is a group/
    ],
    [
      "rows of other counts",
      () => hdf5({ ...flat, rewards: zeros }),
      /actions: it has 7|it has 7 rows, and there are 1 rewards/
    ],
    [
      "a link to another file",
      () => hdf5(without("rewards"), (file) => file.create_external_link("/etc/passwd", "/x", "rewards")),
      /rewards: it is a link to what is not in this file/
    ],
    [
      "a claim of more than the file can hold",
      () => hdf5({ ...flat, rewards: { data: new Float32Array(7), shape: [7], claims: [2 ** 40] } }),
      /rewards: it says that it has shape \[1099511627776\], which \d+ bytes of a file cannot hold/
    ],
    [
      "texts",
      () => hdf5(without("rewards"), (file) => file.create_dataset({ name: "rewards", data: ["a"] })),
      /no array of numbers/
    ]
  ]

  it.live.each(wrong.map(([title, file, message]) => ({ title, file, message })))(
    "$title",
    ({ file, message }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(read(file()))
        assert.strictEqual(error._tag, "DatasetError")
        assert.match(error.message, message)
        assert.notInclude(error.message, "\n")
        assert.isAbove(error.fix.length, 10)
      })
  )
})

/** What a run of Pendulum says of a dataset. */
const replayOf = (file: string) =>
  Replay.Replay.use(({ make }) =>
    make({
      observation: 2,
      action: 1,
      actions: Space.box({ shape: [1], low: -1, high: 1 }),
      units: Space.box({ shape: [1], low: -2, high: 2 })
    })
  ).pipe(Effect.provide(Replay.layerDataset({ file }).pipe(Layer.provide(Datasets.layer))))

describe("a run refuses", () => {
  const odd = (name: keyof typeof flat, row: number, value: number) => {
    const data = Float32Array.from(flat[name].data)
    data[row] = value
    return hdf5({ ...flat, [name]: { ...flat[name], data } })
  }
  const wrong: ReadonlyArray<readonly [title: string, file: () => string, message: RegExp]> = [
    ["a number that is none", () => odd("observations", 3, Number.NaN), /"observation", row 1: it is NaN/],
    [
      "an action outside of the world",
      () => odd("actions", 4, 2.5),
      /"action", row 4: it is 2.5.*in the world's units/
    ],
    ["a flag of another kind", () => odd("terminals", 2, 3), /"terminated", row 2: it is 3/],
    [
      "a dataset of another world",
      () => hdf5({ ...flat, observations: { data: new Float32Array(21), shape: [7, 3] } }),
      /"observation": it has shape \[7, 3\].*for another environment/
    ],
    ["what cannot be read", () => short(hdf5(flat), () => 100), /damaged/]
  ]
  it.live.each(wrong.map(([title, file, message]) => ({ title, file, message })))(
    "$title",
    ({ file, message }) =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(replayOf(file()))
        assert.strictEqual(error._tag, "ReplayError")
        assert.match(error.message, message)
      })
  )

  it.live("nothing of a good one, of any format", () =>
    Effect.gen(function* () {
      const ours = DatasetFiles.file(
        Safetensors.encode({
          observation: flat.observations,
          action: { data: flat.actions.data.map((a) => a / 2), shape: [7, 1] },
          reward: flat.rewards,
          nextObservation: flat.next_observations,
          terminated: flat.terminals,
          truncated: flat.timeouts
        }),
        "data.safetensors"
      )
      const [a, b] = [yield* replayOf(hdf5(flat)), yield* replayOf(ours)]
      assert.deepStrictEqual([a.size(), a.statistics], [7, b.statistics])
      assert.strictEqual((yield* replayOf(minari())).size(), 24)
    })
  )
})
