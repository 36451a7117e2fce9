// Copyright (c) 2026 The work authors. Distributed under the Boost Software License, Version 1.0.
//
// What the Node peers share: the job, the clock, and how results are said.

const mail = (i) => ({ user_id: i, address: `user${10000 + (i % 90000)}@example.com` });

/// The steady clock in µs: one for all processes of a machine.
const now_us = () => Number(process.hrtime.bigint() / 1000n);
const cpu_us = () => { const c = process.cpuUsage(); return c.user + c.system; };

function say(what) {
  require('fs').writeSync(1, (typeof what === 'string' ? what : JSON.stringify(what)) + '\n');
}

async function timed(body) {
  const cpu = cpu_us();
  const start = now_us();
  await body();
  say({ seconds: (now_us() - start) / 1e6, cpu: (cpu_us() - cpu) / 1e6 });
}

/// A no-op handler that ends the process after `jobs` jobs.
function drainer(jobs) {
  let ran = 0;
  let start = 0;
  let cpu = 0;
  return async (job) => {
    if (ran === 0) { start = now_us(); cpu = cpu_us(); }
    if (++ran === jobs) {
      say({ seconds: (now_us() - start) / 1e6, cpu: (cpu_us() - cpu) / 1e6, ran });
      // The last acknowledgements still go out.
      setTimeout(() => process.exit(0), 200);
    }
  };
}

/// A handler that notes how long each job waited.
function waits(jobs, data = (job) => job.data) {
  const waited_ms = [];
  return async (job) => {
    waited_ms.push((now_us() - data(job).at_us) / 1000);
    if (waited_ms.length === jobs) {
      say({ waited_ms });
      setTimeout(() => process.exit(0), 200);
    }
  };
}

async function lone(jobs, add) {
  for (let i = 0; i < jobs; ++i) {
    await add(i);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

module.exports = { mail, now_us, timed, say, drainer, waits, lone };
