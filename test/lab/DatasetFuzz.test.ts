/** Files of datasets with bytes changed at random, and cut at random: a typed error or a dataset, nothing else, and soon. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, it } from "@effect/vitest"
import * as Key from "@ornstein/core/Key"
import * as Datasets from "@ornstein/lab/internal/datasets/Datasets"
import * as Description from "@ornstein/lab/internal/datasets/Description"
import { Effect, Result } from "effect"
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as DatasetFiles from "./DatasetFiles.ts"

const golden = (name: string): string => join(import.meta.dirname, "../golden/imports", name)

const arrow = (): string =>
  DatasetFiles.folder({
    "metadata.json": DatasetFiles.metadata({ episodes: 1, steps: 2 }, { data_format: "arrow" }),
    "0/part-0.arrow": DatasetFiles.batch({
      observations: [
        [0, 0],
        [1, 0],
        [2, 0]
      ],
      actions: [[1], [2], [0]],
      rewards: [1, 2, 0],
      terminations: [false, true, false],
      truncations: [false, false, false]
    })
  })

/** What is changed, in a copy, and what is read. */
const subjects: ReadonlyArray<
  readonly [name: string, tries: number, copy: () => { folder: string; file: string; read: string }]
> = [
  [
    "D4RL",
    25,
    () => {
      const folder = mkdtempSync(join(tmpdir(), "fuzz-"))
      cpSync(golden("d4rl/pendulum.hdf5"), join(folder, "a.hdf5"))
      return { folder, file: "a.hdf5", read: "a.hdf5" }
    }
  ],
  [
    "Minari in HDF5",
    25,
    () => {
      const folder = mkdtempSync(join(tmpdir(), "fuzz-"))
      cpSync(golden("minari/pendulum-hdf5"), folder, { recursive: true })
      return { folder, file: "data/main_data.hdf5", read: "." }
    }
  ],
  ["Minari's metadata", 40, () => ({ folder: arrow(), file: "metadata.json", read: "." })],
  ["Minari in Arrow", 60, () => ({ folder: arrow(), file: "0/part-0.arrow", read: "." })]
]

it.live.each(subjects.map(([name, tries, copy]) => ({ name, tries, copy })))(
  "$name",
  ({ copy, tries }) =>
    Effect.gen(function* () {
      const { file, folder, read } = copy()
      const whole = readFileSync(join(folder, file))
      let refused = 0
      for (let n = 0; n < tries; n++) {
        const key = Key.fold(Key.make(16), n)
        const bytes = Uint8Array.from(whole)
        const changes = 1 + Key.integer(Key.fold(key, "changes"), 4)
        for (let i = 0; i < changes; i++) {
          const place = Key.fold(key, i)
          // Half of them where the structure is described.
          const most = Key.uniform(place, 0) < 0.5 ? Math.min(4096, bytes.length) : bytes.length
          bytes[Math.floor(most * Key.uniform(place, 1))] = Math.floor(256 * Key.uniform(place, 2))
        }
        const length = n % 5 === 0 ? Math.floor(bytes.length * Key.uniform(key, 3)) : bytes.length
        writeFileSync(join(folder, file), bytes.subarray(0, length))
        const result = yield* Effect.result(
          Effect.provide(Datasets.read(join(folder, read)), NodeServices.layer)
        )
        if (Result.isSuccess(result)) {
          Description.make(result.success)
          continue
        }
        refused += 1
        assert.strictEqual(result.failure._tag, "DatasetError")
        assert.notMatch(result.failure.message, /undefined|\n|\[object/)
      }
      assert.isAbove(refused, tries / 10)
    }),
  { timeout: 600_000 }
)
