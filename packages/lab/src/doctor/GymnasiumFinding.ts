/** Has this machine a Python with Gymnasium, and what are its worlds like? */
import * as Subprocess from "@ornstein/native/Subprocess"
import * as Effect from "effect/Effect"
import * as ChildProcess from "effect/process/ChildProcess"
import type { Finding } from "./Finding.ts"

// pure core

const ASK = "import gymnasium; print(gymnasium.__version__)"

/** What a configuration names where it says nothing. */
const PYTHON = "python3"

const absent = (found: string): Finding => ({
  name: "gymnasium",
  status: "note",
  found,
  advice: `optional, for environment.kind=gymnasium: ${PYTHON} -m pip install gymnasium, or name another environment.python`
})

// examining

/** Asks the Python that a configuration names where it says nothing. */
export const examine = Subprocess.run(ChildProcess.make(PYTHON, ["-c", ASK], { stdin: "ignore" })).pipe(
  Effect.map(
    ({ exit, stdout }): Finding =>
      exit === 0
        ? {
            name: "gymnasium",
            status: "ok",
            found: `${stdout.trim()}, by ${PYTHON}; its worlds have no snapshots within episodes: checkpoints stand at their ends`
          }
        : absent(`not installed for ${PYTHON}; its worlds have no snapshots within episodes`)
  ),
  Effect.catch(() => Effect.succeed(absent(`there is no ${PYTHON}`)))
)
