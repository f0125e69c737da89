/**
 * Builds the addon of `@tensorflow/tfjs-node` or `@tensorflow/tfjs-node-gpu` against a given libtensorflow. The package's
 * own installation downloads release 2.9.1; its sources compile unchanged against later ones, and need no more of Node
 * than the headers of Node-API. The new addon is tried before it takes the place of the former one.
 */
import * as Fault from "@ornstein/core/Fault"
import * as Durable from "@ornstein/core/Durable"
import type * as RegularFile from "@ornstein/core/RegularFile"
import * as ElfFile from "@ornstein/jit/ElfFile"
import * as TensorflowDiagnosis from "@ornstein/jit/TensorflowDiagnosis"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { createRequire } from "node:module"
import { platform } from "node:os"
import { dirname } from "node:path"
import * as Addon from "./Addon.ts"
import * as Compiler from "./Compiler.ts"
import * as Libtensorflow from "./Libtensorflow.ts"
import type { Progress } from "./Progress.ts"
import * as Subprocess from "./Subprocess.ts"
import * as Wheel from "./Wheel.ts"

// errors

/** Something other than libtensorflow is missing, or a folder cannot be written. */
export class NativeBuildError
  extends Schema.TaggedError<NativeBuildError>()("NativeBuildError", { path: Schema.String, ...Fault.fields })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return this.path
  }
  override get message(): string {
    return Fault.message(this)
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
  readonly progress: Progress
}

/** A built addon: where it is, what it was built from, and what it said when it was tried. */
export interface Built {
  readonly addon: string
  readonly manifest: Addon.Manifest
  readonly trial: Addon.Trial
}

/** What is compiled, with what, and where to. */
interface Plan {
  readonly compiler: Compiler.Compiler
  readonly found: Addon.Package
  /** The folder of `node_api.h`. */
  readonly headers: string
  readonly libtensorflow: Libtensorflow.Libtensorflow
  readonly progress: Progress
  /** Where the loader looks for the libraries. */
  readonly rpath: string
  /** Libraries of CUDA that TensorFlow would not find by itself. */
  readonly cuda: ReadonlyArray<string>
  readonly staging: string
}

// pure core

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
const linkFlags = ({ cuda, libtensorflow: { framework, library }, rpath }: Plan): ReadonlyArray<string> => [
  ...(platform() === "darwin" ? ["-bundle", "-undefined", "dynamic_lookup"] : ["-shared"]),
  library,
  framework,
  // The addon calls none of them, but with it they are loaded, and TensorFlow finds by name what is loaded.
  ...(cuda.length === 0 ? [] : ["-Xlinker", "--no-as-needed", ...cuda]),
  ...[rpath, ...new Set(cuda.map((file) => dirname(file)))].flatMap((folder) => [
    "-Xlinker",
    "-rpath",
    "-Xlinker",
    folder
  ])
]

/** The folders that libraries of a wheel were unpacked into. */
const EXTRACTED = /^libtensorflow-[0-9A-Za-z]{6,16}$/

const SOURCES = ["tfjs_backend.cc", "tfjs_binding.cc"]

const failing = (path: string, doing: string) => (cause: RegularFile.FileError) =>
  new NativeBuildError({
    path,
    what: `${doing} failed: ${cause._tag === "PlatformError" ? Subprocess.said(cause) : cause.message}`,
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
    what: "has no node_api.h",
    fix: "Leave out --node-headers, which only replaces the headers that come with Ornstein, or name a folder include/node"
  })
})

// building

/** A new folder that is removed when the scope closes, unless it is kept. */
const provisional = Effect.fnUntraced(function* (directory: string, prefix: string) {
  const making = Effect.mapError(failing(directory, "making a folder"))
  yield* making(Durable.ensureDirectory(directory))
  let isKept = false
  const path = yield* Effect.acquireRelease(making(Durable.makeNamedDirectory(directory, prefix)), (path) =>
    isKept ? Effect.void : Effect.ignore(Durable.removeDirectory(path))
  )
  const keep = Effect.sync(() => {
    isKept = true
  })
  return { path, keep }
})

/** The libtensorflow that was given; that of a wheel is unpacked into a new folder of the package. */
const prepare = Effect.fnUntraced(function* (found: Addon.Package, { progress, source }: Options) {
  const paths = yield* Path.Path
  const path = paths.resolve(source.path)
  if (source._tag === "Folder") {
    const libtensorflow = yield* Libtensorflow.find(path)
    return { path, libtensorflow, rpath: libtensorflow.folder, extracted: undefined }
  }
  const extracted = yield* provisional(paths.join(found.directory, "deps"), "libtensorflow")
  const libtensorflow = yield* Wheel.unpack(path, extracted.path, progress).pipe(
    Effect.catchTag("PlatformError", (cause) =>
      Effect.fail(failing(extracted.path, "unpacking the wheel")(cause))
    )
  )
  return { path, libtensorflow, rpath: `${ORIGIN}/../../deps/${paths.basename(extracted.path)}`, extracted }
})

/**
 * The libraries of CUDA that pip installed beside TensorFlow and that it would not find: it opens them by name, and looks
 * where the library that opens them says. (In 2.21.0 that one leaves out the folder of cuSOLVER.)
 */
