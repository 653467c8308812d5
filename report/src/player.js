"use strict";
(() => {
  const RAMP_S = 0.012;
  const byId = (id) => document.getElementById(id);
  const dataElement = byId("player-data");
  if (!dataElement) return;
  // Versions, and lines: the time that versions have in common. The song has one, a record its own.
  const { versions, lines, marks } = JSON.parse(dataElement.textContent);
  const state = {
    version: 0, match: true, mono: false, side: false, difference: false, loop: true,
    place: 0, wanted: false, playing: false, begunAt: 0, turn: 0, blind: null,
    offsets: lines.map(() => 0), lengths: lines.map(() => 0),
  };
  const last = (list, index) => list[Math.min(index, list.length - 1)];
  const ofSong = (i) => versions[i].line === 0;
  // A difference is that of a version of the song from the first, or of the first from the second.
  const other = (s) => (s.version === 0 ? 1 : 0);
  const differs = (s) => s.difference && ofSong(s.version) && versions.length > 1 && ofSong(1);

  // What each version is multiplied by: 0 or its level, and two of opposite sign for a difference.
  const level = (s, i) => (s.match || differs(s) ? Math.pow(10, versions[i].match_db / 20) : 1);
  const factors = (s) => versions.map((v, i) =>
    (i === s.version ? level(s, i) : differs(s) && i === other(s) ? -level(s, i) : 0));

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
    const out = context.createGain();
    merge.connect(out);
    out.connect(context.destination);
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
    return { gains, out, glide, apply, jump };
  };

  let context = null;
  let nodes = null;
  let sources = [];
  const buffers = new Map();

  const decode = async (id) => {
    if (!buffers.has(id)) {
      const text = atob(byId(id).textContent.trim());
      const bytes = new Uint8Array(text.length);
      for (let i = 0; i < text.length; i += 1) bytes[i] = text.charCodeAt(i);
      buffers.set(id, await context.decodeAudioData(bytes.buffer));
    }
    return buffers.get(id);
  };

  const placeOf = (line) => last(lines[line].places, state.place);
  const lengthOf = (line) => state.lengths[line] || placeOf(line).length_s || 0.1;
  // Seconds from the beginning of the place. A record always goes round.
  const position = (line) => {
    const at = state.offsets[line] + (state.playing ? Math.max(0, context.currentTime - state.begunAt) : 0);
    return state.loop || line > 0 ? at % lengthOf(line) : Math.min(at, lengthOf(line));
  };
  const song = (line) => placeOf(line).at_s + position(line);

  // Positions stay where they are, sound or not.
  const hold = () => {
    state.offsets = lines.map((_, line) => position(line));
    if (context) state.begunAt = context.currentTime;
  };
  const halt = () => {
    hold();
    if (state.playing) nodes.glide(nodes.out.gain, 0, context.currentTime);
    sources.forEach((source) => { source.onended = null; source.stop(context.currentTime + RAMP_S); });
    sources = [];
    state.playing = false;
  };
  const pause = () => {
    state.wanted = false;
    state.turn += 1;
    halt();
    show();
  };

  const play = async () => {
    state.wanted = true;
    state.turn += 1;
    const turn = state.turn;
    if (!context) {
      context = new AudioContext();
      nodes = graph(context);
      nodes.jump(state);
    }
    show();
    try {
      await context.resume();
      const ids = versions.map((v) => last(v.audio, state.place));
      if (!ids.every((id) => buffers.has(id))) say("Decoding");
      const loaded = await Promise.all(ids.map(decode));
      // Meanwhile something else was asked for.
      if (turn !== state.turn) return;
      halt();
      state.lengths = lines.map((_, line) =>
        Math.min(...loaded.filter((_, i) => versions[i].line === line).map((buffer) => buffer.duration)));
      state.offsets = state.offsets.map((offset, line) => (offset >= lengthOf(line) ? 0 : offset));
      const at = context.currentTime + 0.05;
      sources = loaded.map((buffer, i) => {
        const source = context.createBufferSource();
        source.buffer = buffer;
        source.loop = state.loop || !ofSong(i);
        source.loopEnd = lengthOf(versions[i].line);
        source.connect(nodes.gains[i]);
        source.start(at, state.offsets[versions[i].line]);
        return source;
      });
      sources[0].onended = () => { pause(); state.offsets = lines.map(() => 0); };
      nodes.out.gain.setValueAtTime(0, at);
      nodes.out.gain.linearRampToValueAtTime(1, at + RAMP_S);
      state.begunAt = at;
      state.playing = true;
      show();
    } catch (error) {
      pause();
      say("This browser cannot play the sound: " + error.message);
    }
  };
  const toggle = () => (state.wanted ? pause() : play());
  const again = () => (state.wanted ? play() : show());

  const toPlace = (index) => {
    halt();
    state.place = index;
    state.offsets.fill(0);
    state.lengths.fill(0);
  };
  const line = () => versions[state.blind ? 0 : state.version].line;
  // To a time of the song or the record: into the place there, or the nearest one.
  const seek = (at_s) => {
    const { places } = lines[line()];
    const far = ({ at_s: from, length_s }) => Math.max(from - at_s, at_s - from - length_s, 0);
    const nearest = places.reduce((best, place, i) => (far(place) < far(places[best]) ? i : best), 0);
    halt();
    if (places.length > 1 && nearest !== state.place) toPlace(nearest);
    state.offsets[line()] = Math.min(Math.max(at_s - placeOf(line()).at_s, 0), lengthOf(line()) - 0.05);
    again();
  };

  const change = (fields) => {
    Object.assign(state, fields);
    if (nodes) nodes.apply(state, context.currentTime);
    show();
  };

  const clock = (seconds) => Math.floor(seconds / 60) + ":" + String(Math.floor(seconds % 60)).padStart(2, "0");
  const say = (text) => { const e = byId("player-status"); if (e.textContent !== text) e.textContent = text; };

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

  // Blind test (ABX): X is one of the first two versions, drawn anew for every trial. What would tell them apart by
  // other means than the ear, levels and waveforms, stays the same.
  const draw = () => {
    const random = new Uint32Array(1);
    crypto.getRandomValues(random);
    return random[0] & 1;
  };
  const testable = versions.length > 1 && ofSong(1);
  const hear = (index) => {
    state.blind.heard = index;
    change({ version: index === 2 ? state.blind.x : index });
  };
  const blindTest = () => {
    if (!testable) return;
    if (state.blind) {
      state.blind = null;
      change({ version: 0 });
    } else {
      state.blind = { x: draw(), heard: 2, right: 0, trials: 0 };
      change({ match: true, difference: false, version: state.blind.x });
    }
  };
  const answer = (choice) => {
    const { blind } = state;
    if (!blind) return;
    blind.trials += 1;
    blind.right += choice === blind.x ? 1 : 0;
    blind.x = draw();
    hear(2);
  };

  const score = ({ right, trials }) => {
    const p = guessing(right, trials);
    return trials === 0 ? "No answer yet." : right + " of " + trials + " right; by guessing this well or better: " +
      (p * 100).toFixed(p < 0.1 ? 1 : 0) + " %" + (trials >= 5 && p < 0.05 ? ". You hear a difference." : ".");
  };
  const sentence = () => {
    if (state.blind) return "You hear " + "ABX"[state.blind.heard];
    const v = versions[state.version];
    const gain = state.match || differs(state) ? v.match_db : 0;
    return (differs(state) ? "Difference: " + v.name + " minus " + versions[other(state)].name : v.name) +
      (state.mono ? ", mono" : state.side ? ", side" : "") + ", " +
      (gain > -0.05 ? "played as it is" : "turned down " + (-gain).toFixed(1) + " dB to match");
  };

  const show = () => {
    const { blind } = state;
    const hide = (id, on) => { const e = byId(id); if (e) e.toggleAttribute("hidden", on); };
    const pressed = (id, on) => { const e = byId(id); if (e) e.setAttribute("aria-pressed", String(!!on)); };
    const shown = blind ? 0 : state.version;
    const height = (i) => (state.match ? Math.pow(10, versions[i].match_db / 20) : 1) * versions[i].peak;
    const highest = Math.max(...versions.map((v, i) => height(i)), 1e-9);
    versions.forEach((v, i) => {
      pressed("v" + i, !blind && state.version === i);
      hide("w" + i, i !== shown);
      byId("w" + i).setAttribute("transform", "scale(1 " + (blind ? 0.9 : height(i) / highest).toFixed(3) + ")");
    });
    lines.forEach((l, i) => {
      hide("wave" + i, i !== line());
      l.places.forEach((p, k) => { const e = byId("p" + i + "-" + k); if (e) e.classList.toggle("on", l.places.length < 2 || k === state.place); });
    });
    ["match", "mono", "side", "difference", "loop"].forEach((name) => pressed("k-" + name, state[name]));
    lines[0].places.forEach((p, i) => pressed("e" + i, state.place === i));
    pressed("k-blind", blind);
    ["match", "difference"].forEach((name) => { byId("k-" + name).disabled = !!blind; });
    [0, 1, 2].forEach((i) => pressed("x-" + i, blind && blind.heard === i));
    hide("versions", !!blind);
    hide("blind", !blind);
    byId("seek").classList.toggle("neutral", !!blind);
    if (blind) byId("blind-score").textContent = score(blind);
    byId("k-play").textContent = state.wanted ? "Pause" : "Play";
    say(sentence());
  };

  let told = "";
  const tick = () => {
    lines.forEach((l, i) => byId("head" + i).setAttribute("transform", "translate(" + (song(i) * l.px_per_s).toFixed(1) + " 0)"));
    const text = clock(song(line())) + " / " + clock(lines[line()].duration_s);
    if (text !== told) {
      told = text;
      byId("player-time").textContent = text;
      const slider = { valuemax: lines[line()].duration_s, valuenow: song(line()), valuetext: text.replace("/", "of") };
      Object.entries(slider).forEach(([name, value]) =>
        byId("seek").setAttribute("aria-" + name, typeof value === "number" ? value.toFixed(0) : value));
    }
    requestAnimationFrame(tick);
  };

  const step = () => Math.min(5, lengthOf(line()) / 8);
  // A step on or back; over the end of a place into the next one.
  const go = (by) => {
    const { at_s, length_s } = placeOf(line());
    const next = lines[line()].places[state.place + Math.sign(by)];
    const to = song(line()) + by;
    if (!next || (to >= at_s && to < at_s + length_s)) seek(to);
    else seek(by > 0 ? next.at_s : next.at_s + next.length_s + by);
  };
  const keys = {
    " ": toggle,
    arrowleft: () => go(-step()),
    arrowright: () => go(step()),
    m: () => state.blind || change({ match: !state.match }),
    o: () => change({ mono: !state.mono, side: false }),
    s: () => change({ side: !state.side, mono: false }),
    d: () => testable && !state.blind && change({ difference: !state.difference }),
    l: () => { hold(); state.loop = !state.loop; sources.forEach((source, i) => { source.loop = state.loop || !ofSong(i); }); show(); },
    b: blindTest,
  };
  // Inside the test, 1 and 2 let A and B be heard, 3 is X.
  const choose = (index) => {
    if (state.blind) return index < 3 && hear(index);
    if (index < versions.length) change({ version: index });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) return;
    const key = event.key.toLowerCase();
    // What the keyboard has chosen is pressed by the space bar; arrows scroll what scrolls.
    if (key === " " && /^(BUTTON|SUMMARY)$/.test(target.tagName)) return;
    if (key.startsWith("arrow") && target !== document.body && !target.closest("#player")) return;
    if (/^[1-9]$/.test(key)) choose(Number(key) - 1);
    else if (keys[key]) keys[key]();
    else return;
    event.preventDefault();
  });
  const click = (id, action) => {
    const e = byId(id);
    if (e) e.addEventListener("click", (event) => {
      action();
      // After a click of the mouse the space bar is the player's again.
      if (event.detail > 0) e.blur();
    });
  };
  versions.forEach((v, i) => click("v" + i, () => choose(i)));
  lines[0].places.forEach((p, i) => click("e" + i, () => { toPlace(i); again(); }));
  marks.forEach((at_s, i) => click("t" + i, () => seek(at_s)));
  click("k-play", toggle);
  Object.entries({ match: "m", mono: "o", side: "s", difference: "d", loop: "l", blind: "b" })
    .forEach(([name, key]) => click("k-" + name, keys[key]));
  [0, 1, 2].forEach((i) => click("x-" + i, () => hear(i)));
  [0, 1].forEach((i) => click("x-is-" + i, () => answer(i)));
  byId("seek").addEventListener("click", (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    seek(((event.clientX - box.left) / box.width) * lines[line()].duration_s);
  });
  // With one version there is nothing to compare.
  if (versions.length < 2) byId("k-match").hidden = true;
  if (!testable) ["difference", "blind"].forEach((name) => { byId("k-" + name).hidden = true; });
  if (innerWidth < 640) document.querySelectorAll(".fold").forEach((part) => { part.open = false; });
  byId("player").hidden = false;
  show();
  tick();
  window.acetatePlayer = { state, graph, factors, guessing, decode, versions, lines, position, seek };
})();
