/** What an editor shows of an option in a program is what it shows of it in a file: the interfaces say what the schemas say. */
import { assert, describe, it } from "@effect/vitest"
import * as algos from "@ornstein/algos"
import * as A2c from "@ornstein/algos/A2c"
import * as ActorCritic from "@ornstein/algos/ActorCritic"
import * as RolloutBase from "@ornstein/algos/internal/bases/RolloutBase"
import * as BehaviourCloning from "@ornstein/algos/BehaviourCloning"
import * as CategoricalCritic from "@ornstein/algos/CategoricalCritic"
import * as CriticEnsemble from "@ornstein/algos/CriticEnsemble"
import * as DeepSets from "@ornstein/algos/DeepSets"
import * as DelayedPolicy from "@ornstein/algos/DelayedPolicy"
import * as Huber from "@ornstein/algos/Huber"
import * as QuantileCritic from "@ornstein/algos/QuantileCritic"
import * as SoftActor from "@ornstein/algos/SoftActor"
import * as TargetPolicySmoothing from "@ornstein/algos/TargetPolicySmoothing"
import * as TargetUpdate from "@ornstein/algos/TargetUpdate"
import * as Exploration from "@ornstein/core/Exploration"
import * as Engine from "@ornstein/core/Engine"
import * as Gaussian from "@ornstein/core/internal/exploration/Gaussian"
import * as OrnsteinUhlenbeck from "@ornstein/core/internal/exploration/OrnsteinUhlenbeck"
import * as ParameterNoise from "@ornstein/core/ParameterNoise"
import * as HindsightReplay from "@ornstein/core/internal/replay/Hindsight"
import * as PrioritizedReplay from "@ornstein/core/internal/replay/Prioritized"
import * as RolloutReplay from "@ornstein/core/internal/replay/Rollout"
import * as UniformReplay from "@ornstein/core/internal/replay/Uniform"
import * as JsonPath from "@ornstein/core/JsonPath"
import type * as Part from "@ornstein/core/Part"
import * as Replay from "@ornstein/core/Replay"
import * as SchemaShape from "@ornstein/core/internal/config/SchemaShape"
import * as Training from "@ornstein/core/Training"
import * as envs from "@ornstein/envs"
import * as Experiment from "@ornstein/lab/Experiment"
import { Schema, SchemaAST } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Reach from "../Reach.ts"

type Struct = { readonly ast: SchemaAST.AST }

/** The form of a union whose last tag has this value. */
const form = (union: { readonly members: ReadonlyArray<Struct> }, name: string): Struct => {
  const found = union.members.find(({ ast }) => SchemaShape.kindOf(ast)[0] === name)
  assert.isDefined(found, name)
  return found
}

/** What bases for discrete actions have in common. */
const shared = RolloutBase.fields({ learningRate: 1, hidden: [1], entropy: 0 })

/** By interface, with the fields that it leaves to others. */
const interfaces: ReadonlyArray<
  readonly [file: string, name: string, schema: Struct, others?: ReadonlyArray<string>]
