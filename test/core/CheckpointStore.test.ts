import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { CheckpointDirectory, CheckpointStore, Key, Snapshot, Training } from "@ornstein/core"
import * as Manifest from "@ornstein/core/Manifest"
import * as WasmEngine from "@ornstein/jit/WasmEngine"
import { Effect, FileSystem, Layer, Path, Stream } from "effect"
import * as Faults from "../laws/Faults.ts"
import { learner, options, services, train } from "../laws/Pendulum.ts"

const identity: Manifest.Identity = { config: { seed: 3 }, configHash: "c0ffee", versions: { node: "24" } }

const directory = Effect.flatMap(FileSystem.FileSystem, (fs) =>
  fs.makeTempDirectoryScoped({ prefix: "ornstein-checkpoints-" })
)

/** Trains and saves a checkpoint at each of the steps, which are ends of slices; scores make one the best. */
const trainTo = (
  target: string,
  steps: number,
  at: ReadonlyArray<number>,
  more: {
    keep?: number
    scores?: { readonly [step: number]: number }
    from?: CheckpointDirectory.Loaded
  } = {}
) =>
  Effect.gen(function* () {
    const trainer = yield* Training.make(learner, { ...options, steps }, more.from?.saved)
    const store = yield* CheckpointStore.make(target, { keep: more.keep ?? 3, identity }, more.from?.manifest)
    yield* Stream.runForEach(
      trainer.stream,
      Effect.fnUntraced(function* ({ step }) {
        if (!at.includes(step)) return
        const mean = more.scores?.[step]
        yield* store.save(trainer, mean === undefined ? undefined : { mean, std: 0, episodes: 1 })
      })
    )
    yield* store.finished
    return Training.hash(yield* trainer.saved)
  }).pipe(Effect.scoped, Effect.provide(services(WasmEngine.make()), { local: true }))

/** A run that stands at a step, its hash, and a way to save it to several places. */
const stopped = Effect.fnUntraced(function* (steps: number, from?: Training.Saved) {
  const built = yield* Layer.build(services(WasmEngine.make()))
  const trainer = yield* Effect.provideContext(Training.make(learner, { ...options, steps }, from), built)
  yield* Stream.runDrain(trainer.stream)
  const save = (target: string, after?: Manifest.Manifest) =>
    Effect.gen(function* () {
      const store = yield* CheckpointStore.make(target, { keep: 1, identity }, after)
      yield* store.save(trainer)
      yield* store.finished
    }).pipe(Effect.scoped)
  return { trainer, save, hash: Training.hash(yield* trainer.saved) }
})

const resume = (from: CheckpointDirectory.Loaded) => Effect.map(train({}, from.saved), ({ state }) => state)

/** Every file below a directory, as relative paths. */
const filesBelow = Effect.fnUntraced(function* (root: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const names = yield* fs.readDirectory(root, { recursive: true })
  const isFile = yield* Effect.forEach(names, (name) =>
    Effect.map(fs.stat(path.join(root, name)), ({ type }) => type === "File")
  )
  return names.filter((_, i) => isFile[i]).sort()
})

