// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
//
// peer: node-resque
// needs: npm node-resque@9.7.1
// sweep: 1 10 25
// jobs: 20000
// promises: at most once
// gives up: a job that runs when its process dies is lost until somebody cleans up; polls every 5 s
//
// node_resque.cjs ROLE PORT JOBS CONCURRENCY: measure.py says what the roles are. A worker runs one
// job at a time, so the concurrency is a number of workers in the process.

const { Queue, Worker } = require('node-resque');
const { mail, now_us, timed, say, drainer, waits, lone } = require('./node_roles.cjs');

const [role, port, jobs, concurrency] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const connection = { pkg: 'ioredis', host: '127.0.0.1', port, database: 0 };

async function work(handler) {
  for (let i = 0; i < concurrency; ++i) {
    const worker = new Worker({ connection, queues: ['mails'], name: `w${process.pid}-${i}` },
      { send_email: { perform: handler } });
    worker.on('error', (error) => { throw error; });
    await worker.connect();
    worker.start();
  }
}

async function main() {
  if (role === 'work') return work(drainer(jobs));
  if (role === 'delays') return work(waits(jobs, (job) => job)).then(() => say('ready'));
  if (role === 'idle') return work(async () => {}).then(() => say('ready'));
  const queue = new Queue({ connection }, { send_email: { perform: async () => {} } });
  queue.on('error', (error) => { throw error; });
  await queue.connect();
  if (role === 'single')
    await timed(async () => { for (let i = 0; i < jobs; ++i) await queue.enqueue('mails', 'send_email', [mail(i)]); });
  else if (role === 'lone')
    await lone(jobs, (i) => queue.enqueue('mails', 'send_email', [{ ...mail(i), at_us: now_us() }]));
  else process.exit(3);
  process.exit(0);
}
main();