> = [
  ["algos/src/bases/Ddpg", "Input", algos.Ddpg.Options],
  ["algos/src/bases/RolloutBase", "Input", Schema.Struct(shared)],
  ["algos/src/bases/A2c", "Input", A2c.Options, Object.keys(shared)],
  ["algos/src/bases/ActorCritic", "Input", ActorCritic.Options, Object.keys(shared)],
  ["algos/src/variants/BehaviourCloning", "Input", BehaviourCloning.Options],
  ["algos/src/variants/DelayedPolicy", "Input", DelayedPolicy.Options],
  ["algos/src/variants/Huber", "Input", Huber.Options],
  ["algos/src/variants/CategoricalCritic", "Input", CategoricalCritic.Options],
  ["algos/src/variants/CriticEnsemble", "Input", CriticEnsemble.Options],
  ["algos/src/networks/DeepSets", "Input", DeepSets.Options],
  ["algos/src/variants/QuantileCritic", "Input", QuantileCritic.Options],
  ["algos/src/variants/SoftActor", "Input", SoftActor.Options],
  ["algos/src/variants/TargetPolicySmoothing", "Input", TargetPolicySmoothing.Options],
  ["algos/src/variants/TargetUpdate", "SoftInput", form(TargetUpdate.Options, "soft")],
  ["algos/src/variants/TargetUpdate", "HardInput", form(TargetUpdate.Options, "hard")],
  ["core/src/training/TrainingOptions", "Input", Training.Options],
  ["core/src/exploration/ParameterNoise", "Input", ParameterNoise.Options],
  ["core/src/exploration/Gaussian", "Input", Gaussian.Options],
  ["core/src/exploration/OrnsteinUhlenbeck", "Input", OrnsteinUhlenbeck.Options],
  ["core/src/replay/Uniform", "Input", UniformReplay.Options, ["nStep"]],
  ["core/src/replay/Prioritized", "Input", PrioritizedReplay.Options, ["nStep"]],
  ["core/src/replay/Hindsight", "Input", HindsightReplay.Options],
  ["core/src/replay/Rollout", "Input", RolloutReplay.Options],
  ["core/src/engine/Engine", "AutoInput", form(Engine.Options, "auto")],
  ["core/src/engine/Engine", "NativeInput", form(Engine.Options, "native")],
  ["core/src/engine/Engine", "WasmInput", form(Engine.Options, "wasm")],
  ["core/src/engine/Engine", "WebgpuInput", form(Engine.Options, "webgpu"), ["backend"]],
  ["core/src/engine/Engine", "TensorflowInput", form(Engine.Options, "tensorflow")],
  ["envs/src/box2d/BipedalWalker", "Input", envs.BipedalWalker.Options],
  ["envs/src/box2d/Lander", "Input", envs.LunarLander.Options],
  ["envs/src/box2d/Lander", "Input", envs.LunarLanderContinuous.Options],
  ["envs/src/control/CartPole", "Input", envs.CartPole.Options],
  ["envs/src/mujoco/Ant", "Input", envs.Ant.Options],
  ["envs/src/mujoco/HalfCheetah", "Input", envs.HalfCheetah.Options],
  ["envs/src/mujoco/Hopper", "Input", envs.Hopper.Options],
  ["envs/src/mujoco/Swimmer", "Input", envs.Swimmer.Options],
  ["envs/src/mujoco/Walker2d", "Input", envs.Walker2d.Options],
  ["envs/src/gymnasium/Gymnasium", "Input", envs.Gymnasium.Options],
  ["envs/src/mujoco/Humanoid", "Input", envs.Humanoid.Options],
  ["envs/src/mujoco/HumanoidStandup", "Input", envs.HumanoidStandup.Options],
  ["envs/src/mujoco/InvertedDoublePendulum", "Input", envs.InvertedDoublePendulum.Options],
  ["envs/src/mujoco/InvertedPendulum", "Input", envs.InvertedPendulum.Options],
  ["envs/src/mujoco/Pusher", "Input", envs.Pusher.Options],
  ["envs/src/mujoco/Reacher", "Input", envs.Reacher.Options],
  ["envs/src/tasks/LinearQuadratic", "Input", envs.LinearQuadratic.Options],
  ["envs/src/tasks/Spaces", "Input", envs.Spaces.Options],
  ["envs/src/control/MountainCarContinuous", "Input", envs.MountainCarContinuous.Options],
  ["envs/src/control/Pendulum", "Input", envs.Pendulum.Options],
  ["envs/src/tasks/PointReach", "Input", envs.PointReach.Options]
]

const descriptionOf = (ast: SchemaAST.AST): string => {
  const own = ast.annotations?.["description"]
  const checked = (ast.checks ?? []).map((check) => check.annotations?.["description"])
  const found = [own, ...checked.toReversed()].find((description) => typeof description === "string")
  return String(found)
}

/** The properties of an interface in a source file, each with its doc comment. */
const documented = (file: string, name: string): ReadonlyArray<string> => {
  const source = readFileSync(join(import.meta.dirname, "../../packages", `${file}.ts`), "utf8")
  const from = source.search(new RegExp(`export interface ${name} (extends [\\w.]+ )?\\{`))
  assert.isAtLeast(from, 0, `${file} has no interface ${name}`)
  const body = source.slice(from, source.indexOf("\n}", from))
  return Array.from(
    body.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\s*readonly (\w+)\??:/gs),
    ([, doc = "", property = ""]) => `${property}: ${doc.replaceAll(/\s*\n\s*\*?\s*/g, " ").trim()}`
  )
}

describe("the interfaces of options", () => {
  it.each(interfaces.map(([file, name, schema, others = []]) => ({ file, name, schema, others })))(
    "$file $name document every option as the schema does",
    ({ file, name, others, schema: { ast } }) => {
      const expected = SchemaShape.fieldsOf(ast)
        .filter(([field]) => field !== "kind" && !others.includes(field))
        .map(([field, type]) => `${field}: ${descriptionOf(type)}`)
      assert.isAbove(expected.length, 0)
      assert.deepStrictEqual(documented(file, name), expected)
    }
  )
})

