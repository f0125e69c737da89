import { assert, describe, it } from "@effect/vitest"
import * as Field from "@ornstein/core/Field"
import * as Ramp from "@ornstein/core/Ramp"
import { Result, Schema } from "effect"
import * as Golden from "../algos/Golden.ts"

const values = (ramp: Ramp.Timed, steps: ReadonlyArray<number>): ReadonlyArray<number> =>
  steps.map((step) => Ramp.at(ramp, step))

describe("by hand", () => {
  it("a number is a constant", () => {
    assert.deepStrictEqual(values(0.3, [0, 5, 1e9]), [0.3, 0.3, 0.3])
    assert.isTrue(Ramp.isConstant(0.3))
    assert.isFalse(Ramp.isConstant({ kind: "linear", from: 1, to: 1, steps: 2 }))
  })

  it("linear", () => {
    const linear = { kind: "linear", from: 1, to: 0.2, steps: 8 } as const
    assert.deepStrictEqual(values(linear, [0, 4, 8, 100]), [1, 0.6, 0.19999999999999996, 0.19999999999999996])
  })

  it("exponential", () => {
    const exponential = { kind: "exponential", from: 1.5, to: 0.5, halfLife: 10 } as const
    Golden.near(
      values(exponential, [0, 10, 20, 5, 1e9]),
      [1.5, 1, 0.75, 0.5 + Math.SQRT1_2, 0.5],
      1e-15,
      "exponential"
    )
  })

  it("cosine", () => {
    const cosine = { kind: "cosine", from: 3, to: 1, steps: 12 } as const
    // cos 0, 30, 60, 90, 120, 180 degrees.
    const cosines = [1, Math.sqrt(3) / 2, 0.5, 0, -0.5, -1, -1]
    Golden.near(
      values(cosine, [0, 2, 4, 6, 8, 12, 99]),
      cosines.map((c) => 2 + c),
      1e-15,
      "cosine"
    )
    assert.strictEqual(Ramp.at(cosine, 12), 1)
  })

  it("piecewise, in lines or steps", () => {
    const points = [
      { at: 10, value: 1 },
      { at: 20, value: 3 },
      { at: 24, value: -1 }
    ] as const
    const steps = [0, 9, 10, 15, 19, 20, 21, 23, 24, 1000]
    assert.deepStrictEqual(values({ kind: "piecewise", points }, steps), [1, 1, 1, 2, 2.8, 3, 2, 0, -1, -1])
    assert.deepStrictEqual(
      values({ kind: "piecewise", points, between: "hold" }, steps),
      [1, 1, 1, 1, 1, 3, 3, 3, -1, -1]
    )
  })

  it("a warm-up ends where the next ramp begins", () => {
    const to = { kind: "linear", from: 8, to: 0, steps: 4 } as const
    assert.deepStrictEqual(
      values({ kind: "warmup", steps: 4, to }, [0, 1, 3, 4, 5, 8, 9]),
      [0, 2, 6, 8, 6, 0, 0]
    )
    assert.deepStrictEqual(values({ kind: "warmup", from: 4, steps: 4, to: 8 }, [0, 1, 4, 9]), [4, 5, 8, 8])
  })

  it("a sequence begins each part anew", () => {
    const ramp = { kind: "linear", from: 0, to: 4, steps: 4 } as const
    const sequence: Ramp.Ramp = {
      kind: "sequence",
      parts: [
        { ramp, steps: 3 },
        { ramp, steps: 2 }
      ],
      last: ramp
    }
    assert.deepStrictEqual(values(sequence, [0, 1, 2, 3, 4, 5, 6, 9, 10]), [0, 1, 2, 0, 1, 0, 1, 4, 4])
  })

  it("a product multiplies", () => {
    const product: Ramp.Ramp = {
      kind: "product",
      factors: [3, { kind: "linear", from: 0, to: 1, steps: 2 }, { kind: "linear", from: 4, to: 0, steps: 4 }]
    }
    assert.deepStrictEqual(values(product, [0, 1, 2, 3, 4]), [0, 4.5, 6, 3, 0])
  })

  it("steps or updates are counted", () => {
    const linear = { kind: "linear", from: 0, to: 8, steps: 8 } as const
    assert.strictEqual(Ramp.read(linear, 5, 2), 5)
    assert.strictEqual(Ramp.read({ ...linear, per: "step" }, 5, 2), 5)
    assert.strictEqual(Ramp.read({ ...linear, per: "update" }, 5, 2), 2)
    assert.strictEqual(Ramp.read(3, 5, 2), 3)
  })
})

