/**
 * The addon by which TensorFlow.js reaches libtensorflow in Node: the file `tfjs_binding.node` in the packages
 * `@tensorflow/tfjs-node` and `@tensorflow/tfjs-node-gpu`. Here it is found and tried; `NativeBuild` makes it.
 */
import * as Fault from "@ornstein/core/Fault"
import * as RegularFile from "@ornstein/core/RegularFile"
import * as Effect from "effect/Effect"
import * as Path from "effect/Path"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as ChildProcess from "effect/process/ChildProcess"
import { createHash } from "node:crypto"
import { createRequire } from "node:module"
import { execPath } from "node:process"
import { fileURLToPath, pathToFileURL } from "node:url"
import * as Subprocess from "./Subprocess.ts"

// errors

/** The package that an addon belongs to is not installed. */
export class PackageError
  extends Schema.TaggedError<PackageError>()("PackageError", {
    name: Schema.String,
    searched: Schema.Array(Schema.String)
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.failed
  get where(): string {
    return this.name
  }
  get what(): string {
    return `not installed in ${this.searched.join(" or ")}`
  }
  get fix(): string {
    return `Install it without its scripts, which would download an old libtensorflow: \`${install(this.name)}\``
  }
  override get message(): string {
    return Fault.message(this)
  }
}

/** An addon that does not load, or computes wrong numbers. */
export class AddonError
  extends Schema.TaggedError<AddonError>()("AddonError", { path: Schema.String, ...Fault.fields })
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

export const names = { cpu: "@tensorflow/tfjs-node", gpu: "@tensorflow/tfjs-node-gpu" } as const
export type Name = (typeof names)[keyof typeof names]

/** An installed package. */
export interface Package {
  readonly name: Name
  readonly version: string
  readonly directory: string
  /** Where the package looks for its addon. */
  readonly addon: string
}

/** `ornstein.json` beside an addon: what it was built from. */
export const Manifest = Schema.Struct({
  format: Schema.Literal(1),
  package: Schema.String,
  /** The version of libtensorflow, as it tells itself. */
  tensorflow: Schema.String,
  /** The wheel or the folder that was given. */
  source: Schema.String,
  /** The library that the addon is linked to. */
  library: Schema.String,
  /** The folder that was made for the libraries of a wheel, in the package. */
  extracted: Schema.NullOr(Schema.String),
  compiler: Schema.String,
  /** SHA-256. */
  hash: Schema.Struct({ addon: Schema.String, library: Schema.String })
})
export type Manifest = typeof Manifest.Type

export const ManifestJson = Schema.fromJsonString(Manifest)

/** What an addon said of itself when it was tried. */
export interface Trial {
  readonly tensorflow: string
  /** The device that TensorFlow.js computes on: `CPU`, or `GPU` with its name. */
  readonly device: string
  readonly isGpu: boolean
  /** What TensorFlow remarked about devices and CUDA. */
  readonly remarks: ReadonlyArray<string>
}

// pure core

/** The version whose addon is known to compile against libtensorflow 2.21. */
const VERSION = "4.22.0"

/** The command that installs a package without libtensorflow. */
export const install = (name: string): string => `npm install --ignore-scripts ${name}@${VERSION}`

/** The command that builds its addon: for CUDA against the folder that pip installed, which has CUDA's libraries beside it. */
export const command = (name: string): string =>
  `ornstein native build ${name === names.gpu ? "--gpu --libtensorflow VENV/lib/python3.X/site-packages/tensorflow" : "--wheel FILE.whl"}`

const PackageJson = Schema.fromJsonString(Schema.Struct({ version: Schema.String }))

const Found = Schema.fromJsonString(
  Schema.Struct({ tensorflow: Schema.String, isGpu: Schema.Boolean, product: Schema.Array(Schema.Number) })
)

/** [[1, 2], [3, 4]] [[5, 6], [7, 8]] */
const PRODUCT = [19, 22, 43, 50]

/** Why a trial ended early, from what it left on standard error: the error itself, or the last line. */
export const reasonOf = (stderr: string): string =>
  /^(?:\w*Error): (.+)$/m.exec(stderr)?.[1] ?? stderr.trim().split("\n").at(-1) ?? ""

const FIXES: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /GLIBC_|GLIBCXX_|CXXABI_/,
    "This libtensorflow was built for a newer system: take an older release (the name of a wheel says which glibc " +
      "it needs, as in manylinux_2_17), or a newer system"
  ],
  [
    /(libcu|libnv|libnccl).*cannot open shared object/,
    "CUDA is missing: install the CUDA libraries of this release of TensorFlow and name their folder in LD_LIBRARY_PATH"
  ],
  [
    /cannot open shared object|Library not loaded|file too short|invalid ELF|wrong ELF class/,
    "Has libtensorflow been moved, or was it made for another machine? Build the addon again with `ornstein native build`"
  ],
  [
    /undefined symbol|symbol not found/i,
    "Addon and libtensorflow do not fit: build it again with `ornstein native build`"
  ],
  [
    /SIGILL/,
    "Released libtensorflows need a processor with AVX: build TensorFlow for this one, or take the engine wasm"
  ]
]

