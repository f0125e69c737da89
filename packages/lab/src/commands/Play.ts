/** `ornstein play`. */
import * as Fault from "@ornstein/core/Fault"
import type * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Field from "@ornstein/core/Field"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Place from "../place/Place.ts"
import type { Raster } from "../picture/index.ts"
import { Output } from "../terminal/index.ts"
import * as Engines from "./Engines.ts"
import * as Flags from "./Flags.ts"
import * as Reading from "./Reading.ts"
import * as Using from "./Using.ts"

// errors

/** What is to be played cannot be found, or not in this way. */
export class PlayError
  extends Schema.TaggedError<PlayError>()("PlayError", { target: Schema.String, ...Fault.fields })
  implements Fault.Fault
{
  override readonly [Runtime.errorExitCode] = Fault.exit.refused
  get where(): string {
    return this.target
  }
  override get message(): string {
    return Fault.message(this)
  }
}

// who plays what

type Kind = "random" | "zero" | "learned"

interface Request {
  readonly target: string
  readonly policy: Option.Option<Kind>
  readonly at: Option.Option<CheckpointDirectory.Which>
  readonly env: Option.Option<string>
  readonly engine: Option.Option<string>
  readonly seed: number
}

/** What was saved is played by what it has learned unless told otherwise; a world at random. */
const subject = Effect.fnUntraced(function* ({ at, engine, env, policy, seed, target }: Request) {
  const [Rollout, Registry, { Current }] = yield* Effect.promise(() =>
    Promise.all([
      import("../picture/Rollout.ts"),
      import("@ornstein/envs/Registry"),
      import("../experiment/index.ts")
    ])
  )
  const isSaved = (yield* Place.typeAt(target)) !== undefined
  const kind = Option.getOrElse(policy, (): Kind => (isSaved ? "learned" : "random"))
  const refuse = (what: string, fix: string) => new PlayError({ target, what, fix })
  if (kind !== "learned" && Option.isSome(at)) {
    return yield* refuse(
      `--at chooses among the policies that a run has learned, and the ${kind} one is played`,
      "Leave --at out, or give the directory of a run"
    )
  }
  if (kind !== "learned" && Option.isSome(engine)) {
    return yield* refuse(
      `--engine says what computes a learned policy, and the ${kind} one is played`,
      "Leave --engine out, or give the directory of a run"
    )
  }
  if (!isSaved && Option.isSome(env)) {
    return yield* refuse("--env says where a saved policy is played", "Leave --env out, or give a run")
  }
  const saved = yield* Effect.promise(() => import("../policy/SavedPolicy.ts"))
  const request = {
    from: target,
    at: Option.getOrUndefined(at),
    environment: Option.getOrUndefined(env),
    engine: yield* Engines.decoded(engine)
  }
  if (kind === "learned") {
    if (!isSaved) {
      return yield* refuse(
        "no run in such a directory has learned a policy",
        "Give the directory of a run, a file that `ornstein export` has written, or --policy random"
      )
    }
    const { environment, policy } = yield* saved.open(request)
    return { kind, environment, policy }
  }
  const { environment } = yield* isSaved
    ? saved.read(request)
    : Registry.find(target, (yield* Current).experiment.entries).pipe(
        Effect.mapError((error) =>
          /[/\\.]/.test(target)
            ? refuse(
                "there is no such file or directory",
                "`ornstein runs` lists runs, and `ornstein envs` the environments"
              )
            : error
        )
      )
  const { action } = environment.spec
  return { kind, environment, policy: kind === "zero" ? Rollout.zero(action) : Rollout.random(action, seed) }
})

// the command

