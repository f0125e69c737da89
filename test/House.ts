/** The house rules that a machine can check, on the text of a source file: hidden randomness and time, imports. */
import { posix } from "node:path"
import * as Ast from "typescript/unstable/ast"

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
  native: ["jit", "core"],
  lab: ["jit", "core", "envs", "algos", "native"]
}

/** `lab` shows times and dates to people; the others compute. */
const numerical = new Set(["jit", "core", "envs", "algos"])

const { SyntaxKind: T } = Ast

const blank = new Set([
  T.SingleLineCommentTrivia,
  T.MultiLineCommentTrivia,
  T.StringLiteral,
  T.RegularExpressionLiteral,
  T.NoSubstitutionTemplateLiteral,
  T.TemplateHead,
  T.TemplateMiddle,
  T.TemplateTail
])

const trivia = new Set([
  T.WhitespaceTrivia,
  T.NewLineTrivia,
  T.SingleLineCommentTrivia,
  T.MultiLineCommentTrivia
])

/** After these a slash divides; after anything else it begins a regular expression. */
const operands = new Set([
  T.Identifier,
  T.PrivateIdentifier,
  T.NumericLiteral,
  T.BigIntLiteral,
  T.StringLiteral,
  T.RegularExpressionLiteral,
  T.NoSubstitutionTemplateLiteral,
  T.TemplateTail,
  T.CloseParenToken,
  T.CloseBracketToken,
  T.CloseBraceToken,
  T.PlusPlusToken,
  T.MinusMinusToken,
  T.ThisKeyword,
  T.SuperKeyword,
  T.TrueKeyword,
  T.FalseKeyword,
  T.NullKeyword
])

/** The source with comments and the text of strings, templates and regular expressions blanked out, line breaks kept. */
export const code = (source: string): string => {
  const scanner = Ast.createScanner(false, Ast.LanguageVariant.Standard, source)
  /** For every brace that is open: does a template go on behind it? */
  const braces: Array<boolean> = []
  let [last, beforeLast]: [Ast.SyntaxKind, Ast.SyntaxKind] = [T.Unknown, T.Unknown]
  let plain = ""
  for (let token = scanner.scan(); token !== T.EndOfFile; token = scanner.scan()) {
    // A keyword behind a dot is a name.
    const isOperand = operands.has(last) || beforeLast === T.DotToken || beforeLast === T.QuestionDotToken
    if ((token === T.SlashToken || token === T.SlashEqualsToken) && !isOperand) {
      token = scanner.reScanSlashToken()
    }
    if (token === T.OpenBraceToken || token === T.TemplateHead) braces.push(token === T.TemplateHead)
    if (token === T.CloseBraceToken) {
      const isTemplate = braces.pop() ?? false
      if (isTemplate) token = scanner.reScanTemplateToken(false)
      if (token === T.TemplateMiddle) braces.push(true)
    }
    const text = scanner.getTokenText()
    plain += blank.has(token) ? text.replace(/[^\n]/g, " ") : text
    if (!trivia.has(token)) [beforeLast, last] = [last, token]
  }
  return plain
}

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
    "a function of the host with bits of its own: core's Elementary or Trigonometry, or a Key to draw",
    /\bMath\b(?!\s*\.\s*(?:abs|ceil|clz32|floor|fround|imul|max|min|round|sign|sqrt|trunc|PI|E|LN2|LN10|LOG2E|LOG10E|SQRT2|SQRT1_2)\b)/
  ],
  ["a power of the host: multiply, or core's Elementary", /(?<!(?<![\w.])\d[\d_.]*\s*)\*\*|\*\*=?(?!\s*-?\d)/]
]

/** Where they are used all the same, and why no hash can depend on them. */
export const mayUseHost: { readonly [file: string]: string } = {
  "packages/lab/src/picture/Raster.ts": "angles of lines that are drawn: no hash covers a picture"
}

/** A list of 120,000 values spread into arguments overflows the stack; a list of whatever length is folded instead. */
const everywhere: typeof forbidden = [
  [
    "a list spread into arguments: fold it, or push in a loop",
    /(?:\bMath\s*\.\s*(?:max|min|hypot)|\.\s*(?:push|unshift|splice|concat|fromCharCode|fromCodePoint))\s*\((?:[^()[\]{}]|\[[^\]]*\])*\.\.\./
  ]
]

/**
 * The room in which a package asks for what only Node has: all else of it runs in a browser, too. That of `envs` is for worlds
 * that are processes.
 */
const hosts: { readonly [name: string]: string } = {
  jit: "jit/host",
  core: "core/host",
  envs: "envs/host",
  algos: "core/host"
}

/** Engines that are libraries of Node's. */
const ofNode = /^packages\/jit\/src\/engines\/(?:tensorflow|webgpu)\//

