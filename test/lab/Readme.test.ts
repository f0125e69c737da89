import { assert, describe, it } from "@effect/vitest"
import * as Experiment from "@ornstein/lab/Experiment"
import * as ConfigFile from "@ornstein/lab/ConfigFile"
import * as Rules from "@ornstein/lab/internal/experiment/Rules"
import * as RunDirectory from "@ornstein/lab/RunDirectory"
import { Effect, Result } from "effect"
import { readFileSync } from "node:fs"
import * as Terminal from "./Terminal.ts"

const readme = readFileSync(new URL("../../packages/lab/README.md", import.meta.url), "utf8")

const block = (language: string): string =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? ""

/** The first column of a table, by the title of that column. */
const column = (title: string): ReadonlyArray<string> =>
  Array.from(
    (new RegExp(`\\| ${title} +\\|.*\\n\\| -+ .*\\n((?:\\|.*\\n)+)`).exec(readme)?.[1] ?? "").matchAll(
      /^\| `([^`]+)`/gm
    ),
    (match) => match[1] ?? ""
  )

describe("the README of lab", () => {
  it("shows the defaults as they are", () => {
    const shown: unknown = JSON.parse(block("json"))
    const config = Result.getOrThrow(Experiment.decode({ environment: { kind: "pendulum" } }))
    assert.deepStrictEqual(shown, JSON.parse(JSON.stringify(config)))
  })

  it("shows a configuration file that is valid", () => {
    const input = Result.getOrThrow(ConfigFile.parse("my.yaml", block("yaml")))
    assert.isTrue(Result.isSuccess(Experiment.decode(input)))
  })

  it("names the path of every rule", () => {
    const { engines, explorations, networks, replays, worlds } = Experiment.catalogues
    const required = (
      [
        ["environment", worlds.parts],
        ["replay", replays.parts],
        ["exploration", explorations.parts],
        ["engine", engines.parts],
        ["algorithm.network", networks.parts]
      ] as const
    ).flatMap(([place, parts]) =>
      parts.flatMap(({ requires, tag }) => requires.map(({ at }) => `${place}.${at === "" ? tag : at}`))
    )
    // Conflicts between variants are shown at the option or the variant that they are about.
    const own = Rules.rules.map(({ path }) => path).filter((path) => path !== "algorithm")
    assert.sameMembers([...column("path")], [...new Set([...own, ...required, "algorithm.variants"])])
  })

  it("names every file of a run directory", () => {
    const { origin: _, ...files } = RunDirectory.files
    for (const file of Object.values(files)) {
      assert.isTrue(
        column("file").some((shown) => shown.startsWith(file)),
        file
      )
    }
  })

  it.live("names every command", () =>
    Effect.gen(function* () {
      const { out } = yield* Terminal.ornstein("--help")
      const listed = out.join("\n").split("SUBCOMMANDS")[1] ?? ""
      const commands = Array.from(listed.matchAll(/^ {2}(\w+) {2,}/gm), (match) => match[1] ?? "")
      assert.isAbove(commands.length, 5)
      assert.sameMembers([...column("command")], commands)
    })
  )

  it.live("names every flag of `native build`", () =>
    Effect.gen(function* () {
      const { out } = yield* Terminal.ornstein("native", "build", "--help")
      const listed = /FLAGS\n([\s\S]*?)GLOBAL FLAGS/.exec(out.join("\n"))?.[1] ?? ""
      const flags = Array.from(listed.matchAll(/^ {2}(--[\w-]+)/gm), (match) => match[1] ?? "")
      assert.isAbove(flags.length, 3)
      assert.sameMembers(
        column("flag").map((flag) => flag.split(" ")[0]),
        flags
      )
    })
  )
})
