/**
 * Any world of Gymnasium, in a Python process of its own (Towers et al., "Gymnasium: A Standard Interface for Reinforcement
 * Learning Environments", 2024). Spaces, time limit, pace and pictures are what Python says of it:
 *
 * ```ts
 * const hopper = Gymnasium.make({ id: "Hopper-v5", python: "venv/bin/python" })
 * hopper.spec.observation // Box([11], float64, -Infinity to Infinity)
 * ```
 *
 * `spec` is asked of Python when it is read first, which takes a second and throws an `EnvironmentError`; whoever only
 * makes instances meets the same as a failure of `make`. Observations are one flat box: the leaves of a `Dict` or `Tuple` in
 * order, under their names in `layoutOf`. What else than Box and Discrete a space is made of is refused by name.
 *
 * **Snapshots.** Gymnasium cannot be asked for the state of a world, so `spec.snapshots` is `"episodes"`: an episode can be
 * gone on with at its start only, from its seed. With `snapshots: "replayed"` it can be everywhere, by taking the same
 * actions again; where the world does not come to the same observation, that is an `EnvironmentError`.
 */
import * as Environment from "@ornstein/core/Environment"
import * as Field from "@ornstein/core/Field"
import * as Part from "@ornstein/core/Part"
import * as Space from "@ornstein/core/Space"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { BridgeError } from "../host/index.ts"
import * as Instance from "./Instance.ts"
import * as Layout from "./Layout.ts"
import * as Server from "./Server.ts"

// models

const Kwargs = Schema.Record(Schema.String, Schema.Json)

export class Options extends Schema.Opaque<Options>()(
  Schema.Struct({
    kind: Schema.tag("gymnasium"),
    id: Schema.String.check(Schema.isNonEmpty()).annotate({
      description: "the world: Hopper-v5, or my_package:Maze-v0 where a package of yours registers it"
    }),
    python: Schema.String.check(Schema.isNonEmpty())
      .annotate({ description: "the Python that has gymnasium installed: a name or a path" })
      .pipe(Field.withDefault("python3")),
    kwargs: Kwargs.annotate({ description: "what gymnasium.make is given besides" }).pipe(
      Field.withDefault({})
    ),
    wrappers: Schema.Array(
      Schema.Struct({
        name: Schema.String.check(Schema.isNonEmpty()).annotate({
          description: "one of gymnasium.wrappers, or my_package.MyWrapper"
        }),
        kwargs: Kwargs.annotate({ description: "what it is given" }).pipe(Field.withDefault({}))
      })
    )
      .annotate({ description: "Python's wrappers around it, the innermost first" })
      .pipe(Field.withDefault([])),
    imports: Schema.Array(Schema.String)
      .annotate({ description: "packages that are imported before, so that they register worlds" })
      .pipe(Field.withDefault([])),
    timeLimit: Schema.optionalKey(Field.positiveInt).annotate({
      description: "steps after which an episode is cut off; left out, what Gymnasium says"
    }),
    snapshots: Schema.Literals(["episodes", "replayed"])
      .annotate({
        description:
          "where a run can be gone on with: at the starts of episodes; or everywhere, by taking their actions again"
      })
      .pipe(Field.withDefault("episodes")),
    copiesPerProcess: Field.positiveInt
      .annotate({ description: "copies that share a process; more of them start another" })
      .pipe(Field.withDefault(32)),
    deadline: Field.positive
      .annotate({ description: "the most seconds from a request to its reply" })
      .pipe(Field.withDefault(60)),
    startDeadline: Field.positive
      .annotate({ description: "the most seconds until Python has imported and made the world" })
      .pipe(Field.withDefault(120)),
    variables: Schema.Record(Schema.String, Schema.String)
      .annotate({ description: "environment variables of the process, besides ours" })
      .pipe(Field.withDefault({}))
  })
) {}

/** A JSON value. */
type Json = Schema.Json

/** A wrapper of Python's. */
export interface Around {
  /** one of gymnasium.wrappers, or my_package.MyWrapper */
  readonly name: string
  /** what it is given */
  readonly kwargs?: { readonly [name: string]: Json }
}

/** What is given of them: the rest has defaults. */
export interface Input {
  /** the world: Hopper-v5, or my_package:Maze-v0 where a package of yours registers it */
  readonly id: string
  /** the Python that has gymnasium installed: a name or a path */
  readonly python?: string
  /** what gymnasium.make is given besides */
  readonly kwargs?: { readonly [name: string]: Json }
  /** Python's wrappers around it, the innermost first */
  readonly wrappers?: ReadonlyArray<Around>
  /** packages that are imported before, so that they register worlds */
  readonly imports?: ReadonlyArray<string>
  /** steps after which an episode is cut off; left out, what Gymnasium says */
  readonly timeLimit?: number
  /** where a run can be gone on with: at the starts of episodes; or everywhere, by taking their actions again */
  readonly snapshots?: "episodes" | "replayed"
  /** copies that share a process; more of them start another */
  readonly copiesPerProcess?: number
  /** the most seconds from a request to its reply */
  readonly deadline?: number
  /** the most seconds until Python has imported and made the world */
  readonly startDeadline?: number
  /** environment variables of the process, besides ours */
  readonly variables?: { readonly [name: string]: string }
}

