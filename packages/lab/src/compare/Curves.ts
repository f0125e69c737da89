/** From runs to learning curves: groups of runs that differ in their seeds only, and what each did over its steps. */
import * as JsonPath from "@ornstein/core/JsonPath"
import * as Config from "@ornstein/core/Config"
import * as Key from "@ornstein/core/Key"
import type { Experiment } from "../experiment/index.ts"
import { RunHistory } from "../runs/index.ts"
import * as Standing from "./Standing.ts"
import * as Statistics from "./Statistics.ts"

// models

/** Runs of one experiment. */
export interface Group {
  readonly label: string
  readonly environment: string
  /** Those whose scores are compared. */
  readonly runs: ReadonlyArray<RunHistory.RunHistory>
  /** Those that are left out, and why. */
  readonly aside: ReadonlyArray<Standing.Aside>
}

export const scores = ["evaluation", "training"] as const
/**
 * What is compared: the mean return of an evaluation without exploration, or of the last episodes of training, with
 * exploration.
 */
export type Score = (typeof scores)[number]

/** The scores of a run that does not count, as far as it goes. */
export interface Trace {
  readonly run: string
  readonly points: ReadonlyArray<{ readonly step: number; readonly value: number }>
}

/** An estimate over the runs of a group at every step, and beside it those that diverged or failed. */
export interface Curve {
  readonly group: Group
  readonly points: ReadonlyArray<Statistics.Estimate & { readonly step: number }>
  readonly broken: ReadonlyArray<Trace>
}

/** The episodes that a training return is averaged over. */
export const EPISODES = 10

/** The most points that a curve of training returns has; where runs have fewer episodes, one for each. */
const POINTS = 100

// pure core: groups

/** An experiment whatever its seed. */
const seedless = (config: Experiment.Settings): Experiment.Settings => ({
  ...config,
  training: { ...config.training, seed: 0 }
})

/** How each configuration differs from the others, as `tau=0.01, batchSize=128`; as little as tells them apart. */
const differences = (configs: ReadonlyArray<Experiment.Settings>): ReadonlyArray<string> => {
  const tables = configs.map((config) => new Map(JsonPath.leaves(config)))
  const paths = new Set(tables.flatMap((table) => [...table.keys()]))
  const differing = [...paths].filter((path) => new Set(tables.map((table) => table.get(path))).size > 1)
  return tables.map((table) =>
    differing
      .flatMap((path) => {
        const value = table.get(path)
        return value === undefined ? [] : [`${path.split(".").at(-1)}=${value.replaceAll('"', "")}`]
      })
      .join(", ")
  )
}

/** Runs by experiment, in the order in which they were named. */
export const group = (runs: ReadonlyArray<RunHistory.RunHistory>): ReadonlyArray<Group> => {
  const groups = [...Map.groupBy(runs, ({ config }) => Config.hash(seedless(config))).values()]
  const firsts = groups.flatMap(([first]) => (first === undefined ? [] : [first]))
  const names = firsts.map(({ manifest }) => manifest.name)
  const differing = differences(firsts.map(({ config }) => seedless(config)))
  return firsts.map((first, i) => {
    const { name } = first.manifest
    const isAlone = names.indexOf(name) === names.lastIndexOf(name)
    const { aside, counted } = Standing.divide(groups[i] ?? [])
    return {
      label: isAlone ? name : `${name} (${differing[i]})`,
      environment: first.config.environment.kind,
      runs: counted,
      aside
    }
  })
}

// pure core: curves

/** The mean return of the last `EPISODES` episodes that had ended by a step; `undefined` before the first one. */
const trainingReturn = ({ steps, values }: RunHistory.Series, step: number): number | undefined => {
  const ended = steps.findLastIndex((end) => end <= step) + 1
  return ended === 0 ? undefined : Statistics.mean(values.slice(Math.max(0, ended - EPISODES), ended))
}

const evaluationSteps = (group: Group): ReadonlyArray<number> => {
  const [first, ...others] = group.runs.map(({ evaluations }) => evaluations.map(({ step }) => step))
  return (first ?? []).filter((step) => others.every((steps) => steps.includes(step)))
}

const isFinished = ({ runs }: Group): boolean => runs.some(({ manifest }) => manifest.status === "finished")

/**
 * Evaluations, where every group has enough of them for a curve. Groups that nothing has come of yet are not asked where
 * others are finished.
 */
