/** What sinks hear, and what they cannot do to a run. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as CheckpointDirectory from "@ornstein/core/CheckpointDirectory"
import * as Branch from "@ornstein/lab/Branch"
import * as Event from "@ornstein/lab/Event"
import * as Experiment from "@ornstein/lab/Experiment"
import * as Hub from "@ornstein/lab/internal/events/Hub"
import * as Inbox from "@ornstein/lab/internal/events/Inbox"
import * as Live from "@ornstein/lab/Live"
import * as Plan from "@ornstein/lab/Plan"
import * as RunRecord from "@ornstein/lab/internal/runs/RunRecord"
import * as Resume from "@ornstein/lab/Resume"
import * as RunDirectory from "@ornstein/lab/RunDirectory"
import * as Session from "@ornstein/lab/Session"
import * as Sink from "@ornstein/lab/Sink"
import * as Socket from "@ornstein/lab/Socket"
import * as Train from "@ornstein/lab/Train"
import { Effect, Exit, Fiber, Schema, Stream } from "effect"
import * as Net from "node:net"
import { existsSync } from "node:fs"
import { join } from "node:path"
import * as Happenings from "./Happenings.ts"
import * as Terminal from "./Terminal.ts"
import { course, inDirectory, read, rewound, tiny, train } from "./TinyRun.ts"

const config = Effect.fromResult(Experiment.decode(tiny))

/** Trains the run of a second with these sinks. */
const withSinks = <E>(out: string, ...sinks: ReadonlyArray<Sink.Sink<E>>) =>
  Effect.flatMap(config, (config) =>
    Train.run({ config, name: "tiny", out, checkpoints: { every: 200, keep: 3 } }, { sinks }).pipe(
      Effect.provide(Experiment.layer(config)),
      Effect.provide(NodeServices.layer)
    )
  )

const recording = (into: Array<Event.Event>, isDurable = false): Sink.Sink =>
  isDurable
    ? Sink.durable("recorder", () => Effect.succeed((event) => Effect.sync(() => void into.push(event))))
    : Sink.listener("recorder", (event) => Effect.sync(() => void into.push(event)))

const tags = (events: ReadonlyArray<Event.Event>) => events.map(({ _tag }) => _tag)

describe("events", () => {
  it.live("say the course of a run in order, to every kind of sink, and survive JSON", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const [beside, durable]: [Array<Event.Event>, Array<Event.Event>] = [[], []]
        const outcome = yield* withSinks(join(path, "run"), recording(beside), recording(durable, true))
        assert.deepStrictEqual(
          tags(durable).filter((tag) => tag !== "Saved"),
          [
            "Started",
            "Evaluating",
            "Evaluated",
            "Settled",
            ...Array.from({ length: 12 }, (_, i) => [
              "SliceEnded",
              ...((i + 1) % 4 === 0 && i < 11 ? ["Evaluating", "Evaluated"] : []),
              "Settled"
            ]).flat(),
            "Evaluating",
            "Evaluated",
            "Finished"
          ]
        )
        const [saved, others] = [true, false].map((isSaved) =>
          durable.filter(({ _tag }) => (_tag === "Saved") === isSaved)
        )
        assert.deepStrictEqual(
          saved?.map((event) => event._tag === "Saved" && event.step),
          [200, 400, 600]
        )
        assert.deepStrictEqual(
          beside.filter(({ _tag }) => _tag !== "Saved"),
          others
        )
        const decode = Schema.decodeUnknownSync(Event.Line)
        for (const event of durable) assert.deepStrictEqual(decode(Event.line(event)), event)
        const last = durable.at(-1)
        assert.strictEqual(last?._tag === "Finished" && last.outcome.hash.state, outcome.hash.state)
      })
    )
  )

  it("keep what is not finite apart as in the tables", () => {
    const line = Event.line(Happenings.sliceEnded({ step: 1, metrics: { criticLoss: Number.NaN } }))
    assert.include(line, '"criticLoss":null')
    const back = Schema.decodeUnknownSync(Event.Line)(line)
    assert.isNaN(back._tag === "SliceEnded" && back.slice.metrics["criticLoss"])
  })
})

