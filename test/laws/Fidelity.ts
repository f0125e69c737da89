/**
 * The tables of `docs/fidelity.md`, which say of every part what it is from and what it departs from. They come from the
 * catalogues: `npx -c 'node --conditions=@ornstein/source test/laws/Fidelity.ts'` writes them, and a test checks that they
 * are up to date. The rest of the page is written by hand.
 */
import type * as Part from "@ornstein/core/Part"
import * as Experiment from "@ornstein/lab/Experiment"
import { readFileSync, writeFileSync } from "node:fs"

const page = new URL("../../docs/fidelity.md", import.meta.url)

const { bases, explorations, networks, optimizers, ramps, replays, variants, wrappers } =
  Experiment.catalogues

/** Worlds are compared with recordings and engines with the oracle: neither departs from a paper. */
const catalogues: ReadonlyArray<readonly [title: string, parts: ReadonlyArray<Part.Any>]> = [
  ["Algorithms", bases.parts],
  ["Variants", variants.parts],
  ["Networks", networks.parts],
  ["Optimizers", optimizers.parts],
  ["Ramps", ramps.parts],
  ["Replays", replays.parts],
  ["Explorations", explorations.parts],
  ["Wrappers", wrappers.parts]
]

const cell = (text: string): string => text.replaceAll("|", String.raw`\|`)

const cited = (source: Part.Source): string =>
  typeof source === "string" ? cell(source) : `[${cell(source.authors)}, ${source.year}](${source.link})`

const row = ({ departures, kind, source }: Part.Any): string =>
  `| \`${kind}\` | ${cited(source)} | ${cell(departures.join("; "))} |`

const tables = catalogues
  .map(([title, parts]) =>
    [`### ${title}`, "", "| part | from | departs in |", "| --- | --- | --- |", ...parts.map(row)].join("\n")
  )
  .join("\n\n")

const [start, end] = ["<!-- parts: generated -->", "<!-- parts: end -->"]

export const current = (): string => readFileSync(page, "utf8")

/** The page as it should be. */
export const generated = (): string => {
  const [before, rest = ""] = current().split(start)
  const [, after] = rest.split(end)
  if (before === undefined || after === undefined) throw new Error("the page has no place for its tables")
  return `${before}${start}\n\n${tables}\n\n${end}${after}`
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(page, generated())
