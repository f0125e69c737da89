/** A sink of your own, outside the library: every evaluation becomes a line of a CSV file, and every slice a bar. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Experiment from "@ornstein/lab/Experiment"
import * as Sink from "@ornstein/lab/Sink"
import * as Train from "@ornstein/lab/Train"
import { Console, Effect, FileSystem } from "effect"

/**
 * A durable sink: training waits until the file is whole again, and a full disk ends the run. A session that goes on with a
 * run keeps the lines of the evaluations that stand, and hears the others again.
 */
const csv = Sink.durable("csv", ({ directory, stands }) =>
  Effect.gen(function* () {
    const lines = ((yield* directory.read("evaluations.csv")) ?? "").split("\n")
    const kept = lines.filter((line) => Number.parseInt(line, 10) <= stands.evaluations)
    let table = ["step,mean,std", ...kept, ""].join("\n")
    return (event) => {
      if (event._tag !== "Evaluated") return Effect.void
      const { mean, std } = event.evaluation
      table += `${event.step},${mean},${std}\n`
      return directory.write("evaluations.csv", table)
    }
  })
)

/** A listener: it cannot slow training, whatever it does. */
const bars = Sink.listener("bars", (event) =>
  event._tag === "SliceEnded" ? Console.log("#".repeat(Math.ceil(event.slice.step / 100))) : Effect.void
)

const program = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const place = yield* fs.makeTempDirectoryScoped()
  const out = `${place}/run`
  const config = yield* Effect.fromResult(
    Experiment.decode({
      environment: { kind: "pendulum" },
      algorithm: { base: "ddpg", hidden: [32, 32] },
      training: { steps: 1500, learningStarts: 500, warmup: 500, sliceSteps: 250 },
      evaluation: { episodes: 5, every: 500 }
    })
  )
  const { after } = yield* Train.run(
    { config, name: "your-own-sink", out, checkpoints: { every: 1000, keep: 1 } },
    { sinks: [csv, bars] }
  ).pipe(Effect.provide(Experiment.layer(config)))
  yield* Console.log(yield* fs.readFileString(`${out}/evaluations.csv`))
  if (after !== undefined) yield* Console.log(`return ${after.mean.toFixed(1)}`)
})

program.pipe(Effect.scoped, Effect.provide(NodeServices.layer), NodeRuntime.runMain)
