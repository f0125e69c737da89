/** A policy on its way out of a run: exported, evaluated and played from a file, without what the training needed. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Config from "@ornstein/core/Config"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Manifest from "@ornstein/core/Manifest"
import * as Safetensors from "@ornstein/core/Safetensors"
import { Effect } from "effect"
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Terminal from "./Terminal.ts"

const learn = { warmup: 50, learningStarts: 60, batchSize: 8, sliceSteps: 50, steps: 200 }
const config = {
  environment: { kind: "pendulum", timeLimit: 30 },
  algorithm: { base: "td3", hidden: [16, 8], smallFinal: false },
  training: { ...learn, normalize: { observations: true } },
  evaluation: { episodes: 3, every: 100 }
}

const trained = Effect.fnUntraced(function* (input: object = config) {
  const path = yield* Terminal.directory
  const [file, run] = [join(path, "config.json"), join(path, "run")]
  writeFileSync(file, JSON.stringify(input))
  const { code, err } = yield* Terminal.ornstein("train", "--config", file, "--out", run)
  assert.strictEqual(code, 0, err.join("\n"))
  return { path, run, out: join(path, "policy.safetensors") }
})

const told = Effect.fnUntraced(function* (...args: ReadonlyArray<string>) {
  const { code, err, out } = yield* Terminal.ornstein(...args, "--json")
  assert.strictEqual(code, 0, err.join("\n"))
  const json: unknown = JSON.parse(out[0] ?? "")
  return { json, err: err.join("\n") }
})

const refused = Effect.fnUntraced(function* (reason: RegExp, ...args: ReadonlyArray<string>) {
  const { code, err, out } = yield* Terminal.ornstein(...args)
  assert.deepStrictEqual([code, out], [2, []])
  assert.match(err.join("\n"), reason)
})

/** The same run, as if it had been trained on another engine. */
const trainedOn = (run: string, engine: object): void => {
  const read = (file: string) => JSON.parse(readFileSync(join(run, file), "utf8"))
  const changed = { ...read("config.json"), engine }
  const configHash = Config.hash(changed)
  writeFileSync(join(run, "config.json"), JSON.stringify(changed))
  writeFileSync(join(run, "run.json"), JSON.stringify({ ...read("run.json"), config: configHash }))
  for (const name of readdirSync(join(run, "checkpoints")).filter((name) => /^\d+$/.test(name))) {
    const place = join("checkpoints", name)
    const { seal, text } = Manifest.encode({
      ...read(join(place, "manifest.json")),
      config: changed,
      configHash
    })
    writeFileSync(join(run, place, "manifest.json"), text)
    writeFileSync(join(run, place, "manifest.sha256"), seal)
  }
}