export const preferred = (groups: ReadonlyArray<Group>): Score => {
  const finished = groups.filter(isFinished)
  const asked = finished.length > 0 ? finished : groups.filter(({ runs }) => runs.length > 0)
  return asked.every((group) => evaluationSteps(group).length > 2) ? "evaluation" : "training"
}

/** For each step the scores of all runs; steps at which a run has none are left out. */
export const scoresOf = (
  group: Group,
  score: Score
): ReadonlyArray<{ readonly step: number; readonly scores: ReadonlyArray<number> }> => {
  const { runs } = group
  if (runs.length === 0) return []
  if (score === "evaluation") {
    return evaluationSteps(group)
      .map((step) => ({
        step,
        scores: runs.flatMap(({ evaluations }) => {
          const found = evaluations.find((evaluation) => evaluation.step === step)
          return found !== undefined && Number.isFinite(found.mean) ? [found.mean] : []
        })
      }))
      .filter(({ scores }) => scores.length === runs.length)
  }
  const last = Statistics.minimum(runs.map(({ slices }) => slices.at(-1)?.step ?? 0))
  const series = runs.map(RunHistory.episodes)
  const points = Statistics.minimum([POINTS, ...series.map(({ steps }) => steps.length)])
  return Array.from({ length: points }, (_, i) => Math.round((last * (i + 1)) / points))
    .map((step) => ({
      step,
      scores: series.flatMap((one) => {
        const value = trainingReturn(one, step)
        return value !== undefined && Number.isFinite(value) ? [value] : []
      })
    }))
    .filter(({ scores }) => scores.length === runs.length)
}

const traceOf = (run: RunHistory.RunHistory, score: Score): Trace => {
  const { steps, values } =
    score === "evaluation"
      ? { steps: run.evaluations.map(({ step }) => step), values: run.evaluations.map(({ mean }) => mean) }
      : RunHistory.episodes(run)
  const every = Math.max(1, Math.ceil(steps.length / POINTS))
  const points = steps.flatMap((step, i) => {
    if (i % every !== 0 && i !== steps.length - 1) return []
    const value = score === "evaluation" ? values[i] : trainingReturn({ steps, values }, step)
    return value !== undefined && Number.isFinite(value) ? [{ step, value }] : []
  })
  return { run: run.run, points }
}

/** The learning curve of a group: a statistic over its runs with a bootstrap interval at every step. */
export const curve = (
  group: Group,
  score: Score,
  statistic: Statistics.Statistic,
  key: Key.Key,
  resamples?: number
): Curve => ({
  group,
  points: scoresOf(group, score).map(({ scores, step }) => ({
    step,
    ...Statistics.bootstrap([scores], statistic, {
      key: Key.fold(key, step),
      ...(resamples === undefined ? {} : { resamples })
    })
  })),
  broken: group.aside
    .filter(({ standing }) => standing._tag === "Diverged" || standing._tag === "Failed")
    .map(({ run }) => traceOf(run, score))
})

// pure core: one number for a run

/** The usual definitions of the score of a run. They differ, so a table says which one it shows. */
export interface Summary {
  /** The last score of the curve. */
  readonly final: number
  /** The mean of the curve's last tenth. */
  readonly lastTenth: number
  /** The best score that the curve has reached. */
  readonly best: number
  /** The mean of the whole curve: the area under it, over its length. */
  readonly area: number
}

/** The scores of the runs of a group that count; none before the first step at which all of them have one. */
export interface Scored {
  /** The step of the last score. */
  readonly step: number
  readonly summaries: ReadonlyArray<Summary>
}

export const scored = (group: Group, score: Score): Scored | undefined => {
  const columns = scoresOf(group, score)
  const last = columns.at(-1)
  if (last === undefined || group.runs.length === 0) return undefined
  const summaries = group.runs.map((_, run): Summary => {
    const curve = columns.flatMap(({ scores }) => {
      const value = scores[run]
      return value === undefined ? [] : [value]
    })
    return {
      final: curve.at(-1) ?? Number.NaN,
      lastTenth: Statistics.mean(curve.slice(-Math.max(1, Math.round(curve.length / 10)))),
      best: Statistics.maximum(curve),
      area: Statistics.mean(curve)
    }
  })
  return { step: last.step, summaries }
}
