/** What computed a run: versions that a repetition should have. */
import type { Spec } from "@ornstein/core/Environment"
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

/** Of everything that takes part, beside the engine's name: what computes the learner, and what the world. */
export const versions = (
  { libraries, name }: Engine,
  world: Pick<Spec, "libraries">
): { readonly [name: string]: string } => ({
  ornstein,
  node: process.versions.node,
  v8: process.versions.v8,
  effect: Effect.getCurrentVersion(),
  tfjs: versionOf(createRequire(import.meta.url).resolve("@tensorflow/tfjs-core/package.json")),
  engine: name,
  ...libraries,
  ...world.libraries,
  platform: `${platform}-${arch}`
})
