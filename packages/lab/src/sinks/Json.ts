/** What happens as lines of JSON on an output, for another program: `ornstein train --events | ...`. */
import { Event, Sink } from "../events/index.ts"
import type { Output } from "../terminal/index.ts"

/** How many lines wait for a slow reader. */
const CAPACITY = 4096

/** Every event as a line. */
export const make = (output: Output.Shape): Sink.Listener =>
  Sink.listener("json", (event) => output.line(Event.line(event)), { capacity: CAPACITY })
