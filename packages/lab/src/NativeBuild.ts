/**
 * Builds the addon of `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu` against a given libtensorflow. The package's
 * own installation downloads release 2.9.1; its sources compile unchanged against later ones, and need no more of Node
 * than the headers of Node-API. The new addon is tried before it takes the place of the former one.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as PlatformError from "effect/PlatformError"
import * as Schema from "effect/Schema"
import * as ChildProcess from "effect/process/ChildProcess"
import { createRequire } from "node:module"
import { platform } from "node:os"
import * as Addon from "./Addon.ts"
import * as Libtensorflow from "./Libtensorflow.ts"
import type * as Output from "./Output.ts"
import * as RunDirectory from "./RunDirectory.ts"
import * as Wheel from "./Wheel.ts"

// errors

/** Something other than libtensorflow is missing, or a folder cannot be written. */
export class NativeBuildError extends Schema.TaggedError<NativeBuildError>()("NativeBuildError", {
  path: Schema.String,
  reason: Schema.String,
  fix: Schema.String
}) {
  override get message(): string {
    return `${this.path}: ${this.reason}. ${this.fix}`
  }
}

/** There is no C++ compiler. */
export class NoCompilerError extends Schema.TaggedError<NoCompilerError>()("NoCompilerError", {
  searched: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return (
      `no C++ compiler: ${this.searched.join(", ")} cannot be started. Install one ` +
      "(`apt install g++`, `dnf install gcc-c++`, `xcode-select --install`), or name yours in the variable CXX"
    )
  }
}

/** The compiler refused a source, or could not link the addon; its first complaints. */
export class CompileError extends Schema.TaggedError<CompileError>()("CompileError", {
  file: Schema.String,
  compiler: Schema.String,
  complaints: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return [
      `${this.file}: ${this.compiler} failed`,
      ...this.complaints.map((line) => `  ${line}`),
      "A compiler must know C++17 (GCC 8, Clang 7 or newer; name another in CXX), and libtensorflow must be 2.9 or newer"
    ].join("\n")
  }
}

// models

export interface Options {
  /** Build for `@tensorflow/tfjs-node-gpu`. */
  readonly gpu: boolean
  readonly source:
    | { readonly _tag: "Folder"; readonly path: string }
    | { readonly _tag: "Wheel"; readonly path: string }
  /** The folder of `node_api.h`, where it is not that of the package `node-api-headers`. */
  readonly nodeHeaders?: string
  /** The folder of the project that has the package. */
  readonly project: string
  readonly output: Output.Shape
}

/** A built addon: where it is, what it was built from, and what it said when it was tried. */
export interface Built {
  readonly addon: string
  readonly manifest: Addon.Manifest
  readonly trial: Addon.Trial
}

interface Compiler {
  /** The command and its first arguments: `ccache g++`. */
  readonly command: readonly [string, ...ReadonlyArray<string>]
  /** What it says of itself. */
  readonly version: string
}

// pure core

/** A compiler's first complaints. */
export const complaints = (stderr: string, count = 5): ReadonlyArray<string> => {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "")
  const errors = lines.filter((line) => /error\b|undefined reference|cannot find/i.test(line))
  return (errors.length > 0 ? errors : lines).slice(0, count)
}

/** `ORIGIN` stands for the folder of the addon, so a package with the libraries in it can be moved. */
const ORIGIN = platform() === "darwin" ? "@loader_path" : "$ORIGIN"

const compileFlags = (includes: ReadonlyArray<string>): ReadonlyArray<string> => [
  "-std=c++17",
  "-O2",
  "-fPIC",
  "-w",
  "-DNAPI_VERSION=8",
  ...includes.flatMap((folder) => ["-I", folder])
]

