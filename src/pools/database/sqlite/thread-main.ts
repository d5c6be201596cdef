// What runs in each thread: takes batches of requests, and answers them in batches.

import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { AnswerBatch } from "./answer-batch.ts";
import { CallStates, Doomed } from "./call-states.ts";
import { ReaderThread } from "./reader-thread.ts";
import { REQUEST, readRequests, type ThreadData, type ThreadRequest } from "./thread-protocol.ts";
import { WriterThread } from "./writer-thread.ts";

const port = parentPort as MessagePort;
const data = workerData as ThreadData;
const answers = new AnswerBatch(port);
const context = { answers, states: new CallStates(data.states) };
const thread =
  data.role === "reader"
    ? new ReaderThread(data, context, receive)
    : new WriterThread(data, context, receive);
let endSlot = 0;

port.on("message", (batch: unknown[]) => {
  try {
    context.states.enter();
    readRequests(batch, take);
    receive();
    thread.work();
    if (endSlot !== 0) end();
  } catch (error) {
    if (!(error instanceof Doomed)) throw error;
    thread.close();
    port.close();
  } finally {
    context.states.leave();
  }
});

function take(request: ThreadRequest): void {
  if (request.kind === REQUEST.end) endSlot = request.slot;
  else thread.take(request);
}

// What has arrived meanwhile, without going through the event loop.
function receive(): void {
  for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port))
    readRequests(next.message as unknown[], take);
}

function end(): void {
  thread.close();
  answers.done(endSlot);
  answers.flush();
  port.close();
}