describe("CheckpointStore", () => {
  it.live("continues bit for bit, with the segments of all checkpoints before", () =>
    Effect.gen(function* () {
      const target = yield* directory
      const whole = yield* train()
      yield* trainTo(target, 500, [100, 200, 500])
      const { found: loaded } = yield* CheckpointDirectory.latest(target)
      assert.strictEqual(loaded.manifest.step, 500)
      assert.deepStrictEqual(
        loaded.manifest.replay.segments.map(({ first, last }) => [first, last]),
        [[200, 500]]
      )
      assert.strictEqual(Training.hash(loaded.saved), (yield* train({ steps: 500 })).state)
      assert.strictEqual(yield* resume(loaded), whole.state)
      assert.strictEqual(yield* resume(yield* CheckpointDirectory.at(target, 200)), whole.state)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live(
    "writes each transition once, and frees what the ring has overwritten and no checkpoint needs",
    () =>
      Effect.gen(function* () {
        const target = yield* directory
        const fs = yield* FileSystem.FileSystem
        yield* trainTo(target, 600, [100, 200, 300, 400, 500, 600], { keep: 2, scores: { 200: 5, 300: 4 } })
        const names = (yield* CheckpointDirectory.list(target)).map(({ step }) => step)
        assert.deepStrictEqual(names, [600, 500, 200])
        const segments = (yield* fs.readDirectory(`${target}/segments`))
          .map((name) => name.slice(0, 25))
          .sort()
        assert.deepStrictEqual(
          segments,
          [0, 100, 200, 300, 400, 500].map((n) =>
            [n, n + 100].map((m) => String(m).padStart(12, "0")).join("-")
          )
        )
        yield* trainTo(target, 600, [100, 200, 300, 400, 500, 600], { keep: 1 })
        assert.deepStrictEqual(
          (yield* CheckpointDirectory.list(target)).map(({ step }) => step),
          [600]
        )
        assert.strictEqual((yield* fs.readDirectory(`${target}/segments`)).length, 3)
        assert.strictEqual(
          Training.hash((yield* CheckpointDirectory.latest(target)).found.saved),
          (yield* train()).state
        )
      }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("detects a flipped byte and a cut anywhere", () =>
    Effect.gen(function* () {
      const target = yield* directory
      const fs = yield* FileSystem.FileSystem
      const key = Key.make(11)
      yield* trainTo(target, 200, [100, 200], { keep: 1 })
      const files = yield* filesBelow(target)
      assert.strictEqual(files.length, 8)
      let positions = 0
      for (const [i, name] of files.entries()) {
        const file = `${target}/${name}`
        const good = yield* fs.readFile(file)
        for (let n = 0; n < 30; n++) {
          const at = Key.integer(Key.fold(key, i), good.length, n)
          const bad = Uint8Array.from(good)
          if (n % 10 === 9) yield* fs.writeFile(file, bad.subarray(0, at))
          else {
            bad[at] = bad[at]! ^ (1 + Key.integer(Key.fold(key, `value ${i}`), 255, n))
            yield* fs.writeFile(file, bad)
          }
          const [entry] = yield* CheckpointDirectory.list(target)
          const error = yield* Effect.flip(CheckpointDirectory.load(target, entry!))
          assert.strictEqual(error.kind, "damaged", `${name}, byte ${at}`)
          positions += 1
        }
        yield* fs.writeFile(file, good)
      }
      assert.isAtLeast(positions, 200)
      assert.strictEqual((yield* CheckpointDirectory.latest(target)).found.manifest.step, 200)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("uses the newest valid checkpoint, and deletes nothing valid", () =>
    Effect.gen(function* () {
      const target = yield* directory
      const fs = yield* FileSystem.FileSystem
      const whole = yield* train()
      yield* trainTo(target, 400, [100, 200, 300, 400], { keep: 3 })
      yield* fs.writeFileString(`${target}/000000000400/state.json`, "{}")
      yield* fs.remove(`${target}/000000000300/parameters.safetensors`)
      const { found: loaded, passedOver } = yield* CheckpointDirectory.latest(target)
      assert.strictEqual(loaded.manifest.step, 200)
      assert.match(String(passedOver[0]), /000000000400.state.json: it has 2 bytes/)
      assert.match(String(passedOver[1]), /000000000300.parameters.safetensors: it is not there/)
      assert.strictEqual(yield* trainTo(target, 600, [600], { from: loaded }), whole.state)
      // 300 and 400 lie beyond what the run had reached: they were neither counted nor removed before it passed them.
      assert.strictEqual((yield* CheckpointDirectory.latest(target)).found.manifest.step, 600)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("is read beside a writer that keeps one: what is lost while it is read is listed again", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const first = yield* stopped(100)
      const [target, start] = [yield* directory, yield* directory]
      yield* first.save(start)
      const { manifest, saved } = (yield* CheckpointDirectory.latest(start)).found
      const second = yield* stopped(200, saved)

      /** Reads while the next checkpoint takes the place of this one before the n-th look at a file. */
      const beside = Effect.fnUntraced(function* <A, E>(
        n: number,
        read: Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>
      ) {
        yield* fs.remove(target, { recursive: true })
        yield* fs.copy(start, target)
        let looks = 0
        const look = Effect.suspend(() => (++looks === n ? second.save(target, manifest) : Effect.void))
        const before = <B, F, R>(self: Effect.Effect<B, F, R>) => Effect.andThen(Effect.orDie(look), self)
        const result = yield* Effect.result(
          Effect.provideService(read, FileSystem.FileSystem, {
            ...fs,
            readDirectory: (path, options) => before(fs.readDirectory(path, options)),
            readFile: (path) => before(fs.readFile(path)),
            open: (path, options) => before(fs.open(path, options)),
            readFileString: (path, encoding) => before(fs.readFileString(path, encoding))
          })
        )
        return { result, isReplaced: looks >= n }
      })

      const readers = {
        latest: Effect.map(CheckpointDirectory.latest(target), ({ found }) => found.manifest.step),
        latestState: Effect.map(CheckpointDirectory.latestState(target), ({ found }) => found.state.step),
        latestManifest: Effect.map(
          CheckpointDirectory.latestManifest(target),
          ({ found }) => found.manifest.step
        )
      }
      for (const [name, read] of Object.entries(readers)) {
        const steps: Array<number> = []
        for (let n = 1; ; n++) {
          const { isReplaced, result } = yield* beside(n, read)
          if (!isReplaced) break
          assert.strictEqual(result._tag, "Success", `${name}, look ${n}: ${String(result)}`)
          if (result._tag === "Success") steps.push(result.success)
        }
        assert.include(steps, 200, name)
      }
      for (let n = 1; n <= 6; n++) {
        const { result } = yield* beside(n, CheckpointDirectory.at(target, 100))
        if (result._tag === "Failure") assert.match(result.failure.message, /There are ones of 200/)
      }
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live(
    "holds on to the segments of a checkpoint of a later version, and not to those of a damaged one",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const remaining = Effect.fnUntraced(function* (change: (text: string) => string) {
          const target = yield* directory
          yield* trainTo(target, 100, [100])
          const [old] = yield* fs.readDirectory(`${target}/segments`)
          const [entry] = yield* CheckpointDirectory.list(target)
          const file = `${target}/${entry!.name}/manifest.json`
          const text = change(yield* fs.readFileString(file))
          yield* fs.writeFileString(file, text)
          const { sha256 } = Manifest.digest(new TextEncoder().encode(text))
          yield* fs.writeFileString(`${target}/${entry!.name}/manifest.sha256`, `${sha256}  manifest.json\n`)
          yield* trainTo(target, 600, [500, 600], { keep: 1 })
          return (yield* fs.readDirectory(`${target}/segments`)).includes(old!)
        })
        const format = `"format": ${Manifest.FORMAT}`
        assert.isTrue(yield* remaining((text) => text.replace(format, `"format": ${Manifest.FORMAT + 1}`)))
        assert.isFalse(yield* remaining((text) => text.replace(format, '"format": 0')))
      }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("names what is wrong and what to do", () =>
    Effect.gen(function* () {
      const target = yield* directory
      const fs = yield* FileSystem.FileSystem
      const message = Effect.map(Effect.flip(CheckpointDirectory.latest(target)), (error) => error.message)
      assert.match(yield* message, /there is no checkpoint here/)
      yield* trainTo(target, 100, [100])

      const [segment] = yield* fs.readDirectory(`${target}/segments`)
      const bytes = yield* fs.readFile(`${target}/segments/${segment}`)
      yield* fs.remove(`${target}/segments/${segment}`)
      assert.match(yield* message, /segments\/000000000000-000000000100-.*: it is not there/)
      yield* fs.writeFile(`${target}/segments/${segment}`, bytes)

      const [entry] = yield* CheckpointDirectory.list(target)
      const manifest = yield* entry!.manifest
      const later = Manifest.encode(manifest).text.replace('"format": 2', '"format": 3')
      yield* fs.writeFileString(`${target}/${entry!.name}/manifest.json`, later)
      yield* fs.writeFileString(
        `${target}/${entry!.name}/manifest.sha256`,
        `${Manifest.digest(new TextEncoder().encode(later)).sha256}  manifest.json\n`
      )
      const error = yield* Effect.flip(entry!.manifest)
      assert.strictEqual(error.kind, "newer")
      assert.match(error.message, /format 3, and this version reads up to 2\. Update Ornstein/)
      assert.match(yield* Effect.map(Effect.flip(CheckpointDirectory.at(target, 7)), String), /ones of 100/)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("a checkpoint in the way of its successor is replaced only once that is in place", () =>
    Effect.gen(function* () {
      const target = yield* directory
      const { hash, save } = yield* stopped(200)
      const count = Faults.failing(Number.POSITIVE_INFINITY, "EIO")
      yield* save(target)
      yield* save(target).pipe(Effect.provide(Faults.layer(count.intervene)))
      for (const [n, operation] of count.seen.entries()) {
        const { intervene } = Faults.failing(n, "EIO", true)
        yield* Effect.flip(save(target).pipe(Effect.provide(Faults.layer(intervene))))
        const { saved } = (yield* CheckpointDirectory.latest(target)).found
        assert.strictEqual(Training.hash(saved), hash, `after fault ${n}, ${operation}`)
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("a disk that fills at any operation leaves the checkpoint before it", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const source = yield* directory
      yield* trainTo(source, 100, [100])
      const { manifest, saved } = (yield* CheckpointDirectory.latest(source)).found
      const { hash, save } = yield* stopped(200, saved)
      const hashes = [Training.hash(saved), hash]
      const attempt = Effect.fnUntraced(function* (intervene: Faults.Intervention) {
        const target = `${yield* directory}/copy`
        yield* fs.copy(source, target)
        const result = yield* Effect.result(
          save(target, manifest).pipe(Effect.provide(Faults.layer(intervene)))
        )
        const { saved } = (yield* CheckpointDirectory.latest(target)).found
        assert.include(hashes, Training.hash(saved))
        return result
      })
      const count = Faults.failing(Number.POSITIVE_INFINITY, "ENOSPC")
      assert.strictEqual((yield* attempt(count.intervene))._tag, "Success")
      assert.isAbove(count.seen.length, 20)
      for (const [n, operation] of count.seen.entries()) {
        const result = yield* attempt(Faults.failing(n, "ENOSPC", true).intervene)
        assert.strictEqual(result._tag, "Failure", `fault ${n}, ${operation}`)
        if (result._tag !== "Failure" || result.failure._tag !== "CheckpointError") continue
        assert.strictEqual(result.failure.kind, "full")
        assert.match(result.failure.message, /no space is left on the disk\. Free some, then resume/)
      }
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("what is not finite is not kept", () =>
    Effect.gen(function* () {
      const target = yield* directory
      const { trainer, save } = yield* stopped(100)
      yield* save(target)
      const broken = yield* Effect.map(trainer.state, (state) => Snapshot.copy(state.agent))
      const [path = ""] = Object.keys(trainer.agent.shapes)
      Snapshot.getFloat32(broken, path)[3] = Number.NaN
      trainer.agent.restore(broken, [])
      const error = yield* Effect.flip(save(target))
      assert.strictEqual(error._tag, "DivergenceError")
      assert.match(error.message, /^at step 100, update \d+ \(critic.*\): /)
      assert.include(error.message, `${path} is not finite`)
      assert.strictEqual((yield* CheckpointDirectory.latest(target)).found.manifest.step, 100)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})