describe("the run's own sinks", () => {
  it.live("hear in their order: the last checkpoint vouches for every row, and run.json comes after it", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const run = join(path, "run")
        const statuses: Array<string> = []
        const watch = Sink.durable("watch", () =>
          Effect.succeed((event) =>
            Effect.sync(() => {
              if (event._tag === "Finished") statuses.push(JSON.parse(read(run, "run.json")).status)
            })
          )
        )
        yield* withSinks(run, watch)
        assert.deepStrictEqual(statuses, ["running"])
        const { found } = yield* CheckpointDirectory.latestManifest(join(run, "checkpoints"))
        for (const table of ["metrics.jsonl", "evaluations.jsonl"]) {
          assert.strictEqual(found.manifest.tables?.[table]?.bytes, read(run, table).length, table)
        }
      }).pipe(Effect.provide(NodeServices.layer))
    )
  )
})

describe("a plan", () => {
  it.live("is data", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* train(path, run)
        const record = yield* RunDirectory.readManifest(run)
        const plan: Plan.Plan = {
          directory: run,
          config: yield* config,
          record,
          from: { place: "checkpoints", step: 400 },
          kept: { "metrics.jsonl": 12 },
          findNan: false
        }
        const text = Schema.encodeSync(Schema.fromJsonString(Plan.Plan))(plan)
        assert.deepStrictEqual(Schema.decodeUnknownSync(Schema.fromJsonString(Plan.Plan))(text), plan)
      }).pipe(Effect.provide(NodeServices.layer))
    )
  )

  it.live(
    "is all that a session takes: it holds the lock, reads the checkpoint, and ends in the same bits",
    () =>
      inDirectory((path, run) =>
        Effect.gen(function* () {
          yield* train(path, run)
          const killed = join(path, "killed")
          rewound(run, killed, 400)
          const record = yield* RunRecord.open(killed)
          const { found, kept } = yield* RunRecord.latest(record)
          const text = Schema.encodeSync(Schema.fromJsonString(Plan.Plan))({
            directory: killed,
            config: record.config,
            record: record.manifest,
            from: { place: "checkpoints", step: found.manifest.step },
            kept,
            findNan: false
          })
          const plan = Schema.decodeUnknownSync(Schema.fromJsonString(Plan.Plan))(text)
          let isLocked = false
          const watch = Sink.durable("watch", ({ directory }) =>
            Effect.succeed(() => Effect.sync(() => (isLocked = existsSync(join(directory.path, "lock")))))
          )
          yield* Session.run(plan, { sinks: [watch] }).pipe(Effect.provide(Experiment.layer(plan.config)))
          assert.isTrue(isLocked)
          assert.isFalse(existsSync(join(killed, "lock")))
          assert.deepStrictEqual(course(killed), course(run))
        }).pipe(Effect.provide(NodeServices.layer))
      )
  )
})

