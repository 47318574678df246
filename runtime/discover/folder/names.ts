/** The extension of a file that may hold code that runs. */
export const codeExtension = /\.[cm]?[jt]sx?$/;

const configuration = /^(?:deno\.jsonc?|\.npmrc)$/;
const notFunctions = /^_|\.d\.[cm]?ts$|[._](?:test|bench)\.[mc]?[jt]sx?$/;

/** Whether a file of this name may hold code that runs. */
export function isCode(name: string): boolean {
  return codeExtension.test(name);
}

/** Whether Hopper ignores a file or folder of this name: it begins with `.`, or is `node_modules`. */
export function isIgnored(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}

/** Whether a file of this name would decide how the files beside it are loaded. */
export function isConfiguration(name: string): boolean {
  return configuration.test(name);
}

/** Whether a file or folder of this name, and what is below it, is no function: it begins with `_`, or is a test. */
export function isHelper(name: string): boolean {
  return notFunctions.test(name);
}
