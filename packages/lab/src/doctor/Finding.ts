/** One thing that Ornstein needs, and whether this machine has it. */

export interface Finding {
  readonly name: string
  /** `note`: something optional is absent. */
  readonly status: "ok" | "note" | "fault"
  readonly found: string
  /** What to do, unless all is well. */
  readonly advice?: string
}
