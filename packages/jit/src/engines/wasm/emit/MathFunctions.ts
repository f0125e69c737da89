/** The math functions on vectors of four `float32` numbers: each is a function of the module, on two `float64` numbers. */
import type { Float64, MathFunction } from "../../lanes/index.ts"
import {
  type Assembler,
  type Code,
  f32x4,
  f64x2,
  highHalf,
  i32,
  i64x2,
  lowHalves,
  v128
} from "../assembly/index.ts"

// models

/** Code that applies a function to code that leaves `float32` vectors. */
export type MathFunctions = (f: MathFunction, x: Code, y?: Code) => Code

// pure core

/** What is kept becomes a local variable, set before all else. */
const float64 = (scope: Assembler.Scope, before: Array<Code>): Float64<Code> => ({
  ...f64x2,
  bits: (word) => i64x2.const(BigInt.asUintN(64, word)),
  and: v128.and,
  or: v128.or,
  not: v128.not,
  select: (mask, t, e) => v128.bitselect(t, e, mask),
  addInt: i64x2.add,
  shiftLeft: (a, bits) => i64x2.shl(a, i32.const(bits)),
  shiftRight: (a, bits) => i64x2.shrU(a, i32.const(bits)),
  keep: (value) => {
    const local = scope.local("v128")
    before.push(local.set(value))
    return local.get
  }
})

// constructors

/** The functions, each added to the module when it is first asked for. */
export const make = (module: Assembler.Assembler): MathFunctions => {
  const known = new Map<string, Assembler.Func>()
  const define = ({ apply, name, signed }: MathFunction): Assembler.Func => {
    const half = module.define(`${name}64`, ["v128", "v128"], ["v128"], (scope, [x, y]) => {
      const before: Array<Code> = []
      const result = apply(float64(scope, before), x.get, y.get)
      return [before, result]
    })
    return module.define(name, ["v128", "v128"], ["v128"], (_, [x, y]) => {
      const promoted = (part: (v: Code) => Code) =>
        f32x4.demoteF64x2Zero(
          half.call(f64x2.promoteLowF32x4(part(x.get)), f64x2.promoteLowF32x4(part(y.get)))
        )
      const result = lowHalves(
        promoted((v) => v),
        promoted(highHalf)
      )
      return signed ? v128.bitselect(x.get, result, f32x4.const(-0)) : result
    })
  }
  return (f, x, y = f32x4.const(0)) => {
    const func = known.get(f.name) ?? define(f)
    known.set(f.name, func)
    return func.call(x, y)
  }
}
