/** The compiler, the loader and Node are real here: every way in which a build fails is seen as a user sees it. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as ElfFile from "@ornstein/jit/ElfFile"
import * as Addon from "@ornstein/native/internal/Addon"
import * as Libtensorflow from "@ornstein/native/internal/Libtensorflow"
import * as NativeBuild from "@ornstein/native/NativeBuild"
import { Effect, Fiber, Layer, PlatformError } from "effect"
import { ChildProcessSpawner } from "effect/process"
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import * as Fake from "./FakeTensorflow.ts"
import * as Terminal from "../lab/Terminal.ts"

const hasCompiler = process.platform === "linux" && spawnSync("c++", ["--version"]).status === 0
const withCompiler = hasCompiler ? "" : " (skipped: no C++ compiler on Linux)"

const build = (project: string, path: string, more: Partial<NativeBuild.Options> = {}) =>
  NativeBuild.build({
    gpu: false,
    project,
    progress: Fake.quiet(),
    source: path.endsWith(".whl") ? { _tag: "Wheel", path } : { _tag: "Folder", path },
    ...more
  })

describe("NativeBuild", () => {
  it.live("says that there is no compiler, before anything is written", () =>
    Effect.gen(function* () {
      const root = yield* Terminal.directory
      const target = Fake.project(root)
      const before = Fake.listing(target)
      const nothing = Layer.succeed(
        ChildProcessSpawner.ChildProcessSpawner,
        ChildProcessSpawner.make(() =>
          Effect.fail(
            PlatformError.systemError({ _tag: "NotFound", module: "ChildProcess", method: "spawn" })
          )
        )
      )
      const error = yield* build(root, root).pipe(Effect.provide(nothing), Effect.flip)
      assert.strictEqual(error._tag, "NoCompilerError")
      assert.match(error.message, /no C\+\+ compiler: c\+\+, g\+\+, clang\+\+.*CXX/)
      assert.deepStrictEqual(Fake.listing(target), before)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live("says that a folder has no headers of Node", () =>
    Effect.gen(function* () {
      const root = yield* Terminal.directory
      Fake.project(root)
      const error = yield* Effect.flip(build(root, root, { nodeHeaders: root }))
      assert.strictEqual(error._tag, "NativeBuildError")
      assert.match(error.message, /has no node_api\.h/)
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live.skipIf(!hasCompiler)(`builds from a folder, then from a wheel, and again${withCompiler}`, () =>
    Effect.gen(function* () {
      const root = yield* Terminal.directory
      const target = Fake.project(root)
      const from = Fake.folder(join(root, "tensorflow"))
      const first = yield* build(root, from)
      assert.strictEqual(first.trial.tensorflow, "2.99.0")
      assert.strictEqual(first.trial.device, "CPU")
      assert.deepStrictEqual(yield* Addon.manifest(first.addon), first.manifest)
      assert.deepStrictEqual(Fake.listing(join(target, "lib")), [
        "napi-v8/ornstein.json",
        "napi-v8/tfjs_binding.node"
      ])
      assert.deepStrictEqual(Fake.listing(join(target, "deps")), [])

      const wheel = Fake.packed(join(root, "tensorflow-2.99.0.whl"), from)
      const second = yield* build(root, wheel)
      rmSync(from, { recursive: true })
      rmSync(wheel)
      assert.strictEqual((yield* Addon.tried(second.addon)).tensorflow, "2.99.0")
      assert.deepStrictEqual(
        Fake.listing(join(target, "deps")).map((path) => path.replace(/^libtensorflow-\w+\//, "")),
        [
          ...Libtensorflow.headers.map((header) => `include/${header}`),
          "include/tensorflow/c/c_api_more.h",
          "libtensorflow_cc.so.2",
          "libtensorflow_framework.so.2"
        ].sort()
      )

      const third = yield* build(root, Fake.packed(wheel, Fake.folder(join(root, "other"))))
      const extracted = readdirSync(join(target, "deps"))
      assert.deepStrictEqual(extracted, [third.manifest.extracted])
      assert.notStrictEqual(third.manifest.extracted, second.manifest.extracted)

      Fake.write(third.addon, "another addon")
      assert.isUndefined(yield* Addon.manifest(third.addon))
    }).pipe(Effect.provide(NodeServices.layer))
  )

  it.live.skipIf(!hasCompiler)(
    `links what TensorFlow would not find of the CUDA that pip installed beside it${withCompiler}`,
    () =>
      Effect.gen(function* () {
        const root = yield* Terminal.directory
        Fake.project(root, Fake.BACKEND, Addon.names.gpu)
        const tensorflow = Fake.sitePackages(join(root, "site-packages"))
        const lines: Array<string> = []
        const output = Fake.quiet((text) => Effect.sync(() => void lines.push(text)))
        const built = yield* build(root, tensorflow, { gpu: true, progress: output })
        assert.strictEqual(built.trial.tensorflow, "2.99.0", "it found cuSOLVER")
        const names = ElfFile.read(built.addon)?.names
        assert.isTrue(names?.has("libcusolver.so.11"))
        assert.isFalse(names?.has("libcufft.so.11"))
        const linked = lines.filter((line) => line.startsWith("linked too"))
        assert.lengthOf(linked, 1)
        assert.include(linked[0], "nvidia/cusolver/lib/libcusolver.so.11")

        // For the CPU nothing of it is linked, and then it is not found.
        Fake.project(root)
        const plain = yield* build(root, tensorflow)
        assert.strictEqual(plain.trial.tensorflow, "no CUDA")
      }).pipe(Effect.provide(NodeServices.layer))
  )

  /** A build that fails leaves what was there, and nothing else. */
  const failing = (
    make: (root: string) => { readonly source: string },
    tag: string,
    message: RegExp,
    backend?: string
  ) =>
    Effect.gen(function* () {
      const root = yield* Terminal.directory
      const target = Fake.project(root, backend)
      Fake.write(join(target, "lib/napi-v8/tfjs_binding.node"), "the former addon")
      const { source } = make(root)
      const before = Fake.listing(target)
      const error = yield* Effect.flip(build(root, source))
      assert.strictEqual(error._tag, tag)
      assert.match(error.message, message)
      assert.deepStrictEqual(Fake.listing(target), before)
      assert.strictEqual(
        readFileSync(join(target, "lib/napi-v8/tfjs_binding.node"), "utf8"),
        "the former addon"
      )
    }).pipe(Effect.provide(NodeServices.layer))

  const asWheel = (root: string, source: string) => ({
    source: Fake.packed(join(root, "tensorflow.whl"), Fake.folder(join(root, "tensorflow"), source))
  })

  it.live.skipIf(!hasCompiler)(`shows why a source does not compile${withCompiler}`, () =>
    failing(
      (root) => asWheel(root, Fake.LIBRARY),
      "CompileError",
      /tfjs_backend\.cc: c\+\+ failed\n.*error: .*TF_Nothing/,
      `${Fake.BACKEND}\nint nothing() { return TF_Nothing(); }\n`
    )
  )

  it.live.skipIf(!hasCompiler)(`shows that a library has not what the addon needs${withCompiler}`, () =>
    failing(
      (root) => asWheel(root, `extern "C" const char* TF_Version() { return "1.0"; }`),
      "AddonError",
      /undefined symbol: TF_Product.*do not fit/
    )
  )

  it.live.skipIf(!hasCompiler)(`shows that a library needs another one${withCompiler}`, () =>
    failing(
      (root) => {
        const cuda = join(root, "libcudart.so.99")
        Fake.compiled(cuda, "", "-Wl,-soname,libcudart.so.99")
        const from = Fake.folder(join(root, "tensorflow"))
        Fake.compiled(
          join(from, "libtensorflow_cc.so.2"),
          Fake.LIBRARY,
          "-Wl,-soname,libtensorflow_cc.so.2",
          "-Wl,--no-as-needed",
          cuda
        )
        return { source: from }
      },
      "AddonError",
      /libcudart\.so\.99.*CUDA is missing/
    )
  )

  it.live.skipIf(!hasCompiler)(`shows that a library needs a newer system${withCompiler}`, () =>
    failing(
      (root) => {
        const system = join(root, "libsystem.so")
        const versioned = (version: string): void => {
          Fake.write(`${system}.map`, `${version} { global: *; };\n`)
          const flags = ["-Wl,-soname,libsystem.so", `-Wl,-rpath,${root}`]
          Fake.compiled(
            system,
            `extern "C" int one() { return 1; }`,
            ...flags,
            `-Wl,--version-script=${system}.map`
          )
        }
        const source = Fake.folder(join(root, "tensorflow"))
        versioned("GLIBC_2.99")
        Fake.compiled(
          join(source, "libtensorflow_cc.so.2"),
          `${Fake.LIBRARY}\nextern "C" int one(); int use() { return one(); }`,
          "-Wl,-soname,libtensorflow_cc.so.2",
          `-Wl,-rpath,${root}`,
          system
        )
        versioned("GLIBC_2.1")
        return { source }
      },
      "AddonError",
      /version `GLIBC_2\.99' not found.*built for a newer system/
    )
  )

  it.live.skipIf(!hasCompiler)(`outlives a library that ends its process${withCompiler}`, () =>
    failing(
      (root) =>
        asWheel(root, `#include <cstdlib>\n${Fake.LIBRARY.replace("return x", "std::abort(); return x")}`),
      "AddonError",
      /ended its process.*SIGABRT/
    )
  )

  it.live.skipIf(!hasCompiler)(`refuses an addon that computes wrong numbers${withCompiler}`, () =>
    failing(
      (root) => asWheel(root, Fake.LIBRARY.replace("43", "44")),
      "AddonError",
      /\[19, 22, 44, 50\] in place of \[19, 22, 43, 50\]/
    )
  )

  it.live.skipIf(!hasCompiler)(`cleans up when it is interrupted${withCompiler}`, () =>
    Effect.gen(function* () {
      const root = yield* Terminal.directory
      const target = Fake.project(root)
      const { source } = asWheel(root, Fake.LIBRARY)
      const before = Fake.listing(target)
      const reached: Array<string> = []
      const fiber = yield* build(root, source, {
        progress: Fake.quiet((text) =>
          Effect.suspend(() => {
            reached.push(text)
            return text.startsWith("libraries") ? Effect.never : Effect.void
          })
        )
      }).pipe(Effect.forkChild)
      while (reached.length < 3) yield* Effect.sleep("5 millis")
      assert.isAbove(Fake.listing(target).length, before.length)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(Fake.listing(target), before)
    }).pipe(Effect.provide(NodeServices.layer))
  )
})

describe("ornstein native build", () => {
  it.live("wants one libtensorflow", () =>
    Effect.gen(function* () {
      const neither = yield* Terminal.ornstein("native", "build")
      assert.strictEqual(neither.code, 2)
      assert.match(neither.err.join("\n"), /neither --libtensorflow nor --wheel/)
      const both = yield* Terminal.ornstein("native", "build", "--libtensorflow", "a", "--wheel", "b")
      assert.strictEqual(both.code, 2)
    })
  )
})