const unreachable = Effect.fnUntraced(function* ({ folder, framework }: Libtensorflow.Libtensorflow) {
  const fs = yield* FileSystem.FileSystem
  const paths = yield* Path.Path
  const beside = paths.join(paths.dirname(folder), "nvidia")
  const names = yield* Effect.orElseSucceed(fs.readDirectory(beside), () => [])
  const told = ElfFile.read(framework)?.runpath ?? []
  const reached = new Set(told.map((each) => paths.resolve(each.replace("$ORIGIN", folder))))
  const opened = TensorflowDiagnosis.libraries("").filter(({ origin }) => origin === "cuda")
  const candidates = names
    .map((name) => paths.join(beside, name, "lib"))
    .filter((lib) => !reached.has(lib))
    .flatMap((lib) => opened.map(({ soname }) => paths.join(lib, soname)))
  return yield* Effect.filter(candidates, (file) => Effect.orElseSucceed(fs.exists(file), () => false))
})

/** Compiles the sources of a package and links them in the folder `staging`. */
const compile = Effect.fnUntraced(function* (plan: Plan) {
  const { compiler, found, headers, libtensorflow, progress, staging } = plan
  const paths = yield* Path.Path
  const flags = compileFlags([paths.join(found.directory, "binding"), libtensorflow.include, headers])
  const objects = yield* Effect.forEach(
    SOURCES,
    Effect.fnUntraced(function* (name) {
      const source = paths.join(found.directory, "binding", name)
      const object = paths.join(staging, name.replace(/cc$/, "o"))
      yield* progress.live(`compiling   ${name}`)
      yield* Compiler.run(compiler, source, [...flags, "-c", source, "-o", object])
      return object
    }),
    { concurrency: "unbounded" }
  )
  const addon = paths.join(staging, paths.basename(found.addon))
  yield* progress.live("linking")
  yield* Compiler.run(compiler, addon, [...objects, ...linkFlags(plan), "-o", addon])
  return addon
})

/** The new addon takes the place of the former one, whose libraries go if they were unpacked for it. */
const install = Effect.fnUntraced(function* (
  found: Addon.Package,
  staged: string,
  manifest: Addon.Manifest,
  keep: Effect.Effect<void>
) {
  const paths = yield* Path.Path
  const former = yield* Effect.orElseSucceed(Addon.manifest(found.addon), () => undefined)
  yield* Effect.gen(function* () {
    yield* Durable.ensureDirectory(paths.dirname(found.addon))
    yield* Durable.replaceText(Addon.manifestPath(staged), `${JSON.stringify(manifest, undefined, 2)}\n`)
    yield* Durable.rename(staged, found.addon)
    yield* keep
    yield* Durable.rename(Addon.manifestPath(staged), Addon.manifestPath(found.addon))
  }).pipe(Effect.mapError(failing(found.addon, "putting the addon in its place")), Effect.uninterruptible)
  const extracted = former?.extracted ?? ""
  if (!EXTRACTED.test(extracted)) return
  yield* Effect.ignore(Durable.removeDirectory(paths.join(found.directory, "deps", extracted)))
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
 *   progress
 * })
 */
export const build = Effect.fn("NativeBuild.build")(function* (options: Options) {
  const { progress, source } = options
  const paths = yield* Path.Path
  if (platform() === "win32") {
    return yield* new NativeBuildError({
      path: source.path,
      what: "an addon cannot be built on Windows",
      fix: "Use the Windows Subsystem for Linux, or the engine wasm"
    })
  }
  const name = Addon.names[options.gpu ? "gpu" : "cpu"]
  const found = yield* Addon.find(name, [options.project, Addon.own])
  const headers = yield* nodeHeaders(options.nodeHeaders)
  const compiler = yield* Compiler.find
  yield* progress.line(`package     ${found.name} ${found.version}, ${found.directory}`)
  yield* progress.line(`compiler    ${compiler.version}`)

  const { extracted, libtensorflow, path, rpath } = yield* prepare(found, options)
  yield* progress.line(`libraries   ${libtensorflow.folder}`)
  const cuda = options.gpu ? yield* unreachable(libtensorflow) : []
  for (const file of cuda) yield* progress.line(`linked too  ${file}, where TensorFlow does not look`)
  // As deep as the place of the addon: a path from ORIGIN holds in both.
  const staging = yield* provisional(paths.join(found.directory, "lib"), ".ornstein")
  const addon = yield* compile({
    compiler,
    found,
    headers,
    libtensorflow,
    progress,
    rpath,
    cuda,
    staging: staging.path
  })
  yield* progress.live("trying it")
  const trial = yield* Addon.tried(addon)
  yield* progress.live("hashing")
  const hash = (file: string) => Effect.mapError(Addon.hashOf(file), failing(file, "reading what was built"))
  const manifest: Addon.Manifest = {
    format: 1,
    package: `${found.name}@${found.version}`,
    tensorflow: trial.tensorflow,
    source: path,
    library: libtensorflow.library,
    extracted: extracted === undefined ? null : paths.basename(extracted.path),
    compiler: compiler.version,
    hash: { addon: yield* hash(addon), library: yield* hash(libtensorflow.library) }
  }
  yield* install(found, addon, manifest, extracted?.keep ?? Effect.void)
  const loaded = yield* Effect.option(Addon.find(name, [Addon.own]))
  if (loaded._tag === "None" || loaded.value.directory !== found.directory) {
    yield* progress.line(
      `remark      the engine loads the package from ${Addon.own}: install Ornstein in this project`
    )
  }
  const built: Built = { addon: found.addon, manifest, trial }
  return built
}, Effect.scoped)
