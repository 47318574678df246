/** The fields of deno.json that are used. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
}

const deno = { deno: "^2.9.6" };

/** The package.json of the package for npm. */
export function packageJson({ name, version, license, exports }: Manifest) {
  return {
    name,
    version,
    description: "Serverless functions over RabbitMQ: a TypeScript file in functions/ is a live consumer",
    keywords: ["rabbitmq", "amqp", "serverless", "functions", "queue", "rpc", "deno"],
    license,
    type: "module",
    engines: { node: ">=20" },
    bin: { hopper: "dist/hopper.js" },
    exports: Object.fromEntries(
      Object.entries(exports).map(([path, source]) => [path, conditions(path, source)]),
    ),
    // Deno runs the functions and the command line. npm, pnpm and yarn install it as an optional dependency; Deno looks at
    // the optional peer first, and so does not fetch 92 MB that it has already.
    optionalDependencies: deno,
    peerDependencies: deno,
    peerDependenciesMeta: { deno: { optional: true } },
  };
}

function conditions(path: string, source: string) {
  const name = path === "." ? "mod" : path.slice("./".length);
  return {
    types: source.replace("./runtime/", "./types/").replace(/\.ts$/, ".d.ts"),
    default: `./dist/${name}.js`,
  };
}