describe("a listener", () => {
  it.live.each([
    ["never returns", () => Effect.never],
    ["takes ten seconds for each event", () => Effect.sleep("10 seconds")],
    ["cannot be interrupted", () => Effect.uninterruptible(Effect.sleep("1 minute"))],
    ["fails", () => Effect.fail("broken")],
    ["dies", () => Effect.die(new Error("broken"))]
  ] as const)("that %s changes no bit, and training does not wait for it", ([, hear]) =>
    inDirectory((path) =>
      Effect.gen(function* () {
        yield* withSinks(join(path, "alone"))
        const heard: Array<Event.Event> = []
        const notes: Array<string> = []
        yield* withSinks(
          join(path, "beside"),
          Sink.listener(
            "bad",
            (event) => {
              heard.push(event)
              return hear()
            },
            { capacity: 4 }
          ),
          Sink.listener("notes", (event) =>
            Effect.sync(() => {
              if (event._tag === "Note") notes.push(event.text)
            })
          )
        )
        assert.deepStrictEqual(course(join(path, "beside")), course(join(path, "alone")))
        assert.lengthOf(heard, 1)
        assert.match(notes.join("\n"), /the sink "bad" (is too slow|has failed and hears no more: broken)/)
        assert.match(notes.at(-1) ?? "", /the sink "bad" has missed \d\d events/)
      })
    )
  )

  it.live("that is too slow misses slices before anything else, and hears how many", () =>
    Effect.gen(function* () {
      const inbox = Inbox.make(3)
      inbox.offer(Happenings.started)
      for (let step = 1; step <= 5; step++) inbox.offer(Happenings.sliceEnded({ step }))
      inbox.offer(Event.note("last"))
      const heard = [yield* inbox.take, yield* inbox.take, yield* inbox.take, yield* inbox.take]
      assert.deepStrictEqual(tags(heard), ["Missed", "Started", "SliceEnded", "Note"])
      assert.deepStrictEqual(heard[0], { _tag: "Missed", count: 4 })
      assert.strictEqual(inbox.missed(), 4)
    })
  )

  it.live("hears the rest at the end, if it is quick", () =>
    Effect.gen(function* () {
      const heard: Array<Event.Event> = []
      yield* Effect.scoped(
        Effect.gen(function* () {
          const hub = yield* Hub.make<never, never>([
            Sink.listener("quick", (event) =>
              Effect.andThen(
                Effect.sleep(1),
                Effect.sync(() => void heard.push(event))
              )
            )
          ])
          for (let step = 1; step <= 50; step++) yield* hub.emit(Happenings.sliceEnded({ step }))
          yield* hub.tell(Event.note("told last"))
          assert.isBelow(heard.length, 50)
        })
      )
      assert.lengthOf(heard, 51)
      assert.strictEqual(heard.at(-1)?._tag, "Note")
    })
  )

  it.live("that is slow has missed at the end what waits for it, which the others are told", () =>
    Effect.gen(function* () {
      const notes: Array<string> = []
      yield* Effect.scoped(
        Effect.gen(function* () {
          const hub = yield* Hub.make<never, never>([
            Sink.listener("stuck", () => Effect.never),
            Sink.listener("notes", (event) =>
              Effect.sync(() => void (event._tag === "Note" && notes.push(event.text)))
            )
          ])
          yield* Effect.yieldNow
          for (let step = 1; step <= 3; step++) yield* hub.emit(Happenings.sliceEnded({ step }))
          yield* Effect.yieldNow
        })
      )
      assert.deepStrictEqual(notes, ['the sink "stuck" has missed 2 events'])
    })
  )
})

describe("durable sinks", () => {
  it.effect("all hear that a run has failed, though one before them fails at that", () =>
    Effect.gen(function* () {
      const heard: Array<Event.Event> = []
      const hub = yield* Hub.make<string, never>([])
      yield* hub.attach(() => Effect.fail("the first"))
      yield* hub.attach((event) => Effect.sync(() => void heard.push(event)))
      yield* hub.attach(() => Effect.fail("the third"))
      assert.strictEqual(yield* Effect.flip(hub.emit(Happenings.sliceEnded({ step: 1 }))), "the first")
      assert.deepStrictEqual(tags(heard), [])
      assert.strictEqual(
        yield* Effect.flip(hub.emit({ _tag: "Failed", step: 1, reason: "broken", wallSeconds: 1 })),
        "the first"
      )
      assert.deepStrictEqual(tags(heard), ["Failed"])
    }).pipe(Effect.scoped)
  )

  it.effect("hear what is told before and while an event is heard by its end, in order", () =>
    Effect.gen(function* () {
      const heard: Array<Event.Event> = []
      const hub = yield* Hub.make<never, never>([])
      yield* hub.attach((event) => {
        heard.push(event)
        return event._tag === "SliceEnded" ? hub.tell(Event.note("while")) : Effect.void
      })
      yield* hub.tell(Event.note("before"))
      yield* hub.emit(Happenings.sliceEnded({ step: 1 }))
      assert.deepStrictEqual(heard, [
        Event.note("before"),
        Happenings.sliceEnded({ step: 1 }),
        Event.note("while")
      ])
    }).pipe(Effect.scoped)
  )
})

describe("a durable sink", () => {
  it.live("is waited for, sees the trainer stand still, and its error ends the run", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const run = join(path, "run")
        const seen: Array<unknown> = []
        const sink = Sink.durable("strict", ({ trainer }) =>
          Effect.succeed((event) =>
            Effect.gen(function* () {
              if (event._tag !== "SliceEnded") return
              yield* Effect.sleep(5)
              const { step } = yield* trainer.state
              seen.push([event.slice.step, step])
              if (step === 300) yield* Effect.fail("not beyond 300")
            })
          )
        )
        const exit = yield* Effect.exit(withSinks(run, sink))
        assert.isTrue(Exit.isFailure(exit))
        assert.deepStrictEqual(
          seen,
          [50, 100, 150, 200, 250, 300].map((step) => [step, step])
        )
        const record = JSON.parse(read(run, "run.json"))
        assert.strictEqual(record.status, "failed")
        assert.strictEqual(record.reason, "not beyond 300")
        assert.strictEqual((yield* Terminal.ornstein("resume", run)).code, 0)
        assert.strictEqual((yield* Terminal.ornstein("verify", run)).code, 0)
      })
    )
  )
})

