// What the player must do, tried through its keys, and rendered offline through its own graph.

const at = (page) => page.evaluate(() => window.acetatePlayer.position(0));
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
  const first = await at(page);
  await page.waitForTimeout(600);
  const second = await at(page);
  check(`${name}: the space bar plays`, second > first, `${first} to ${second}`);
  await page.keyboard.press("2");
  check(`${name}: switching goes on playing`, await page.evaluate(() => window.acetatePlayer.state.playing));
  await page.keyboard.press(" ");
  check(`${name}: and pauses`, !(await page.evaluate(() => window.acetatePlayer.state.playing)));
  await page.keyboard.press("1");
  // A click of the mouse leaves the space bar to the player; what the keyboard has chosen it presses.
  await page.click("#v1");
  await page.keyboard.press(" ");
  await page.waitForFunction(() => window.acetatePlayer.state.playing, null, { timeout: 10_000 });
  await page.click("#v0");
  await page.keyboard.press(" ");
  check(`${name}: the space bar pauses after a click on a version`, !(await page.evaluate(() => window.acetatePlayer.state.playing)) && await pressed(page, "v0"));
  await page.focus("#k-mono");
  await page.keyboard.press(" ");
  check(`${name}: and presses a button that the keyboard has chosen`, await pressed(page, "k-mono"));
  await page.keyboard.press(" ");
  await page.evaluate(() => document.activeElement.blur());
  // Everything can be reached and used without a mouse.
  const focusable = await page.evaluate(() => [...document.querySelectorAll("#player button, #seek")]
    .filter((element) => element.offsetParent !== null && element.tabIndex < 0).length);
  check(`${name}: every control is in the order of the tab key`, focusable === 0);
};

export const seeks = async (page, name, check) => {
  const box = await page.locator("#seek").boundingBox();
  const duration = await page.evaluate(() => window.acetatePlayer.lines[0].duration_s);
  const places = await page.evaluate(() => window.acetatePlayer.lines[0].places);
  const now = async () => (await at(page)) + (await page.evaluate(() => {
    const { lines, state } = window.acetatePlayer;
    return lines[0].places[Math.min(state.place, lines[0].places.length - 1)].at_s;
  }));
  for (const share of [0.75, 0.25]) {
    await page.mouse.click(box.x + share * box.width, box.y + box.height / 2);
    const wanted = share * duration;
    // Between excerpts the nearest one.
    const far = Math.min(...places.map((p) => Math.max(p.at_s - wanted, wanted - p.at_s - p.length_s, 0)));
    const found = await now();
    check(`${name}: a click on the waveform goes there`, Math.abs(found - wanted) <= far + 0.1, `${found.toFixed(2)} s for ${wanted.toFixed(2)} s`);
  }
  const before = await now();
  await page.focus("#seek");
  await page.keyboard.press("ArrowRight");
  check(`${name}: arrows go on from there`, (await now()) > before);
  const slider = await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
    const e = document.getElementById("seek");
    done([e.getAttribute("aria-valuetext"), Number(e.getAttribute("aria-valuemax"))]);
  }))));
  check(`${name}: and the slider says where it is`, /^\d+:\d\d of \d+:\d\d$/.test(slider[0]) && Math.abs(slider[1] - duration) <= 0.5, slider.join(", "));
};

/// Switching and moving about while it plays, as fast as a hand can.
export const survivesHaste = async (page, name, check) => {
  const places = await page.evaluate(() => window.acetatePlayer.lines[0].places.length);
  const versions = await page.evaluate(() => window.acetatePlayer.versions.length);
  await page.keyboard.press(" ");
  await page.waitForFunction(() => window.acetatePlayer.state.playing, null, { timeout: 10_000 });
  for (let turn = 0; turn < 12; turn += 1) {
    await page.keyboard.press(String(1 + (turn % versions)));
    if (places > 1) await page.click(`#e${turn % places}`);
    if (turn % 3 === 0) await page.keyboard.press("ArrowRight");
    if (turn % 4 === 0) await page.keyboard.press("l");
  }
  if (!(await pressed(page, "k-loop"))) await page.keyboard.press("l");
  await page.waitForFunction(() => window.acetatePlayer.state.playing, null, { timeout: 10_000 });
  const heads = await page.evaluate(() => [...document.querySelectorAll(".playhead")].map((e) => e.getAttribute("transform")));
  check(`${name}: the playhead is always somewhere`, heads.every((head) => /^translate\(\d+(\.\d+)? 0\)$/.test(head)), heads.join(" "));
  const finite = await page.evaluate(() => window.acetatePlayer.state.offsets.every(Number.isFinite));
  check(`${name}: it still plays, in one place`, finite && await page.evaluate(() => window.acetatePlayer.state.wanted));
  await page.keyboard.press(" ");
  await page.keyboard.press("1");
  check(`${name}: and pauses at once`, !(await page.evaluate(() => window.acetatePlayer.state.playing)));
};

