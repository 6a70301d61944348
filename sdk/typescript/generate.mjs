// Makes `src/schema.ts` from the server's OpenAPI document: `npm run generate`. With --check nothing is written, and the exit code
// is 1 where the file is not what it would be.

import { readFileSync, writeFileSync } from "node:fs";

import openapiTS, { astToString } from "openapi-typescript";

const SOURCE = new URL("../../tests/it/face/openapi.json", import.meta.url);
const MADE = new URL("src/schema.ts", import.meta.url);
const HEADER = "// Made by `npm run generate` in sdk/typescript from tests/it/face/openapi.json. Not to be changed by hand.\n\n";

const text = HEADER + astToString(await openapiTS(SOURCE));
const check = process.argv.includes("--check");
if (!check) writeFileSync(MADE, text);
else if (readFileSync(MADE, "utf8") !== text) {
  console.error("src/schema.ts is stale: npm run generate");
  process.exitCode = 1;
}
