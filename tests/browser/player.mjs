// What the player must do, tried through its keys, and rendered offline through its own graph.

const pressed = (page, id) => page.getAttribute(`#${id}`, "aria-pressed").then((value) => value === "true");

export const everyKeyWorks = async (page, name, check) => {
  const count = await page.evaluate(() => window.acetatePlayer.versions.length);
  for (let version = count; version >= 1; version -= 1) {
    await page.keyboard.press(String(version));
    check(`${name}: key ${version} selects version ${version}`, await pressed(page, `v${version - 1}`));
  }
  await page.keyboard.press("9");
  check(`${name}: a number without a version changes nothing`, await pressed(page, "v0"));
  for (const [key, id] of [["m", "match"], ["o", "mono"], ["s", "side"], ["d", "difference"], ["l", "loop"], ["B", "blind"]]) {
    const before = await pressed(page, `k-${id}`);
    await page.keyboard.press(key);
    const between = await pressed(page, `k-${id}`);
    await page.keyboard.press(key);
    check(`${name}: key ${key} switches ${id} and back`, between === !before && await pressed(page, `k-${id}`) === before);
  }
  await page.keyboard.press("o");
  await page.keyboard.press("s");
  check(`${name}: mono and side exclude each other`, !(await pressed(page, "k-mono")) && await pressed(page, "k-side"));
  await page.keyboard.press("s");
  await page.keyboard.press(" ");
  await page.waitForFunction(() => window.acetatePlayer.state.playing, null, { timeout: 10_000 });
  const first = await page.inputValue("#player-position");
  await page.waitForTimeout(600);
  const second = await page.inputValue("#player-position");
  check(`${name}: the space bar plays`, Number(second) > Number(first), `${first} to ${second}`);
  await page.keyboard.press("2");
  check(`${name}: switching goes on playing`, await page.evaluate(() => window.acetatePlayer.state.playing));
  await page.keyboard.press(" ");
  check(`${name}: and pauses`, !(await page.evaluate(() => window.acetatePlayer.state.playing)));
  await page.keyboard.press("1");
  // Everything can be reached and used without a mouse.
  const focusable = await page.evaluate(() => [...document.querySelectorAll("#player button, #player input")]
    .filter((element) => element.offsetParent !== null && element.tabIndex < 0).length);
  check(`${name}: every control is in the order of the tab key`, focusable === 0);
};

export const levelsMatch = async (page, name, check) => {
  const found = await page.evaluate(async () => {
    const { versions, graph, factors, state } = window.acetatePlayer;
    const result = [];
    for (let index = 0; index < versions.length; index += 1) {
      const buffer = await window.decodeForTest(versions[index].audio[0]);
      const context = new OfflineAudioContext(2, buffer.length, buffer.sampleRate);
      const nodes = graph(context);
      nodes.jump({ ...state, version: index, match: true });
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(nodes.gains[index]);
      source.start(0);
      const out = await context.startRendering();
      const power = (audio) => { const x = audio.getChannelData(0); let sum = 0; for (const v of x) sum += v * v; return sum; };
      result.push({
        lufs: versions[index].lufs,
        factor_db: 20 * Math.log10(factors({ ...state, version: index, match: true })[index]),
        rendered_db: 10 * Math.log10(power(out) / power(buffer)),
      });
    }
    return result;
  });
  const levels = found.map((version) => version.lufs + version.rendered_db);
  const spread = Math.max(...levels) - Math.min(...levels);
  check(`${name}: matched, all versions are equally loud within 0.1 dB`, spread < 0.1, `${spread.toFixed(4)} dB`);
  check(`${name}: nothing is turned up`, found.every((version) => version.rendered_db < 0.001));
};

export const switchesWithoutClick = async (page, name, check) => {
  const worst = await page.evaluate(async () => {
    const { versions, graph, factors, state } = window.acetatePlayer;
    const RAMP_S = 0.012;
    // Unmatched: equal levels would hide a wrong ramp.
    const [one, two] = await Promise.all([0, 1].map((index) => window.decodeForTest(versions[index].audio[0])));
    const rate = one.sampleRate;
    const frames = Math.min(one.length, two.length, 2 * rate);
    const at = (128 * Math.floor(rate / 128)) / rate;
    const context = new OfflineAudioContext(2, frames, rate);
    const nodes = graph(context);
    const from = { ...state, version: 0, match: false, mono: false, side: false, difference: false };
    const to = { ...from, version: 1 };
    nodes.jump(from);
    [one, two].forEach((buffer, index) => {
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.connect(nodes.gains[index]);
      source.start(0);
    });
    context.suspend(at).then(() => { nodes.apply(to, context.currentTime); context.resume(); });
    const out = await context.startRendering();
    const before = factors(from);
    const after = factors(to);
    let worst = 0;
    for (let channel = 0; channel < 2; channel += 1) {
      const [a, b, got] = [one, two, out].map((buffer) => buffer.getChannelData(Math.min(channel, buffer.numberOfChannels - 1)));
      for (let frame = 0; frame < frames; frame += 1) {
        const share = Math.min(1, Math.max(0, (frame / rate - at) / RAMP_S));
        const exact = a[frame] * (before[0] + share * (after[0] - before[0])) + b[frame] * (before[1] + share * (after[1] - before[1]));
        worst = Math.max(worst, Math.abs(got[frame] - exact));
      }
    }
    return 20 * Math.log10(worst + 1e-20);
  });
  check(`${name}: a switch is an exact crossfade of 12 ms`, worst < -100, `largest difference ${worst.toFixed(1)} dB`);
};

// Exact, in whole numbers: the sum of binomial coefficients over 2^n.
const chance = (right, trials) => {
  const factorial = (n) => { let product = 1n; for (let k = 2n; k <= BigInt(n); k += 1n) product *= k; return product; };
  let ways = 0n;
  for (let k = right; k <= trials; k += 1) ways += factorial(trials) / (factorial(k) * factorial(trials - k));
  return Number((ways * 10n ** 18n) / 2n ** BigInt(trials)) / 1e18;
};

export const blindTestCounts = async (page, name, check) => {
  const table = await page.evaluate(() => {
    const rows = [];
    for (let trials = 0; trials <= 40; trials += 1) for (let right = 0; right <= trials; right += 1) rows.push([right, trials, window.acetatePlayer.guessing(right, trials)]);
    return rows;
  });
  const worst = Math.max(...table.map(([right, trials, p]) => Math.abs(p - chance(right, trials))));
  check(`${name}: the odds of guessing are those of the binomial distribution`, worst < 1e-12, `${table.length} cases, ${worst.toExponential(1)}`);
  await page.keyboard.press("b");
  let right = 0;
  for (let trial = 1; trial <= 12; trial += 1) {
    await page.keyboard.press(String(1 + (trial % 3)));
    const x = await page.evaluate(() => window.acetatePlayer.state.blind.x);
    const shown = await page.evaluate(() => window.acetatePlayer.versions.map((_, i) => document.getElementById(`v${i}`).getAttribute("aria-pressed")));
    if (shown.includes("true")) check(`${name}: the version is not shown`, false);
    const answer = trial % 4 === 0 ? 1 - x : x;
    right += answer === x ? 1 : 0;
    await page.click(`#x-is-${answer}`);
  }
  const text = await page.textContent("#blind-score");
  const p = 100 * chance(right, 12);
  check(`${name}: the score is right`, text.includes(`${right} of 12 right`) && text.includes(`${p.toFixed(p < 10 ? 1 : 0)} %`), text);
  await page.keyboard.press("b");
  check(`${name}: the blind test ends`, await page.evaluate(() => window.acetatePlayer.state.blind === null));
};