describe("ranges", () => {
  const ramps: ReadonlyArray<readonly [Ramp.Ramp, least: number, most: number]> = [
    [2, 2, 2],
    [{ kind: "cosine", from: 3, to: -1, steps: 7 }, -1, 3],
    [
      {
        kind: "piecewise",
        points: [
          { at: 1, value: 2 },
          { at: 2, value: 5 },
          { at: 4, value: 3 }
        ]
      },
      2,
      5
    ],
    [{ kind: "warmup", steps: 3, to: 7 }, 0, 7],
    [{ kind: "sequence", parts: [{ ramp: 9, steps: 2 }], last: -1 }, -1, 9],
    [
      {
        kind: "product",
        factors: [
          { kind: "linear", from: 2, to: -3, steps: 4 },
          { kind: "linear", from: -1, to: 4, steps: 4 }
        ]
      },
      -12,
      8
    ]
  ]

  it.each(ramps)("of %j", (ramp, least, most) => {
    assert.deepStrictEqual(Ramp.range(ramp), { least, most })
    for (let step = 0; step < 20; step++) {
      assert.isAtLeast(Ramp.at(ramp, step), least)
      assert.isAtMost(Ramp.at(ramp, step), most)
    }
  })
})

describe("what is refused", () => {
  const refused = (bounds: Ramp.Bounds, ramp: unknown): string => {
    const Options = Schema.Struct({ rate: Ramp.timed(bounds) })
    // What a file says has no type yet.
    const input: Field.Input<typeof Options> = JSON.parse(JSON.stringify({ rate: ramp }))
    const result = Field.result("test", Options, input)
    return Result.isFailure(result) ? result.failure.message : "nothing"
  }

  const linear = { kind: "linear", from: 1, to: 0, steps: 5 }

  it.each<readonly [Ramp.Bounds, unknown, string]>([
    [Ramp.positive, 0, "rate: expected a value greater than 0, got 0"],
    [
      Ramp.positive,
      { ...linear, kind: "cosin" },
      'rate.kind: expected one of "linear", "exponential", "cosine", "piecewise", "warmup", "sequence", "product", got "cosin"; did you mean "cosine"?'
    ],
    [
      Ramp.positive,
      { kind: "linear", from: 1, to: 0, step: 5 },
      'rate.step: unknown key, got 5; did you mean "rate.steps"?; rate.steps: required, but missing'
    ],
    [
      Ramp.positive,
      { ...linear, per: "updates" },
      'rate.per: expected one of "step", "update", got "updates"; did you mean "update"?'
    ],
    [
      Ramp.positive,
      { ...linear, from: -1 },
      "rate.from: expected a value greater than or equal to 0, got -1"
    ],
    [
      Ramp.positive,
      { ...linear, steps: 0 },
      "rate.steps: expected a value greater than or equal to 1, got 0"
    ],
    [
      Ramp.positive,
      { kind: "warmup", steps: 3, to: { ...linear, to: -1 } },
      "rate.to.to: expected a value greater than or equal to 0, got -1"
    ],
    [
      Ramp.positive,
      { kind: "warmup", steps: 3, to: { ...linear, per: "step" } },
      'rate.to.per: unknown key, got "step"; did you mean "rate.per"?'
    ],
    [
      Ramp.unitInterval,
      { ...linear, kind: "cosine", to: 1.5 },
      "rate.to: expected a value between 0 and 1, got 1.5"
    ],
    [
      Ramp.unitInterval,
      {
        kind: "sequence",
        parts: [
          { ramp: 0.5, steps: 3 },
          { ramp: 1.5, steps: 1 }
        ],
        last: 1
      },
      "rate.parts.1.ramp: expected a value between 0 and 1, got 1.5"
    ],
    [Ramp.unitInterval, { kind: "sequence", parts: [], last: 1 }, "rate.parts: expected at least 1 item"],
    [
      Ramp.unitInterval,
      { kind: "product", factors: [2, 0.75] },
      "rate.factors: may multiply to 1.5; expected a value between 0 and 1, got [2,0.75]"
    ],
    [
      Ramp.unitInterval,
      { kind: "product", factors: [-1, 0.5] },
      "rate.factors: may multiply to -0.5; expected a value between 0 and 1, got [-1,0.5]"
    ],
    [
      Ramp.nonNegative,
      {
        kind: "piecewise",
        points: [
          { at: 5, value: 1 },
          { at: 2, value: 3 }
        ]
      },
      "rate.points.1.at: is not after the point before it, at 5, got 2"
    ],
    [
      Ramp.nonNegative,
      {
        kind: "piecewise",
        points: [
          { at: 5, value: 1 },
          { at: 5, value: 3 }
        ]
      },
      "rate.points.1.at: is not after the point before it, at 5, got 5"
    ],
    [
      Ramp.nonNegative,
      {
        kind: "piecewise",
        points: [
          { at: 5, value: 1 },
          { at: 7, value: -3 }
        ]
      },
      "rate.points.1.value: expected a value greater than or equal to 0, got -3"
    ]
  ])("%#", (bounds, ramp, message) => {
    assert.strictEqual(refused(bounds, ramp), `options of test: ${message}`)
  })

  it("0 on the way is none of it", () => {
    for (const ramp of [
      { kind: "warmup", steps: 10, to: { kind: "cosine", from: 1, to: 0, steps: 5 }, per: "update" },
      { kind: "product", factors: [2, { kind: "linear", from: 0, to: 0.5, steps: 4 }] }
    ]) {
      assert.strictEqual(refused(Ramp.positive, ramp), "nothing")
    }
  })
})
