/** The suite of all engines on `native`, on both levels, alone and shared among threads: every bit is that of `wasm`. */
import { describe } from "vitest"
import * as Beside from "../../Beside.ts"
import { conforms } from "../../Conforms.ts"
import * as Native from "../../Native.ts"

Native.onLevels("the engine native", (level) => {
  for (const threads of level === "avx2" ? [1, 4] : [1, 3]) {
    describe(`${threads} threads`, () =>
      conforms(Beside.wasm({ level, threads, shareAbove: 0 }), 1, (tolerance) => tolerance))
  }
})
