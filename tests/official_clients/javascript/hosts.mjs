// Where the client is pointed at the emulator. This file is all that the emulator makes necessary.

import { createFalClient } from "@fal-ai/client";
import { EnvHttpProxyAgent, setGlobalDispatcher } from "undici";

// The emulator's one address, such as http://127.0.0.1:8811, for what is not fal's: its faults.
export const EMULATOR = process.env.FAL_EMULATOR_URL;
export const KEY = process.env.FAL_KEY;

const THROUGH_A_PROXY = process.env.FAL_EMULATOR_WAY === "proxy";
const PREFIXES = { "queue.fal.run": "queue", "fal.run": "run", "rest.fal.ai": "rest", "v3.fal.media": "cdn" };

export const QUEUE = THROUGH_A_PROXY ? "https://queue.fal.run" : `${EMULATOR}/queue`;
export const REST = THROUGH_A_PROXY ? "https://rest.fal.ai" : `${EMULATOR}/rest`;
export const CDN = THROUGH_A_PROXY ? "https://v3.fal.media" : `${EMULATOR}/cdn`;

if (THROUGH_A_PROXY) {
  // Before version 24, Node itself does not look at HTTPS_PROXY. The client is left as it is.
  setGlobalDispatcher(new EnvHttpProxyAgent());
}

/** A client with this key. */
export function connect(credentials = KEY) {
  return createFalClient(THROUGH_A_PROXY ? { credentials } : { credentials, fetch: fetchHere });
}

/** Fetches from the emulator what the client asks fal for. */
function fetchHere(url, init) {
  const { host, origin, pathname, search } = new URL(url);
  if (origin === EMULATOR) {
    return fetch(url, init);
  }
  if (!(host in PREFIXES)) {
    throw new Error(`The client asks ${host}, which the emulator does not stand for.`);
  }
  return fetch(`${EMULATOR}/${PREFIXES[host]}${pathname}${search}`, init);
}
