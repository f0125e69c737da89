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

/** The words of a text that say something, by their beginnings. */
const words = (text: string): ReadonlySet<string> =>
  new Set((text.toLowerCase().match(/[a-z0-9]{4,}/g) ?? []).map((word) => word.slice(0, 6)))

const letters = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "")

/** The paragraphs, rows and list items of a section; a line that is indented goes on with the one before. */
const itemsOf = (section: string): ReadonlyArray<string> => section.replaceAll(/\n +(?=\S)/g, " ").split("\n")

/**
 * The departures of which the page says nothing by hand, each with its part. One is said where a section that names the
 * part, or its paper, has an item with two thirds of the departure's words.
 */
export const unsaid = (parts: ReadonlyArray<Part.Any>): ReadonlyArray<string> => {
  const sections = (current().split(start)[0] ?? "").split(/^##+ /m)
  return parts.flatMap(({ departures, kind, source }) => {
    const items = sections
      .filter(
        (section) =>
          letters(section).includes(letters(kind)) ||
          (typeof source !== "string" && section.includes(source.link))
      )
      .flatMap(itemsOf)
      .map(words)
    return departures.flatMap((departure) => {
      const meant = [...words(departure)]
      const isSaid = items.some(
        (said) => meant.filter((word) => said.has(word)).length * 3 >= meant.length * 2
      )
      return isSaid ? [] : [`${kind}: ${departure}`]
    })
  })
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(page, generated())
