/** The instructions of `lanes` as code on vectors of four elements: code that leaves a vector. */
import type { Lanes } from "../../lanes/index.ts"
import { type Code, f32x4, f64x2, highHalf, i32x4, type Local, lowHalves, v128 } from "../assembly/index.ts"
import type { MathFunctions } from "./MathFunctions.ts"

// models

/** Code of one result, and what is kept for it. */
export interface Writer {
  readonly lanes: Lanes<Code>
  /** The code with what was kept before it. */
  readonly finish: (value: Code) => Code
}

// pure core

const floorOfQuotient = (a: Code, b: Code): Code => {
  const half = (part: (x: Code) => Code): Code =>
    i32x4.truncSatF64x2Zero(f64x2.floor(f64x2.div(f64x2.fromLowI32x4(part(a)), f64x2.fromLowI32x4(part(b)))))
  return lowHalves(
    half((x) => x),
    half(highHalf)
  )
}

// constructors

/** `spare` holds what is kept: one value. */
export const make = (math: MathFunctions, spare: Local): Writer => {
  let kept: Code | undefined
  return {
    lanes: {
      float32: { ...f32x4, fromInt32: f32x4.fromI32x4 },
      int32: {
        ...i32x4,
        min: i32x4.minS,
        max: i32x4.maxS,
        lt: i32x4.ltS,
        gt: i32x4.gtS,
        le: i32x4.leS,
        ge: i32x4.geS,
        fromFloat32: i32x4.truncSatF32x4,
        floorOfQuotient
      },
      and: v128.and,
      or: v128.or,
      not: v128.not,
      select: (mask, t, e) => v128.bitselect(t, e, mask),
      keep: (value) => {
        if (kept !== undefined) throw new RangeError("one value is kept at a time")
        kept = spare.set(value)
        return spare.get
      },
      math
    },
    finish: (value) => (kept === undefined ? value : [kept, value])
  }
}
