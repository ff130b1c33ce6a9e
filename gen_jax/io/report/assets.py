"""The style and the script of the report; both go into the page, which asks the network for nothing."""

STYLE = """
:root { color-scheme: light dark; --page: #fbfbfa; --card: #fff; --ink: #1c1d1f; --soft: #6b7076; --rule: #e4e5e3;
  --accent: #2563a8; --good: #1d7f4f; --bad: #b3372f; --c0: #2563a8; --c1: #d1602b; --c2: #2c8a57; --c3: #8a4fa3;
  --c4: #b08a12; --c5: #3f9aa8; }
@media (prefers-color-scheme: dark) { :root { --page: #141517; --card: #1c1e21; --ink: #e7e8e6; --soft: #989da3;
  --rule: #2e3135; --accent: #7db4ee; --good: #5cc491; --bad: #f0857c; --c0: #6aa9ea; --c1: #f08a55; --c2: #5fc08b;
  --c3: #c18ad8; --c4: #dcb94a; --c5: #6fc6d3; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1240px; padding: 36px 28px 60px; background: var(--page); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 12px 0 0; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 44px 0 14px; letter-spacing: -.01em; }
h3 { font-size: 13px; font-weight: 600; color: var(--soft); margin: 22px 0 8px; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 0; }
header p { flex-basis: 100%; margin: 2px 0 0; color: var(--soft); }
.status { font-size: 13px; font-weight: 600; padding: 2px 10px; border-radius: 99px; color: var(--accent);
  border: 1px solid currentColor; }
.status.done { color: var(--good); } .status.bad { color: var(--bad); }
.progress { flex-basis: 100%; height: 4px; border-radius: 2px; background: var(--rule); margin-top: 14px; }
.progress i { display: block; height: 100%; border-radius: 2px; background: var(--accent); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 12px; margin: 24px 0 0; }
.tile, .chart, .film, details { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
.tile { padding: 12px 16px; } .tile span { display: block; font-size: 12.5px; color: var(--soft); }
.tile b { font-size: 21px; font-weight: 600; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.tile small { color: var(--soft); font-size: 12.5px; margin-left: 4px; white-space: nowrap; }
.tile.words { grid-column: span 2; }
.tile.words b { font-size: 15px; line-height: 1.35; display: block; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); gap: 14px; }
.chart { margin: 0; padding: 12px 14px 6px; }
.chart h3 { flex-basis: 100%; margin: 0; }
.chart svg { display: block; width: 100%; height: auto; touch-action: pan-y; }
figcaption { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13px; margin-bottom: 6px; }
.key { white-space: nowrap; color: var(--soft); } .key b { color: var(--ink); font-variant-numeric: tabular-nums; }
.key i { display: inline-block; width: 12px; height: 3px; border-radius: 2px; margin: 0 6px 3px 0;
  background: var(--c); }
.scale { margin-left: auto; color: var(--soft); font-size: 12px; }
.c0 { --c: var(--c0); } .c1 { --c: var(--c1); } .c2 { --c: var(--c2); }
.c3 { --c: var(--c3); } .c4 { --c: var(--c4); } .c5 { --c: var(--c5); }
path { fill: none; stroke: var(--c); stroke-width: 1.8; stroke-linejoin: round; } circle { fill: var(--c); }
path.raw { stroke-width: 1; opacity: .3; }
.grid line { stroke: var(--rule); } .grid .zero { stroke: var(--soft); }
.grid text { fill: var(--soft); font-size: 11.5px; font-variant-numeric: tabular-nums; }
.mark { stroke: var(--bad); stroke-width: 1.5; }
.cursor { stroke: var(--soft); stroke-dasharray: 3 3; }
.hidden { position: absolute; }
.films { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); gap: 14px; }
.film { padding: 4px 16px 14px; min-width: 0; } .film h3 { margin: 12px 0 10px; }
.stage img { display: block; width: 100%; max-width: 560px; margin: 0 auto; border-radius: 4px; }
.stage img.small { image-rendering: pixelated; }
.controls { display: flex; align-items: center; gap: 12px; margin: 12px 0 10px; font-size: 13px; color: var(--soft); }
.controls input { flex: 1; min-width: 60px; accent-color: var(--accent); }
.controls output { font-variant-numeric: tabular-nums; white-space: nowrap; }
.play { border: 1px solid var(--rule); background: none; color: inherit; border-radius: 99px; width: 32px; height: 32px;
  font-size: 12px; cursor: pointer; }
.strip { display: flex; gap: 6px; overflow-x: auto; padding: 2px 2px 6px; scrollbar-width: thin; }
.strip button { flex: none; border: 0; padding: 0; background: none; color: var(--soft); font: 11px/1.5 inherit;
  font-family: inherit; cursor: pointer; }
.strip img { display: block; height: 64px; width: auto; border-radius: 3px; opacity: .65; }
.strip span { font-size: 11px; font-variant-numeric: tabular-nums; }
.strip [aria-current] { color: var(--ink); } .strip [aria-current] img { opacity: 1; outline: 2px solid var(--accent); }
details { margin: 0 0 8px; padding: 0 16px; } details[open] { padding-bottom: 10px; }
summary { cursor: pointer; padding: 9px 0; font-weight: 600; font-size: 14px; }
summary span { font-weight: 400; color: var(--soft); margin-left: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
td { padding: 4px 16px 4px 0; border-top: 1px solid var(--rule); vertical-align: top; overflow-wrap: anywhere; }
td:first-child { color: var(--soft); width: 34%; } td:last-child { font-variant-numeric: tabular-nums; }
.note, footer { color: var(--soft); font-size: 13px; } footer { margin-top: 40px; }
code { font: 12.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
@media print { .controls, .strip { display: none; } }
"""

