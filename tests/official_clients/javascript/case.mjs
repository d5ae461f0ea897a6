// What every case has: a client, an input, and requests that last as long as they are needed.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { setTimeout } from "node:timers/promises";

import { EMULATOR, KEY, connect } from "./hosts.mjs";

export const KLING = "fal-ai/kling-video/v2.1/standard/image-to-video";
export const PICTURE = await readFile(process.env.FAL_EMULATOR_PICTURE);

/** Milliseconds after which a case counts as hung. */
const PATIENCE = 120_000;

/** Asks the emulator, and nobody else, to keep the request in progress until it is cancelled. */
const NEVER_FINISHING = { "x-emulator-fault": "never-finishing" };

export const fal = connect();
export const picture = await fal.storage.upload(new Blob([PICTURE], { type: "image/png" }));

export const counts = { cases: 0, passed: 0 };

/** One case. What it hands to `after` is done when it ends, however it ends. */
export function proves(promise, body) {
  counts.cases += 1;
  test(promise, async () => {
    const clearing = [];
    const hanging = setTimeout(PATIENCE, null, { ref: false }).then(() => assert.fail("it hangs"));
    try {
      await Promise.race([body((clear) => clearing.push(clear)), hanging]);
    } finally {
      for (const clear of clearing) {
        await clear();
      }
    }
    counts.passed += 1;
  });
}

/** A good input, with these changes. */
export function input(changes = {}) {
  return { prompt: "slow zoom in", image_url: picture, duration: "5", ...changes };
}

export async function submit(changes, options = {}) {
  const { request_id } = await fal.queue.submit(KLING, { input: input(changes), ...options });
  return { requestId: request_id };
}

/** A request that stays in progress, or in line behind such requests, until the case ends. */
export async function hold(after, options = {}) {
  const held = await submit({}, { headers: NEVER_FINISHING, ...options });
  after(() => release(held));
  return held;
}

export async function release(held) {
  // It may have ended already.
  await fal.queue.cancel(KLING, held).catch((error) => assert.equal(error.status, 400));
  await until(held, "COMPLETED");
}

/** From here on whatever is submitted waits in line. The emulator has two runners, as a new account has on fal. */
export async function occupyAllRunners(after) {
  const held = [await hold(after), await hold(after)];
  for (const request of held) {
    await until(request, "IN_PROGRESS");
  }
  return held;
}

/** Polls until the request is in this state, and gives it. */
export async function until(request, wanted) {
  for (;;) {
    const status = await fal.queue.status(KLING, { ...request, logs: true });
    if (status.status === wanted) {
      return status;
    }
  }
}

/** The error that a call ends with. */
export async function refused(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  assert.fail("it was not refused");
}

/** A bare GET, for what the client has no call for. */
export function get(url) {
  return fetch(url, { headers: { Authorization: `Key ${KEY}` } });
}

/** Lets something go wrong, so many times; gives how often it did so far. */
export async function letFail(name, times) {
  const rule = JSON.stringify({ name, on: "submit", times });
  const added = await fetch(`${EMULATOR}/emulator/faults`, { method: "POST", body: rule });
  assert.equal(added.status, 201, await added.clone().text());
  const { id } = await added.json();
  return async () => {
    const { faults } = await (await fetch(`${EMULATOR}/emulator/faults`)).json();
    return faults.find((fault) => fault.id === id).hits;
  };
}
