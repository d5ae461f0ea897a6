// fal's JavaScript client as a contender of `cargo xtask bench client`: its own way to subscribe, with log lines and a callback.
//
// Arguments: `streaming` or `polling`, how many generations, and how many of them at a time; the rest is for contenders in
// other languages. What is printed is explained in `crates/fal-core/benches/clients/line.rs`.

import { readFile } from "node:fs/promises";
import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import { stdin, version } from "node:process";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

import { connect } from "./hosts.mjs";

const KLING = "fal-ai/kling-video/v2.1/standard/image-to-video";
const [mode, generations, concurrency] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

const tell = (...words) => writeSync(1, `${words.join(" ")}\n`);

/** Microseconds since 1970. */
const now = () => Math.round((performance.timeOrigin + performance.now()) * 1000);

const fal = connect();

/** One generation, from the submit to the last byte of the video. */
async function generate(generation) {
  const prompt = `slow push in over the bay at dawn, take ${generation}`;
  let noticed = false;
  const { data } = await fal.subscribe(KLING, {
    input: { prompt, image_url: "https://example.com/still.png", duration: "5" },
    logs: true,
    mode,
    onQueueUpdate: (update) => {
      if (update.status === "COMPLETED" && !noticed) {
        noticed = true;
        tell("noticed", update.request_id, now());
      }
    },
  });
  const video = await fetch(data.video.url);
  if (!video.ok) {
    throw new Error(`the video was answered with ${video.status}`);
  }
  return (await video.arrayBuffer()).byteLength;
}

let next = 0;

/** Takes the next generation for as long as there is one. */
async function work() {
  while (next < generations) {
    const generation = next++;
    try {
      tell("video", generation, await generate(generation));
    } catch (error) {
      tell("failed", generation, `${error.name}: ${error.message} ${error.cause ?? ""}`.replaceAll("\n", " "));
    }
  }
}

const client = pathToFileURL(createRequire(import.meta.url).resolve("@fal-ai/client"));
const own = JSON.parse(await readFile(new URL("../package.json", client)));
tell("ready", `@fal-ai/client ${own.version}, ${mode} (Node.js ${version.slice(1)})`);

const driver = createInterface({ input: stdin })[Symbol.asyncIterator]();
await driver.next();
await Promise.all(Array.from({ length: concurrency }, work));
tell("done");
await driver.next();
