// Replicate's own client against the fake Replicate.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Replicate, { validateWebhook } from "replicate";
import { looksLikeClip, redirected, startHost } from "./host.mjs";

const kling = "kwaivgi/kling-v2.5-turbo-pro";
const negative = "blurry, warped faces, text, watermark";
let host, replicate;

function client(auth) {
  return new Replicate({
    auth,
    useFileOutput: false,
    fetch: redirected(host.origin, ["api.replicate.com"]),
  });
}

before(async () => {
  host = await startHost();
  replicate = client(host.key);
});

after(async () => {
  const counts = await host.stop();
  assert.equal(counts.keys_leaked, 0);
  assert.equal(counts.unauthorised, 1);
});

test("a clip is created, waited for, and has a file", async () => {
  const created = await replicate.predictions.create({
    model: kling,
    input: { prompt: "a neon street", negative_prompt: negative, duration: 5 },
  });
  assert.equal(created.status, "starting");
  assert.equal(created.output, null);
  const words = [];
  const done = await replicate.wait(created, { interval: 60 }, async (p) => {
    words.push(p.status);
    return false;
  });
  assert.equal(done.id, created.id);
  assert.equal(done.status, "succeeded");
  assert.ok(words.includes("processing"));
  assert.ok((await looksLikeClip(done.output)).mp4);
  assert.ok(done.metrics.predict_time > 0);
  assert.equal((await replicate.predictions.get(created.id)).status, "succeeded");
});

test("run() gives the output itself", async () => {
  const output = await replicate.run("black-forest-labs/flux-1.1-pro",
    { input: { prompt: "a lantern" }, wait: { mode: "poll", interval: 60 } });
  assert.equal(typeof output, "string");
  assert.equal((await fetch(output)).status, 200);
});

test("a frame in memory is uploaded by the client and starts a clip", async () => {
  const frame = new Blob([Buffer.from("\x89PNG\r\n\x1a\n not really", "latin1")],
    { type: "image/png" });
  const file = await replicate.files.create(frame);
  assert.equal(file.size, frame.size);
  assert.equal((await replicate.files.get(file.id)).id, file.id);
  const prediction = await replicate.predictions.create({
    model: kling,
    input: { prompt: "push in", start_image: frame, negative_prompt: negative },
  });
  assert.match(prediction.input.start_image, /\/v1\/files\//);
  assert.equal((await replicate.wait(prediction, { interval: 60 })).status, "succeeded");
});

test("a prediction is cancelled", async () => {
  const created = await replicate.predictions.create({
    model: kling, input: { prompt: "a boat [hangs]" },
  });
  assert.equal((await replicate.predictions.cancel(created.id)).status, "canceled");
  assert.equal((await replicate.wait(created, { interval: 60 })).status, "canceled");
});

test("predictions are listed, newest first", async () => {
  const { results } = await replicate.predictions.list();
  assert.ok(results.length >= 3);
  assert.equal(results[0].status, "canceled");
});

test("refusals are the client's errors, and a failed prediction says why", async () => {
  await assert.rejects(
    replicate.predictions.create({ model: kling, input: { prompt: "a boat", duration: "5" } }),
    (error) => error.name === "ApiError" && error.response.status === 422);
  await assert.rejects(client("wrong").predictions.create({ model: kling, input: { prompt: "x" } }),
    (error) => error.response.status === 401);
  await assert.rejects(
    replicate.run(kling, { input: { prompt: "a boat [flagged]" }, wait: { mode: "poll", interval: 60 } }),
    /flagged as sensitive/);
});

test("a limit is tried again by the client", async () => {
  const created = await replicate.predictions.create({
    model: kling, input: { prompt: "a boat [limited]" },
  });
  assert.equal(created.status, "starting");
});

test("the client believes a webhook that the library signed, and no changed one", async () => {
  const { hook } = host;
  // The documented vector, made by neither of the two.
  assert.equal(hook.signature, "v1,w9BtflFpjNIedqVdGY2a4i5H7Wmk403YqGTG7ddM4Sw=");
  assert.equal(await validateWebhook({ ...hook }), true);
  assert.equal(await validateWebhook({ ...hook, body: hook.body.replace("q7", "q8") }), false);
  assert.equal(await validateWebhook({ ...hook, timestamp: "1790000001" }), false);
  const headers = new Headers({
    "webhook-id": hook.id, "webhook-timestamp": hook.timestamp,
    "webhook-signature": `v1,AAAA ${hook.signature}`,
  });
  assert.equal(await validateWebhook({ headers, body: hook.body }, hook.secret), true);
});
