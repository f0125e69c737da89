/** A program that is one synchronous call of half a minute, for which a signal has to wait unless it may end it. */
import * as Signals from "@ornstein/lab/Signals"
import { Effect } from "effect"
import { writeSync } from "node:fs"

const busy = Effect.sync(() => {
  writeSync(1, "busy\n")
  const until = performance.now() + 30_000
  while (performance.now() < until);
})

Signals.runMain(Signals.deadly(busy), () => 1)
