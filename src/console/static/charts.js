// Charts of the last fifteen minutes, drawn by uPlot from the points that console.js fetches.

const POINTS_MAX = 450;
const WINDOW_SECONDS = 900;
const LEAST_SECONDS = 60;
/** Steps of an axis of bytes. */
const POWERS = Array.from({ length: 50 }, (_, exponent) => 2 ** exponent);
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
const { uPlot } = globalThis;
const weir = globalThis.weir = { charts: new Map(), onTheme: [] };

function bytesText(value) {
  let unit = 0;
  for (; Math.abs(value) >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${value >= 100 || unit === 0 ? Math.round(value).toLocaleString("en-US") : value.toFixed(1)} ${
    UNITS[unit]
  }`;
}

function countText(value) {
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 1 : 0 });
}

const TEXTS = {
  bytes: bytesText,
  rate: (value) => `${countText(value)} /s`,
  count: countText,
  share: (value) => `${(value * 100).toFixed(1)} %`,
};

/** The last quarter of an hour, or what there is of it. */
function rangeOf(least, most) {
  return [Math.max(most - WINDOW_SECONDS, Math.min(least, most - LEAST_SECONDS)), most];
}

/** UTC, as all times of the console. */
function clockText(seconds) {
  return new Date(seconds * 1000).toISOString().slice(11, 19);
}

/** A colour of the sheet as the canvas wants it. */
function colour(name) {
  const probe = document.createElement("span");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

class Chart {
  constructor(element) {
    this.element = element;
    this.text = TEXTS[element.dataset.unit] ?? countText;
    this.labels = [];
    this.rows = [[]];
    this.plot = null;
    this.wait("Waiting for the first numbers…");
    new ResizeObserver(() => this.resize()).observe(element);
    weir.onTheme.push(() => this.build());
  }

  wait(words) {
    const box = document.createElement("div");
    box.className = "waiting";
    box.textContent = words;
    this.element.replaceChildren(box);
  }

  /** Takes points; false when they are those of other lines, and all are wanted anew. */
  take({ labels, rows }, isWhole) {
    const isSame = labels.join("\n") === this.labels.join("\n");
    if (!isSame && !isWhole) return false;
    this.rows = isWhole ? rows : this.rows.map((row, index) => [...row, ...rows[index]].slice(-POINTS_MAX));
    if (!isSame || this.plot === null) {
      this.labels = labels;
      this.build();
    } else {
      this.plot.setData(this.rows);
      this.describeSoon();
    }
    return true;
  }

  build() {
    this.plot?.destroy();
    this.plot = null;
    if (this.labels.length === 0) return this.wait("Nothing to draw yet");
    this.element.replaceChildren();
    this.plot = new uPlot(this.options(), this.rows, this.element);
    this.describeSoon();
  }

  /** Once uPlot has drawn, for it empties the legend then. */
  describeSoon() {
    const { plot } = this;
    setTimeout(() => {
      if (this.plot === plot) this.describe();
    });
  }

  options() {
    const soft = colour("--soft");
    const grid = { stroke: colour("--line"), width: 1 };
    const axis = { stroke: soft, grid, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const value = (_plot, number) => number === null || number === undefined ? "–" : this.text(number);
    const series = this.labels.map((label, index) => ({
      label,
      value,
      stroke: colour(`--series-${index % 6 + 1}`),
      width: 2,
      points: { show: false },
      spanGaps: false,
    }));
    return {
      width: this.element.clientWidth,
      height: 180,
      cursor: { y: false },
      legend: { live: true },
      scales: {
        x: { range: (_plot, least, most) => rangeOf(least ?? 0, most ?? 0) },
        y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] },
      },
      axes: [
        { ...axis, size: 30, space: 76, values: (_plot, ticks) => ticks.map(clockText) },
        this.axisOfValues(axis),
      ],
      series: [{ label: "UTC", value: (_plot, time) => time === null ? "–" : clockText(time) }, ...series],
    };
  }

  axisOfValues(axis) {
    const values = (_plot, ticks) => ticks.map((tick) => this.text(tick));
    const steps = this.element.dataset.unit === "bytes" ? { incrs: POWERS } : {};
    return { ...axis, ...steps, size: 74, values };
  }

  /** What the picture shows, in words, and the newest values in the legend. */
  describe() {
    const isPointedAt = (this.plot.cursor.left ?? -1) >= 0;
    if (!isPointedAt) this.plot.setLegend({ idx: this.rows[0].length - 1 });
    const title = this.element.getAttribute("aria-label").split(":")[0];
    const last = this.labels.map((label, index) => {
      const value = this.rows[index + 1].at(-1);
      return `${label} ${value === null || value === undefined ? "unknown" : this.text(value)}`;
    });
    this.element.setAttribute("aria-label", `${title}: ${last.join(", ")}`);
  }

  resize() {
    const { clientWidth } = this.element;
    if (this.plot !== null && clientWidth > 0 && clientWidth !== this.plot.width) {
      this.plot.setSize({ width: clientWidth, height: 180 });
    }
  }
}

for (const element of document.querySelectorAll("[data-chart]")) {
  const chart = new Chart(element);
  weir.charts.set(element.dataset.chart, (points, isWhole) => chart.take(points, isWhole));
}