export const play = Reading.make(
  "play",
  {
    target: Flags.pathArgument("env-or-run").pipe(
      Argument.withDescription(
        "An environment's id, such as Pendulum-v1, the directory of a run, or a file of `ornstein export`"
      )
    ),
    policy: Flag.Literals("policy", ["random", "zero", "learned"]).pipe(
      Flag.withDescription("Who acts (default: learned for a run or a file, random for an environment)"),
      Flag.optional
    ),
    at: Flags.at,
    env: Flags.environment,
    engine: Engines.acting,
    seed: Flag.Int("seed").pipe(
      Flag.withAlias("s"),
      Flag.withDescription("Fixes the start and the random actions (default: 0)"),
      Flag.withDefault(0)
    ),
    steps: Flag.Int("steps").pipe(
      Flag.withSchema(Field.intBetween(1, 1_000_000)),
      Flag.withDescription("Stop after so many steps, a million at most (default: 1000)"),
      Flag.withDefault(1000)
    ),
    gif: Flags.path("gif").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("Write the episode as an animation"),
      Flag.optional
    ),
    png: Flags.path("png").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("Write the last frame as a picture"),
      Flag.optional
    ),
    html: Flags.path("html").pipe(
      Flag.withMetavar("FILE"),
      Flag.withDescription("Write the episode as a page for a browser, which can be turned with the mouse"),
      Flag.optional
    ),
    width: Flag.Int("width").pipe(
      Flag.withSchema(Field.intBetween(1, 4096)),
      Flag.withDescription("Pixels across in files, 4096 at most (default: 400)"),
      Flag.withDefault(400)
    ),
    fps: Flag.Int("fps").pipe(
      Flag.withSchema(Field.intBetween(1, 1000)),
      Flag.withDescription(
        "The most frames per second (default: 30 in the terminal, as many as GIF can show, 50, in a film, every state in a page)"
      ),
      Flag.optional
    ),
    speed: Flag.Finite("speed").pipe(
      Flag.withSchema(
        Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0.01), Schema.isLessThanOrEqualTo(100))
      ),
      Flag.withDescription("Seconds of the world shown in one second, from 0.01 to 100 (default: 1)"),
      Flag.withDefault(1)
    ),
    ...Using.ofRuns,
    json: Flags.jsonOf("the result as one line of JSON, and no frames")
  },
  Effect.fn(
    function* (given) {
      const { at, engine, env, fps, gif, html, json, png, policy, seed, speed, steps, target, width } = given
      const [Rollout, Film, Replay, Spectacle] = yield* Effect.promise(() =>
        Promise.all([
          import("../picture/Rollout.ts"),
          import("../picture/Film.ts"),
          import("../picture/Replay.ts"),
          import("../picture/Spectacle.ts")
        ])
      )
      const output = yield* Output.Output
      for (const file of [gif, png, html]) if (Option.isSome(file)) yield* Place.checkFile(file.value)
      const played = yield* subject({ target, policy, at, env, engine, seed })
      const { environment } = played
      const { id } = environment.spec
      const rate = Option.getOrUndefined(fps)
      const rollout = { seed, steps }
      const isShown = !json && [gif, png, html].every(Option.isNone)

      // One episode, however many look on.
      const camera = Film.camera(environment.spec, { ...rollout, width, fps: rate, speed })
      const recorder = Replay.recorder(environment.spec, {
        ...rollout,
        title: `${id}, ${played.kind} policy, seed ${seed}`,
        fps: rate,
        speed
      })
      const show = yield* Spectacle.make(output, environment.spec, { fps: rate ?? 30, speed })
      let last: Raster.Frame | undefined
      const summary = yield* Rollout.play(
        environment,
        played.policy,
        rollout,
        Effect.fnUntraced(function* (instance, total) {
          if (Option.isSome(gif)) yield* camera.take(instance, total)
          if (Option.isSome(html)) yield* recorder.take(instance, total)
          if (Option.isSome(png) && Rollout.isOver(instance, rollout))
            last = Film.still(instance, total, width)
          if (isShown) yield* show(instance)
        })
      )
      let seconds: number | undefined
      if (Option.isSome(gif)) {
        const film = yield* camera.develop(summary)
        yield* Place.putFile(gif.value, film.gif)
        ;({ seconds } = film)
      }
      if (Option.isSome(html)) {
        const replay = yield* recorder.page(summary)
        yield* Place.putFile(html.value, new TextEncoder().encode(replay.html))
        seconds ??= replay.seconds
      }
      if (Option.isSome(png) && last !== undefined) {
        const Png = yield* Effect.promise(() => import("../picture/Png.ts"))
        yield* Place.putFile(png.value, Png.encode(last))
      }

      const shown = rate === undefined ? undefined : Film.rate(rate)
      if (Option.isSome(gif) && shown !== undefined && Math.abs(shown - (rate ?? 0)) > 0.01) {
        yield* (yield* json ? Output.Aside : Output.Output).line(
          `--fps ${rate}: GIF counts in hundredths of a second, two at least; this one has at most ` +
            `${Number(shown.toFixed(1))} frames in a second`
        )
      }
      if (json) {
        const film = seconds === undefined ? {} : { seconds }
        return yield* output.line(
          JSON.stringify({ environment: id, policy: played.kind, seed, ...summary, ...film })
        )
      }
      yield* output.line(
        `${id}, ${played.kind} policy, seed ${seed}: return ${summary.return.toFixed(1)} in ${summary.steps} steps, ${summary.end}`
      )
      if (Option.isSome(gif)) yield* output.line(`wrote ${gif.value}: ${(seconds ?? 0).toFixed(2)} s`)
      if (Option.isSome(png)) yield* output.line(`wrote ${png.value}`)
      if (Option.isSome(html)) yield* output.line(`wrote ${html.value}: open it in a browser`)
    },
    Effect.scoped,
    (self, given) => Using.using(given)(self)
  )
).pipe(
  Command.withDescription("Watch an episode, in the terminal or as a file"),
  Command.withExamples([
    { command: "ornstein play Pendulum-v1", description: "Random actions, in the terminal" },
    {
      command: "ornstein play runs/pendulum-20261121-064512-seed0 --gif pendulum.gif",
      description: "What a run has learned, as an animation"
    },
    {
      command: "ornstein play HalfCheetah-v5 --html cheetah.html",
      description: "A page to turn it with the mouse"
    }
  ])
)
