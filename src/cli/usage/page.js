/* Draws the plots of the usage page. It runs in the user's browser, with uPlot and the data in the page. */
(() => {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = () => root.clientWidth < 600;
  let plots = [];

  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const series = (at) => colour(`--c${at % 8}`);
  const short = (value) =>
    value >= 1e6
      ? `${+(value / 1e6).toFixed(1)}M`
      : value >= 1e3
      ? `${+(value / 1e3).toFixed(1)}k`
      : `${+value.toFixed(1)}`;
  const percent = (value) => value == null ? "–" : `${Math.round(value)}%`;
  const time = (value) =>
    value == null
      ? "–"
      : value >= 60000
      ? `${Math.floor(value / 60000)}m ${Math.ceil(value % 60000 / 1000)}s`
      : value >= 1000
      ? `${+(value / 1000).toFixed(1)}s`
      : `${+value.toFixed(1)}ms`;

  /* Between the margins of A4 and Letter, in pixels of CSS: the window may be narrower or wider. */
  const PAPER_WIDTH = 680;
  /* Three plots on a page. */
  const PAPER_HEIGHT = 165;
  let isOnPaper = false;

  function axes(show) {
    const line = {
      stroke: colour("--quiet"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
    };
    const day = (at) => new Date(at * 1000).toLocaleDateString([], { day: "numeric", month: "short" });
    const hour = (at) => new Date(at * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const moment = (_plot, values, _axis, _space, step) =>
      values.map((at) =>
        step >= 86400 || new Date(at * 1000).getHours() === 0 && step >= 3600 ? day(at) : hour(at)
      );
    return [{ ...line, values: moment }, { ...line, size: 56, values: (_plot, values) => values.map(show) }];
  }

  function draw(id, height, options, values) {
    const place = document.getElementById(id);
    if (!place) return;
    const width = () => isOnPaper ? PAPER_WIDTH : Math.max(240, place.clientWidth);
    const tall = isOnPaper ? PAPER_HEIGHT : height;
    const plot = new uPlot({ width: width(), height: tall, cursor: { y: false }, ...options }, values, place);
    plots.push({ plot, resize: () => plot.setSize({ width: width(), height: tall }) });
  }

  const bars = uPlot.paths.bars({ size: [0.7, 48], align: 0 });

  /* Bars on top of each other: each is drawn as the sum of itself and those below, the highest first. */
  function stacked() {
    const sums = [];
    data.tokens.forEach(({ values }, at) =>
      sums.push(values.map((value, part) => value + (sums[at - 1]?.[part] ?? 0)))
    );
    const order = data.tokens.map((_, at) => at).reverse();
    return {
      values: [data.parts, ...order.map((at) => sums[at])],
      series: order.map((at) => ({
        label: data.tokens[at].key,
        fill: series(at),
        stroke: series(at),
        width: 0,
        paths: bars,
        points: { show: false },
        value: (_plot, _value, _series, part) => part == null ? "–" : short(data.tokens[at].values[part]),
      })),
    };
  }

  const line = (label, at, show, more) => ({
    label,
    stroke: series(at),
    width: 2,
    points: { show: data.parts.length < 40, fill: series(at) },
    value: (_plot, value) => show(value),
    ...more,
  });

  /* Resets are dotted lines, switches to the key triangles at the top, changes of its state squares at the bottom. */
  function marks(key) {
    return (plot) => {
      const { ctx, bbox: { left, top, width, height } } = plot;
      const x = (at) => plot.valToPos(at, "x", true);
      const inside = (at) => at >= plot.scales.x.min && at <= plot.scales.x.max;
      const size = 5 * devicePixelRatio;
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, top - size, width, height + size);
      ctx.clip();
      ctx.strokeStyle = colour("--quiet");
      ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
      for (const at of key.windows.flatMap(({ resets }) => resets).filter(inside)) {
        ctx.beginPath();
        ctx.moveTo(x(at), top);
        ctx.lineTo(x(at), top + height);
        ctx.stroke();
      }
      ctx.fillStyle = series(2);
      for (const at of key.switches.filter(inside)) {
        ctx.beginPath();
        ctx.moveTo(x(at) - size, top);
        ctx.lineTo(x(at) + size, top);
        ctx.lineTo(x(at), top + 2 * size);
        ctx.fill();
      }
      for (const [at, state] of key.changes.filter(([when]) => inside(when))) {
        ctx.fillStyle = state === "ok" ? series(2) : state === "blacklist" ? series(4) : series(1);
        ctx.fillRect(x(at) - size / 2, top + height - size, size, size);
      }
      ctx.restore();
    };
  }

  /* All windows of a key share their times: a window that was not read at one keeps its value. */
  function windowValues(windows) {
    const times = [...new Set(windows.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) =>
      a - b
    );
    times.push(Math.max(data.to, times.at(-1) ?? 0));
    const columns = windows.map(({ points }) => {
      let next = 0;
      let value = null;
      return times.map((at) => {
        while (next < points.length && points[next][0] <= at) value = points[next++][1];
        return value;
      });
    });
    return [times, ...columns];
  }

  function drawAll() {
    for (const { plot } of plots.splice(0)) plot.destroy();
    const height = narrow() ? 200 : 260;
    const step = data.is_daily ? 43200 : 1800;
    const x = { range: () => [data.parts[0] - step, data.parts.at(-1) + step] };
    const stack = stacked();
    const y = { range: (_plot, _min, max) => [0, max > 0 ? max * 1.08 : 1] };
    draw(
      "tokens",
      height,
      { scales: { x, y }, axes: axes(short), series: [{}, ...stack.series] },
      stack.values,
    );
    draw("cache", height, {
      scales: { x, y: { range: [0, 100] } },
      axes: axes(percent),
      series: [{}, line("from the cache", 2, percent, { spanGaps: true })],
    }, [data.parts, data.cache_rate]);
    draw("added", height, {
      scales: { x, y },
      axes: axes(time),
      series: [
        {},
        line("median", 0, time, { spanGaps: true }),
        line("95 of 100 below", 1, time, { spanGaps: true }),
      ],
    }, [data.parts, data.added_median, data.added_p95]);
    draw("first", height, {
      scales: { x, y },
      axes: axes(time),
      series: [{}, line("median", 5, time, { spanGaps: true })],
    }, [data.parts, data.first_token_median]);
    data.keys.forEach((key, at) =>
      draw(`key-${at}`, narrow() ? 150 : 180, {
        scales: { x: { range: () => [data.from, data.to] }, y: { range: [0, 100] } },
        axes: axes(percent),
        series: [
          {},
          ...key.windows.map(({ name }, index) =>
            line(name, index, percent, {
              paths: uPlot.paths.stepped({ align: 1 }),
              points: { show: false },
            })
          ),
        ],
        hooks: { draw: [marks(key)] },
      }, windowValues(key.windows))
    );
  }

  function paint(theme) {
    root.dataset.theme = theme;
    drawAll();
  }

  const usual = () => paint(dark.matches ? "dark" : "light");
  dark.addEventListener("change", usual);
  addEventListener("beforeprint", () => {
    isOnPaper = true;
    paint("light");
  });
  addEventListener("afterprint", () => {
    isOnPaper = false;
    usual();
  });
  let pending;
  addEventListener("resize", () => {
    clearTimeout(pending);
    pending = setTimeout(() => plots.forEach(({ resize }) => resize()), 100);
  });
  usual();
  root.dataset.drawn = String(plots.length);
})();