/** The library is found again in `rpath`, or where the machine keeps its libraries. */
const linkFlags = (
  { framework, library }: Libtensorflow.Libtensorflow,
  rpath: string
): ReadonlyArray<string> => [
  ...(platform() === "darwin" ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared"]),
  library,
  framework,
  ...["-rpath", rpath].flatMap((word) => ["-Xlinker", word])
]

const SOURCES = ["tfjs_backend.cc", "tfjs_binding.cc"]

const failing = (path: string, doing: string) => (cause: PlatformError.PlatformError) =>
  new NativeBuildError({
    path,
    reason: `${doing} failed: ${Addon.said(cause)}`,
    fix: "See to permissions and free space: the libraries of a wheel need up to 3 GB"
  })

// finding

/** The folder of `node_api.h`. */
const nodeHeaders = Effect.fnUntraced(function* (given: string | undefined) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const shipped = paths.dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json"))
  const root = given ?? shipped
  for (const folder of [root, paths.join(root, "include"), paths.join(root, "include", "node")]) {
    const header = paths.join(folder, "node_api.h")
    if (yield* Effect.orElseSucceed(fs.exists(header), () => false)) return paths.resolve(folder)
  }
  return yield* new NativeBuildError({
    path: root,
    reason: "has no node_api.h",
    fix: "Leave out --node-headers, which only replaces the headers that come with Ornstein, or name a folder include/node"
  })
})

/** The compiler in CXX, or the first that there is. */
const findCompiler = Effect.gen(function* () {
  const given = yield* Config.String("CXX").pipe(Config.withDefault(""), Effect.orDie)
  const words = given.split(/\s+/).filter((word) => word !== "")
  const searched = words.length > 0 ? [words.join(" ")] : ["c++", "g++", "clang++"]
  for (const candidate of searched) {
    const [name = candidate, ...args] = candidate.split(" ")
    const asked = yield* Effect.result(Addon.output(ChildProcess.make(name, [...args, "--version"])))
    if (asked._tag === "Success" && asked.success.ended === 0) {
      const compiler: Compiler = {
        command: [name, ...args],
        version: asked.success.stdout.split("\n")[0] ?? candidate
      }
      return compiler
    }
  }
  return yield* new NoCompilerError({ searched })
})

// building

/** Runs the compiler for one file. */
const compile = Effect.fnUntraced(function* (
  { command: [name, ...first] }: Compiler,
  file: string,
  args: ReadonlyArray<string>
) {
  const failed = (complaints: ReadonlyArray<string>) =>
    new CompileError({ file, compiler: [name, ...first].join(" "), complaints })
  const { ended, stderr } = yield* Addon.output(
    ChildProcess.make(name, [...first, ...args], { env: { LC_ALL: "C" }, extendEnv: true, stdin: "ignore" })
  ).pipe(Effect.mapError((cause) => failed([Addon.said(cause)])))
  if (typeof ended === "string") return yield* failed([ended])
  if (ended !== 0) return yield* failed(complaints(stderr))
})

/** A new folder that is removed when the scope closes, unless it is kept. */
const provisional = Effect.fnUntraced(function* (directory: string, prefix: string) {
  const fs = yield* FileSystem.FileSystem
  const making = Effect.mapError(failing(directory, "making a folder"))
  yield* making(fs.makeDirectory(directory, { recursive: true }))
  let isKept = false
  const path = yield* Effect.acquireRelease(making(fs.makeTempDirectory({ directory, prefix })), (path) =>
    isKept ? Effect.void : Effect.ignore(fs.remove(path, { recursive: true }))
  )
  // A temporary folder is its owner's alone.
  yield* making(fs.chmod(path, 0o755))
  const keep = Effect.sync(() => {
    isKept = true
  })
  return { path, keep }
})

/**
 * Builds the addon, tries it, and puts it where its package looks for it. The libraries of a wheel are unpacked into the
 * package; those of a folder stay where they are. If anything fails, or the program is interrupted, the former addon
 * stays as it was and nothing else is left behind.
 *
 * Errors: a `PackageError` where the package is not installed; a `LibtensorflowError`; a `NoCompilerError` or a
 * `CompileError`; an `AddonError` where the addon does not load or computes wrong numbers; a `NativeBuildError`.
 *
 * @example
 * const built = NativeBuild.build({
 *   gpu: false,
 *   source: { _tag: "Wheel", path: "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl" },
 *   project: ".",
 *   output
 * })
 */
