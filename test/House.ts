/** The house rules that a machine can check, on the text of a source file: hidden randomness and time, imports. */

export interface Violation {
  readonly file: string
  readonly line: number
  readonly rule: string
}

/** Packages in the order in which they may import: each only from those before it; `envs` and `algos` are peers. */
const mayImport: { readonly [name: string]: ReadonlyArray<string> } = {
  jit: [],
  core: ["jit"],
  envs: ["jit", "core"],
  algos: ["jit", "core"],
  lab: ["jit", "core", "envs", "algos"]
}

/** `lab` shows times and dates to people; the others compute. */
const numerical = new Set(["jit", "core", "envs", "algos"])

/** The source with comments and the insides of strings blanked out, line breaks kept. */
export const code = (source: string): string =>
  source.replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g,
    (match) => (match.startsWith("`") ? match : match.replace(/[^\n]/g, " "))
  )

const forbidden: ReadonlyArray<readonly [rule: string, pattern: RegExp]> = [
  ["Date.now: use effect's Clock", /Date\s*\.\s*now|new\s+Date\s*\(\s*\)/],
  ["performance.now: use effect's Clock", /performance\s*\.\s*now/]
]

/**
 * What the host computes with bits of its own: ECMAScript leaves the last bits of all functions of `Math` open but these,
 * and those of a power, unless both its numbers are written down, which compilers fold exactly. A new function of `Math`
 * is refused until it stands here.
 */
const open: typeof forbidden = [
  [
    "a function of the host with bits of its own: core's Elementary, envs' Trigonometry, or a Key to draw",
    /\bMath\b(?!\s*\.\s*(?:abs|ceil|clz32|floor|fround|imul|max|min|round|sign|sqrt|trunc|PI|E|LN2|LN10|LOG2E|LOG10E|SQRT2|SQRT1_2)\b)/
  ],
  ["a power of the host: multiply, or core's Elementary", /(?<!(?<![\w.])\d[\d_.]*\s*)\*\*|\*\*=?(?!\s*-?\d)/]
]

/** Where they are used all the same, and why no hash can depend on them. */
export const mayUseHost: { readonly [file: string]: string } = {
  "packages/lab/src/Raster.ts": "angles of lines that are drawn: no hash covers a picture"
}

/** A list of 120,000 values spread into arguments overflows the stack; a list of whatever length is folded instead. */
const everywhere: typeof forbidden = [
  [
    "a list spread into arguments: fold it, or push in a loop",
    /(?:\bMath\s*\.\s*(?:max|min|hypot)|\.\s*(?:push|unshift|splice|concat|fromCharCode|fromCodePoint))\s*\((?:[^()[\]{}]|\[[^\]]*\])*\.\.\./
  ]
]

/** What stands in `Durable` and `RegularFile`, which follow no link, wait for no pipe and remove nothing foreign. */
const files =
  /(?<!Durable)\.\s*(?:writeFile\w*|readFile\w*|makeDirectory|makeTemp\w+|copyFile|symlink)\b|\b(?:fs|files)\s*\.\s*(?:remove|rename|link|open|copy|truncate|chmod|chown|utimes|sink|stream)\b/g

/** Where files are touched directly, and why. */
const mayTouchFiles: { readonly [file: string]: string } = {
  "packages/core/src/RegularFile.ts": "it is the place for reading",
  "packages/core/src/Durable.ts": "it is the place for writing and removing",
  "packages/core/src/Replay.ts": "a dataset is read without the service of files, after it was looked at",
  "packages/jit/src/host/DynamicLibrary.ts": "what the system says of this process",
  "packages/jit/src/host/ElfFile.ts": "libraries that the loader takes, a bounded part of each",
  "packages/jit/src/engines/tensorflow/Session.ts": "its folder is new, made by mkdtemp",
  "packages/lab/src/Lock.ts": "what the system says of processes, in files without a size",
  "packages/lab/src/Version.ts": "the package's own package.json"
}

/** Direct use of files, where a path may be foreign. */
export const touches = (file: string, source: string): ReadonlyArray<Violation> => {
  if (Object.hasOwn(mayTouchFiles, file)) return []
  const text = code(source)
  const line = (at: number): number => text.slice(0, at).split("\n").length
  const direct = Array.from(text.matchAll(files), ({ index }) => ({
    file,
    line: line(index),
    rule: "files are read by RegularFile, written and removed by Durable"
  }))
  const imports = source
    .split("\n")
    .flatMap((text, i) =>
      /import (?!\{ (?:constants|existsSync|readdirSync|access|statfs)(?:, (?:constants|existsSync|readdirSync|access|statfs))* \}).*from "node:fs/.test(
        text
      )
        ? [{ file, line: i + 1, rule: "files are read by RegularFile, written and removed by Durable" }]
        : []
    )
  return [...direct, ...imports]
}

const packageOf = (file: string): string => file.split("/")[1] ?? ""

/** What a file under `packages/` does against the rules. */
export const check = (file: string, source: string): ReadonlyArray<Violation> => {
  const name = packageOf(file)
  const lines = source.split("\n")
  const imports = lines.flatMap((line, i) => {
    const target = /(?:from|import)\s*\(?\s*"@ornstein\/([a-z]+)/.exec(line)?.[1]
    const relative = /(?:from|import)\s*\(?\s*"((?:\.\.\/)+)/.exec(line)?.[1]
    const depth = file.split("/").length - 3
    return target !== undefined && target !== name && !(mayImport[name] ?? []).includes(target)
      ? [{ file, line: i + 1, rule: `${name} does not import ${target}` }]
      : relative !== undefined && relative.length / 3 > depth
        ? [{ file, line: i + 1, rule: "a relative import leaves its package" }]
        : []
  })
  const rules = [
    ...everywhere,
    ...(numerical.has(name) ? forbidden : []),
    ...(Object.hasOwn(mayUseHost, file) ? [] : open)
  ]
  const hidden = code(source)
    .split("\n")
    .flatMap((line, i) =>
      rules.filter(([, pattern]) => pattern.test(line)).map(([rule]) => ({ file, line: i + 1, rule }))
    )
  return [...imports, ...hidden]
}
