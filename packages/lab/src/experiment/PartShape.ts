/** What a part looks like, and what it makes: of a module that nobody has checked, everything is asked. */
import type { Algorithm, Architecture, Recipe } from "@ornstein/algos"
import type * as Engine from "@ornstein/core/Engine"
import type * as Environment from "@ornstein/core/Environment"
import type * as Exploration from "@ornstein/core/Exploration"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Optimizers from "@ornstein/core/Optimizers"
import type * as Part from "@ornstein/core/Part"
import type * as Ramp from "@ornstein/core/Ramp"
import type * as Replay from "@ornstein/core/Replay"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { GuardedWorld } from "../guards/index.ts"
import { Words } from "../terminal/index.ts"

// models

/** A part whose type is known by what it has shown. */
export interface Foreign<A> extends Part.Any<A> {
  readonly members: ReadonlyArray<Part.Member & { readonly Type: { readonly kind: string } }>
  /** Of a world: the ids by which people know it. */
  readonly named?: ReadonlyArray<{ readonly id: string; readonly options: JsonPath.JsonRecord }>
}

// pure core

export const isText = Schema.is(Schema.String)

/** A field, which may be a class's, or made when it is asked for. */
export const fieldOf = (u: unknown, name: string): unknown =>
  Words.isObject(u) ? Reflect.get(u, name) : undefined

export const isFunction = (u: unknown): u is Algorithm.Variant & Environment.Wrapper & Optimizers.Rated =>
  typeof u === "function"

export const isNetwork = (u: unknown): u is Architecture.Architecture =>
  JsonPath.isRecord(u) && typeof u["actor"] === "function" && typeof u["critic"] === "function"

export const isMotion = (u: unknown): u is Ramp.Motion =>
  JsonPath.isRecord(u) &&
  typeof u["at"] === "function" &&
  Number.isFinite(u["least"]) &&
  Number.isFinite(u["most"])

export const isEngine = (u: unknown): u is Engine.Opened => Effect.isEffect(u)

export const isEnvironment = (u: unknown): u is Environment.Environment =>
  GuardedWorld.aWorld(u) === undefined

export const isReplay = (u: unknown): u is Replay.Chosen =>
  JsonPath.isRecord(u) && Layer.isLayer(u["layer"]) && typeof u["bytes"] === "function"

export const isExploration = (u: unknown): u is Layer.Layer<Exploration.Exploration> => Layer.isLayer(u)

const isSource = (u: unknown): u is Part.Source =>
  isText(u) ||
  (JsonPath.isRecord(u) &&
    ["authors", "title", "link"].every((name) => isText(u[name])) &&
    typeof u["year"] === "number")

const isRequirement = (u: unknown): u is Part.Requirement<unknown> =>
  JsonPath.isRecord(u) &&
  isText(u["at"]) &&
  typeof u["check"] === "function" &&
  (u["reads"] === undefined || (Array.isArray(u["reads"]) && u["reads"].every(isText)))

const isNamed = (u: unknown): u is NonNullable<Foreign<unknown>["named"]>[number] =>
  JsonPath.isRecord(u) && isText(u["id"]) && JsonPath.isRecord(u["options"])

const FIELDS = [
  "tag",
  "kind",
  "members",
  "description",
  "source",
  "departures",
  "requires",
  "example",
  "construct",
  "named",
  "within"
] as const

/** A part by its fields, each of which is asked for once. */
export const fieldsOf = (u: unknown): JsonPath.JsonRecord =>
  Object.fromEntries(
    FIELDS.flatMap((name) => {
      const field = fieldOf(u, name)
      return field === undefined ? [] : [[name, Array.isArray(field) ? [...field] : field] as const]
    })
  )

export const faults: ReadonlyArray<
  readonly [name: (typeof FIELDS)[number], is: (u: unknown) => boolean, what: string]
> = [
  ["tag", (u) => u === "kind", `"kind"`],
  ["kind", (u) => isText(u) && u !== "", "a name"],
  ["description", isText, "a text"],
  ["source", isSource, "a text or a paper"],
  ["departures", (u) => Array.isArray(u) && u.every(isText), "a list of texts"],
  ["requires", (u) => Array.isArray(u) && u.every(isRequirement), "a list of requirements"],
  ["members", (u) => Array.isArray(u) && u.length > 0 && u.every(Schema.isSchema), "a list of schemas"],
  ["construct", (u) => typeof u === "function", "a function"],
  ["named", (u) => u === undefined || (Array.isArray(u) && u.every(isNamed)), "a list of ids and options"]
]

/** Can its options be made for the bounds of a place? */
export const isRamp = (u: Foreign<Ramp.Motion>): u is Foreign<Ramp.Motion> & Ramp.Kind =>
  "within" in u && typeof u.within === "function"

/** Has it the shape of a part? */
export const isPart = (u: unknown): u is Foreign<unknown> =>
  JsonPath.isRecord(u) && faults.every(([name, is]) => is(u[name]))

export const isRecipe = (u: unknown): u is Recipe.Recipe => {
  if (!JsonPath.isRecord(u)) return false
  const { defaults, departures, description, kind, source, variants } = u
  return (
    isText(kind) &&
    isText(description) &&
    isSource(source) &&
    Array.isArray(departures) &&
    departures.every(isText) &&
    Array.isArray(variants) &&
    variants.every((variant) => JsonPath.isRecord(variant) && isText(variant["kind"])) &&
    JsonPath.isRecord(defaults) &&
    ["exploration", "replay"].every((name) => isText(JsonPath.child(defaults[name], "kind"))) &&
    JsonPath.isRecord(defaults["training"])
  )
}
