import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Crc32c from "@ornstein/lab/internal/sinks/Crc32c"
import * as TensorBoard from "@ornstein/lab/internal/sinks/TensorBoard"
import { Effect, FileSystem } from "effect"
import { cpSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { bytes, fields, payloads, points, text } from "./Events.ts"
import * as Terminal from "./Terminal.ts"
import { inDirectory, rewound, train } from "./TinyRun.ts"

describe("CRC-32C", () => {
  it("has the known answers of RFC 3720", () => {
    assert.strictEqual(Crc32c.crc32c(new TextEncoder().encode("123456789")), 0xe3069283)
    assert.strictEqual(Crc32c.crc32c(new Uint8Array(32)), 0x8a9136aa)
    assert.strictEqual(Crc32c.crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43)
  })

  it("is masked as TensorFlow does it", () => {
    // rotr(0xe3069283, 15) = 0x2507c60d, and 0xa282ead8 more, modulo 2^32.
    assert.strictEqual(Crc32c.masked(new TextEncoder().encode("123456789")), 0xc78ab0e5)
  })
})

describe("event files", () => {
  it.effect("hold the version, the start and every scalar", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const directory = yield* fs.makeTempDirectoryScoped()
      const file = yield* TensorBoard.open(directory)
      yield* file.append([
        { tag: "episode/return", step: 200, value: -1234.5 },
        { tag: "update/criticLoss", step: 2 ** 33, value: 0.25 }
      ])
      yield* file.append([{ tag: "episode/return", step: 400, value: -7 }])
      const events = payloads(yield* fs.readFile(file.path)).map(fields)
      assert.lengthOf(events, 5)
      assert.strictEqual(text(events[0]?.[3]), "brain.Event:2")
      assert.deepStrictEqual(fields(bytes(events[1]?.[7])), { 1: 1n })
      const scalars = events.slice(2).map((event) => {
        const value = fields(bytes(fields(bytes(event[5]))[1]))
        return { step: event[2], tag: text(value[1]), value: value[2] }
      })
      assert.deepStrictEqual(scalars, [
        { step: 200n, tag: "episode/return", value: -1234.5 },
        { step: 8589934592n, tag: "update/criticLoss", value: 0.25 },
        { step: 400n, tag: "episode/return", value: -7 }
      ])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it("store what is beyond single precision as infinite, and what is no number", () => {
    for (const [value, stored] of [
      [1e39, Number.POSITIVE_INFINITY],
      [-1e300, Number.NEGATIVE_INFINITY],
      [Number.MAX_VALUE, Number.POSITIVE_INFINITY],
      [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
      [Number.NaN, Number.NaN],
      [3.4028234663852886e38, 3.4028234663852886e38]
    ] as const) {
      const [event = new Uint8Array()] = payloads(TensorBoard.scalar(1, { tag: "x", step: 1, value }))
      const summary = bytes(fields(bytes(fields(event)[5]))[1])
      assert.deepStrictEqual(fields(summary)[2], stored, String(value))
    }
  })

  it("detect a changed byte", () => {
    const record = TensorBoard.scalar(1, { tag: "x", step: 1, value: 2 })
    assert.lengthOf(payloads(record), 1)
    for (const at of [0, 9, 14, record.length - 1]) {
      const changed = record.slice()
      changed[at] = changed[at]! ^ 1
      assert.throws(() => payloads(changed))
    }
  })
})

describe("the event files of a run", () => {
  /** The run as a kill left it right after the checkpoint of a step, with all that it had logged until then. */
  const killed = (run: string, to: string, step: number): string => {
    rewound(run, to, step)
    return to
  }

  it.live("show the same points however it was stopped, killed or extended", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const whole = points(run)
        for (const tag of ["episode/return", "update/criticLoss", "exploration/scale", "evaluation/return"]) {
          assert.isAbove(whole.filter((point) => point.startsWith(tag)).length, 2, tag)
        }
        assert.lengthOf(new Set(whole), whole.length)

        // Killed after a checkpoint, again and again; in the same second, too.
        const often = killed(run, join(path, "often"), 400)
        for (const step of [400, 200, 400]) {
          assert.strictEqual((yield* Terminal.ornstein("resume", often)).code, 0)
          assert.deepStrictEqual(points(often), whole)
          const next = join(path, `next-${readdirSync(path).length}`)
          killed(often, next, step)
          rmSync(often, { recursive: true })
          cpSync(next, often, { recursive: true })
        }
        assert.isAbove(readdirSync(often).filter((name) => name.includes("tfevents")).length, 3)
        // Killed before the first checkpoint, and extended.
        const early = killed(run, join(path, "early"), 0)
        yield* Terminal.ornstein("resume", early)
        assert.deepStrictEqual(points(early), whole)
        for (const steps of ["400", "375"]) {
          const extended = join(path, `extended-${steps}`)
          yield* train(path, extended, "--steps", steps)
          const first = points(extended)
          yield* Terminal.ornstein("resume", extended, "--steps", "600")
          const all = points(extended)
          // Nothing of the first part is lost, its last evaluation least of all.
          for (const point of first) assert.include(all, point)
          if (steps === "400") assert.deepStrictEqual(all, whole)
          assert.lengthOf(new Set(all), all.length)
        }
      })
    )
  )

  it.live("also where a signal came inside a slice, and a kill after it", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run, "--set", "training.sliceSteps=100000", "--set", "evaluation.every=0")
        const whole = points(run)
        const args = ["train", "--config", "tiny.json", "--out", "stopped", "--checkpoint-every", "100000"]
        const sets = ["--set", "training.sliceSteps=100000", "--set", "evaluation.every=0"]
        const long = ["--set", "training.updatesPerRound=2000"]
        yield* Terminal.spawned(path, [...args, ...sets, ...long], (line, kill) => {
          if (line.startsWith("before training")) kill("SIGTERM")
        })
        const stopped = join(path, "stopped")
        const before = points(stopped)
        assert.lengthOf(before, 1)
        yield* Terminal.spawned(path, ["resume", "stopped"], (line, kill) => {
          if (line.startsWith("from the checkpoint") || line.startsWith("in ")) kill("SIGTERM")
        })
        yield* Terminal.ornstein("resume", stopped)
        const after = points(stopped)
        assert.lengthOf(new Set(after), after.length)
        assert.lengthOf(after, whole.length)
      })
    )
  )
})
