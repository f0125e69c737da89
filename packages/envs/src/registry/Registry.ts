/**
 * The registry: every world by its name and version. A person names a world by id (`Pendulum-v1`), a configuration by
 * `kind` and options (`{ kind: "pendulum", gravity: 9.81 }`). No world is made before it is asked for.
 *
 * ```ts
 * const { environment } = yield* Registry.find("Pendulum-v1")
 * const lighter = Registry.worlds.make(Registry.Options.make({ kind: "pendulum", gravity: 1.62 }))
 * ```
 */
import * as Catalogue from "@ornstein/core/Catalogue"
import type * as Environment from "@ornstein/core/Environment"
import * as Fault from "@ornstein/core/Fault"
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Suggestion from "@ornstein/core/Suggestion"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { BipedalWalker, LunarLander, LunarLanderContinuous } from "../box2d/index.ts"
import { CartPole, MountainCarContinuous, Pendulum } from "../control/index.ts"
import { Gymnasium } from "../gymnasium/index.ts"
import {
  Ant,
  HalfCheetah,
  Hopper,
  Humanoid,
  HumanoidStandup,
  InvertedDoublePendulum,
  InvertedPendulum,
  Pusher,
  Reacher,
  Swimmer,
  Walker2d
} from "../mujoco/index.ts"
import type { Recording } from "../recording/index.ts"
import { LinearQuadratic, PointReach, Probe, Spaces } from "../tasks/index.ts"
import type { World } from "../world/index.ts"

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

// catalogue

export const worlds = Catalogue.of<Environment.Environment>("world").with(
  Pendulum.part,
  MountainCarContinuous.part,
  CartPole.part,
  LunarLander.part,
  LunarLanderContinuous.part,
  BipedalWalker.part,
  PointReach.part,
  LinearQuadratic.part,
  Probe.part,
  Probe.discretePart,
  Spaces.part,
  Ant.part,
  HalfCheetah.part,
  Hopper.part,
  Humanoid.part,
  HumanoidStandup.part,
  InvertedDoublePendulum.part,
  InvertedPendulum.part,
  Pusher.part,
  Reacher.part,
  Swimmer.part,
  Walker2d.part,
  Gymnasium.part
)

/** The options of every world. */
export const Options = worlds.schema
export type Options = typeof Options.Type

// listing

/** A world as a person names it. */
export interface Entry {
  readonly id: string
  /** What a configuration writes to get it. */
  readonly configuration: { readonly kind: string } & JsonPath.JsonRecord
  /** All of its options. */
  readonly options: unknown
  /** Made when it is asked for. */
  readonly environment: Environment.Environment
  readonly recorded: Recording.Subject | undefined
}

const entry = <P extends World.World>(
  catalogue: Catalogue.Catalogue<Environment.Environment, P>,
  kind: string,
  named: Omit<World.Named, "id"> & Partial<Pick<World.Named, "id">>
): Entry => {
  const configuration = { kind, ...named.options }
  const decoded = () => Result.getOrThrow(catalogue.decode(configuration))
  let made: Environment.Environment | undefined
  const environment = (): Environment.Environment => (made ??= catalogue.make(decoded()))
  return {
    get id() {
      return named.id ?? environment().spec.id
    },
    configuration,
    get options() {
      return decoded()
    },
    get environment() {
      return environment()
    },
    recorded: named.recorded
  }
}

/** The worlds of a catalogue by their ids: at their default options, or at those that make it another. */
export const entriesOf = <P extends World.World>(
  catalogue: Catalogue.Catalogue<Environment.Environment, P>
): ReadonlyArray<Entry> =>
  catalogue.parts.flatMap(({ example, kind, named }) => {
    const isComplete = Result.isSuccess(catalogue.decode({ kind }))
    const options = isComplete || !JsonPath.isRecord(example) ? {} : example
    return (named ?? [{ options }]).map((each) => entry(catalogue, kind, each))
  })

/** Every world of ours. */
export const entries: ReadonlyArray<Entry> = entriesOf(worlds)

// combinators

/** The world with this id, in whatever case. */
export const find = (
  id: string,
  among: ReadonlyArray<Entry> = entries
): Effect.Effect<Entry, UnknownEnvironmentError> => {
  const sought = id.toLowerCase()
  const found = among.find((entry) => entry.id.toLowerCase() === sought)
  if (found !== undefined) return Effect.succeed(found)
  const meant = Suggestion.nearest(
    id,
    among.map((entry) => entry.id)
  )
  const suggestion = meant === undefined ? {} : { meant }
  return Effect.fail(new UnknownEnvironmentError({ id, ...suggestion }))
}
