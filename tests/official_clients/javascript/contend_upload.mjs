// fal's JavaScript client as a contender of `cargo xtask bench upload`: one file, by `storage.upload`.
//
// The argument is the file; the rest is for contenders in other languages. What is printed is explained in
// `crates/fal-upload/benches/upload/race.rs`.

import { openAsBlob, writeSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { stdin, version } from "node:process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

import { connect } from "./hosts.mjs";

const tell = (...words) => writeSync(1, `${words.join(" ")}\n`);

const fal = connect();
const client = pathToFileURL(createRequire(import.meta.url).resolve("@fal-ai/client"));
const own = JSON.parse(await readFile(new URL("../package.json", client)));
// A blob of a file is read as it is sent, and not all of it at first.
const file = await openAsBlob(process.argv[2]);
tell("ready", `@fal-ai/client ${own.version} (Node.js ${version.slice(1)})`);

const driver = createInterface({ input: stdin })[Symbol.asyncIterator]();
await driver.next();
tell("done", await fal.storage.upload(file));
await driver.next();
