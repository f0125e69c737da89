/**
 * A policy as one file of the safetensors format: Python reads its arrays with `safetensors.numpy.load_file`. The texts of
 * its header hold the rest, as JSON.
 *
 * ```text
 * arrays     online.actor.l0.w, ...                       the parameters, float32, by path
 *            constants.5, ...                             the constants of the program, by value
 *            normalization.mean, .variance                float64, where observations are normalised
 *            observation.low, .high, action.low, .high    float64, the bounds of boxes
 * header     format   "ornstein-policy"
 *            version  "1"
 *            policy   algorithm, step, spec, decision, rescale, actionNoise, normalization
 *            graph    the program that acts (`Template`)
 *            sha256   of the file without this text
 * ```
 *
 * A file may come from anybody. Reading one runs nothing; its program is checked node by node before an engine sees it.
 */
import type * as Graph from "@ornstein/jit/Graph"
import type * as NdArray from "@ornstein/jit/NdArray"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { JsonText, Printable } from "../config/index.ts"
import { Space } from "../environment/index.ts"
import { Digest } from "../host/index.ts"
import { Decision, Template } from "../learner/index.ts"
import { Safetensors } from "../state/index.ts"
import type * as Policy from "./Policy.ts"
import { checked } from "./Policy.ts"
import { PolicyError } from "./PolicyError.ts"

// models

const FORMAT = "ornstein-policy"

/** The version of the format that is written; every one that was ever released stays readable. */
export const VERSION = 1

const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 - 1 }))

const Box = Schema.Struct({
  kind: Schema.Literal("box"),
  shape: Schema.Array(Count).check(Schema.isMaxLength(6)),
  dtype: Schema.Literals(["float32", "float64"])
})

const Discrete = Schema.Struct({
  kind: Schema.Literal("discrete"),
  n: Count.check(Schema.isGreaterThanOrEqualTo(1))
})

const Described = Schema.Struct({
  algorithm: Schema.String,
  step: Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)),
  spec: Schema.Struct({
    id: Schema.String,
    observation: Box,
    action: Schema.Union([Box, Discrete]),
    configuration: Schema.optionalKey(Schema.Json)
  }),
  decision: Decision.Decision,
  rescale: Schema.Boolean,
  actionNoise: Count,
  normalization: Schema.NullOr(
    Schema.Struct({ kind: Schema.Literal("standard"), epsilon: Schema.Finite, clip: Schema.Finite })
  )
})
type Described = typeof Described.Type

// writing

const vector = (numbers: ArrayLike<number>): Safetensors.Tensor => ({
  shape: [numbers.length],
  data: Float64Array.from(numbers)
})

const bounds = (name: string, space: Space.Space): Safetensors.Tensors =>
  space._tag === "Box" ? { [`${name}.low`]: vector(space.low), [`${name}.high`]: vector(space.high) } : {}

const describeBox = ({ dtype, shape }: Space.Box): typeof Box.Type => ({ kind: "box", shape, dtype })

const describe = ({
  actionNoise,
  algorithm,
  decision,
  normalization,
  rescale,
  spec,
  step
}: Policy.Policy): Described => ({
  algorithm,
  step,
  spec: {
    id: spec.id,
    observation: describeBox(spec.observation),
    action: spec.action._tag === "Box" ? describeBox(spec.action) : { kind: "discrete", n: spec.action.n },
    ...(spec.configuration === undefined ? {} : { configuration: spec.configuration })
  },
  decision,
  rescale,
  actionNoise,
  normalization:
    normalization === undefined
      ? null
      : { kind: "standard", epsilon: normalization.epsilon, clip: normalization.clip }
})

const tensorsOf = ({
  constants,
  normalization,
  parameters,
  spec,
  template
}: Policy.Policy): Safetensors.Tensors => ({
  ...parameters,
  ...Object.fromEntries(
    Array.from(constants, ([value, data]) => [
      `constants.${value}`,
      // A constant's sizes are those of its value, which never grow with the rows.
      { shape: (template.values[value]?.shape ?? []).map(Number), data }
    ])
  ),
  ...(normalization === undefined
    ? {}
    : {
        "normalization.mean": vector(normalization.mean),
        "normalization.variance": vector(normalization.variance)
      }),
  ...bounds("observation", spec.observation),
  ...bounds("action", spec.action)
})

/** What the header says, without the hash. */
const metadataOf = (policy: Policy.Policy): Safetensors.Metadata => ({
  format: FORMAT,
  version: String(VERSION),
  policy: JSON.stringify(describe(policy)),
  graph: JSON.stringify(policy.template)
})

/** SHA-256 of everything in a policy: two policies with one hash act alike, bit for bit. */
export const hash = (policy: Policy.Policy): string =>
  Digest.of(Safetensors.encode(tensorsOf(policy), metadataOf(policy)))

/** The file of a policy. */
export const encode = (policy: Policy.Policy): Uint8Array =>
  Safetensors.encode(tensorsOf(policy), { ...metadataOf(policy), sha256: hash(policy) })

// reading

const STRICT = { onExcessProperty: "error" } as const
const decodeDescribed = Schema.decodeUnknownResult(Described, STRICT)
const decodeTemplate = Schema.decodeUnknownResult(Template.Template, STRICT)

type Read<A> = Result.Result<A, string>

const short = (text: string): string =>
  Printable.inline(text.length > 300 ? `${text.slice(0, 300)}...` : text)

const text = <A>(
  metadata: Safetensors.Metadata,
  name: string,
  decode: (u: unknown) => Result.Result<A, { readonly message: string }>
): Read<A> =>
  Result.gen(function* () {
    const given = Object.hasOwn(metadata, name) ? metadata[name] : undefined
    if (given === undefined) return yield* Result.fail(`its header has no "${name}"`)
    const json = yield* Result.mapError(
      JsonText.parse(given),
      ({ reason }) => `"${name}" in its header: ${reason}`
    )
    return yield* Result.mapError(decode(json), ({ message }) => `"${name}" in its header: ${message}`)
  })

