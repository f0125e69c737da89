/** What is shown of text that came from elsewhere, and what happens where nothing can be shown. */
import { assert, describe, it } from "@effect/vitest"
import * as Printable from "@ornstein/core/Printable"
import * as Output from "@ornstein/lab/Output"
import { Effect } from "effect"
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Terminal from "./Terminal.ts"

/** Clears the screen, changes its title, rings, reverses, goes back to the start of the line, and one of C1. */
const HOSTILE = "\u001b[2J\u001b]0;owned\u0007\u202e\r\u009b31m\u2066\u007f"

const CONTROLS = /(?![\n\t])[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

const tiny = {
  environment: { kind: "pendulum", timeLimit: 20 },
  algorithm: { base: "ddpg", hidden: [4] },
  training: { steps: 100, warmup: 20, learningStarts: 20, batchSize: 4, sliceSteps: 50 },
  evaluation: { episodes: 1 },
  replay: { kind: "uniform", capacity: 1000 }
}

describe("text from elsewhere", () => {
  it("is shown escaped, as JSON escapes it", () => {
    assert.strictEqual(Printable.inline("a\u001b[31mb\u202ec\nd"), "a\\u001b[31mb\\u202ec\\u000ad")
    assert.strictEqual(Printable.lines("a\n\tb\u009b"), "a\n\tb\\u009b")
    assert.strictEqual(Printable.inline("Größe ± 1 µm, 学習, 👩‍🔬"), "Größe ± 1 µm, 学習, 👩‍🔬")
    const line = JSON.stringify({ name: HOSTILE })
    assert.deepStrictEqual(JSON.parse(Printable.lines(line)), { name: HOSTILE })
    assert.notMatch(Printable.lines(line), CONTROLS)
  })

  it.effect("controls no terminal, live or not; our own pictures do", () =>
    Effect.gen(function* () {
      const lines: Array<string> = []
      const output = Terminal.memory(lines, true)
      yield* output.live(`${HOSTILE}\n`)
      yield* output.line(HOSTILE)
      yield* output.line("plain")
      yield* output.picture("\u001b[0m")
      assert.deepStrictEqual(lines, [
        Printable.inline(`${HOSTILE}\n`),
        `\r\u001b[2K${Printable.inline(HOSTILE)}`,
        "plain",
        "\u001b[0m"
      ])
    })
  )

  it.live("controls no terminal in any command's output and errors", () =>
    Effect.gen(function* () {
      const directory = yield* Terminal.directory
      const config = join(directory, "tiny.json")
      writeFileSync(config, JSON.stringify(tiny))
      const runs = join(directory, "runs")
      const run = join(runs, `evil\n${HOSTILE}`)
      mkdirSync(runs)
      assert.strictEqual((yield* Terminal.ornstein("train", "--config", config, "--out", run)).code, 0)
      const file = (name: string) => join(run, name)
      const manifest = readFileSync(file("run.json"), "utf8")
      const edited = (change: object) =>
        writeFileSync(file("run.json"), JSON.stringify({ ...JSON.parse(manifest), ...change }))

      let hostile = 0
      const shows = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
        const { err, out } = yield* Terminal.ornstein(...args)
        const text = [...out, ...err].join("\n")
        assert.notMatch(text, CONTROLS, args[0])
        if (text.includes("\\u001b[2J")) hostile += 1
        return text
      })
      const out = join(directory, HOSTILE)
      const every = Effect.gen(function* () {
        yield* shows("runs", runs)
        yield* shows("evaluate", run, "--json")
        yield* shows("report", run)
        yield* shows("verify", run)
        yield* shows("resume", run)
      })
      const others = Effect.gen(function* () {
        yield* shows("runs", runs, "--json")
        yield* shows("runs", join(directory, HOSTILE))
        yield* shows("evaluate", run)
        yield* shows("play", run, "--json")
        yield* shows("play", run, "--gif", join(directory, `${HOSTILE}.gif`))
        yield* shows("play", HOSTILE)
        yield* shows("report", run, run, "--out", out)
        yield* shows("branch", run, "--steps", "200", "--out", out)
        yield* shows("branch", run, "--set", `algorithm.${HOSTILE}=1`, "--out", out)
        yield* shows("train", "--config", join(directory, HOSTILE))
        yield* shows("train", "--preset", HOSTILE)
        yield* shows("envs", "check", HOSTILE)
      })
      yield* others
      yield* every
      // Every text of its record, and the configuration.
      const { versions }: { readonly versions: object } = JSON.parse(manifest)
      edited({ status: "stopped", reason: HOSTILE, name: HOSTILE, preset: HOSTILE, startedAt: HOSTILE })
      yield* every
      edited({ versions: { ...versions, [HOSTILE]: HOSTILE, node: HOSTILE } })
      yield* every
      edited({ status: HOSTILE })
      yield* every
      edited({})
      writeFileSync(file("lock"), JSON.stringify({ pid: 1, host: HOSTILE, started: HOSTILE }))
      yield* every
      writeFileSync(file("lock"), HOSTILE)
      yield* every
      const input = readFileSync(file("config.json"), "utf8")
      writeFileSync(
        file("config.json"),
        JSON.stringify({ ...JSON.parse(input), [HOSTILE]: { [HOSTILE]: 1 } })
      )
      yield* every
      writeFileSync(file("config.json"), HOSTILE)
      yield* every
      writeFileSync(file("config.json"), input)
      writeFileSync(file("metrics.jsonl"), `{"step":1,"${HOSTILE}":"${HOSTILE}"}\n`)
      yield* every
      renameSync(file("checkpoints"), file("gone"))
      yield* every
      assert.isAbove(hostile, 30)
    })
  )
})

describe("an output that cannot be written", () => {
  it.effect("says so at the end, and stops nothing before", () =>
    Effect.gen(function* () {
      let count = 0
      const output = Output.make({
        isTTY: false,
        columns: 80,
        write: (_, done) => {
          count += 1
          done(count === 2 ? new Error("ENOSPC: no space left on device, write") : undefined)
        }
      })
      yield* output.line("one")
      yield* output.written
      yield* output.line("two")
      yield* output.line("three")
      const error = yield* Effect.flip(output.written)
      assert.strictEqual(count, 3)
      assert.match(error.message, /standard output cannot be written: ENOSPC/)
    })
  )
})