describe("a sink that does something else than it should", () => {
  const broken = () => {
    throw new Error("it broke")
  }
  const mine = Sink.durable("mine", () => Effect.succeed(() => Effect.void))
  /** What types refuse, a program without types may do. */
  const wild = <S extends Sink.Sink>(sink: S, open: unknown): S => Object.assign({ ...sink }, { open })
  const hearing = (hear: unknown) => wild(mine, () => Effect.succeed(hear))

  it.live.each([
    ["open throws", wild(mine, broken), /sink "mine": its open threw it broke/],
    ["open gives a number", wild(mine, () => 3), /sink "mine": its open gave 3\. It gives an Effect/],
    [
      "open gives what cannot hear",
      hearing(3),
      /sink "mine": its open gave 3\. It gives an Effect of what hears/
    ],
    ["hear throws", hearing(broken), /sink "mine": its hear threw it broke/],
    ["hear dies", hearing(() => Effect.die(new Error("it broke"))), /sink "mine": its hear threw it broke/],
    ["hear gives nothing", hearing(() => undefined), /its hear gave undefined\. It gives an Effect/],
    ["hear gives a promise", hearing(async () => broken()), /its hear gave a promise\. .*Effect\.promise/],
    [
      "hear never ends",
      Sink.durable("mine", () => Effect.succeed(() => Effect.never), { patience: "50 millis" }),
      /sink "mine": it has not ended hearing Started after 50ms/
    ]
  ] as const)("is named: %s", ([, sink, said]) =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const run = join(path, "run")
        const error = yield* Effect.flip(withSinks(run, sink))
        assert.match(error.message, said)
        assert.strictEqual(error._tag, "SinkError")
        const record = JSON.parse(read(run, "run.json"))
        assert.strictEqual(record.status, "failed")
        assert.strictEqual(record.reason, error.message)
      })
    )
  )

  it.live("as a listener, it is told, and the run goes on", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const notes: Array<string> = []
        yield* withSinks(
          join(path, "run"),
          wild(
            Sink.listener("mine", () => Effect.void),
            Effect.succeed(() => 3)
          ),
          Sink.listener("notes", (event) =>
            Effect.sync(() => void (event._tag === "Note" && notes.push(event.text)))
          )
        )
        assert.include(
          notes.join("\n"),
          'the sink "mine" has failed and hears no more: its hear gave 3, which is no Effect'
        )
      })
    )
  )
})

describe("what stands", () => {
  /** A line for every evaluation and every slice, kept as docs/sinks.md says. */
  const journal = Sink.durable("journal", ({ directory, stands }) =>
    Effect.gen(function* () {
      const lines = ((yield* directory.read("journal")) ?? "").split("\n").filter((line) => {
        const [kind, step] = line.split(" ")
        return line !== "" && Number(step) <= (kind === "slice" ? stands.slices : stands.evaluations)
      })
      return (event) => {
        if (event._tag === "SliceEnded") lines.push(`slice ${event.slice.step}`)
        else if (event._tag === "Evaluated") lines.push(`evaluation ${event.step} ${event.evaluation.mean}`)
        else return Effect.void
        return directory.write("journal", `${lines.join("\n")}\n`)
      }
    })
  )

  it.live("is what is not heard again: after every kill a sink has each line once, as without it", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        yield* withSinks(run, journal)
        const whole = read(run, "journal")
        assert.lengthOf(whole.split("\n"), 12 + 4 + 1)
        const resumed = (at: string) =>
          Effect.gen(function* () {
            yield* Resume.run({ run: at }, { sinks: [journal] })
            assert.strictEqual(read(at, "journal"), whole, at)
          })
        for (const step of [0, 200, 400]) {
          const killed = join(path, `killed-${step}`)
          rewound(run, killed, step)
          yield* resumed(killed)
        }
        // A branch begins at a step that is not 0, and a kill before its first checkpoint leaves it there.
        const branch = join(path, "branch")
        const checkpoints = { every: 200, keep: 3 }
        const request = { run, at: 200, overrides: ["algorithm.gamma=0.9"], out: branch, checkpoints }
        yield* Branch.run(request, { sinks: [journal] })
        const killed = join(path, "branch-killed")
        rewound(branch, killed, 200)
        yield* Resume.run({ run: killed }, { sinks: [journal] })
        assert.strictEqual(read(killed, "journal"), read(branch, "journal"))
      }).pipe(Effect.provide(NodeServices.layer))
    )
  )
})

