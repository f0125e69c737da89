/** Goes on from places that a thread is made with or a process reads, and answers with the bits after each. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { text } from "node:stream/consumers"
import { parentPort, workerData } from "node:worker_threads"
import * as Walk from "./Walk.ts"

const Places = Schema.Array(Schema.Struct({ id: Schema.String, step: Schema.Int, snapshot: Schema.String }))

const given: unknown = parentPort === null ? JSON.parse(await text(process.stdin)) : workerData
const places = Schema.decodeUnknownSync(Places)(given)
const answer = await Effect.runPromise(Effect.forEach(places, Walk.goOn))
if (parentPort === null) process.stdout.write(JSON.stringify(answer))
else parentPort.postMessage(answer, [])
