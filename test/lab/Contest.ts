/** Several processes that contend for the lock of one run directory. */
import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

export interface Contender {
  readonly ask: (question: string) => Promise<string>
  /** Its end. */
  readonly ended: Promise<void>
  readonly kill: () => void
}

const PROGRAM = fileURLToPath(new URL("./Contender.ts", import.meta.url))

/** A contender; `wrap` is the command that it is started by. */
export const contender = (
  env: { readonly [name: string]: string } = {},
  wrap: ReadonlyArray<string> = []
): Contender => {
  const node = [process.execPath, "--conditions=@ornstein/source", PROGRAM]
  const [command, ...args] = [...wrap, ...node]
  const child = spawn(command ?? process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "inherit"]
  })
  const waiting: Array<(answer: string) => void> = []
  createInterface(child.stdout).on("line", (line) => waiting.shift()?.(line))
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => {
      for (const answer of waiting.splice(0)) answer("ended")
      resolve()
    })
  })
  return {
    ask: (question) =>
      new Promise((resolve) => {
        waiting.push(resolve)
        child.stdin.write(`${question}\n`)
      }),
    ended,
    kill: () => void child.kill("SIGKILL")
  }
}

/** The content of a lock whose owner is gone. */
export const stale = (n: number): string =>
  JSON.stringify({ id: String(n), pid: 4_194_305, host: "gone", ...here(), started: "1" })

/** What contenders on this machine say of it: then only the process decides. */
let told: { readonly boot?: string; readonly namespace?: string } = {}
export const tell = (boot: string, namespace: string): void => {
  told = { boot, namespace }
}
const here = () => told

/** Where the claim on a lock with this content lies. */
export const claimOn = (text: string): string =>
  `.lock-${createHash("sha256").update(text).digest("hex").slice(0, 16)}`

/**
 * Rounds in which all contend for a lock whose owner is gone; in every second one somebody was killed before while taking
 * it over. Gives how many won in each round.
 */
export const contest = async (
  directory: string,
  contenders: ReadonlyArray<Contender>,
  rounds: number
): Promise<ReadonlyArray<number>> => {
  const wins: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    const run = join(directory, `run-${round}`)
    mkdirSync(run)
    const text = stale(round)
    writeFileSync(join(run, "lock"), text)
    if (round % 2 === 1) writeFileSync(join(run, claimOn(text)), stale(-round))
    const answers = await Promise.all(contenders.map(({ ask }) => ask(`take ${run}`)))
    wins.push(answers.filter((answer) => answer === "won").length)
    await Promise.all(contenders.map(({ ask }) => ask("leave")))
  }
  return wins
}