describe("the directory that a durable sink is given", () => {
  it.live("reads back what is there", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const seen: Array<string | undefined> = []
        const sink = Sink.durable("reader", ({ directory }) =>
          Effect.gen(function* () {
            seen.push(yield* directory.read("mine.csv"))
            yield* directory.write("mine.csv", "step\n")
            seen.push(yield* directory.read("mine.csv"))
            return () => Effect.void
          })
        )
        yield* withSinks(join(path, "run"), sink)
        assert.deepStrictEqual(seen, [undefined, "step\n"])
      })
    )
  )
})

describe("a live view", () => {
  it.live("takes events as a stream, to the session's end", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const { events, sink } = yield* Live.make()
        const fiber = yield* Effect.forkChild(Stream.runCollect(events))
        yield* withSinks(join(path, "run"), sink)
        const all = yield* Fiber.join(fiber)
        assert.strictEqual(all[0]?._tag, "Started")
        assert.strictEqual(all.at(-1)?._tag, "Finished")
      })
    )
  )
})

/** A viewer that listens on a path until the scope closes: the lines that it was sent. */
const viewer = (path: string, isReading: boolean) =>
  Effect.gen(function* () {
    const got = { text: "", isClosed: false }
    const server = yield* Effect.acquireRelease(
      Effect.callback<Net.Server>((resume) => {
        const server = Net.createServer((socket) => {
          socket.on("close", () => (got.isClosed = true))
          socket.on("error", () => {})
          if (isReading) socket.setEncoding("utf8").on("data", (text: string) => (got.text += text))
        })
        server.listen(path, () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => server.close())
    )
    return { got, server }
  })

describe("a socket", () => {
  it.live("brings a viewer every event as a line, by the command's --socket", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        const place = join(path, "view.sock")
        const { got } = yield* viewer(place, true)
        assert.strictEqual((yield* train(path, run, "--socket", place)).code, 0)
        yield* Effect.sleep(50)
        const lines = got.text.split("\n")
        assert.strictEqual(lines.pop(), "")
        const events = lines.map((line) => Schema.decodeUnknownSync(Event.Line)(line))
        assert.strictEqual(events[0]?._tag, "Started")
        assert.strictEqual(events.at(-1)?._tag, "Finished")
        assert.isTrue(got.isClosed)
      }).pipe(Effect.scoped)
    )
  )

  it.live("refuses what is no socket, before anything is written", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        for (const place of [join(path, "nothing"), join(path, "tiny.json"), path]) {
          const { code, err } = yield* train(path, run, "--socket", place)
          assert.strictEqual(code, 2)
          assert.match(err.join("\n"), /(there is no socket|it is no socket)\. Start the viewer first/)
          assert.isFalse(existsSync(run))
        }
      })
    )
  )

  it.live("whose viewer reads nothing, or goes, does not end the run", () =>
    inDirectory((path) =>
      Effect.gen(function* () {
        const place = join(path, "view.sock")
        yield* viewer(place, false)
        const sink = yield* Socket.make(place)
        yield* withSinks(join(path, "run"), sink)
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
    )
  )
})

describe("--events", () => {
  it.live("prints every event as a line of JSON, people's lines elsewhere", () =>
    inDirectory((path, run) =>
      Effect.gen(function* () {
        const { code, err, out } = yield* train(path, run, "--events")
        assert.strictEqual(code, 0)
        const events = out.map((line) => Schema.decodeUnknownSync(Event.Line)(line))
        assert.strictEqual(events.filter(({ _tag }) => _tag === "SliceEnded").length, 12)
        assert.match(err.join("\n"), /return after/)
      })
    )
  )
})
