// Which task holds up the page's own thread, and what is in it: Chromium's own trace, and its samples of what runs.

const CATEGORIES = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline", "v8", "blink", "cc", "disabled-by-default-v8.cpu_profiler", "__metadata"];

/** The events of what happens while `work` is done. */
export const traced = async (browser, page, work) => {
  const chunks = [];
  await browser.startTracing(page, { categories: CATEGORIES });
  try {
    await work();
  } finally {
    chunks.push(await browser.stopTracing());
  }
  return JSON.parse(Buffer.concat(chunks).toString()).traceEvents;
};

/** The longest tasks of the main threads of pages, each with the longest things inside it, ms of wall clock and of processor. */
export const longestTasks = (events, most = 3) => {
  const mains = new Set(events.filter((event) => event.name === "thread_name" && event.args.name === "CrRendererMain").map(({ pid, tid }) => `${pid}/${tid}`));
  const whole = events.filter((event) => event.ph === "X" && mains.has(`${event.pid}/${event.tid}`));
  const tasks = whole.filter(({ name }) => name === "RunTask");
  tasks.sort((one, other) => other.dur - one.dur);
  return tasks.slice(0, most).map((task) => {
    const inside = whole.filter((event) => event !== task && !/RunTask/.test(event.name) && event.pid === task.pid && event.tid === task.tid && event.ts >= task.ts && event.ts + event.dur <= task.ts + task.dur);
    inside.sort((one, other) => other.dur - one.dur);
    const said = inside.slice(0, 6).map(({ name, dur, args }) => {
      const { functionName, url } = args?.data ?? {};
      return `${name}${functionName || url ? ` ${functionName ?? ""} ${url?.split("/").pop() ?? ""}` : ""} ${(dur / 1000).toFixed(0)}`;
    });
    return { ms: task.dur / 1000, cpu_ms: (task.tdur ?? NaN) / 1000, inside: said.join(", ") };
  });
};
