/** Many runs, looked at. */

/** Figures of paper quality from Vega-Lite specifications, as SVG and PNG, with text measured and drawn in a font that comes along. */
export * as Figure from "./Figure.ts"
/** The figures of a report as Vega-Lite specifications, their numbers inside. */
export * as Panels from "./Panels.ts"
/** What runs have to say. */
export * as Report from "./Report.ts"
/** Statistics over a few runs (Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice", 2021). */
export * as Statistics from "./Statistics.ts"
