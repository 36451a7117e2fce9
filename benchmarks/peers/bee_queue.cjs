// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
//
// peer: bee-queue
// needs: npm bee-queue@2.0.0
// sweep: 10 25 100 1000
// jobs: 50000
// promises: at least once
// gives up: that only where checkStalledJobs() is called, which costs more; schedules and retries are per queue; events and stored results are off here
//
// bee_queue.cjs ROLE PORT JOBS CONCURRENCY: measure.py says what the roles are.

const Queue = require('bee-queue');
const { mail, now_us, timed, say, drainer, waits, lone } = require('./node_roles.cjs');

const [role, port, jobs, concurrency] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const isWorker = ['work', 'delays', 'idle'].includes(role);
const queue = new Queue('mails', {
  redis: { host: '127.0.0.1', port }, isWorker,
  getEvents: false, sendEvents: false, storeJobs: false, removeOnSuccess: true,
});

async function main() {
  await queue.ready();
  if (role === 'work') return void queue.process(concurrency, drainer(jobs));
  if (role === 'delays') { queue.process(concurrency, waits(jobs)); return say('ready'); }
  if (role === 'idle') { queue.process(concurrency, async () => {}); return say('ready'); }
  if (role === 'single')
    await timed(async () => { for (let i = 0; i < jobs; ++i) await queue.createJob(mail(i)).save(); });
  else if (role === 'bulk')
    await timed(async () => {
      for (let at = 0; at < jobs; at += 1000) {
        const some = [];
        for (let i = at; i < Math.min(jobs, at + 1000); ++i) some.push(queue.createJob(mail(i)));
        const refused = await queue.saveAll(some);
        if (refused.size) throw new Error(`${refused.size} jobs were refused`);
      }
    });
  else if (role === 'lone')
    await lone(jobs, (i) => queue.createJob({ ...mail(i), at_us: now_us() }).save());
  else process.exit(3);
  process.exit(0);
}
main();