/** The arrays of a file, each taken once. */
class Arrays {
  readonly #tensors: Safetensors.Tensors
  readonly #taken = new Set<string>()
  constructor(tensors: Safetensors.Tensors) {
    this.#tensors = tensors
  }
  take(name: string): Read<Safetensors.Tensor> {
    const tensor = Object.hasOwn(this.#tensors, name) ? this.#tensors[name] : undefined
    if (tensor === undefined) return Result.fail(`it has no array "${name}"`)
    this.#taken.add(name)
    return Result.succeed(tensor)
  }
  doubles(name: string): Read<Float64Array> {
    return Result.flatMap(this.take(name), ({ data }) =>
      data instanceof Float64Array
        ? Result.succeed(data)
        : Result.fail(`its array "${name}" is not of doubles`)
    )
  }
  get rest(): string | undefined {
    return Object.keys(this.#tensors).find((name) => !this.#taken.has(name))
  }
}

const readBox = (arrays: Arrays, name: string, { dtype, shape }: typeof Box.Type): Read<Space.Box> =>
  Result.gen(function* () {
    const [low, high] = [yield* arrays.doubles(`${name}.low`), yield* arrays.doubles(`${name}.high`)]
    return yield* Result.try({
      try: () => Space.box({ shape, low: Array.from(low), high: Array.from(high), dtype }),
      catch: (cause) => (cause instanceof Error ? cause.message : String(cause))
    })
  })

const readParameters = (
  arrays: Arrays,
  { parameters }: Template.Template
): Read<Policy.Policy["parameters"]> =>
  Result.gen(function* () {
    const read: Array<readonly [string, NdArray.NdArray]> = []
    for (const { path, role } of parameters) {
      if (role !== "state") continue
      const { data, shape } = yield* arrays.take(path)
      if (!(data instanceof Float32Array)) return yield* Result.fail(`its array "${path}" is not of floats`)
      read.push([path, { shape, dtype: "float32", data }])
    }
    return Object.fromEntries(read)
  })

const readConstants = (
  arrays: Arrays,
  { constants, values }: Template.Template
): Read<Policy.Policy["constants"]> =>
  Result.gen(function* () {
    const read = new Map<Graph.ValueId, NdArray.Data>()
    for (const value of constants) {
      const { data, shape } = yield* arrays.take(`constants.${value}`)
      const said = values[value]?.shape ?? []
      if (shape.length !== said.length || shape.some((n, axis) => n !== said[axis])) {
        return yield* Result.fail(`its array "constants.${value}" has another shape than its value`)
      }
      const isPlain = data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array
      if (!isPlain) return yield* Result.fail(`its array "constants.${value}" is of no type of a program`)
      read.set(value, data)
    }
    return read
  })

const readPolicy = ({ metadata, tensors }: Safetensors.Contents): Read<Policy.Policy> =>
  Result.gen(function* () {
    const { normalization, spec, ...described } = yield* text(metadata, "policy", decodeDescribed)
    const template = yield* text(metadata, "graph", decodeTemplate)
    const arrays = new Arrays(tensors)
    const { action, configuration, id, observation } = spec
    const policy: Policy.Policy = {
      ...described,
      spec: {
        id,
        observation: yield* readBox(arrays, "observation", observation),
        action: action.kind === "box" ? yield* readBox(arrays, "action", action) : Space.discrete(action.n),
        ...(configuration === undefined ? {} : { configuration })
      },
      template,
      parameters: yield* readParameters(arrays, template),
      constants: yield* readConstants(arrays, template),
      normalization:
        normalization === null
          ? undefined
          : {
              mean: yield* arrays.doubles("normalization.mean"),
              variance: yield* arrays.doubles("normalization.variance"),
              epsilon: normalization.epsilon,
              clip: normalization.clip
            }
    }
    const { rest } = arrays
    if (rest !== undefined) return yield* Result.fail(`nothing explains its array "${rest}"`)
    if (metadata["sha256"] !== hash(policy))
      return yield* Result.fail("its SHA-256 is not the one in its header")
    return policy
  })

/** Does a file say of itself that it holds a policy? */
export const isPolicy = (file: Uint8Array): boolean =>
  Result.match(Safetensors.read(file), {
    onFailure: () => false,
    onSuccess: ({ metadata }) => metadata["format"] === FORMAT
  })

/** The policy in a file; `name` is where it lies, for errors. */
export const decode = (name: string, file: Uint8Array): Result.Result<Policy.Policy, PolicyError> => {
  const fail = (reason: string, fix = "Take it from where it was made, or make it anew") =>
    new PolicyError({ policy: name, what: short(reason), fix })
  return Result.gen(function* () {
    const contents = yield* Result.mapError(Safetensors.read(file), ({ what }) =>
      fail(what, "A policy is a safetensors file that `ornstein export` has written")
    )
    const { format, version } = contents.metadata
    if (format !== FORMAT) {
      return yield* Result.fail(
        fail("it is no policy: its header does not say so", "Give a file that `ornstein export` has written")
      )
    }
    if (version !== String(VERSION)) {
      return yield* Result.fail(
        fail(
          `it has version ${String(version)} of the format, and this Ornstein reads version ${VERSION}`,
          "Update Ornstein to the version that wrote it"
        )
      )
    }
    const policy = yield* Result.mapError(readPolicy(contents), (reason) => fail(reason))
    return yield* Result.mapError(checked(policy), ({ what }) => fail(what))
  })
}