describe("export", () => {
  it.live("writes what evaluate and play take in place of the run", () =>
    Effect.gen(function* () {
      const { out, run } = yield* trained()
      const { json } = yield* told("export", run, "--out", out)
      const counted = 3 * 16 + 16 + 16 * 8 + 8 + 8 + 1
      assert.deepInclude(json, { file: out, environment: "Pendulum-v1", step: 200, parameters: counted })
      const evaluated = (json: unknown) => JsonPath.at(json, "evaluation")
      const whole = yield* told("evaluate", run)
      const single = yield* told("evaluate", out, "--episodes", "3")
      assert.deepStrictEqual(evaluated(single.json), evaluated(whole.json))
      assert.include(["native", "wasm"], JsonPath.at(single.json, "engine"))
      const ofRun = yield* told("play", run)
      const ofFile = yield* told("play", out)
      assert.deepStrictEqual(ofFile.json, ofRun.json)
      assert.strictEqual(JsonPath.at(ofRun.json, "steps"), 30)

      const best = yield* told("export", run, "--at", "100", "--out", `${out}.100`)
      assert.strictEqual(JsonPath.at(best.json, "step"), 100)
      assert.notStrictEqual(JsonPath.at(best.json, "sha256"), JsonPath.at(json, "sha256"))
      const { out: lines } = yield* Terminal.ornstein("evaluate", out, "--episodes", "3")
      assert.match(
        lines[0] ?? "",
        /^Pendulum-v1, policy of step 200 on (?:native|wasm), 3 episodes without exploration/
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("writes over nothing unless forced, and nowhere else", () =>
    Effect.gen(function* () {
      const { out, path, run } = yield* trained()
      writeFileSync(out, "mine")
      const before = readdirSync(path)
      yield* refused(
        /policy.safetensors: there is something here already.*--force/,
        "export",
        run,
        "--out",
        out
      )
      assert.strictEqual(readFileSync(out, "utf8"), "mine")
      const replaced = (file: string) => Terminal.ornstein("export", run, "--out", file, "--force")
      // What is no policy is not replaced: a run's own record least of all.
      for (const file of [out, join(run, "run.json"), join(run, "metrics.jsonl")]) {
        const text = readFileSync(file, "utf8")
        yield* refused(/no policy's file/, "export", run, "--out", file, "--force")
        assert.strictEqual(readFileSync(file, "utf8"), text)
      }
      rmSync(out)
      assert.strictEqual((yield* replaced(out)).code, 0)
      const { size } = statSync(out)
      assert.isAbove(size, 1000)
      assert.strictEqual((yield* replaced(out)).code, 0)
      assert.strictEqual(statSync(out).size, size)
      yield* refused(/directory that exists/, "export", run, "--out", join(path, "none", "policy"))
      yield* refused(/--out/, "export", run)
      yield* refused(/--format/, "export", run, "--out", `${out}2`, "--format", "pickle")
      assert.deepStrictEqual(readdirSync(path), before)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})

describe("evaluate and play", () => {
  it.live("need no data set", () =>
    Effect.gen(function* () {
      const path = yield* Terminal.directory
      const data = join(path, "data.safetensors")
      const rows = 40
      const floats = (width: number) => ({
        shape: width === 0 ? [rows] : [rows, width],
        data: Float32Array.from({ length: rows * Math.max(1, width) }, (_, i) => ((i * 7) % 11) / 11 - 0.5)
      })
      const flags = { shape: [rows], data: new Uint8Array(rows) }
      writeFileSync(
        data,
        Safetensors.encode({
          observation: floats(3),
          action: floats(1),
          reward: floats(0),
          nextObservation: floats(3),
          terminated: flags,
          truncated: flags
        })
      )
      const { out, run } = yield* trained({ ...config, replay: { kind: "offline", file: data } })
      const before = yield* told("evaluate", run)
      rmSync(data)
      assert.isFalse(existsSync(data))
      const after = yield* told("evaluate", run)
      assert.deepStrictEqual(after.json, before.json)
      yield* told("play", run)
      yield* told("export", run, "--out", out)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live.each<readonly [string, object]>([
    ["tfjs:webgpu", { kind: "tfjs", backend: "webgpu" }],
    ["tensorflow:gpu", { kind: "tensorflow", device: "gpu" }]
  ])("act on the processor for a run of %s, and say so", ([name, engine]) =>
    Effect.gen(function* () {
      const { out, run } = yield* trained()
      const own = yield* told("evaluate", run)
      assert.strictEqual(own.err, "")
      trainedOn(run, engine)
      const { err, json } = yield* told("evaluate", run)
      assert.deepStrictEqual(json, own.json)
      assert.include(err, `note: the run was trained on ${name}; its policy acts on the processor`)
      assert.include((yield* told("play", run)).err, `--engine ${name} chooses its own`)
      const exported = yield* told("export", run, "--out", out)
      assert.strictEqual(exported.err, "")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("act on the engine that was asked for", () =>
    Effect.gen(function* () {
      const { out, run } = yield* trained()
      yield* told("export", run, "--out", out)
      const mean = (json: unknown) => Number(JsonPath.at(json, "evaluation.mean"))
      const [wasm, cpu] = [yield* told("evaluate", run), yield* told("evaluate", run, "--engine", "tfjs:cpu")]
      assert.deepInclude(cpu.json, { engine: "tfjs:cpu" })
      assert.closeTo(mean(cpu.json), mean(wasm.json), 1e-3)
      const file = yield* told("evaluate", out, "--engine", "tfjs:cpu", "--episodes", "3")
      assert.strictEqual(mean(file.json), mean(cpu.json))
      yield* refused(/engine|kind/, "evaluate", run, "--engine", "abacus")
      yield* refused(/the random one is played/, "play", run, "--engine", "tfjs:cpu", "--policy", "random")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("act in another world only where its spaces are the same", () =>
    Effect.gen(function* () {
      const { out, run } = yield* trained()
      yield* told("export", run, "--out", out)
      for (const from of [run, out]) {
        const { json } = yield* told("play", from, "--env", "pendulum-v1")
        assert.strictEqual(JsonPath.at(json, "steps"), 200)
        yield* refused(
          /a policy of Pendulum-v1 in CartPole-v1: it has observations of shape \[3\]/,
          "evaluate",
          from,
          "--env",
          "CartPole-v1"
        )
        yield* refused(/Did you mean Pendulum-v1/, "evaluate", from, "--env", "Pendulom-v1")
      }
      yield* refused(/a file holds one policy/, "evaluate", out, "--at", "best")
      yield* refused(
        /--env says where a saved policy is played/,
        "play",
        "Pendulum-v1",
        "--env",
        "CartPole-v1"
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("refuse a file that is none", () =>
    Effect.gen(function* () {
      const { out } = yield* trained()
      writeFileSync(out, "not a policy at all")
      yield* refused(/policy.safetensors: it is no safetensors file/, "evaluate", out)
      yield* refused(/policy.safetensors: it is no safetensors file/, "play", out)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
