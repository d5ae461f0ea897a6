// Runs every case, and ends with one line that `cargo xtask official-clients` reads.

import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import { counts } from "./case.mjs";

const client = pathToFileURL(createRequire(import.meta.url).resolve("@fal-ai/client"));
const { version } = JSON.parse(await readFile(new URL("../package.json", client)));

process.on("exit", () => {
  console.log(`official client: @fal-ai/client ${version}: ${counts.passed} of ${counts.cases} cases`);
});

for (const file of (await readdir(new URL(".", import.meta.url))).sort()) {
  if (file.endsWith(".cases.mjs")) {
    await import(`./${file}`);
  }
}