const nodeModule = /(?:\bfrom|\bimport|\bgetBuiltinModule\b.*?)\s*\(?\s*"node:/
const nodeGlobal = /\bprocess\s*[.?]|\bBuffer\s*\./

/** What only Node has, outside of the room for it. */
const asksForNode = (file: string, source: string): ReadonlyArray<Violation> => {
  const host = hosts[packageOf(file)]
  if (host === undefined || file.startsWith(`packages/${host.replace("/", "/src/")}/`)) return []
  const plain = code(source).split("\n")
  return source
    .split("\n")
    .flatMap((text, i) =>
      nodeModule.test(text) || (nodeGlobal.test(plain[i] ?? "") && !ofNode.test(file))
        ? [{ file, line: i + 1, rule: `Node is asked for in ${host}` }]
        : []
    )
}

/** What stands in `Durable` and `RegularFile`, which follow no link, wait for no pipe and remove nothing foreign. */
const files =
  /(?<!Durable)\.\s*(?:writeFile\w*|readFile\w*|makeDirectory|makeTemp\w+|copyFile|symlink)\b|\b(?:fs|files)\s*\.\s*(?:remove|rename|link|open|copy|truncate|chmod|chown|utimes|sink|stream)\b/g

/** Where files are touched directly, and why. */
const mayTouchFiles: { readonly [file: string]: string } = {
  "packages/core/src/files/RegularFile.ts": "it is the place for reading",
  "packages/core/src/files/Durable.ts": "it is the place for writing and removing",
  "packages/core/src/host/HostFile.ts": "for who has no service of files, after the file was looked at",
  "packages/envs/src/host/Pipes.ts":
    "pipes in a folder that is new, made by mkdtemp, and gone before anybody uses them",
  "packages/jit/src/host/node/DynamicLibrary.ts": "what the system says of this process",
  "packages/jit/src/host/node/ElfFile.ts": "libraries that the loader takes, a bounded part of each",
  "packages/jit/src/host/node/Scratch.ts": "its folder is new, made by mkdtemp",
  "packages/lab/src/datasets/Hdf5Thread.ts": "the memory of a library that sees no disk",
  "packages/lab/src/runs/Lock.ts": "what the system says of processes, in files without a size",
  "packages/lab/src/version/Version.ts": "the package's own package.json"
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
  return [...imports, ...hidden, ...asksForNode(file, source)]
}

// rooms

interface Import {
  readonly line: number
  /** The path of the file that is imported, from the root. */
  readonly target: string
  /** Is it imported when it is needed? */
  readonly isLazy: boolean
}

/** The file that a relative path means. */
const resolved = (file: string, path: string): string => posix.join(posix.dirname(file), path)

/** What a file imports or re-exports of its own package. */
const importsOf = (file: string, source: string): ReadonlyArray<Import> =>
  source.split("\n").flatMap((text, i) =>
    Array.from(text.matchAll(/(from|import\()\s*"(\.\.?\/[^"]+\.ts)"/g), ([, word, path = ""]) => ({
      line: i + 1,
      target: resolved(file, path),
      isLazy: word === "import("
    }))
  )

/** `core/replay` of a file in that room; the package itself of one that lies in none. */
const roomOf = (file: string): string => {
  const [, name = "", , ...rest] = file.split("/")
  return rest.length > 1 ? `${name}/${rest.slice(0, -1).join("/")}` : name
}

/** The face of a room of one file is that file, where it has the room's name. */
const isFace = (target: string): boolean => {
  const room = roomOf(target).split("/").at(-1) ?? ""
  const name = (target.split("/").at(-1) ?? "").replace(/\.ts$/, "")
  return name === "index" || name.toLowerCase() === room.toLowerCase()
}

/** Files that are begun with: they may reach into every room. */
const isEntrance = (file: string): boolean => /^packages\/[a-z]+\/src\/[^/]+\.ts$/.test(file)

/**
 * Imports past the face of a room. A file that is loaded only when it is needed may be named itself, if the face shows
 * it; the package's own contents page names files too.
 */
export const trespasses = (sources: ReadonlyMap<string, string>): ReadonlyArray<Violation> =>
  Array.from(sources).flatMap(([file, source]) =>
    importsOf(file, source).flatMap(({ isLazy, line, target }) => {
      const room = roomOf(target)
      if (isEntrance(file) || room === roomOf(file) || isFace(target) || isEntrance(target)) return []
      const face = sources.get(`packages/${room.replace("/", "/src/")}/index.ts`) ?? ""
      const isShown = face.includes(`"./${target.split("/").at(-1)}"`)
      return isLazy && isShown ? [] : [{ file, line, rule: `${room} is entered by its face, not ${target}` }]
    })
  )

/** The first way round in circles, `a -> b -> a`, if there is one. */
const circle = (arrows: ReadonlyMap<string, ReadonlySet<string>>): string | undefined => {
  const done = new Set<string>()
  const path: Array<string> = []
  const visit = (at: string): string | undefined => {
    if (path.includes(at)) return [...path.slice(path.indexOf(at)), at].join(" -> ")
    if (done.has(at)) return undefined
    path.push(at)
    for (const next of arrows.get(at) ?? []) {
      const found = visit(next)
      if (found !== undefined) return found
    }
    path.pop()
    done.add(at)
    return undefined
  }
  for (const start of arrows.keys()) {
    const found = visit(start)
    if (found !== undefined) return found
  }
  return undefined
}

/** Circles among files, and among rooms, by what they import at once or later. */
export const circles = (sources: ReadonlyMap<string, string>): ReadonlyArray<string> => {
  const between = (place: (file: string) => string) => {
    const arrows = new Map<string, Set<string>>()
    for (const [file, source] of sources) {
      const from = place(file)
      const to = arrows.get(from) ?? new Set<string>()
      for (const { target } of importsOf(file, source)) if (place(target) !== from) to.add(place(target))
      arrows.set(from, to)
    }
    return circle(arrows)
  }
  const files = between((file) => file)
  // What lies in no room stands for itself: the contents page, the command.
  const rooms = between((file) => (isEntrance(file) ? file : roomOf(file)))
  return [...(files === undefined ? [] : [files]), ...(rooms === undefined ? [] : [rooms])]
}
