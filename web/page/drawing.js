// Pictures: curves as SVG, the waveform on a canvas. Colours are those of the style sheet.
const SVG = "http://www.w3.org/2000/svg";

const draw = (name, attributes, text) => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text !== undefined) made.textContent = text;
  return made;
};

const path = (points) => points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

/** Third octaves of the mix, and of the master where there is one, each re its own loudness. */
export const spectrum = (svg, mix, master) => {
  const [left, right, top, bottom] = [34, 632, 8, 178];
  const hz = mix.third_octave_hz;
  const relative = ({ level_db }) => {
    const known = level_db.filter((level) => level !== null && level > -100);
    const mean = known.reduce((sum, level) => sum + level, 0) / Math.max(known.length, 1);
    return level_db.map((level) => (level === null ? null : level - mean));
  };
  const curves = [["before", relative(mix)], ...(master ? [["after", relative(master)]] : [])];
  const all = curves.flatMap(([, levels]) => levels.filter((level) => level !== null && level > -40));
  const high = Math.ceil((Math.max(...all, 6) + 3) / 6) * 6;
  const low = Math.max(Math.floor((Math.min(...all, -6) - 3) / 6) * 6, high - 48);
  const x = (f) => left + ((right - left) * Math.log(f / 20)) / Math.log(1000);
  const y = (level) => top + ((bottom - top) * (high - Math.max(level, low))) / (high - low);
  const marks = [];
  for (let level = low; level <= high; level += 12) marks.push(draw("path", { d: `M${left} ${y(level)}H${right}`, class: "grid" }), draw("text", { x: left - 4, y: y(level) + 4, "text-anchor": "end" }, String(level)));
  for (const [f, text] of [[50, "50"], [100, "100"], [200, "200"], [500, "500"], [1000, "1k"], [2000, "2k"], [5000, "5k"], [10000, "10k"]]) marks.push(draw("path", { d: `M${x(f)} ${top}V${bottom}`, class: "grid" }), draw("text", { x: x(f), y: 194, "text-anchor": "middle" }, text));
  const lines = curves.map(([kind, levels]) => draw("path", { class: `line ${kind}`, d: path(levels.map((level, band) => [x(hz[band]), level]).filter(([, level]) => level !== null && level > -100).map(([px, level]) => [px, y(level)])) }));
  svg.replaceChildren(draw("title", {}, "Spectrum"), ...marks, ...lines);
};

/** Cost of each loudness; a click on it chooses one. */
export const curve = (svg, points, chosen, axis, choose) => {
  const known = points.filter((point) => typeof point.noise_to_mask_db === "number" && typeof point.integrated_lufs === "number");
  const [left, right, top, bottom] = [44, 632, 22, 190];
  const ends = [-15, -5];
  const costs = known.map((point) => point.noise_to_mask_db);
  const [low, high] = [Math.min(-30, ...costs), Math.max(0, ...costs)];
  const x = (lufs) => left + ((right - left) * (lufs - ends[0])) / (ends[1] - ends[0]);
  const y = (cost) => top + ((bottom - top) * (high - cost)) / (high - low);
  const marks = [-10, 0].flatMap((cost) => [draw("path", { d: `M${left} ${y(cost)}H${right}`, class: "grid" }), draw("text", { x: left - 4, y: y(cost) + 4, "text-anchor": "end" }, String(cost))]);
  marks.push(draw("text", { x: left, y: 13 }, axis));
  for (let lufs = -14; lufs <= -6; lufs += 2) marks.push(draw("text", { x: x(lufs), y: 208, "text-anchor": "middle" }, lufs === -6 ? "-6 LUFS" : String(lufs)));
  const dots = known.map((point) => {
    const dot = draw("circle", { cx: x(point.integrated_lufs), cy: y(point.noise_to_mask_db), r: 6, class: "dot" });
    dot.append(draw("title", {}, `${point.integrated_lufs.toFixed(1)} LUFS`));
    dot.addEventListener("click", () => choose(Math.round(10 * point.integrated_lufs) / 10));
    return dot;
  });
  const line = draw("path", { class: "line after", d: path(known.map((point) => [x(point.integrated_lufs), y(point.noise_to_mask_db)])) });
  const here = draw("path", { class: "here", d: `M${x(Math.min(Math.max(chosen, ends[0]), ends[1]))} ${top}V${bottom}` });
  svg.replaceChildren(draw("title", {}, axis), ...marks, line, here, ...dots);
};

/** The whole song, the stretch that is heard, and where it is just now. */
export const waveform = (canvas, peaks, duration, begin, length, position) => {
  const scale = devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const style = getComputedStyle(canvas);
  const colour = (name) => style.getPropertyValue(name);
  const paint = canvas.getContext("2d");
  paint.setTransform(scale, 0, 0, scale, 0, 0);
  paint.clearRect(0, 0, width, height);
  const x = (seconds) => (seconds / Math.max(duration, 1e-3)) * width;
  paint.fillStyle = colour("--line");
  paint.fillRect(x(begin), 0, Math.max(x(length), 2), height);
  const top = Math.max(...peaks, 1e-3);
  for (let column = 0; column < width; column += 2) {
    const from = Math.floor((column / width) * peaks.length);
    const to = Math.max(Math.floor(((column + 2) / width) * peaks.length), from + 1);
    const peak = Math.max(...peaks.slice(from, to)) / top;
    const at = (column / width) * duration;
    paint.fillStyle = colour(at >= begin && at < begin + length ? "--after" : "--before");
    paint.fillRect(column, (height * (1 - peak)) / 2, 1.4, Math.max(height * peak, 1));
  }
  paint.fillStyle = colour("--ink");
  paint.fillRect(x(begin + position), 0, 1.5, height);
};
