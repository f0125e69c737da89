/** What an editor shows of an option in a program is what it shows of it in a file: the interfaces say what the schemas say. */
import { assert, describe, it } from "@effect/vitest"
import * as algos from "@ornstein/algos"
import * as A2c from "@ornstein/algos/A2c"
import * as ActorCritic from "@ornstein/algos/ActorCritic"
import * as CategoricalCritic from "@ornstein/algos/CategoricalCritic"
import * as CriticEnsemble from "@ornstein/algos/CriticEnsemble"
import * as DeepSets from "@ornstein/algos/DeepSets"
import * as QuantileCritic from "@ornstein/algos/QuantileCritic"
import * as SoftActor from "@ornstein/algos/SoftActor"
import * as TargetPolicySmoothing from "@ornstein/algos/TargetPolicySmoothing"
import * as TargetUpdate from "@ornstein/algos/TargetUpdate"
import * as Engine from "@ornstein/core/Engine"
import * as Gaussian from "@ornstein/core/internal/exploration/Gaussian"
import * as OrnsteinUhlenbeck from "@ornstein/core/internal/exploration/OrnsteinUhlenbeck"
import * as ParameterNoise from "@ornstein/core/ParameterNoise"
import * as HindsightReplay from "@ornstein/core/internal/replay/Hindsight"
import * as PrioritizedReplay from "@ornstein/core/internal/replay/Prioritized"
import * as RolloutReplay from "@ornstein/core/internal/replay/Rollout"
import * as UniformReplay from "@ornstein/core/internal/replay/Uniform"
import * as SchemaShape from "@ornstein/core/internal/config/SchemaShape"
import * as Training from "@ornstein/core/Training"
import * as envs from "@ornstein/envs"
import { SchemaAST } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"

type Struct = { readonly ast: SchemaAST.AST }

/** By interface, with the fields that it leaves to others. */
const interfaces: ReadonlyArray<
  readonly [file: string, name: string, schema: Struct, others?: ReadonlyArray<string>]
> = [
  ["algos/src/bases/Ddpg", "Input", algos.Ddpg.Options],
  ["algos/src/bases/A2c", "Input", A2c.Options],
  ["algos/src/bases/ActorCritic", "Input", ActorCritic.Options],
  ["algos/src/variants/CategoricalCritic", "Input", CategoricalCritic.Options],
  ["algos/src/variants/CriticEnsemble", "Input", CriticEnsemble.Options],
  ["algos/src/networks/DeepSets", "Input", DeepSets.Options],
  ["algos/src/variants/QuantileCritic", "Input", QuantileCritic.Options],
  ["algos/src/variants/SoftActor", "Input", SoftActor.Options],
  ["algos/src/variants/TargetPolicySmoothing", "Input", TargetPolicySmoothing.Options],
  ["algos/src/variants/TargetUpdate", "SoftInput", TargetUpdate.Options.members[0]],
  ["algos/src/variants/TargetUpdate", "HardInput", TargetUpdate.Options.members[1]],
  ["core/src/training/TrainingOptions", "Input", Training.Options],
  ["core/src/exploration/ParameterNoise", "Input", ParameterNoise.Options],
  ["core/src/exploration/Gaussian", "Input", Gaussian.Options],
  ["core/src/exploration/OrnsteinUhlenbeck", "Input", OrnsteinUhlenbeck.Options],
  ["core/src/replay/Uniform", "Input", UniformReplay.Options, ["nStep"]],
  ["core/src/replay/Prioritized", "Input", PrioritizedReplay.Options, ["nStep"]],
  ["core/src/replay/Hindsight", "Input", HindsightReplay.Options],
  ["core/src/replay/Rollout", "Input", RolloutReplay.Options],
  ["core/src/engine/Engine", "AutoInput", Engine.Options.members[0]!],
  ["core/src/engine/Engine", "NativeInput", Engine.Options.members[1]!],
  ["core/src/engine/Engine", "WasmInput", Engine.Options.members[2]!],
  ["core/src/engine/Engine", "WebgpuInput", Engine.Options.members[4]!, ["backend"]],
  ["core/src/engine/Engine", "TensorflowInput", Engine.Options.members[5]!],
  ["envs/src/control/CartPole", "Input", envs.CartPole.Options],
  ["envs/src/tasks/LinearQuadratic", "Input", envs.LinearQuadratic.Options],
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
  const from = source.indexOf(`export interface ${name} {`)
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
