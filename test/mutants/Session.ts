/**
 * One process that plants bugs and runs tests, asked by messages. The bug is planted where vite loads the module, so no
 * file is touched; every test file runs in a process of its own, so nothing stays behind.
 */
import { resolve } from "node:path"
import { createVitest } from "vitest/node"
import * as Mutant from "./Mutant.ts"

export interface Question {
  /** Without one, the tests as they are. */
  readonly mutant?: Pick<Mutant.Mutant, "file" | "before" | "after">
  /** Test files, in the order in which they are asked; the first failure ends it. */
  readonly tests: ReadonlyArray<{ readonly file: string; readonly name?: string }>
}

export interface Answer {
  /** Was the planted line loaded by a test? */
  readonly isLoaded: boolean
  /** The first test that failed, and how. */
  readonly failure?: { readonly file: string; readonly test: string; readonly message: string }
  /** Why the tests could not be run. */
  readonly fault?: string
}

const conditions = ["@ornstein/source", "node", "import", "default"]

let planted: Question["mutant"]
let isLoaded = false

const sourceOf = ({ file }: { readonly file: string }): string => resolve("packages", file)

const vitest = await createVitest(
  {
    config: false,
    watch: false,
    include: ["test/**/*.test.ts"],
    exclude: ["test/learning/**"],
    testTimeout: 60_000,
    bail: 1,
    maxWorkers: 2,
    fsModuleCache: false,
    silent: true,
    reporters: [{}]
  },
  {
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    plugins: [
      {
        name: "mutants",
        enforce: "pre",
        transform: (source: string, id: string) => {
          if (planted === undefined || id.split("?")[0] !== sourceOf(planted)) return undefined
          isLoaded = true
          const code = Mutant.plant(planted, source)
          if (code === undefined) throw new Error(`the line is not in ${planted.file} exactly once`)
          return { code, map: null }
        }
      }
    ]
  }
)

const answer = async ({ mutant, tests }: Question): Promise<Answer> => {
  if (planted !== undefined) vitest.invalidateFile(sourceOf(planted))
  planted = mutant
  isLoaded = false
  if (planted !== undefined) vitest.invalidateFile(sourceOf(planted))
  const project = vitest.getRootProject()
  const specifications = tests.map(({ file, name }) =>
    project.createSpecification(
      resolve(file),
      name === undefined ? {} : { testNamePattern: new RegExp(name) }
    )
  )
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications)
  const asked = new Set(specifications.map(({ moduleId }) => moduleId))
  // It tells of earlier questions' modules too.
  for (const module of testModules.filter(({ moduleId }) => asked.has(moduleId))) {
    const [failed] = module.children.allTests("failed")
    const error = failed?.result().errors?.[0] ?? module.errors()[0]
    if (failed !== undefined || error !== undefined) {
      const test = failed?.fullName ?? "(the file)"
      return { isLoaded, failure: { file: module.relativeModuleId, test, message: error?.message ?? "" } }
    }
  }
  const [error] = unhandledErrors
  if (error === undefined) return { isLoaded }
  const message = error instanceof Error ? error.message : JSON.stringify(error)
  return {
    isLoaded,
    failure: { file: tests.map(({ file }) => file).join(" "), test: "(outside of tests)", message }
  }
}

const faultOf = (cause: unknown): Answer => ({
  isLoaded,
  fault: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
})

process.on("message", (question: Question) => {
  void answer(question)
    .catch(faultOf)
    .then((answer) => process.send?.(answer))
})
process.on("disconnect", () => process.exit(1))
process.send?.("ready")
