/** What computed a run: versions that a repetition should have. */
import type { Engine } from "@ornstein/jit/Engine"
import * as Effect from "effect/Version"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { arch, platform } from "node:process"

const versionOf = (file: URL | string): string => {
  const { version }: { readonly version?: string } = JSON.parse(readFileSync(file, "utf8"))
  return version ?? "unknown"
}

/** Of this package, as `ornstein --version` prints it. */
export const ornstein: string = versionOf(new URL("../../package.json", import.meta.url))

/** Of everything that takes part, beside the engine's name. */
export const versions = ({ libraries, name }: Engine): { readonly [name: string]: string } => ({
  ornstein,
  node: process.versions.node,
  v8: process.versions.v8,
  effect: Effect.getCurrentVersion(),
  tfjs: versionOf(createRequire(import.meta.url).resolve("@tensorflow/tfjs-core/package.json")),
  engine: name,
  ...libraries,
  platform: `${platform}-${arch}`
})
