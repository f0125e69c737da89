import { assert, it } from "@effect/vitest"
import * as Models from "@ornstein/envs/internal/mujoco/models/index"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import loadMujoco, { type MainModule, type MjModel } from "@mujoco/mujoco"
import { readFile } from "node:fs/promises"

/** What Gymnasium's file of the same model compiles to, field by field. */
const Fingerprint = Schema.Record(Schema.String, Schema.Unknown)
const Fingerprints = Schema.Struct({ models: Schema.Record(Schema.String, Fingerprint) })

const ours: { readonly [name: string]: string } = {
  ant: Models.Ant.mjcf,
  half_cheetah: Models.HalfCheetah.mjcf,
  hopper: Models.Hopper.mjcf,
  humanoid: Models.Humanoid.standing,
  humanoidstandup: Models.Humanoid.lying,
  inverted_double_pendulum: Models.InvertedDoublePendulum.mjcf,
  inverted_pendulum: Models.InvertedPendulum.mjcf,
  pusher_v5: Models.Pusher.mjcf,
  reacher: Models.Reacher.mjcf,
  swimmer: Models.Swimmer.mjcf,
  walker2d_v5: Models.Walker2d.mjcf
}

const isView = (value: unknown): value is ArrayBufferView & ArrayLike<number> =>
  ArrayBuffer.isView(value) && !(value instanceof DataView)

/** A number as it is; a view, a vector or a row of rows as one flat array. */
const flat = (value: unknown): unknown => {
  if (isView(value)) return Array.from(value)
  return Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : value
}

const textAt = (characters: ArrayLike<number>, address: number): string => {
  const letters: Array<number> = []
  for (let i = address; characters[i] !== 0; i++) letters.push(characters[i]!)
  return String.fromCharCode(...letters)
}

/** A field of the compiled model; arrays of booleans and names have no view that JavaScript can read. */
const field = (model: MjModel, name: string, wanted: unknown): unknown => {
  const length = Array.isArray(wanted) ? wanted.length : 0
  const each = (read: (i: number) => unknown) => Array.from({ length }, (_, i) => read(i))
  switch (name) {
    case "opt":
      return Object.fromEntries(
        Object.keys(Object(wanted)).map((option) => [option, flat(Reflect.get(model.opt, option))])
      )
    case "jnt_limited":
      return each((i) => Number(model.jnt(i).limited))
    case "actuator_ctrllimited":
      return each((i) => Number(model.actuator(i).ctrllimited))
    case "actuator_forcelimited":
      return each((i) => Number(model.actuator(i).forcelimited))
    case "body_name":
    case "jnt_name":
    case "geom_name":
    case "actuator_name": {
      const addresses = Reflect.get(model, `name_${name.replace("_name", "adr")}`)
      return Array.from(addresses, (address: number) => textAt(model.names, address))
    }
    default:
      return flat(Reflect.get(model, name))
  }
}

/** The fields that differ, with both values; 0 and -0 are one number to JSON. */
const differences = (mujoco: MainModule, xml: string, wanted: typeof Fingerprint.Type): object => {
  const model = mujoco.MjModel.from_xml_string(xml)
  const shown = (value: unknown) => JSON.stringify(value)
  const found = Object.entries(wanted).flatMap(([name, value]) => {
    const [here, there] = [field(model, name, value), name === "opt" ? value : flat(value)]
    return name === "sha256" || shown(here) === shown(there) ? [] : [[name, { here, there }] as const]
  })
  model.delete()
  return Object.fromEntries(found)
}

it.effect("every model compiles to the fields of Gymnasium's, each number to the bit", () =>
  Effect.gen(function* () {
    const text = yield* Effect.promise(() => readFile("test/golden/mujoco/model-fingerprints.json", "utf8"))
    const { models } = Schema.decodeUnknownSync(Fingerprints)(JSON.parse(text))
    const mujoco = yield* Effect.promise(() => loadMujoco())
    assert.deepStrictEqual(Object.keys(models).toSorted(), Object.keys(ours))
    for (const [name, xml] of Object.entries(ours)) {
      assert.deepStrictEqual(differences(mujoco, xml, models[name]!), {}, name)
    }
  })
)
