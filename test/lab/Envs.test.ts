import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, it } from "@effect/vitest"
import { envs } from "@ornstein/lab/internal/commands/Envs"
import * as Output from "@ornstein/lab/Output"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Schema from "effect/Schema"
import * as Command from "effect/cli/Command"
import * as Terminal from "./Terminal.ts"

/** Runs the command and collects what it prints. */
const run = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
  const lines: Array<string> = []
  const output = Terminal.memory(lines)
  const exit = yield* Command.runWith(envs, { version: "0" })(args).pipe(
    Effect.provideService(Output.Output, output),
    Effect.result
  )
  return { lines, exit }
})

const golden = "test/golden/pendulum-v1.json"

const Loose = Schema.fromJsonString(
  Schema.Struct({
    meta: Schema.Unknown,
    episodes: Schema.Array(Schema.Record(Schema.String, Schema.Unknown))
  })
)

/** The first episode of the golden file, changed. */
const recording = Effect.fnUntraced(function* (
  change: (episode: Record<string, unknown>) => Record<string, unknown>
) {
  const files = yield* FileSystem.FileSystem
  const { meta, episodes } = yield* Schema.decodeEffect(Loose)(yield* files.readFileString(golden))
  const file = `${yield* files.makeTempDirectoryScoped()}/recording.json`
  yield* files.writeFileString(file, JSON.stringify({ meta, episodes: [change({ ...episodes[0] })] }))
  return file
})

const failure = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
  const { exit } = yield* run(...args)
  assert.strictEqual(exit._tag, "Failure")
  return exit._tag === "Failure" ? exit.failure : undefined
})

it.effect("lists every world with its spaces, limit, threshold and source", () =>
  Effect.gen(function* () {
    const { lines } = yield* run()
    const text = lines.join("\n")
    assert.include(text, "MountainCarContinuous-v0: Drive out of a valley")
    assert.include(text, "observations Box([3], float32, [-1, -1, -8] to [1, 1, 8])")
    assert.include(text, "after 999 steps at most; solved at 90")
    assert.include(text, "truth        Gymnasium 1.3.0")
    assert.include(text, `"environment": {"kind":"pendulum"}`)
    const [json = ""] = (yield* run("--json")).lines
    const entries = yield* Schema.decodeUnknownEffect(
      Schema.fromJsonString(Schema.Array(Schema.Struct({ id: Schema.String })))
    )(json)
    assert.isAbove(entries.length, 10)
  }).pipe(Effect.provide(NodeServices.layer))
)

it.effect("check shows the deviations of each episode and passes within the tolerance", () =>
  Effect.gen(function* () {
    const { exit, lines } = yield* run("check", golden)
    assert.strictEqual(exit._tag, "Success")
    assert.match(lines[1]!, /^uniform-0 +200 +start +0 +0 +0 +0$/u)
    assert.match(lines[2]!, /step by step +[0-9.e-]+ +0 +[0-9.e-]+ +0$/u)
    assert.lengthOf(lines, 1 + 3 * 7)
  }).pipe(Effect.provide(NodeServices.layer))
)

it.effect("check fails beyond the tolerance and names the episodes", () =>
  Effect.gen(function* () {
    const strict = yield* failure("check", golden, "--tolerance", "0")
    assert.include(String(strict), "where 0 is allowed, in: uniform-0")
    const flagged = yield* recording((episode) => ({
      ...episode,
      terminated: Array.from({ length: 200 }, (_, i) => i === 7)
    }))
    assert.include(String(yield* failure("check", flagged, "--tolerance", "1")), "different in its flags")
  }).pipe(Effect.provide(NodeServices.layer))
)

it.effect("check refuses what is no recording, saying where it is wrong", () =>
  Effect.gen(function* () {
    assert.include(String(yield* failure("check", "nowhere.json")), "nowhere.json")
    const short = yield* recording((episode) => ({ ...episode, rewards: [1] }))
    assert.include(String(yield* failure("check", short)), "has 1 entries for 200 actions")
    const typed = yield* recording((episode) => ({ ...episode, action_dtype: "float16" }))
    assert.include(String(yield* failure("check", typed)), "action_dtype")
    const wide = yield* recording((episode) => ({
      ...episode,
      actions: Array.from({ length: 200 }, () => [0, 0])
    }))
    assert.include(
      String(yield* failure("check", wide)),
      "Pendulum-v1, step 0 of its episode: the action [0, 0] has 2 numbers"
    )
  }).pipe(Effect.provide(NodeServices.layer))
)
