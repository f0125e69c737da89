/**
 * The registry: every world by its name and version. A person names a world by id (`Pendulum-v1`), a configuration by
 * `kind` and options (`{ kind: "pendulum", gravity: 9.81 }`).
 *
 * ```ts
 * const { environment } = yield* Registry.find("Pendulum-v1")
 * const lighter = Registry.makeContinuous({ kind: "pendulum", gravity: 1.62 })
 * ```
 */
import * as Fault from "@ornstein/core/Fault"
import type * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import type * as Space from "@ornstein/core/Space"
import * as Suggestion from "@ornstein/core/Suggestion"
import * as Effect from "effect/Effect"
import * as Match from "effect/Match"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { CartPole, MountainCarContinuous, Pendulum } from "../control/index.ts"
import type { Recording } from "../recording/index.ts"
import { LinearQuadratic, PointReach, Probe } from "../tasks/index.ts"

// errors

/** No world has this id. */
export class UnknownEnvironmentError
  extends Schema.TaggedError<UnknownEnvironmentError>()("UnknownEnvironmentError", {
    id: Schema.String,
    meant: Schema.optionalKey(Schema.String)
  })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get what(): string {
    return `no environment is called "${this.id}"`
  }
  get fix(): string {
    const remedy = this.meant === undefined ? "" : `Did you mean ${this.meant}? `
    return `${remedy}\`ornstein envs\` lists them all`
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// models

/** The options of every world whose actions are a box. */
export const ContinuousOptions = Schema.Union([
  Pendulum.Options,
  MountainCarContinuous.Options,
  PointReach.Options,
  LinearQuadratic.Options,
  Probe.Options
])
export type ContinuousOptions = typeof ContinuousOptions.Type

/** The options of every world whose actions are indices. */
export const DiscreteOptions = Schema.Union([CartPole.Options, Probe.DiscreteOptions])
export type DiscreteOptions = typeof DiscreteOptions.Type

export const Options = Schema.Union([ContinuousOptions, DiscreteOptions])
export type Options = typeof Options.Type

export interface Entry {
  readonly id: string
  /** What a configuration writes to get it. */
  readonly configuration: Field.Input<typeof Options>
  readonly options: Options
  readonly environment: Environment.Environment
  /** How to replay recordings of it from elsewhere. */
  readonly recorded?: Recording.Subject
}

// constructors

export const makeContinuous: (options: ContinuousOptions) => Environment.Environment<Space.Box> =
  Match.type<ContinuousOptions>().pipe(
    Match.discriminatorsExhaustive("kind")({
      pendulum: Pendulum.make,
      mountainCarContinuous: MountainCarContinuous.make,
      pointReach: PointReach.make,
      linearQuadratic: LinearQuadratic.make,
      probe: Probe.make
    })
  )

export const makeDiscrete: (options: DiscreteOptions) => Environment.Environment<Space.Discrete> =
  Match.type<DiscreteOptions>().pipe(
    Match.discriminatorsExhaustive("kind")({
      cartPole: CartPole.make,
      discreteProbe: Probe.makeDiscrete
    })
  )

export const make = (options: Options): Environment.Environment =>
  options.kind === "cartPole" || options.kind === "discreteProbe"
    ? makeDiscrete(options)
    : makeContinuous(options)

const entry = (configuration: Field.Input<typeof Options>, recorded?: Recording.Subject): Entry => {
  const options = Field.make("environment", Options, configuration)
  const environment = make(options)
  const { id } = environment.spec
  return { id, configuration, options, environment, ...(recorded === undefined ? {} : { recorded }) }
}

/** Every world at its default options, or at those that make it another. */
export const entries: ReadonlyArray<Entry> = [
  entry({ kind: "pendulum" }, Pendulum.recorded),
  entry({ kind: "mountainCarContinuous" }, MountainCarContinuous.recorded),
  entry({ kind: "cartPole" }, CartPole.recorded),
  entry({ kind: "cartPole", version: 0 }),
  entry({ kind: "pointReach" }),
  entry({ kind: "pointReach", goalConditioned: true }),
  entry({ kind: "linearQuadratic" }),
  ...Probe.World.literals.map((world) => entry({ kind: "probe", world })),
  ...Probe.World.literals.map((world) => entry({ kind: "discreteProbe", world }))
]

// combinators

/** The world with this id, in whatever case. */
export const find = (id: string): Effect.Effect<Entry, UnknownEnvironmentError> => {
  const sought = id.toLowerCase()
  const found = entries.find((entry) => entry.id.toLowerCase() === sought)
  if (found !== undefined) return Effect.succeed(found)
  const meant = Suggestion.nearest(
    id,
    entries.map((entry) => entry.id)
  )
  const suggestion = meant === undefined ? {} : { meant }
  return Effect.fail(new UnknownEnvironmentError({ id, ...suggestion }))
}