// what follows a new part

const packages = join(import.meta.dirname, "../../packages")

/** Every source file, below `packages`, without its ending. */
const sources = ["core", "algos", "envs"].flatMap((name) =>
  readdirSync(join(packages, name, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `${name}/src/${file.replace(/\.ts$/, "")}`)
)

const textOf = (file: string): string => readFileSync(join(packages, `${file}.ts`), "utf8")

/** Those that hold a part. */
const homes = sources.filter((file) => /^export const part\b/m.test(textOf(file)))

const { bases, explorations, networks, replays, variants, worlds } = Experiment.catalogues

describe("a part", () => {
  it.each(homes)("of %s is in a catalogue", async (file) => {
    const module: unknown = await import(join(packages, `${file}.ts`))
    const kind = JsonPath.at(module, "part.kind")
    const catalogues: ReadonlyArray<{ readonly parts: ReadonlyArray<Part.Any> }> = Object.values(
      Experiment.catalogues
    )
    const kinds = catalogues.flatMap(({ parts }) => parts.map((part) => part.kind))
    assert.include<unknown>(kinds, kind)
  })

  it("is on its package's contents page: its constructor, or its module", () => {
    const shown = new Set(
      [...Object.entries(algos), ...Object.entries(envs), ...Object.entries(algos.Recipes)].map(([name]) =>
        name.toLowerCase()
      )
    )
    // Of one world there are two, for boxes and for lists.
    shown.add("discreteprobe")
    const parts: ReadonlyArray<Part.Any> = [bases, variants, networks, worlds].flatMap(
      ({ parts }): ReadonlyArray<Part.Any> => parts
    )
    const missing = parts.filter(({ kind }) => !shown.has(kind.toLowerCase())).map(({ kind }) => kind)
    assert.deepStrictEqual(missing, [])
  })

  it("of a service has a layer of its name", () => {
    const layerOf = (kind: string): string => `layer${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`
    const missing = [
      ...replays.parts.filter(({ kind }) => !(layerOf(kind) in Replay)),
      ...explorations.parts.filter(({ kind }) => !(layerOf(kind) in Exploration))
    ]
    assert.deepStrictEqual(missing, [])
  })

  it("that programs name has a module that the package exports", () => {
    const exported = new Set(
      ["algos", "envs"].flatMap((name) =>
        [...Reach.modulesOf(name).values()].map((url) => fileURLToPath(url))
      )
    )
    const missing = homes
      .filter((file) => !file.startsWith("core/"))
      .filter((file) => !exported.has(join(packages, `${file}.ts`)))
    // A thin name for the network, whose module is exported.
    assert.deepStrictEqual(missing, ["algos/src/variants/DeepSets"])
  })

  it("that has options has a row above", async () => {
    const rows = new Set(interfaces.map(([file]) => file))
    const silent = homes.filter((file) => !rows.has(file))
    const withOptions: Array<string> = []
    for (const file of silent) {
      const module: unknown = await import(join(packages, `${file}.ts`))
      const kind = JsonPath.at(module, "part.kind")
      const parts = Object.values(Experiment.catalogues).flatMap(
        ({ parts }): ReadonlyArray<Part.Any> => parts
      )
      const hasOptions = parts.some(
        (part) =>
          part.kind === kind &&
          part.members.some(({ ast }) => SchemaShape.keysOf(ast).some((key) => key !== part.tag))
      )
      if (hasOptions) withOptions.push(file)
    }
    // Those without an interface: programs give them the schema's own type, or the options of another part.
    assert.deepStrictEqual(withOptions.toSorted(), [
      "algos/src/networks/Dense",
      "algos/src/variants/DeepSets",
      "core/src/exploration/None",
      "core/src/replay/Offline",
      "envs/src/box2d/LunarLander",
      "envs/src/box2d/LunarLanderContinuous",
      "envs/src/tasks/Probe"
    ])
  })

  it("has an interface of its options, which is compared with them above", () => {
    const compared = new Set(interfaces.map(([file, name]) => `${file} ${name}`))
    const all = sources.flatMap((file) =>
      Array.from(textOf(file).matchAll(/^export interface (\w*Input)\b/gm), ([, name]) => `${file} ${name}`)
    )
    assert.isAbove(all.length, 20)
    assert.deepStrictEqual(
      all.filter((each) => !compared.has(each)),
      []
    )
  })
})
