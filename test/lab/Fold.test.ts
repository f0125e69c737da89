/** Text in narrow terminals. */
import { assert, describe, it } from "@effect/vitest"
import * as Fold from "@ornstein/lab/internal/terminal/Fold"
import * as Output from "@ornstein/lab/Output"
import * as Table from "@ornstein/lab/Table"
import * as Terminal from "@ornstein/lab/Terminal"
import { Effect } from "effect"
import * as Happenings from "./Happenings.ts"

describe("a folded line", () => {
  it("is broken between words, indented, and nothing is lost", () => {
    assert.deepStrictEqual(Fold.fold("The return is the sum of an episode's rewards; more is better.", 30), [
      "The return is the sum of an",
      "  episode's rewards; more is",
      "  better."
    ])
    assert.deepStrictEqual(Fold.fold("fits", 4), ["fits"])
    assert.deepStrictEqual(Fold.fold("", 4), [""])
  })

  it("is broken between columns first", () => {
    assert.deepStrictEqual(Fold.fold("  checkpoints/    the learned policy, with all else", 36), [
      "  checkpoints/    the learned",
      "    policy, with all else"
    ])
    assert.deepStrictEqual(Fold.fold("  return after   -149.0 ± 23.6   learned, same start states", 40), [
      "  return after   -149.0 ± 23.6",
      "    learned, same start states"
    ])
  })

  it("leaves commands and long words whole", () => {
    const command = "npx ornstein train --preset pendulum --set algorithm.tau=0.005"
    assert.deepStrictEqual(Fold.fold(`  ${command}   change anything`, 40), [
      `  ${command}`,
      "    change anything"
    ])
    const path = `/${"directory/".repeat(8)}`
    assert.deepStrictEqual(Fold.fold(`in ${path}`, 40), ["in", `  ${path}`])
  })

  it("keeps words, for any text and width", () => {
    const text =
      "step 1,000/10,000   return -812.3   noise 0.1   1,204 steps/s   0:06 left; and so on, 学習 する"
    for (let width = 1; width <= 110; width++) {
      const lines = Fold.fold(text, width)
      assert.deepStrictEqual(lines.join(" ").split(/ +/), text.split(/ +/), String(width))
      if (width >= 20)
        assert.isTrue(
          lines.every((line) => Fold.cells(line) <= width),
          String(width)
        )
    }
  })

  it("of JSON stays whole", () => {
    const json = JSON.stringify({ a: "x y z".repeat(50) })
    assert.strictEqual(Fold.lines(json, 20), json)
  })
})

describe("a clipped line", () => {
  it("has a mark, and counts wide letters", () => {
    assert.strictEqual(Fold.clip("abcdef", 6), "abcdef")
    assert.strictEqual(Fold.clip("abcdef", 5), "abcd…")
    assert.strictEqual(Fold.cells("学習 e\u0301 👩‍🔬 ±"), 4 + 1 + 1 + 1 + 2 + 1 + 1)
    assert.strictEqual(Fold.clip("学習学習", 6), "学習…")
  })
})

describe("a table", () => {
  const header = ["group", "runs", "final"]
  const rows = [
    ["ddpg (tau=0.005)", "3 of 4", "-1210.4 [-1591.6, -820.0]"],
    ["学習", "2", "none yet"]
  ]

  it("stands in columns where they fit, and in blocks where not", () => {
    assert.deepStrictEqual(Table.fit(header, rows, 80), [
      "group              runs     final",
      "ddpg (tau=0.005)   3 of 4   -1210.4 [-1591.6, -820.0]",
      "学習               2        none yet"
    ])
    assert.deepStrictEqual(Table.fit(header, rows, 40), [
      "ddpg (tau=0.005)",
      "  runs: 3 of 4",
      "  final: -1210.4 [-1591.6, -820.0]",
      "学習",
      "  runs: 2",
      "  final: none yet"
    ])
  })
})

describe("an output", () => {
  const sink = (isPlain: boolean, isTTY = true) => {
    const written: Array<string> = []
    const size = { columns: 40 }
    const output = Output.make({
      isTTY,
      isPlain,
      get columns() {
        return size.columns
      },
      write: (text, done) => {
        written.push(text)
        done()
      }
    })
    return { output, size, written }
  }

  it.effect("sends no control sequences where none are wanted or understood, and none into pipes", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        [{ TERM: "dumb" }, { NO_COLOR: "1" }, { NO_COLOR: "" }, { TERM: "xterm-256color" }, {}].map(
          Output.isPlain
        ),
        [true, true, false, false, false]
      )
      for (const { output, written } of [sink(true), sink(false, false), sink(true, false)]) {
        yield* output.live("live")
        yield* output.line("kept")
        assert.isFalse(output.isLive)
        assert.deepStrictEqual(written, ["kept\n"])
      }
    })
  )

  it.effect("asks for the width at each line, folds what stays and clips what is replaced", () =>
    Effect.gen(function* () {
      const { output, size, written } = sink(false)
      const text = "thirty letters in this one line, and then some more"
      yield* output.live(text)
      yield* output.line(text)
      size.columns = 80
      yield* output.line(text)
      assert.deepStrictEqual(written, [
        "thirty letters in this one line, and t…",
        "\r\u001b[2Kthirty letters in this one line, and\n  then some more\n",
        `${text}\n`
      ])
      const pipe = sink(false, false)
      yield* pipe.output.line(text)
      assert.deepStrictEqual(pipe.written, [`${text}\n`])
    })
  )

  it.effect("shows progress in any window on one line, its parts whole", () =>
    Effect.gen(function* () {
      for (let columns = 17; columns <= 100; columns++) {
        const { output, size, written } = sink(false)
        size.columns = columns
        const hear = yield* Terminal.make(output).open
        yield* hear(Happenings.started)
        for (const step of [10, 20]) {
          yield* hear(Happenings.sliceEnded({ step, seconds: step, returns: [-812.3] }))
        }
        const last = (written.at(-1) ?? "").replace("\r\u001b[2K", "")
        assert.isBelow(last.length, columns)
        assert.match(
          last,
          /^step    20\/1,000(   return   -812\.3(   [\d,]+ steps\/s|   noise 0\.13|   \d+:\d\d left)*)?$/
        )
      }
    }).pipe(Effect.scoped)
  )
})
