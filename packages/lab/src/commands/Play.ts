/** `ornstein play`. */
import * as Durable from "@ornstein/core/Durable"
import * as Field from "@ornstein/core/Field"
import * as Printable from "@ornstein/core/Printable"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import type * as Raster from "../Raster.ts"
import * as Output from "../Output.ts"

// errors

/** What is to be played cannot be found, or not in this way. */
export class PlayError extends Schema.TaggedError<PlayError>()("PlayError", {
  target: Schema.String,
  reason: Schema.String,
  fix: Schema.String
}) {
  override get message(): string {
    return `${Printable.inline(this.target)}: ${this.reason}. ${this.fix}`
  }
}

// who plays what

type Kind = "random" | "zero" | "learned"

/** A run's directory is played by what it has learned unless told otherwise; a world at random. */
const subject = Effect.fnUntraced(function* (target: string, policy: Option.Option<Kind>, seed: number) {
  const [Rollout, Registry] = yield* Effect.promise(() =>
    Promise.all([import("../Rollout.ts"), import("@ornstein/envs/Registry")])
  )
  const files = yield* FileSystem.FileSystem
  const isRun = yield* files.exists(target)
  const kind = Option.getOrElse(policy, (): Kind => (isRun ? "learned" : "random"))
  if (kind === "learned") {
    if (!isRun) {
      const fix = "Give the directory of a run, or --policy random"
      return yield* new PlayError({ target, reason: "no run in such a directory has learned a policy", fix })
    }
    const SavedPolicy = yield* Effect.promise(() => import("../SavedPolicy.ts"))
    const { environment, policy } = yield* SavedPolicy.open(target)
    return { kind, environment, policy }
  }
  const environment = isRun
    ? (yield* (yield* Effect.promise(() => import("../SavedPolicy.ts"))).open(target)).environment
    : (yield* Registry.find(target)).environment
  const { action } = environment.spec
  return { kind, environment, policy: kind === "zero" ? Rollout.zero(action) : Rollout.random(action, seed) }
})

/** Writes a film or a picture, in place of one that is there. */
const put = (file: string, bytes: Uint8Array) =>
  Durable.replace(file, bytes).pipe(
    Effect.mapError((error) =>
      error._tag === "IrregularError"
        ? new PlayError({ target: error.path, reason: error.reason, fix: error.fix })
        : new PlayError({
            target: file,
            reason: `writing it failed: ${error.message}`,
            fix: "Name a file in a directory that exists, and where you may write"
          })
    )
  )

// the command

export const play = Command.make(
  "play",
  {
    target: Argument.String("env-or-run").pipe(
      Argument.withDescription("An environment's id, such as Pendulum-v1, or the directory of a run")
    ),
    policy: Flag.Literals("policy", ["random", "zero", "learned"]).pipe(
      Flag.withDescription("Who acts (default: learned for a run, random for an environment)"),
      Flag.optional
    ),
    seed: Flag.Int("seed").pipe(
      Flag.withAlias("s"),
      Flag.withDescription("Fixes the start and the random actions (default: 0)"),
      Flag.withDefault(0)
    ),
    steps: Flag.Int("steps").pipe(
      Flag.withSchema(Field.positiveInt),
      Flag.withDescription("Stop after so many steps (default: 1000)"),
      Flag.withDefault(1000)
    ),
    gif: Flag.String("gif").pipe(Flag.withDescription("Write the episode as an animation"), Flag.optional),
    png: Flag.String("png").pipe(Flag.withDescription("Write the last frame as a picture"), Flag.optional),
    width: Flag.Int("width").pipe(
      Flag.withSchema(Field.positiveInt),
      Flag.withDescription("Pixels across in files (default: 400)"),
      Flag.withDefault(400)
    ),
    fps: Flag.Int("fps").pipe(
      Flag.withSchema(Field.positiveInt),
      Flag.withDescription("Frames per second (default: 30)"),
      Flag.withDefault(30)
    ),
    json: Flag.Boolean("json").pipe(
      Flag.withDescription("Print the result as one line of JSON, and no frames"),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function* ({ fps, gif, json, png, policy, seed, steps, target, width }) {
    const [Rollout, Raster, HalfBlocks, Scene] = yield* Effect.promise(() =>
      Promise.all([
        import("../Rollout.ts"),
        import("../Raster.ts"),
        import("../HalfBlocks.ts"),
        import("@ornstein/core/Scene")
      ])
    )
    const output = yield* Output.Output
    const played = yield* subject(target, policy, seed)
    const { id } = played.environment.spec
    const isShown = output.isLive && !json && Option.isNone(gif) && Option.isNone(png)

    const frames: Array<Raster.Frame> = []
    let last: Raster.Frame | undefined
    let lines = 0
    const summary = yield* Rollout.play(
      played.environment,
      played.policy,
      { seed, steps },
      (instance, total) =>
        Effect.gen(function* () {
          const scene = Rollout.scene(instance)
          if (Option.isSome(gif) || Option.isSome(png)) {
            const text = `step ${instance.steps}  return ${total.toFixed(1)}`
            last = Raster.draw(Scene.caption(scene, text), width)
            if (Option.isSome(gif)) frames.push(last)
          }
          if (!isShown) return
          // As large as fits in a terminal of 24 lines.
          const proportion = (scene.right - scene.left) / (scene.top - scene.bottom)
          const columns = Math.min(output.columns, Math.floor(44 * proportion))
          const text = HalfBlocks.render(Raster.draw(scene, columns))
          yield* output.picture(`${lines > 0 ? HalfBlocks.rewind(lines) : ""}${text}`)
          lines = text.split("\n").length
          yield* Effect.sleep(1000 / fps)
        })
    )

    if (Option.isSome(gif)) {
      const Gif = yield* Effect.promise(() => import("../Gif.ts"))
      yield* put(gif.value, Gif.encode(frames, { fps }))
    }
    if (Option.isSome(png) && last !== undefined) {
      const Png = yield* Effect.promise(() => import("../Png.ts"))
      yield* put(png.value, Png.encode(last))
    }
    if (json)
      return yield* output.line(JSON.stringify({ environment: id, policy: played.kind, seed, ...summary }))
    yield* output.line(
      `${id}, ${played.kind} policy, seed ${seed}: return ${summary.return.toFixed(1)} in ${summary.steps} steps, ${summary.end}`
    )
    for (const file of [gif, png]) if (Option.isSome(file)) yield* output.line(`wrote ${file.value}`)
  }, Effect.scoped)
).pipe(
  Command.withDescription("Watch an episode, in the terminal or as a file"),
  Command.withExamples([
    { command: "ornstein play Pendulum-v1", description: "Random actions, in the terminal" },
    {
      command: "ornstein play runs/pendulum-20261121-064512-seed0 --gif pendulum.gif",
      description: "What a run has learned, as an animation"
    }
  ])
)