/** What to do about an addon that does not load. */
export const fixOf = (reason: string): string =>
  FIXES.find(([pattern]) => pattern.test(reason))?.[1] ?? "Build it again with `ornstein native build`"

/** TensorFlow's lines about GPUs, without date and place. */
export const remarksOf = (stderr: string): ReadonlyArray<string> => {
  const remarks = stderr
    .split("\n")
    .filter((line) => /cuda|cudnn|cudart|gpu/i.test(line) && /^(?:[IWEF]\d{4} |\d{4}-)/.test(line))
    .map((line) => line.replace(/^.*?\] /, "").trim())
  return [...new Set(remarks)]
}

/** From `Created device /job:localhost/... -> device: 0, name: NVIDIA H200, pci bus id: ...`. */
const gpuOf = (stderr: string): string => {
  const name = /Created device .*?, name: ([^,\n]+)/.exec(stderr)?.[1]
  return name === undefined ? "GPU" : `GPU (${name})`
}

// reading

/** The folder from which the engine loads the packages. */
export const own: string = fileURLToPath(
  new URL(".", pathToFileURL(createRequire(import.meta.url).resolve("@ornstein/jit/package.json")))
)

/** The first copy of a package among those that programs in these folders would load. */
export const find = Effect.fnUntraced(function* (name: Name, searched: ReadonlyArray<string>) {
  const paths = yield* Path.Path
  const resolved = searched
    .map((folder) => createRequire(paths.join(paths.resolve(folder), "package.json")))
    .map((require) => Result.try(() => require.resolve(`${name}/package.json`)))
    .find(Result.isSuccess)
  const missing = () => new PackageError({ name, searched })
  if (resolved === undefined) return yield* missing()
  const { version } = yield* RegularFile.readText(resolved.success, {
    most: RegularFile.SMALL,
    links: "followed"
  }).pipe(Effect.flatMap(Schema.decodeEffect(PackageJson)), Effect.mapError(missing))
  const directory = paths.dirname(resolved.success)
  const found: Package = {
    name,
    version,
    directory,
    addon: paths.join(directory, "lib", "napi-v8", "tfjs_binding.node")
  }
  return found
})

/** The SHA-256 of a file, however large. */
export const hashOf = Effect.fnUntraced(function* (path: string) {
  const hash = createHash("sha256")
  yield* Stream.runForEach(RegularFile.stream(path, "followed"), (bytes) =>
    Effect.sync(() => hash.update(bytes))
  )
  return hash.digest("hex")
})

/** Where the manifest of an addon is. */
export const manifestPath = (addon: string): string => addon.replace(/[^/\\]+$/, "ornstein.json")

/** The manifest of an addon; `undefined` where there is none, or another addon has taken its place since. */
export const manifest = Effect.fnUntraced(function* (addon: string) {
  const read = yield* RegularFile.readText(manifestPath(addon), { most: RegularFile.SMALL }).pipe(
    Effect.flatMap(Schema.decodeEffect(ManifestJson)),
    Effect.option
  )
  if (read._tag === "None") return undefined
  return read.value.hash.addon === (yield* hashOf(addon)) ? read.value : undefined
})

// running

const PROBE = fileURLToPath(
  new URL(`./AddonProbe.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url)
)

/** Loads an addon in a process of its own and computes a product of matrices, known by hand, with it. */
export const tried = Effect.fn("Addon.tried")(function* (addon: string) {
  const failed = (reason: string) => new AddonError({ path: addon, what: reason, fix: fixOf(reason) })
  const { exit, stderr, stdout } = yield* Subprocess.run(
    ChildProcess.make(execPath, [PROBE, addon], {
      env: { TF_CPP_MIN_LOG_LEVEL: "0", NODE_NO_WARNINGS: "1" },
      extendEnv: true,
      stdin: "ignore"
    })
  ).pipe(Effect.mapError((cause) => failed(`it cannot be tried: ${Subprocess.said(cause)}`)))
  if (typeof exit === "string") return yield* failed(`it ended its process: ${exit}`)
  if (exit !== 0) return yield* failed(reasonOf(stderr))
  const { isGpu, product, tensorflow } = yield* Schema.decodeEffect(Found)(stdout).pipe(
    Effect.mapError(() => failed("it does not say what it is"))
  )
  if (product.join() !== PRODUCT.join()) {
    return yield* failed(
      `a product of two matrices is wrong: [${product.join(", ")}] in place of [${PRODUCT.join(", ")}]`
    )
  }
  const trial: Trial = {
    tensorflow,
    isGpu,
    device: isGpu ? gpuOf(stderr) : "CPU",
    remarks: remarksOf(stderr)
  }
  return trial
})