SCRIPT = """
const three = n => n.toPrecision(3) * 1;
const short = n => n >= 1e6 ? three(n / 1e6) + "M" : n >= 1e3 ? three(n / 1e3) + "k" : "" + n;
for (const figure of document.querySelectorAll(".chart")) {
  const data = JSON.parse(figure.dataset.curves), svg = figure.querySelector("svg");
  const cursor = svg.querySelector(".cursor"), keys = [...figure.querySelectorAll(".key b")];
  const last = keys.map(key => key.textContent);
  const label = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "text"));
  label.setAttribute("class", "at");
  label.setAttribute("fill", "currentColor"); label.setAttribute("font-size", "11.5");
  const nearest = (list, value) => {
    let low = 0, high = list.length - 1;
    while (high - low > 1) { const middle = (low + high) >> 1; list[middle] < value ? low = middle : high = middle; }
    return value - list[low] < list[high] - value ? low : high;
  };
  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect(), share = ((event.clientX - box.left) / box.width * WIDTH - LEFT) / PLOT;
    const images = data.low + Math.min(Math.max(share, 0), 1) * (data.high - data.low);
    const first = data.curves[0].x, at = first[nearest(first, images)];
    const x = LEFT + (at - data.low) / (data.high - data.low) * PLOT;
    cursor.setAttribute("x1", x); cursor.setAttribute("x2", x); cursor.setAttribute("visibility", "visible");
    const right = x > LEFT + PLOT * .75;
    label.setAttribute("x", x + (right ? -6 : 6)); label.setAttribute("y", 20);
    label.setAttribute("text-anchor", right ? "end" : "start"); label.textContent = short(at) + " images";
    data.curves.forEach((curve, n) => { keys[n].textContent = curve.y[nearest(curve.x, at)] ?? "NaN"; });
  });
  svg.addEventListener("pointerleave", () => {
    cursor.setAttribute("visibility", "hidden"); label.textContent = "";
    keys.forEach((key, n) => { key.textContent = last[n]; });
  });
}
for (const film of document.querySelectorAll(".film")) {
  const stage = film.querySelector(".stage img"), slider = film.querySelector("input");
  const frames = [...film.querySelectorAll(".strip button")], output = film.querySelector("output");
  const play = film.querySelector(".play"), strip = film.querySelector(".strip");
  let timer = null;
  const show = n => {
    stage.src = frames[n].querySelector("img").src; slider.value = n; output.textContent = frames[n].title;
    for (const other of frames) other.removeAttribute("aria-current");
    const frame = frames[n];
    frame.setAttribute("aria-current", "true");
    strip.scrollLeft = frame.offsetLeft - strip.offsetLeft - strip.clientWidth / 2 + frame.offsetWidth / 2;
  };
  const stop = () => { clearInterval(timer); timer = null; play.textContent = "▶"; };
  const sharpen = () => stage.classList.toggle("small", stage.naturalWidth < 400);
  stage.addEventListener("load", sharpen); if (stage.complete) sharpen();
  slider.addEventListener("input", () => { stop(); show(+slider.value); });
  frames.forEach((frame, n) => frame.addEventListener("click", () => { stop(); show(n); }));
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (+slider.value == frames.length - 1) show(0);
    play.textContent = "❚❚";
    timer = setInterval(() => +slider.value < frames.length - 1 ? show(+slider.value + 1) : stop(), 250);
  });
  strip.scrollLeft = strip.scrollWidth;
}
"""
