/**
 * Parts that do something else than they should: whatever they do, the command says in one line which part of which file
 * it was, never with a trace; and of a run that had begun, all that is known is written.
 */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll } from "vitest"
import * as Terminal from "../Terminal.ts"
import * as Misbehaviour from "./Misbehaviour.ts"

export const parts = fileURLToPath(new URL("parts.ts", import.meta.url))

export const folder = mkdtempSync(join(tmpdir(), "ornstein-own-"))
afterAll(() => rmSync(folder, { recursive: true }))

export const config = join(folder, "experiment.json")
writeFileSync(
  config,
  JSON.stringify({
    environment: { kind: "point" },
    wrappers: [{ kind: "around" }],
    algorithm: {
      base: "ddpg",
      network: { kind: "thin" },
      variants: [{ kind: "same" }],
      actorOptimizer: { kind: "plain" },
      criticOptimizer: { kind: "plain" },
      actorLearningRate: { kind: "flat" }
    },
    replay: { kind: "kept" },
    exploration: { kind: "push" },
    training: { steps: 40, warmup: 5, learningStarts: 10, batchSize: 4, sliceSteps: 20 },
    evaluation: { episodes: 1 },
    engine: { kind: "mine" }
  })
)

let count = 0
const misbehaving = <A>(
  asked: Misbehaviour.Misbehaviour | undefined,
  self: Effect.Effect<A>
): Effect.Effect<A> =>
  Effect.suspend(() => {
    globalThis.misbehaviour = asked === undefined ? undefined : { ...asked, calls: 0 }
    return Effect.ensuring(
      self,
      Effect.sync(() => {
        globalThis.misbehaviour = undefined
      })
    )
  })

export const command = (asked: Misbehaviour.Misbehaviour | undefined, ...args: ReadonlyArray<string>) =>
  misbehaving(asked, Terminal.ornstein(...args, "--with", parts))

export const train = (asked: Misbehaviour.Misbehaviour | undefined) =>
  Effect.suspend(() => {
    const run = join(folder, `run-${count++}`)
    return Effect.map(command(asked, "train", "--config", config, "--out", run), (printed) => ({
      run,
      ...printed
    }))
  })

/** What a method gives is not looked at; that it has done nothing may show, or not. */
const IGNORED = ["undefined", "nan", "shape"] as const

/** What is a state like any other. */
const STATES = ["nan", "shape"] as const

/** Every method, how often it does what it should before, and what does no harm. */
export const methods: ReadonlyArray<
  readonly [method: string, after: number, harmless?: ReadonlyArray<Misbehaviour.How>]
> = [
  ["world.make", 1],
  ["environment.spec", 4],
  ["environment.make", 4],
  ["world.observation", 30],
  ["world.reward", 30],
  ["world.terminated", 30],
  ["world.truncated", 30],
  ["world.steps", 30],
  ["world.reset", 2],
  ["world.step", 20],
  ["world.snapshot", 1, STATES],
  ["world.requires", 0, ["undefined"]],
  ["definition.reset", 3],
  ["definition.step", 25],
  ["definition.observe", 25, IGNORED],
  ["wrapper.make", 1],
  ["wrapper.wrap", 1],
  ["wrapper.reward", 20],
  ["wrapper.save", 1, STATES],
  ["exploration.layer", 1],
  ["exploration.make", 0],
  ["exploration.perturb", 5, IGNORED],
  ["exploration.reset", 1, IGNORED],
  ["exploration.scale", 0],
  ["exploration.attach", 0, ["shape"]],
  ["exploration.snapshot", 1, STATES],
  ["attached.begin", 1, IGNORED],
  ["attached.learned", 1, IGNORED],
  ["replay.make", 1],
  ["chosen.bytes", 0],
  ["chosen.layer", 1],
  ["replay.open", 0],
  ["replay.fields", 0],
  ["replay.size", 2],
  ["replay.store", 7],
  ["replay.sample", 3],
  ["replay.snapshot", 1, STATES],
  ["replay.log", 0],
  ["log.stored", 1],
  ["log.read", 0],
  ["variant.make", 1],
  ["variant.apply", 0],
  ["variant.slots", 0, ["nan"]],
  ["variant.actorLoss", 0],
  ["network.make", 1],
  ["architecture.actor", 0],
  ["architecture.critic", 0],
  ["optimizer.make", 1],
  ["optimizer.rated", 0],
  ["optimizer.init", 0],
  ["optimizer.update", 0],
  ["ramp.make", 1],
  ["ramp.at", 3],
  ["engine.make", 1],
  ["engine.open", 0],
  ["engine.link", 0],
  ["exploration.lanes", 0],
  ["replay.lanes", 0]
]

/** One line, with the part's name or its file, and no trace. */
export const isSaid = (err: ReadonlyArray<string>): void => {
  const text = err.join("\n")
  assert.notInclude(text, "fault of Ornstein", text)
  assert.notMatch(text, /^ +at /m, text)
  assert.match(text, /misbehaving.parts\.ts|same has no effect/, text)
}

/** Trains while a method does something else: it does no harm, or is said as it should be. */
export const misbehave = Effect.fnUntraced(function* (
  method: string,
  after: number,
  how: Misbehaviour.How,
  harmless: ReadonlyArray<Misbehaviour.How> = []
) {
  const { code, err, run } = yield* train({ method, how, after })
  const told = `${method} ${how}: ${err.join("\n")}`
  if (harmless.includes(how)) return assert.strictEqual(code, 0, told)
  isSaid(err)
  const isCrash = told.includes("which nobody waited for")
  assert.strictEqual(code, existsSync(run) || isCrash ? 1 : 2, told)
  if (!existsSync(run)) return
  const record = JSON.parse(readFileSync(join(run, "run.json"), "utf8"))
  assert.strictEqual(record.status, "failed", told)
  assert.include(err.join("\n"), record.reason, told)
})