/// The record goes on in a time of its own, and has its own waveform.
export const recordIsHeard = async (page, name, check) => {
  const count = await page.evaluate(() => window.acetatePlayer.versions.length);
  await page.keyboard.press(String(count));
  const shown = await page.evaluate(() => [...document.querySelectorAll("#seek svg")].map((svg) => svg.getBoundingClientRect().height > 0));
  check(`${name}: the record is the last button, with its own waveform`, shown.join() === "false,true" && (await page.textContent(`#v${count - 1} b`)) === "record");
  const factors = await page.evaluate(() => { const p = window.acetatePlayer; return p.factors({ ...p.state, difference: true }); });
  check(`${name}: there is no difference from other music`, factors.filter((factor) => factor !== 0).length === 1, factors.join(" "));
  const before = await at(page);
  const box = await page.locator("#seek").boundingBox();
  await page.mouse.click(box.x + 0.5 * box.width, box.y + 5);
  const [song, record, half] = await page.evaluate(() => { const p = window.acetatePlayer; return [p.position(0), p.position(1) + p.lines[1].places[0].at_s, p.lines[1].duration_s / 2]; });
  check(`${name}: a click on its waveform leaves the song where it was`, song === before && Math.abs(record - half) < 0.2, `${record.toFixed(2)} of ${half.toFixed(2)}`);
  await page.keyboard.press("1");
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
  const told = () => page.evaluate(() => ["player-status", "seek", "k-match"].map((id) => document.getElementById(id).outerHTML.replace(/aria-value\w+="[^"]*"|translate\([^)]*\)/g, "")).join());
  const shownOf = async (key) => { await page.keyboard.press(key); return [await told(), await page.evaluate(() => JSON.stringify(window.acetatePlayer.factors(window.acetatePlayer.state).map(Math.abs).filter(Boolean)))]; };
  const before = await shownOf("3");
  await page.keyboard.press("m");
  check(`${name}: in the blind test M changes nothing`, (await told()) === before[0] && await page.evaluate(() => window.acetatePlayer.state.match));
  for (const [key, id] of [["1", "x-0"], ["2", "x-1"], ["3", "x-2"]]) {
    await page.keyboard.press(key);
    const on = await page.evaluate(() => [0, 1, 2].map((i) => document.getElementById(`x-${i}`).getAttribute("aria-pressed")));
    check(`${name}: ${id} is shown as pressed, alone`, on.filter((value) => value === "true").length === 1 && await pressed(page, id));
  }
  const pictures = [];
  for (const key of ["1", "2", "3"]) { await page.keyboard.press(key); pictures.push((await told()).replace(/You hear \w/, "")); }
  check(`${name}: A, B and X look the same`, new Set(pictures).size === 1);
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

/// Every transition of a record has its button: a place of its own, or a moment of the whole, with what is before and after it.
export const transitionsAreHeard = async (page, name, songs, check) => {
  const places = await page.evaluate(() => window.acetatePlayer.lines[0].places);
  const rate = await page.evaluate(() => window.acetatePlayer.lines[0].duration_s) / songs.reduce((sum, song) => sum + song.frames, 0);
  const whole = places.length === 1;
  check(`${name}: all of it, or a place for every transition`, whole || places.length === songs.length - 1, `${places.length} places`);
  for (let song = 1; song < songs.length; song += 1) {
    await page.click(whole ? `#t${song}` : `#e${song - 1}`);
    const begins = songs[song].start_frame * rate;
    const [from, to] = await page.evaluate(() => { const { lines, state, position } = window.acetatePlayer; const { at_s, length_s } = lines[0].places[state.place] ?? lines[0].places[0]; return [at_s + position(0), at_s + length_s]; });
    check(`${name}: the way into song ${song + 1} begins before it and goes on in it`, from >= 0 && from <= begins - 1 && to >= begins + 1, `${from.toFixed(1)} < ${begins.toFixed(1)} < ${to.toFixed(1)}`);
  }
  const title = await page.textContent(whole ? "#t1" : "#e0");
  check(`${name}: and says which`, title.includes("2"), title);
  await page.keyboard.press(" ");
  await page.waitForFunction(() => window.acetatePlayer.state.playing, null, { timeout: 20_000 });
  await page.waitForTimeout(300);
  check(`${name}: it plays`, await page.evaluate(() => window.acetatePlayer.position(0)) > 0);
  await page.keyboard.press(" ");
};
