// Uploads in one piece: a blob, a file with a name, and one inside the input.

import assert from "node:assert/strict";
import { File } from "node:buffer";

import { KLING, PICTURE, fal, input, proves, refused } from "./case.mjs";
import { CDN, connect } from "./hosts.mjs";

proves("a file comes back as it went", async () => {
  const content = Buffer.from([0, 255, 10, 13]);
  const url = await fal.storage.upload(new File([content], "my file.bin", { type: "application/x-test" }));
  assert.ok(url.startsWith(`${CDN}/files/`), url);
  const download = await fetch(url);
  assert.equal(download.headers.get("content-type"), "application/x-test");
  assert.deepEqual(Buffer.from(await download.arrayBuffer()), content);
});

proves("each upload has an address of its own", async () => {
  const [first, second] = await Promise.all(["same", "same"].map((text) => fal.storage.upload(new Blob([text]))));
  assert.notEqual(first, second);
});

proves("a lifetime is taken", async () => {
  const lifecycle = { expiresIn: "1h", initialAcl: { default: "allow", rules: [] } };
  const url = await fal.storage.upload(new Blob(["text"], { type: "text/plain" }), { lifecycle });
  assert.equal(await (await fetch(url)).text(), "text");
});

proves("a lifetime of the outputs is taken", async () => {
  const storageSettings = { expiresIn: "1h" };
  const { data } = await fal.subscribe(KLING, { input: input(), pollInterval: 50, storageSettings });
  assert.equal((await fetch(data.video.url)).status, 200);
});

proves("a blob in the input is uploaded and becomes a video", async () => {
  const image_url = new Blob([PICTURE], { type: "image/png" });
  const { data } = await fal.subscribe(KLING, { input: input({ image_url }), pollInterval: 50 });
  assert.equal(data.video.content_type, "video/mp4");
});

proves("a picture may be part of the input", async () => {
  const image_url = `data:image/png;base64,${PICTURE.toString("base64")}`;
  const { data } = await fal.subscribe(KLING, { input: input({ image_url }), pollInterval: 50 });
  assert.equal(data.video.content_type, "video/mp4");
});

proves("an upload without a good key is refused", async () => {
  const error = await refused(connect("wrong-id:wrong-secret").storage.upload(new Blob(["bytes"])));
  assert.equal(error.status, 401);
});
