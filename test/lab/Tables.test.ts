/** Tables are written, read and followed by one schema each. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Rows from "@ornstein/lab/internal/runs/Rows"
import * as Tables from "@ornstein/lab/internal/runs/Tables"
import * as RunDirectory from "@ornstein/lab/RunDirectory"
import { Effect, Fiber, Schema, Stream } from "effect"
import { appendFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Terminal from "./Terminal.ts"

const row = (step: number): Rows.Timing => ({ step, seconds: step / 10 })

const FILE = RunDirectory.files.timing

describe("rows", () => {
  it("are read as they were written, what is not finite too", () => {
    const slice = Rows.slice({
      step: 10,
      updates: 3,
      episodes: [{ return: Number.NaN, length: 4 }],
      metrics: { criticLoss: Number.POSITIVE_INFINITY },
      exploration: 0.1,
      chain: "ab"
    })
    const line = RunDirectory.line(slice)
    const decoded = Rows.decode(Rows.Slice, line)
    assert.strictEqual(decoded._tag, "Success")
    if (decoded._tag === "Failure") return
    const [back] = decoded.success
    assert.deepInclude(back, { step: 10, updates: 3, criticLoss: null, returns: [Number.NaN], lengths: [4] })
    // Whoever writes by the schema writes the same row, in another order of the columns.
    const encoded = JSON.parse(
      Schema.encodeSync(Schema.fromJsonString(Rows.Slice))({ ...slice, criticLoss: null })
    )
    assert.deepStrictEqual(encoded, JSON.parse(line))
  })

  it("that are none are named by their line", () => {
    const decoded = Rows.decode(Rows.Timing, '{"step":1,"seconds":2}\n{"step":"1"}\n')
    assert.deepInclude(decoded._tag === "Failure" ? decoded.failure : {}, { line: 2 })
  })
})

describe("a table", () => {
  it.live("is followed while it grows, line by line, also over a cut to a checkpoint, each row once", () =>
    Effect.gen(function* () {
      const run = yield* Terminal.directory
      const path = join(run, FILE)
      const lines = (...steps: ReadonlyArray<number>) =>
        steps.map((step) => RunDirectory.line(row(step))).join("")
      const fiber = yield* Tables.follow(run, FILE, Rows.Timing, 5).pipe(
        Stream.take(6),
        Stream.runCollect,
        Effect.forkChild
      )
      yield* Effect.sleep(20)
      writeFileSync(path, lines(1, 2, 3))
      yield* Effect.sleep(30)
      appendFileSync(path, lines(4).slice(0, 7))
      yield* Effect.sleep(30)
      appendFileSync(path, lines(4).slice(7))
      yield* Effect.sleep(30)
      writeFileSync(path, lines(1, 2))
      yield* Effect.sleep(30)
      appendFileSync(path, lines(3, 4, 5))
      yield* Effect.sleep(30)
      appendFileSync(path, lines(6))
      const rows = yield* Fiber.join(fiber)
      assert.deepStrictEqual(rows, [1, 2, 3, 4, 5, 6].map(row))
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("that is damaged is told where", () =>
    Effect.gen(function* () {
      const run = yield* Terminal.directory
      writeFileSync(join(run, FILE), "{}\n")
      const error = yield* Effect.flip(Stream.runDrain(Tables.follow(run, FILE, Rows.Timing, 5)))
      assert.match(error.message, /timing\.jsonl, line 1 behind byte 0: /)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
