/**
 * `npm run mutants`: plants every mutant of the table and runs fast tests until one goes red: first those that the table
 * names, then all others. A mutant that nothing kills fails the command, unless the table says why it lives.
 *
 *     npm run mutants                              # the whole table
 *     npm run mutants -- --only Sampler            # by name or file
 *     npm run mutants -- --changed origin/main     # files that changed since a commit
 *     npm run mutants -- --sample 12               # every so many-th
 *     npm run mutants -- --part 2/8                # the table in parts
 */
import { execFileSync, fork, type ChildProcess } from "node:child_process"
import { globSync, readFileSync } from "node:fs"
import { parseArgs } from "node:util"
import * as Mutant from "./Mutant.ts"
import type { Answer, Question } from "./Session.ts"
import { table } from "./Table.ts"

const { values: flags } = parseArgs({
  options: {
    only: { type: "string" },
    changed: { type: "string" },
    sample: { type: "string" },
    part: { type: "string" },
    /** Only the tests that the table names. */
    near: { type: "boolean", default: false }
  }
})

// choosing

const changedSince = (commit: string): ReadonlySet<string> => {
  const git = (...rest: ReadonlyArray<string>) => execFileSync("git", rest, { encoding: "utf8" }).split("\n")
  return new Set([
    ...git("diff", "--name-only", commit),
    ...git("ls-files", "--others", "--exclude-standard")
  ])
}

const chosen = (): ReadonlyArray<Mutant.Mutant> => {
  const { changed, only, part, sample } = flags
  let mutants = table
  if (only !== undefined) {
    const wanted = only.toLowerCase()
    mutants = mutants.filter(({ file, name }) => `${file} ${name}`.toLowerCase().includes(wanted))
  }
  if (changed !== undefined) {
    const files = changedSince(changed)
    mutants = mutants.filter(
      ({ file, tests }) =>
        files.has(`packages/${file}`) || tests.some((test) => files.has(Mutant.testOf(test).file))
    )
  }
  if (part !== undefined) {
    const [k = Number.NaN, n = Number.NaN] = part.split("/").map(Number)
    if (!(k >= 1 && k <= n)) throw new RangeError(`--part takes k/n, as in 2/8, not ${part}`)
    mutants = mutants.filter((_, i) => i % n === k - 1)
  }
  if (sample !== undefined) {
    const every = Math.max(1, Math.ceil(mutants.length / Number(sample)))
    mutants = mutants.filter((_, i) => i % every === 0)
  }
  return mutants
}

// asking

/** Milliseconds, longer than tests take: what does not answer by then hangs, and a bug that hangs is seen. */
const patience = ({ tests }: Question): number => 240_000 + 60_000 * tests.length

let session: ChildProcess | undefined

const started = async (): Promise<ChildProcess> => {
  if (session !== undefined) return session
  const child = fork("test/mutants/Session.ts", {
    detached: true,
    execArgv: ["--conditions=@ornstein/source"],
    stdio: ["ignore", "ignore", "inherit", "ipc"]
  })
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve())
    child.once("exit", (code) => reject(new Error(`the session ended with ${code}`)))
  })
  child.removeAllListeners("exit")
  session = child
  return child
}

/** Ends the session and the tests that it runs. */
const end = (): void => {
  if (session?.pid !== undefined) process.kill(-session.pid, "SIGKILL")
  session = undefined
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => {
    end()
    process.exit(1)
  })
}

const ask = async (question: Question): Promise<Answer> => {
  const child = await started()
  return new Promise<Answer>((resolve) => {
    const timer = setTimeout(() => {
      child.removeAllListeners("exit")
      end()
      const failure = {
        file: question.tests.map(({ file }) => file).join(" "),
        test: "(hangs)",
        message: "no answer"
      }
      resolve({ isLoaded: true, failure })
    }, patience(question))
    child.once("message", (answer: Answer) => {
      clearTimeout(timer)
      child.removeAllListeners("exit")
      resolve(answer)
    })
    child.once("exit", (code, signal) => {
      clearTimeout(timer)
      child.removeAllListeners("message")
      session = undefined
      resolve({ isLoaded: false, fault: `the session ended with ${code ?? signal}` })
    })
    child.send(question)
  })
}

// judging

const all = globSync("test/**/*.test.ts").filter(
  (file) => !file.startsWith("test/learning/") && !file.startsWith("test/mutants/")
)

