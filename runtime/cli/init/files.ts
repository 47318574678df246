import type { Origin } from "./origin.ts";

/** The files of a new project, by their path below it. */
export type Files = Readonly<Record<string, string>>;

/** What a project's README says. */
export interface Told {
  /** The project's name. */
  readonly name: string;
  /** What stands before a command, as people type it. */
  readonly start: string;
  /** A command that shows a function at work. */
  readonly attempt: string;
  /** What it imports beside Hopper: names, and where they come from. */
  readonly packages: Readonly<Record<string, string>>;
}

/** What every project has beside its functions. */
export function projectFiles({ imports, command }: Origin, { name, start, attempt, packages }: Told): Files {
  const denoJson = {
    imports: { ...imports, ...packages },
    tasks: {
      run: `${command} run`,
      test: "deno test -A",
      check: "deno check",
      hopper: command,
    },
    fmt: { lineWidth: 110 },
  };
  return {
    "deno.json": JSON.stringify(denoJson, null, 2) + "\n",
    "deploy.config.ts": config,
    ".gitignore": ".hopper/\n.env\nnode_modules/\n",
    ".env.example": environment,
    "README.md": readme({ name, start, attempt }),
  };
}

const config = `import { defineConfig } from "hopper";

/** What an operator decides. A function's own file says the rest. */
export default defineConfig({
  // broker: "amqp://user:password@rabbit.example:5672",
  functions: {
    // A name or a glob, above what the file says.
    // "greet": { timeout: "5s" },
  },
});
`;

const environment = `# Copy this to .env, which is read where it is asked for: hopper run --env-file .env
# AMQP_URL=amqp://user:password@rabbit.example:5672
`;

const readme = ({ name, start, attempt }: Omit<Told, "packages">) =>
  `# ${name}

Functions over RabbitMQ, run by Hopper. Each file in \`functions/\` is one.

\`\`\`sh
${start} run
${start.startsWith("deno") ? "deno" : "npx deno"} task test
${start} ${attempt}
\`\`\`
`;
