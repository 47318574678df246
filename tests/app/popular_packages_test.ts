/** The most popular packages, each imported by a function: they load at once, or after one suggested permission. */

import assert from "node:assert/strict";
import { hopperImports, withFunctions } from "../support/functions.ts";

const packages = {
  aws: "@aws-sdk/client-s3@3.1175.0",
  axios: "axios@1.21.1",
  cheerio: "cheerio@1.2.0",
  debug: "debug@4.4.3",
  drizzle: "drizzle-orm@0.45.4",
  exceljs: "exceljs@4.4.0",
  express: "express@5.3.0",
  ioredis: "ioredis@6.0.0",
  jimp: "jimp@1.6.1",
  jsonwebtoken: "jsonwebtoken@9.0.3",
  kysely: "kysely@0.29.9",
  mongodb: "mongodb@7.9.0",
  mysql2: "mysql2@3.24.6",
  nodemailer: "nodemailer@10.6.1",
  openai: "openai@7.59.0",
  pdfkit: "pdfkit@0.20.2",
  pg: "pg@8.23.1",
  pino: "pino@10.4.0",
  postgres: "postgres@3.4.9",
  puppeteer: "puppeteer-core@25.16.0",
  stripe: "stripe@23.1.0",
  undici: "undici@7.30.2",
  winston: "winston@3.19.0",
};

/** The permissions that these packages need. Others need none. */
const advised: Record<string, string> = { exceljs: "sys: true", pino: 'sys: ["hostname"]' };

const source = (name: string, specifier: string, options: string) =>
  `import { rpc } from "hopper";\nimport * as all from "npm:${specifier}";\n` +
  `export default rpc("${name}", ${options}() => Object.keys(all).length);`;

Deno.test("The most popular packages load in a function, after at most one round of suggested permissions", async () => {
  await using functions = await withFunctions({
    "deno.json": JSON.stringify({ imports: hopperImports }),
    ...Object.fromEntries(
      Object.entries(packages).map((
        [name, specifier],
      ) => [`functions/${name}.ts`, source(name, specifier, "")]),
    ),
  });

  const problems = await functions.problems();
  assert.deepEqual(Object.keys(problems).sort(), Object.keys(advised).map((name) => `functions/${name}.ts`));
  const config = { functions: {} as Record<string, { permissions: { sys: true } }> };
  for (const [name, permission] of Object.entries(advised)) {
    const file = `functions/${name}.ts`;
    const fix = `write in the file: permissions: { ${permission} }, and in deploy.config.ts: ` +
      `functions: { "${name}": { permissions: { ${permission} } } }`;
    assert.ok(problems[file]!.endsWith(fix), problems[file]);
    const options = `{ permissions: { ${permission} } }, `;
    await Deno.writeTextFile(
      functions.folder.at(file),
      source(name, packages[name as keyof typeof packages], options),
    );
    config.functions[name] = { permissions: { sys: true } };
  }

  assert.deepEqual(await functions.problems(config), {});
  for (const name of Object.keys(packages)) assert.ok(await functions.result(name) as number > 0, name);
});
