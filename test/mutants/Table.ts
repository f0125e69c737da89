/** Every mutant: bugs of one line, each with what goes wrong in words. */
import { algos } from "./Algos.ts"
import { bodies } from "./Bodies.ts"
import { engines, listeners } from "./Engines.ts"
import { experience } from "./Experience.ts"
import { learning } from "./Learning.ts"
import type { Mutant } from "./Mutant.ts"
import { pictures } from "./Pictures.ts"
import { policies } from "./Policies.ts"
import { storage } from "./Storage.ts"
import { worlds } from "./Worlds.ts"

export const table: ReadonlyArray<Mutant> = [
  ...algos,
  ...learning,
  ...bodies,
  ...experience,
  ...policies,
  ...pictures,
  ...storage,
  ...engines,
  ...listeners,
  ...worlds
]
