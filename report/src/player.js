"use strict";
(() => {
  const RAMP_S = 0.012;
  const byId = (id) => document.getElementById(id);
  const dataElement = byId("player-data");
  if (!dataElement) return;
  const data = JSON.parse(dataElement.textContent);
  const versions = data.versions;
  const state = {
    version: 0, match: true, mono: false, side: false, difference: false, loop: true,
    excerpt: 0, playing: false, begunAt: 0, offset: 0, blind: null,
  };

  // Gains in dB that bring every version to the quietest: nothing is ever turned up, so nothing clips.
  const quietest = Math.min(...versions.map((v) => (v.lufs === null ? Infinity : v.lufs)));
  const matchDb = (v) => (v.lufs === null || !isFinite(quietest) ? 0 : quietest - v.lufs);

  // What each version is multiplied by: 0 or its level, and two of opposite sign for a difference.
  const factors = (s) => versions.map((v, i) => {
    const level = s.match || s.difference ? Math.pow(10, matchDb(v) / 20) : 1;
    if (s.difference) return i === s.version ? level : i === (s.version === 0 ? 1 : 0) ? -level : 0;
    return i === s.version ? level : 0;
  });

  // Left and right out of left and right in: as they are, (L+R)/2 on both, or (L-R)/2 on both.
  const matrix = (s) => (s.mono ? [0.5, 0.5, 0.5, 0.5] : s.side ? [0.5, -0.5, 0.5, -0.5] : [1, 0, 0, 1]);

  // One gain a version into a 2x2 matrix; works on a live and on an offline context alike.
  const graph = (context) => {
    const split = context.createChannelSplitter(2);
    const merge = context.createChannelMerger(2);
    const cells = [0, 1, 2, 3].map((i) => {
      const cell = context.createGain();
      split.connect(cell, i % 2);
      cell.connect(merge, 0, i >> 1);
      return cell;
    });
    const sum = context.createGain();
    sum.channelCount = 2;
    sum.channelCountMode = "explicit";
    sum.connect(split);
    merge.connect(context.destination);
    const gains = versions.map(() => {
      const gain = context.createGain();
      gain.connect(sum);
      return gain;
    });
    const glide = (param, value, at) => {
      param.cancelScheduledValues(at);
      param.setValueAtTime(param.value, at);
      param.linearRampToValueAtTime(value, at + RAMP_S);
    };
    const jump = (s) => {
      factors(s).forEach((value, i) => { gains[i].gain.value = value; });
      matrix(s).forEach((value, i) => { cells[i].gain.value = value; });
    };
    const apply = (s, at) => {
      factors(s).forEach((value, i) => glide(gains[i].gain, value, at));
      matrix(s).forEach((value, i) => glide(cells[i].gain, value, at));
    };
    return { gains, apply, jump };
  };

  let context = null;
  let nodes = null;
  let sources = [];
  const buffers = new Map();

  const decode = async (id) => {
    if (!buffers.has(id)) {
      const text = atob(byId(id).textContent.trim());
      const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
      buffers.set(id, await context.decodeAudioData(bytes.buffer));
    }
    return buffers.get(id);
  };

  const stop = () => {
    sources.forEach((source) => { source.onended = null; source.stop(); source.disconnect(); });
    sources = [];
    state.playing = false;
  };

  const play = async () => {
    if (!context) {
      context = new AudioContext();
      nodes = graph(context);
      nodes.jump(state);
    }
    await context.resume();
    say("Decoding");
    const loaded = await Promise.all(versions.map((v) => decode(v.audio[state.excerpt])));
    stop();
    const at = context.currentTime + 0.05;
    const length = Math.min(...loaded.map((buffer) => buffer.duration));
    state.offset = state.offset >= length ? 0 : state.offset;
    sources = loaded.map((buffer, i) => {
      const source = context.createBufferSource();
      source.buffer = buffer;
      source.loop = state.loop;
      source.loopEnd = length;
      source.connect(nodes.gains[i]);
      source.start(at, state.offset);
      return source;
    });
    sources[0].onended = () => { stop(); state.offset = 0; show(); };
    state.begunAt = at - state.offset;
    state.length = length;
    state.playing = true;
    show();
  };

  const position = () => {
    if (!state.playing) return state.offset;
    const at = context.currentTime - state.begunAt;
    return Math.max(0, state.loop ? at % state.length : Math.min(at, state.length));
  };

  const toggle = () => {
    if (!state.playing) return play();
    state.offset = position();
    stop();
    show();
  };

  const change = (fields) => {
    Object.assign(state, fields);
    if (nodes) nodes.apply(state, context.currentTime);
    show();
  };

  const clock = (seconds) => Math.floor(seconds / 60) + ":" + String(Math.floor(seconds % 60)).padStart(2, "0");
  const say = (text) => { byId("player-status").textContent = text; };

  // Probability of at least `right` of `trials` by guessing.
  const guessing = (right, trials) => {
    let sum = 0;
    let ways = 1;
    for (let k = 0; k <= trials; k += 1) {
      if (k >= right) sum += ways;
      ways = (ways * (trials - k)) / (k + 1);
    }
    return sum / Math.pow(2, trials);
  };

  // Blind test (ABX): X is one of the first two versions, drawn anew for every trial.
  const draw = () => {
    const random = new Uint32Array(1);
    crypto.getRandomValues(random);
    return random[0] & 1;
  };
  const startBlind = () => {
    if (state.blind) return endBlind();
    state.blind = { x: draw(), right: 0, trials: 0 };
    change({ match: true, difference: false, version: state.blind.x });
  };
  const endBlind = () => { state.blind = null; change({ version: 0 }); };
  const answer = (choice) => {
    const blind = state.blind;
    if (!blind) return;
    blind.trials += 1;
    blind.right += choice === blind.x ? 1 : 0;
    blind.x = draw();
    change({ version: blind.x });
  };

  const show = () => {
    const pressed = (id, on) => { const e = byId(id); if (e) e.setAttribute("aria-pressed", String(on)); };
    versions.forEach((v, i) => pressed("v" + i, !state.blind && state.version === i));
    ["match", "mono", "side", "difference", "loop"].forEach((name) => pressed("k-" + name, state[name]));
    data.excerpts.forEach((e, i) => pressed("e" + i, state.excerpt === i));
    pressed("k-blind", !!state.blind);
    byId("k-play").textContent = state.playing ? "Pause" : "Play";
    byId("blind").hidden = !state.blind;
    const v = versions[state.version];
    if (state.blind) {
      const { right, trials } = state.blind;
      const p = guessing(right, trials);
      byId("blind-score").textContent = trials === 0 ? "No answer yet." : right + " of " + trials +
        " right; by guessing this well or better: " + (p * 100).toFixed(p < 0.1 ? 1 : 0) + " %" +
        (trials >= 5 && p < 0.05 ? ". You hear a difference." : ".");
      say("X is playing");
    } else {
      const gain = state.match || state.difference ? matchDb(v) : 0;
      const what = state.difference ? "Difference: " + v.name + " minus " + versions[state.version === 0 ? 1 : 0].name : v.name;
      say(what + (state.mono ? ", mono" : state.side ? ", side" : "") + ", " +
        (Math.abs(gain) < 0.05 ? "played as it is" : "turned down " + (-gain).toFixed(1) + " dB to match"));
    }
  };

  const tick = () => {
    const length = state.length || data.excerpts[state.excerpt].length_s;
    const at = position();
    byId("player-position").value = String((1000 * at) / length);
    const song = data.excerpts[state.excerpt].at_s + at;
    byId("player-time").textContent = clock(song);
    const head = byId("playhead");
    if (head) {
      head.setAttribute("visibility", "visible");
      head.setAttribute("transform", "translate(" + (song * data.px_per_s).toFixed(1) + " 0)");
    }
    requestAnimationFrame(tick);
  };

  const excerpt = (index) => {
    state.excerpt = index;
    state.offset = 0;
    state.length = 0;
    if (state.playing) play(); else show();
  };

  const keys = {
    " ": toggle,
    m: () => change({ match: !state.match }),
    o: () => change({ mono: !state.mono, side: false }),
    s: () => change({ side: !state.side, mono: false }),
    d: () => versions.length > 1 && !state.blind && change({ difference: !state.difference }),
    l: () => { state.loop = !state.loop; sources.forEach((source) => { source.loop = state.loop; }); show(); },
    b: () => versions.length > 1 && startBlind(),
  };
  const choose = (index) => {
    if (state.blind) {
      // Inside the test, 1 and 2 let A and B be heard, 3 is X.
      change({ version: index === 2 ? state.blind.x : Math.min(index, 1) });
      say(index === 2 ? "X is playing" : (index === 0 ? "A" : "B") + " is playing");
    } else if (index < versions.length) {
      change({ version: index });
    }
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "range") return;
    const key = event.key.toLowerCase();
    if (key === " " && event.target.tagName === "BUTTON") return;
    if (/^[1-9]$/.test(key)) choose(Number(key) - 1);
    else if (keys[key]) keys[key]();
    else return;
    event.preventDefault();
  });
  const click = (id, action) => { const e = byId(id); if (e) e.addEventListener("click", action); };
  versions.forEach((v, i) => click("v" + i, () => choose(i)));
  data.excerpts.forEach((e, i) => click("e" + i, () => excerpt(i)));
  click("k-play", toggle);
  Object.entries({ match: "m", mono: "o", side: "s", difference: "d", loop: "l", blind: "b" })
    .forEach(([name, key]) => click("k-" + name, keys[key]));
  click("x-0", () => choose(0));
  click("x-1", () => choose(1));
  click("x-2", () => choose(2));
  click("x-is-0", () => answer(0));
  click("x-is-1", () => answer(1));
  byId("player-position").addEventListener("input", (event) => {
    state.offset = (Number(event.target.value) / 1000) * (state.length || data.excerpts[state.excerpt].length_s);
    if (state.playing) play();
  });
  // With one version there is nothing to compare.
  if (versions.length < 2) ["match", "difference", "blind"].forEach((name) => { byId("k-" + name).hidden = true; });
  byId("player").hidden = false;
  show();
  tick();
  window.acetatePlayer = { state, graph, factors, matchDb, guessing, decode, versions };
})();
