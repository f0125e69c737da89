/** Mutants of policies as values: how they are made, saved, checked and opened. */
import { of } from "./Mutant.ts"

export const policies = [
  ...of(
    "core/src/policy/Policy.ts",
    ["core/Policy"],
    [
      [
        `Math.max(-clip, Math.min(clip, (observation`,
        `Math.max(-clip, Math.min(9 * clip, (observation`,
        "a saved policy does not clip"
      ],
      [`1 / Math.sqrt(v + epsilon)`, `1 / (v + epsilon)`, "a saved policy divides by the variance"],
      [`const i = at % size`, `const i = 0`, "all numbers have the statistics of the first"],
      [
        `if (rescale && spec`,
        `if (!rescale && spec`,
        "actions are carried to bounds where they should not be"
      ],
      [
        `action.subarray(row * size, (row + 1) * size)`,
        `action.subarray(0, size)`,
        "all rows write one action"
      ],
      [
        `acted(Actor.drawsOf(key), step, observation, action)`,
        `acted(Actor.drawsOf(key), 0, observation, action)`,
        "samples of all steps are the same",
        { tests: ["laws/Policy: gathers experience"] }
      ],
      [
        `seen.set(observations[i]!, i * width)`,
        `seen.set(observations[0]!, i * width)`,
        "all episodes see one observation",
        { tests: ["laws/Policy"] }
      ],
      [`clip: Normalization.clipOf(normalize, saved)`, `clip: 10`, "a saved policy clips elsewhere"],
      [
        `action: widthOf(spec.action), batch: 1`,
        `action: 1, batch: 1`,
        "a discrete learner gets another size",
        { tests: ["laws/Policy"] }
      ],
      [
        `if (data.length === NdArray.size(shape)) return`,
        `if (data.length > 0) return`,
        "a state of another network is taken"
      ],
      [`if (broken !== undefined) return`, `if (false) return`, "parameters that are none are taken"],
      [`!variance.some((v) => v < 0)`, `variance.length > 0`, "negative variances are taken"]
    ]
  ),
  ...of(
    "core/src/learner/Rowwise.ts",
    ["laws/Deployed"],
    [
      [
        `Programs.evaluating(plan, sizes, rows)`,
        `Programs.acting(plan, sizes, { rows })`,
        "the policy that gathers is saved"
      ]
    ]
  ),
  ...of(
    "core/src/learner/Template.ts",
    ["core/Policy"],
    [
      [`3 * a === 2 * b`, `a < b`, "sizes grow with the rows that do not"],
      [`attribute.rows * rows`, `attribute.rows`, "attributes do not grow with the rows"],
      [`size.rows * rows`, `size.rows`, "values do not grow with the rows"],
      [`return Attributes.reducedAxes`, `return false && Attributes.reducedAxes`, "rows are mixed"],
      [`if (Object.is(n, -0)) return`, `if (false) return`, "-0 becomes 0"]
    ]
  ),
  ...of(
    "core/src/policy/PolicyFile.ts",
    ["core/Policy"],
    [
      [`metadata["sha256"] !== hash(policy)`, `metadata["sha256"] === undefined`, "damage is not seen"],
      [`if (rest !== undefined) return`, `if (rest === "") return`, "arrays that nothing explains are taken"],
      [`version !== String(VERSION)`, `version === undefined`, "later versions are read"],
      [
        `arrays.doubles("normalization.variance")`,
        `arrays.doubles("normalization.mean")`,
        "variances are means"
      ]
    ]
  ),
  ...of(
    "jit/src/graph/WellFormed.ts",
    ["jit/graph/WellFormed"],
    [
      ["must(made.has(id), `it reads", "must(id >= 0, `it reads", "circles are taken"],
      ["must(!made.has(id), `the value", "must(id >= 0, `the value", "values are made twice"],
      [`index < 0 || index >= places`, `index < 0`, "indices lead outside"],
      [
        `indices.data.some((index) => index < 0 ||`,
        `indices.data.some((index) =>`,
        "indices lead before the first"
      ],
      ["elements <= most.elements,", "elements >= 0,", "a graph may ask for any memory"],
      ["must(work <= most.work,", "must(work >= 0,", "a graph may ask for any work"],
      [`if (is !== undefined && !isSame(is, said))`, `if (is === undefined)`, "shapes are believed"],
      ["must(made.size === graph.values.length", "must(made.size >= 0", "values that nothing makes are taken"]
    ]
  ),
  ...of(
    "jit/src/graph/KernelRules.ts",
    ["jit/graph/WellFormed"],
    [
      ["must(inner === same,", "must(inner > 0,", "inner sizes may differ"],
      [
        `([name, value]) => value !== undefined && !this.#read.has(name)`,
        `([name]) => name === ""`,
        "any attribute is taken"
      ],
      [`names.length === inputs.length && names.every`, `names.every`, "any number of inputs is taken"],
      [`n >= 0 && (begin[i] ?? 0) + n <= (shape[i] ?? 0)`, `n >= 0`, "slices lead outside"]
    ]
  )
]
