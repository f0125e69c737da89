import { Dataset, Key, Replay, Safetensors, Space } from "@ornstein/core"
import * as Reader from "@ornstein/core/internal/replay/Reader"
import * as Transitions from "@ornstein/core/internal/replay/Transitions"
import { NdArray } from "@ornstein/jit"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const box = Space.box({ shape: [1], low: -1, high: 1 })
const options: Dataset.Options = { observation: 2, action: 1, actions: box }

/**
 * Two episodes on a line: three steps to the end of the world, two until somebody stopped looking. Observation t of
 * episode e is [10 e + t, 0].
 */
const at = (...positions: ReadonlyArray<number>): Float32Array =>
  Float32Array.from(positions.flatMap((x) => [x, 0]))

const good = {
  observation: { data: at(0, 1, 2, 10, 11), shape: [5, 2] },
  action: { data: Float32Array.of(-1, 0, 1, 0.5, -0.5), shape: [5, 1] },
  reward: { data: Float32Array.of(1, 2, 3, 4, 5), shape: [5] },
  nextObservation: { data: at(1, 2, 3, 11, 12), shape: [5, 2] },
  terminated: { data: Float32Array.of(0, 0, 1, 0, 0), shape: [5] },
  truncated: { data: Float32Array.of(0, 0, 0, 0, 1), shape: [5] }
} satisfies Dataset.Columns

const without = (columns: Dataset.Columns, ...names: ReadonlyArray<string>): Dataset.Columns =>
  Object.fromEntries(Object.entries(columns).filter(([name]) => !names.includes(name)))

const made = (columns: Dataset.Columns, changes: Partial<Dataset.Options> = {}): Dataset.Dataset =>
  Result.getOrThrow(Dataset.make(columns, { ...options, ...changes }))

const faultOf = (
  columns: Dataset.Columns,
  changes: Partial<Dataset.Options> = {}
): Dataset.Fault | undefined => {
  const result = Dataset.make(columns, { ...options, ...changes })
  return Result.isFailure(result) ? result.failure : undefined
}

/** The good one with another number in one place. */
const withNumber = (name: keyof typeof good, index: number, value: number): Dataset.Columns => {
  const data = Float64Array.from(good[name].data)
  data[index] = value
  return { ...good, [name]: { ...good[name], data } }
}