// pure core

const worldOf = ({ id, imports, kwargs, timeLimit, wrappers }: Options): Server.World => ({
  id,
  imports,
  kwargs,
  timeLimit: timeLimit ?? null,
  wrappers
})

const specOf = (options: Options, described: Server.Described): Environment.Spec => {
  const { rewardThreshold, timeLimit, timeStep, versions } = described
  return {
    id: options.id,
    description: `${options.id} of Gymnasium, in Python`,
    observation: Layout.observations(described.observation),
    action: Layout.actions(described.action),
    ...(timeLimit === null ? {} : { timeLimit }),
    ...(timeStep === null ? {} : { timeStep }),
    ...(rewardThreshold === null ? {} : { rewardThreshold }),
    ...(options.snapshots === "episodes" ? { snapshots: "episodes" } : {}),
    source: `Gymnasium ${versions.gymnasium}, NumPy ${versions.numpy}`
  }
}

// processes

const open = (options: Options): Server.Server => {
  const { deadline, id, python, startDeadline, variables } = options
  return Server.open(worldOf(options), { name: id, python, deadline, startDeadline, variables })
}

/** What Python has said, by the options: a session reads the same configuration more than once. */
const known = new Map<string, Server.Described>()

const nameOf = (options: Options): string => JSON.stringify(options)

/** Starts a process; what it says of the world is known from then on. */
const started = (options: Options): Server.Server => {
  const server = open(options)
  known.set(nameOf(options), server.described)
  return server
}

const describe = (options: Options): Server.Described => {
  const before = known.get(nameOf(options))
  if (before !== undefined) return before
  const server = started(options)
  server.close()
  return server.described
}

/** The errors of the bridge as those of a world at its start. */
const foreseen = <A>(id: string, run: () => A): A => {
  try {
    return run()
  } catch (cause) {
    throw cause instanceof BridgeError ? Instance.errorOf(id, 0, cause) : cause
  }
}

// constructors

/** A world of Gymnasium. Its instances share processes, `copiesPerProcess` each, which end with the last of them. */
export const make = (input: Input): Environment.Environment => {
  const options = Field.make("gymnasium", Options, input)
  const servers = new Set<Server.Server>()
  let spec: Environment.Spec | undefined
  const specified = (): Environment.Spec =>
    (spec ??= foreseen(options.id, () => specOf(options, describe(options))))

  /** Ends a process that has no copies. */
  const settle = (server: Server.Server): void => {
    if (server.size() > 0) return
    servers.delete(server)
    server.close()
  }
  const acquire = () => {
    const isRoomy = (server: Server.Server): boolean =>
      server.isOpen() && server.size() < options.copiesPerProcess
    const server = Array.from(servers).find(isRoomy) ?? foreseen(options.id, () => started(options))
    servers.add(server)
    try {
      const spec = specified()
      return { server, spec, copy: foreseen(options.id, () => server.add(Space.allocate(spec.observation))) }
    } catch (cause) {
      settle(server)
      throw cause
    }
  }
  const release = ({ copy, server }: ReturnType<typeof acquire>): void => {
    copy.drop()
    settle(server)
  }
  return {
    get spec() {
      return specified()
    },
    make: Effect.acquireRelease(Environment.attempt(acquire), (held) =>
      Effect.sync(() => release(held))
    ).pipe(
      Effect.map(({ copy, server, spec }) =>
        Instance.make(spec, copy, { renders: server.described.renders, snapshots: options.snapshots })
      )
    )
  }
}

/**
 * The leaves of its observations and actions, in order: the names, types and shapes that they have in Python. Throws an
 * `EnvironmentError`.
 */
export const layoutOf = (
  input: Input
): { readonly observation: ReadonlyArray<Layout.Leaf>; readonly action: ReadonlyArray<Layout.Leaf> } => {
  const options = Field.make("gymnasium", Options, input)
  const { action, observation } = foreseen(options.id, () => describe(options))
  return { observation, action }
}

// part

/** What a configuration names. It is listed under no id: Python knows which there are. */
export const part = {
  ...Part.from([Options], {
    description: "Any world of Gymnasium, in a Python process",
    source: {
      authors: "Towers et al.",
      year: 2024,
      title: "Gymnasium: A Standard Interface for Reinforcement Learning Environments",
      link: "https://arxiv.org/abs/2407.17032"
    },
    example: {
      id: "Pendulum-v1",
      python: "python3",
      kwargs: { g: 9.81 },
      wrappers: [{ name: "RescaleAction", kwargs: { min_action: -1, max_action: 1 } }],
      imports: [],
      timeLimit: 100,
      snapshots: "replayed",
      copiesPerProcess: 4,
      deadline: 30,
      startDeadline: 60,
      variables: { MUJOCO_GL: "egl" }
    },
    requires: [
      {
        at: "snapshots",
        reads: ["training.lanes"],
        check: ({ snapshots }, { training: { lanes } }) =>
          snapshots === "episodes" && lanes > 1
            ? `expected "replayed" with ${lanes} lanes: their episodes end at different steps, so no checkpoint stands between them`
            : undefined
      }
    ],
    make: (options): Environment.Environment => make(options)
  }),
  named: []
}