/** The rest of the fast tests: first of the mutant's package, then the laws, then all others. */
const rest = ({ file, tests }: Mutant.Mutant): ReadonlyArray<ReadonlyArray<string>> => {
  const asked = tests.map(Mutant.testOf)
  const others = all.filter((test) => !asked.some(({ file, name }) => file === test && name === undefined))
  const [own, laws] = [`test/${file.split("/")[0]}/`, "test/laws/"]
  return [
    others.filter((test) => test.startsWith(own)),
    others.filter((test) => test.startsWith(laws)),
    others.filter((test) => !test.startsWith(own) && !test.startsWith(laws))
  ]
}

/** What was seen green without a mutant. */
const green = new Set<string>()

/** Why a test that went red says nothing: it is red without the mutant too. */
const redAnyway = async (test: Question["tests"][number]): Promise<string | undefined> => {
  const key = `${test.file}: ${test.name}`
  if (green.has(key)) return undefined
  const { failure, fault } = await ask({ tests: [test] })
  if (fault !== undefined) return fault
  if (failure !== undefined)
    return `red without a mutant: ${failure.file} > ${failure.test}: ${failure.message}`
  green.add(key)
  return undefined
}

type Verdict =
  | { readonly kind: "killed"; readonly by: string; readonly isNear: boolean }
  | { readonly kind: "survived" }
  | { readonly kind: "stale" | "unjudged"; readonly reason: string }

const judge = async (mutant: Mutant.Mutant): Promise<Verdict> => {
  const fault = Mutant.fault(mutant, readFileSync(`packages/${mutant.file}`, "utf8"))
  if (fault !== undefined) return { kind: "stale", reason: fault }
  const near = mutant.tests.map(Mutant.testOf)
  // Of a listed survivor only the nearest are asked: the rest is for what nobody has looked into.
  const others =
    flags.near || mutant.survives !== undefined
      ? []
      : rest(mutant).map((files) => files.map((file) => ({ file })))
  const rounds: ReadonlyArray<Question["tests"]> = [near, ...others]
  let wasLoaded = false
  for (const [i, tests] of rounds.entries()) {
    if (tests.length === 0) continue
    const { failure, fault, isLoaded } = await ask({ mutant, tests })
    wasLoaded ||= isLoaded
    if (fault !== undefined) return { kind: "unjudged", reason: fault }
    if (failure === undefined) continue
    if (!isLoaded) return { kind: "unjudged", reason: `its file was not loaded: ${failure.message}` }
    // What is red without the bug has not seen it.
    const red = tests.find(({ file }) => file === failure.file)
    const reason = red === undefined ? undefined : await redAnyway(red)
    if (reason !== undefined) return { kind: "unjudged", reason }
    return { kind: "killed", by: `${failure.file} > ${failure.test}`, isNear: i === 0 }
  }
  if (!wasLoaded) return { kind: "stale", reason: `no test loads packages/${mutant.file}` }
  return { kind: "survived" }
}

// the command

const mutants = chosen()
const counts = { killed: 0, survived: 0, listed: 0, unlisted: 0, stale: 0, unjudged: 0, far: 0 }
const problems: Array<string> = []
for (const [i, mutant] of mutants.entries()) {
  const { file, name, survives } = mutant
  const verdict = await judge(mutant)
  let line = verdict.kind === "killed" ? `killed by ${verdict.by}` : verdict.kind
  if (verdict.kind === "killed") {
    counts.killed += 1
    if (!verdict.isNear) {
      counts.far += 1
      line += " (not among its tests)"
    }
    if (survives !== undefined) problems.push(`killed, though listed as a survivor: ${name} (${file})`)
  } else if (verdict.kind === "stale" || verdict.kind === "unjudged") {
    counts[verdict.kind] += 1
    problems.push(`${verdict.kind}: ${name}: ${verdict.reason}`)
  } else {
    counts.survived += 1
    if (survives === undefined) {
      counts.unlisted += 1
      problems.push(`survived: ${name} (${file})`)
    } else {
      counts.listed += 1
      line += `, as listed: ${survives}`
    }
  }
  console.log(`${i + 1}/${mutants.length} ${file}: ${name}: ${line}`)
}
end()
for (const problem of problems) console.log(problem)
const { far, killed, listed, stale, unjudged, unlisted } = counts
const share = mutants.length === 0 ? 100 : (100 * killed) / mutants.length
console.log(
  `${mutants.length} mutants: ${killed} killed (${share.toFixed(1)} %, ${far} of them not by their own tests), ` +
    `${listed} survived as listed, ${unlisted} survived, ${stale} stale, ${unjudged} unjudged`
)
process.exitCode = problems.length === 0 ? 0 : 1
