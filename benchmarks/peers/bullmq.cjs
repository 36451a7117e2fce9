// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
//
// peer: BullMQ
// needs: npm bullmq@6.7.0 ioredis@5
// sweep: 10 25 100 1000
// jobs: 100000
// promises: at least once
// gives up: a resent request is done twice; completed jobs are not kept here
//
// bullmq.cjs ROLE PORT JOBS CONCURRENCY: measure.py says what the roles are.

const { Queue, Worker } = require('bullmq');
const { mail, now_us, timed, say, drainer, waits, lone } = require('./node_roles.cjs');

const [role, port, jobs, concurrency] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const options = { removeOnComplete: true, removeOnFail: true };

function work(handler) {
  const worker = new Worker('mails', handler, { connection, concurrency, removeOnComplete: { count: 0 } });
  return worker.waitUntilReady();
}

async function main() {
  if (role === 'work') return work(drainer(jobs));
  if (role === 'delays') return work(waits(jobs)).then(() => say('ready'));
  if (role === 'idle') return work(async () => {}).then(() => say('ready'));
  const queue = new Queue('mails', { connection, defaultJobOptions: options });
  await queue.waitUntilReady();
  if (role === 'single')
    await timed(async () => { for (let i = 0; i < jobs; ++i) await queue.add('send_email', mail(i)); });
  else if (role === 'bulk')
    await timed(async () => {
      for (let at = 0; at < jobs; at += 1000) {
        const some = [];
        for (let i = at; i < Math.min(jobs, at + 1000); ++i) some.push({ name: 'send_email', data: mail(i) });
        await queue.addBulk(some);
      }
    });
  else if (role === 'many')  // as many in flight as the library likes
    await timed(async () => {
      for (let at = 0; at < jobs; at += 1000) {
        const some = [];
        for (let i = at; i < Math.min(jobs, at + 1000); ++i) some.push(queue.add('send_email', mail(i)));
        await Promise.all(some);
      }
    });
  else if (role === 'lone')
    await lone(jobs, (i) => queue.add('send_email', { ...mail(i), at_us: now_us() }));
  process.exit(0);
}
main();