export const build = Effect.fn("NativeBuild.build")(function* (options: Options) {
  const { output, source } = options
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  if (platform() === "win32") {
    return yield* new NativeBuildError({
      path: source.path,
      reason: "an addon cannot be built on Windows",
      fix: "Use the Windows Subsystem for Linux, or the engine wasm"
    })
  }
  const name = Addon.names[options.gpu ? "gpu" : "cpu"]
  const found = yield* Addon.find(name, [options.project, Addon.own])
  const headers = yield* nodeHeaders(options.nodeHeaders)
  const compiler = yield* findCompiler
  yield* output.line(`package     ${found.name} ${found.version}, ${found.directory}`)
  yield* output.line(`compiler    ${compiler.version}`)

  const path = paths.resolve(source.path)
  const extracted =
    source._tag === "Wheel"
      ? yield* provisional(paths.join(found.directory, "deps"), "libtensorflow-")
      : undefined
  const libtensorflow =
    extracted === undefined
      ? yield* Libtensorflow.find(path)
      : yield* Wheel.unpack(path, extracted.path, output).pipe(
          Effect.catchTag("PlatformError", (cause) =>
            Effect.fail(failing(extracted.path, "unpacking the wheel")(cause))
          )
        )
  yield* output.line(`libraries   ${libtensorflow.folder}`)

  const library = paths.join(found.directory, "lib")
  // As deep as the place of the addon: a path from ORIGIN holds in both.
  const staging = yield* provisional(library, ".ornstein-")
  const includes = [paths.join(found.directory, "binding"), libtensorflow.include, headers]
  const objects = yield* Effect.forEach(
    SOURCES,
    Effect.fnUntraced(function* (name) {
      const file = paths.join(found.directory, "binding", name)
      const object = paths.join(staging.path, name.replace(/cc$/, "o"))
      yield* output.live(`compiling   ${name}`)
      yield* compile(compiler, file, [...compileFlags(includes), "-c", file, "-o", object])
      return object
    }),
    { concurrency: "unbounded" }
  )
  const staged = paths.join(staging.path, paths.basename(found.addon))
  const rpath =
    extracted === undefined ? libtensorflow.folder : `${ORIGIN}/../../deps/${paths.basename(extracted.path)}`
  yield* output.live("linking")
  yield* compile(compiler, staged, [...objects, ...linkFlags(libtensorflow, rpath), "-o", staged])

  yield* output.live("trying it")
  const trial = yield* Addon.tried(staged)
  yield* output.live("hashing")
  const hashing = Effect.mapError(failing(library, "reading what was built"))
  const manifest: Addon.Manifest = {
    format: 1,
    package: `${found.name}@${found.version}`,
    tensorflow: trial.tensorflow,
    source: path,
    library: libtensorflow.library,
    extracted: extracted === undefined ? null : paths.basename(extracted.path),
    compiler: compiler.version,
    hash: {
      addon: yield* hashing(Addon.hashOf(staged)),
      library: yield* hashing(Addon.hashOf(libtensorflow.library))
    }
  }
  const former = yield* Effect.orElseSucceed(Addon.manifest(found.addon), () => undefined)
  const beside = paths.join(staging.path, "ornstein.json")
  yield* Effect.gen(function* () {
    yield* fs.makeDirectory(paths.dirname(found.addon), { recursive: true })
    yield* fs.writeFileString(beside, RunDirectory.format(manifest))
    yield* fs.rename(staged, found.addon)
    if (extracted !== undefined) yield* extracted.keep
    yield* fs.rename(beside, Addon.manifestPath(found.addon))
  }).pipe(Effect.mapError(failing(found.addon, "putting the addon in its place")), Effect.uninterruptible)
  if (former !== undefined && former.extracted !== null) {
    const old = paths.join(found.directory, "deps", paths.basename(former.extracted))
    yield* Effect.ignore(fs.remove(old, { recursive: true }))
  }
  const loaded = yield* Effect.option(Addon.find(name, [Addon.own]))
  if (loaded._tag === "None" || loaded.value.directory !== found.directory) {
    yield* output.line(
      `remark      the engine loads the package from ${Addon.own}: install Ornstein in this project`
    )
  }
  const built: Built = { addon: found.addon, manifest, trial }
  return built
}, Effect.scoped)
