// Uploads in parts. The client's limit of 90 MiB cannot be set, so this really sends more.

import assert from "node:assert/strict";
import { File } from "node:buffer";

import { fal, proves } from "./case.mjs";

const MEBIBYTE = 1024 * 1024;

proves("more than ninety mebibytes go up in parts and are joined in order", async () => {
  const content = Array.from({ length: 91 }, (_, number) => Buffer.alloc(MEBIBYTE, number));
  const url = await fal.storage.upload(new File(content, "large.bin", { type: "application/x-test" }));
  const download = await fetch(url);
  assert.equal(download.headers.get("content-type"), "application/x-test");
  assert.ok(Buffer.concat(content).equals(Buffer.from(await download.arrayBuffer())));
});