describe("a dataset is refused, with field and row", () => {
  const wrong: ReadonlyArray<
    readonly [
      title: string,
      columns: Dataset.Columns,
      field: string,
      row: number | undefined,
      said: RegExp,
      changes?: Partial<Dataset.Options>
    ]
  > = [
    ["an action beyond 1", withNumber("action", 3, 1.5), "action", 3, /it is 1.5/],
    ["an action below -1", withNumber("action", 0, -1.001), "action", 0, /-1.001/],
    [
      "an index that is none",
      withNumber("action", 0, 3),
      "action",
      0,
      /it is 3/,
      { actions: Space.discrete(3) }
    ],
    ["an index between two", good, "action", 0, /it is -1/, { actions: Space.discrete(3) }],
    ["NaN in an observation", withNumber("observation", 5, Number.NaN), "observation", 2, /NaN/],
    ["an infinite reward", withNumber("reward", 4, Number.POSITIVE_INFINITY), "reward", 4, /Infinity/],
    ["a reward beyond single precision", withNumber("reward", 1, 1e39), "reward", 1, /1e\+39/],
    ["NaN in a next observation", withNumber("nextObservation", 8, Number.NaN), "nextObservation", 4, /NaN/],
    ["NaN as an action", withNumber("action", 2, Number.NaN), "action", 2, /NaN/],
    ["a termination that is neither", withNumber("terminated", 1, 0.5), "terminated", 1, /it is 0.5/],
    ["a truncation that is neither", withNumber("truncated", 2, -1), "truncated", 2, /it is -1/],
    [
      "a discount above 1",
      { ...good, discount: { data: Float32Array.of(1, 1.5, 0, 1, 1) } },
      "discount",
      1,
      /it is 1.5 where "terminated" is 0.*gamma is the algorithm's/
    ],
    [
      "a discount with a gamma in it",
      { ...good, discount: { data: Float64Array.of(0.5, 0.5, 0, 0.5, 0.5) } },
      "discount",
      0,
      /give 1: gamma/
    ],
    [
      "a discount that contradicts a termination",
      { ...good, discount: { data: Float32Array.of(1, 1, 1, 1, 1) } },
      "discount",
      2,
      /give 0/
    ],
    [
      "fewer actions than rewards",
      { ...good, action: { data: new Float32Array(4), shape: [4, 1] } },
      "action",
      undefined,
      /has 4 rows, and there are 5 rewards/
    ],
    [
      "more flags than rewards",
      { ...good, terminated: { data: new Float32Array(6), shape: [6] } },
      "terminated",
      undefined,
      /has 6 rows/
    ],
    [
      "observations of another world",
      { ...good, observation: { data: new Float32Array(15), shape: [5, 3] } },
      "observation",
      undefined,
      /shape \[5, 3\].*\[5, 2\]/
    ],
    [
      "an integer that single precision does not have",
      { ...good, reward: { data: Int32Array.of(1, 2, 16_777_217, 4, 5) } },
      "reward",
      2,
      /16777217/
    ],
    ...(["observation", "action", "reward", "terminated", "truncated"] as const).map(
      (name) => [`no ${name}`, without(good, name), name, undefined, /it is not there/] as const
    ),
    [
      "one field by two names",
      { ...good, actions: good.action },
      "action",
      undefined,
      /as "action" and as "actions"/
    ],
    ["nothing", { reward: { data: new Float32Array(0), shape: [0] } }, "reward", undefined, /no transitions/],
    ["no field at all", {}, "reward", undefined, /not there/],
    [
      "an end that nothing tells of, where steps are taken in a row",
      { ...good, terminated: { data: new Float32Array(5) } },
      "truncated",
      2,
      /not the observation of row 3/,
      { isInOrder: true }
    ],
    [
      "no row that another follows",
      Object.fromEntries(
        Object.entries(without(good, "nextObservation")).map(([name, { data }]) => [
          name,
          { data: data.subarray(0, data.length / 5) }
        ])
      ),
      "nextObservation",
      undefined,
      /no row is known/
    ]
  ]

  it.each(
    wrong.map(([title, columns, field, row, said, changes = {}]) => ({
      title,
      columns,
      field,
      row,
      said,
      changes
    }))
  )("$title", ({ changes, columns, field, row, said }) => {
    const fault = faultOf(columns, changes)
    assert.deepStrictEqual([fault?.field, fault?.row], [field, row])
    assert.match(`${fault?.what}. ${fault?.fix}`, said)
  })

  it.effect("as the error of the replay, which names the file too", () =>
    Effect.gen(function* () {
      const path = join(mkdtempSync(join(tmpdir(), "dataset-")), "wrong.safetensors")
      writeFileSync(
        path,
        Safetensors.encode({ ...good, action: { data: Float32Array.of(0, 0, 2, 0, 0), shape: [5, 1] } })
      )
      const made = Replay.Replay.use(({ make }) => make({ ...options, gamma: 0.9 }))
      const error = yield* Effect.flip(Effect.provide(made, Replay.layerDataset({ file: path })))
      assert.strictEqual(error._tag, "ReplayError")
      assert.deepStrictEqual([error.field, error.row], ["action", 2])
      assert.match(error.message, /wrong\.safetensors": "action", row 2: it is 2\. Actions come from/)
    })
  )
})

describe("a dataset is converted", () => {
  const { rows } = made(good)

  it("where it loses nothing: doubles, integers, bytes, columns, the names of D4RL", () => {
    const others = {
      observations: { data: Float64Array.from(good.observation.data), shape: [5, 2] },
      actions: { data: Float64Array.from(good.action.data), shape: [5] },
      rewards: { data: Int32Array.from(good.reward.data), shape: [5, 1] },
      next_observations: { data: Float64Array.from(good.nextObservation.data), shape: [5, 1, 2] },
      terminals: { data: Uint8Array.from(good.terminated.data), shape: [5, 1] },
      timeouts: { data: Uint8Array.from(good.truncated.data), shape: [5] },
      "infos/goal": { data: Float32Array.of(Number.NaN), shape: [1] }
    }
    assert.deepStrictEqual(made(others).rows, rows)
    const discount = { data: Float32Array.of(1, 1, 0, 1, 1) }
    assert.deepStrictEqual(made({ ...good, discount }).rows, rows)
  })

  it("booleans of Python too", () => {
    const bytes = Safetensors.encode({ terminated: { data: Uint8Array.of(0, 1), shape: [2] } })
    const asBool = new TextDecoder("latin1").decode(bytes).replace('"U8"', '"BOOL"')
    // The header is two characters longer, and padded with at least as many blanks or eight more.
    const header = asBool.slice(8, asBool.lastIndexOf("}") + 1)
    const length = Math.ceil(header.length / 8) * 8
    const file = new Uint8Array(8 + length + 2).fill(0x20)
    new DataView(file.buffer).setBigUint64(0, BigInt(length), true)
    file.set(new TextEncoder().encode(header), 8)
    file.set([0, 1], 8 + length)
    const { terminated } = Result.getOrThrow(Safetensors.decode(file))
    assert.deepStrictEqual(terminated?.data, Uint8Array.of(0, 1))
  })

  it("and counted, a row with both flags as terminated", () => {
    assert.strictEqual(
      made(good).summary,
      "5 transitions: 1 terminated, 1 truncated, in episodes of 2 to 3 steps"
    )
    const both = made(withNumber("truncated", 2, 1))
    assert.strictEqual(both.summary, "5 transitions: 1 terminated, 1 truncated, in episodes of 2 to 3 steps")
    const transitions = Transitions.full(5, options)
    transitions.restore(5)
    transitions.log.write(0, both.rows)
    const batch = {
      observation: NdArray.zeros([1, 2]),
      action: NdArray.zeros([1, 1]),
      reward: NdArray.zeros([1]),
      discount: NdArray.zeros([1]),
      nextObservation: NdArray.zeros([1, 2])
    }
    const valuation = { ...Reader.undiscounted, gamma: 0.5 }
    Reader.oneStep(transitions, options, Uint32Array.of(2), batch, Key.make(0), valuation)
    assert.strictEqual(batch.discount.data[0], 0)
  })

  it("up to a number of rows, of which alone something is known", () => {
    const some = made(withNumber("action", 4, 7), { capacity: 4 })
    assert.strictEqual(some.count, 4)
    assert.deepStrictEqual(some.rows["reward"], Float32Array.of(1, 2, 3, 4))
  })
})

describe("three short episodes without next observations", () => {
  // A termination after two steps, a truncation after three, a truncation after one, and two steps of a fourth.
  const file = {
    observation: { data: at(0, 1, 10, 11, 12, 20, 30, 31) },
    action: { data: new Float32Array(8) },
    reward: { data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
    terminated: { data: Float32Array.of(0, 1, 0, 0, 0, 0, 0, 0) },
    truncated: { data: Float32Array.of(0, 0, 0, 0, 1, 1, 0, 0) }
  }

  it("take them from the rows that follow, leave the others out, and say how many", () => {
    const { count, rows, summary } = made(file)
    assert.strictEqual(count, 5)
    assert.deepStrictEqual(rows["reward"], Float32Array.of(1, 2, 3, 4, 7))
    assert.deepStrictEqual(rows["observation"], at(0, 1, 10, 11, 30))
    // What follows the termination is never looked at.
    assert.deepStrictEqual(rows["nextObservation"], at(1, 1, 11, 12, 31))
    assert.deepStrictEqual(rows["terminated"], Float32Array.of(0, 1, 0, 0, 0))
    // The last row that is left of an episode ends it: windows of several steps do not run on into the next one.
    assert.deepStrictEqual(rows["truncated"], Float32Array.of(0, 0, 0, 1, 1))
    assert.match(summary, /^5 transitions: 1 terminated, 2 truncated, .*; 3 left out/)
    assert.deepStrictEqual(made(file, { isInOrder: true }).rows, rows)
  })

  it("and with them, every row counts", () => {
    const nextObservation = { data: at(1, 2, 11, 12, 13, 21, 31, 32) }
    const { count, rows } = made({ ...file, nextObservation }, { isInOrder: true })
    assert.strictEqual(count, 8)
    assert.deepStrictEqual(rows["nextObservation"], nextObservation.data)
  })
})

describe("a dataset has no discount of its own", () => {
  it.effect.each([0.5, 0.98])("sampled with gamma %d", (gamma) =>
    Effect.gen(function* () {
      const data = Object.fromEntries(Object.entries(good).map(([name, { data }]) => [name, data]))
      const replay = yield* Replay.Replay.use(({ make }) => make({ ...options, gamma })).pipe(
        Effect.provide(Replay.layerOffline(data))
      )
      const batch = {
        observation: NdArray.zeros([64, 2]),
        action: NdArray.zeros([64, 1]),
        reward: NdArray.zeros([64]),
        discount: NdArray.zeros([64]),
        nextObservation: NdArray.zeros([64, 2])
      }
      replay.sample(Key.make(1), batch)
      assert.deepStrictEqual(new Set(batch.discount.data), new Set([0, Math.fround(gamma)]))
      assert.match(replay.note ?? "", /the dataset has 5 transitions/)
    })
  )
})
