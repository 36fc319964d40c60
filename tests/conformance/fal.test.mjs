// fal's own client against the fake fal.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createFalClient } from "@fal-ai/client";
import { looksLikeClip, redirected, startHost } from "./host.mjs";

const textToVideo = "fal-ai/kling-video/v2.5-turbo/pro/text-to-video";
const imageToVideo = "fal-ai/kling-video/v2.5-turbo/pro/image-to-video";
const negative = "blurry, warped faces, text, watermark";
let host, fal;

function client(credentials) {
  return createFalClient({
    credentials,
    fetch: redirected(host.origin, ["queue.fal.run", "rest.fal.ai"]),
  });
}

before(async () => {
  host = await startHost();
  fal = client(host.key);
});

after(async () => {
  const counts = await host.stop();
  assert.equal(counts.keys_leaked, 0);
  assert.equal(counts.unknown_routes, 1);
  assert.equal(counts.unauthorised, 1);
  assert.equal(counts.uploads, 2);
});

test("a clip is submitted, polled, and has the file that its result names", async () => {
  const input = { prompt: "a neon street", negative_prompt: negative, duration: "5", cfg_scale: 0.5 };
  const submitted = await fal.queue.submit(textToVideo, { input });
  assert.equal(submitted.status, "IN_QUEUE");
  assert.equal(submitted.response_url,
    `${host.origin}/fal-ai/kling-video/requests/${submitted.request_id}`);
  const requestId = submitted.request_id;
  const words = [];
  const done = await fal.queue.subscribeToStatus(textToVideo, {
    requestId, logs: true, pollInterval: 60,
    onQueueUpdate: (update) => words.push(update.status),
  });
  assert.equal(done.status, "COMPLETED");
  assert.deepEqual([...new Set(words)], ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
  const { data, requestId: told } = await fal.queue.result(textToVideo, { requestId });
  assert.equal(told, requestId);
  assert.deepEqual(await looksLikeClip(data.video.url), { mp4: true, size: data.video.file_size });
});

test("subscribe() does all of it, and stills bring a seed beyond what a double holds", async () => {
  const { data } = await fal.subscribe("fal-ai/flux-pro/v1.1", {
    input: { prompt: "a lantern", image_size: "landscape_16_9", num_images: 2 },
    pollInterval: 60,
  });
  assert.equal(data.images.length, 2);
  assert.ok(data.seed > Number.MAX_SAFE_INTEGER);
  assert.equal((await fetch(data.images[0].url)).headers.get("content-type"), "image/png");
});

test("states come as events", async () => {
  const { request_id: requestId } = await fal.queue.submit(textToVideo,
    { input: { prompt: "a boat" } });
  const words = [];
  const done = await fal.queue.subscribeToStatus(textToVideo, {
    requestId, mode: "streaming", logs: true,
    onQueueUpdate: (update) => words.push(update.status),
  });
  assert.deepEqual(words, ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
  assert.equal(done.request_id, requestId);
  assert.ok(done.metrics.inference_time > 0);
});

test("a stream that breaks off leaves the last state, and polling goes on", async () => {
  const { request_id: requestId } = await fal.queue.submit(textToVideo,
    { input: { prompt: "a boat [deaf]" } });
  const stream = await fal.queue.streamStatus(textToVideo, { requestId });
  assert.equal((await stream.done()).status, "IN_QUEUE");
  const done = await fal.queue.subscribeToStatus(textToVideo, { requestId, pollInterval: 60 });
  assert.equal(done.status, "COMPLETED");
});

test("a failed look is asked again by the client", async () => {
  const { request_id: requestId } = await fal.queue.submit(textToVideo,
    { input: { prompt: "a boat [unsteady]" } });
  const done = await fal.queue.subscribeToStatus(textToVideo, { requestId, pollInterval: 60 });
  assert.equal(done.status, "COMPLETED");
});

test("an uploaded frame can be read, and starts a clip beside a negative prompt", async () => {
  const still = await fal.subscribe("fal-ai/flux-2-pro", { input: { prompt: "a lantern" } });
  const bytes = await (await fetch(still.data.images[0].url)).arrayBuffer();
  const frame = new Blob([bytes], { type: "image/png" });
  const url = await fal.storage.upload(frame);
  const stored = await fetch(url);
  assert.equal(stored.headers.get("content-type"), "image/png");
  assert.deepEqual(Buffer.from(await stored.arrayBuffer()), Buffer.from(bytes));
  for (const image_url of [url, frame]) { // the client uploads what is no link by itself
    const { data } = await fal.subscribe(imageToVideo, {
      input: { prompt: "push in", image_url, negative_prompt: negative }, pollInterval: 60,
    });
    assert.ok((await looksLikeClip(data.video.url)).mp4);
  }
});

test("a job is cancelled, and its result says so", async () => {
  const { request_id: requestId } = await fal.queue.submit(textToVideo,
    { input: { prompt: "a boat [hangs]" } });
  await fal.queue.cancel(textToVideo, { requestId });
  const done = await fal.queue.subscribeToStatus(textToVideo, { requestId, pollInterval: 60 });
  assert.equal(done.status, "COMPLETED");
  assert.equal(done.error_type, "client_cancelled");
  await assert.rejects(fal.queue.result(textToVideo, { requestId }), { status: 499 });
  await assert.rejects(fal.queue.cancel(textToVideo, { requestId }), { status: 400 });
});

test("refusals have the client's own error types", async () => {
  await assert.rejects(
    fal.subscribe(textToVideo, { input: { prompt: "a boat [flagged]" }, pollInterval: 60 }),
    (error) => error.name === "ValidationError" && error.status === 422 &&
      error.body.detail[0].type === "content_policy_violation");
  await assert.rejects(
    fal.subscribe(textToVideo, { input: { prompt: "a boat", duration: 5 }, pollInterval: 60 }),
    (error) => error.name === "ValidationError" && error.getFieldErrors("duration").length === 1);
  await assert.rejects(fal.queue.submit("fal-ai/no-such/model", { input: { prompt: "a boat" } }),
    { status: 404 });
  await assert.rejects(client("wrong").queue.submit(textToVideo, { input: { prompt: "a boat" } }),
    { status: 401 });
});

test("a limit is waited for by the client", async () => {
  const { status } = await fal.queue.submit(textToVideo, { input: { prompt: "a boat [limited]" } });
  assert.equal(status, "IN_QUEUE");
});
