const SVG = "http://www.w3.org/2000/svg";
const POINTS = 60;
const TOP = 6;
const BOTTOM = 2;

/** The last minute of a figure, as a line with what is below it tinted. */
export class Sparkline {
  #line = pathOf("line");
  #area = pathOf("area");
  #values = [];
  #width;
  #height;

  /** @param {SVGSVGElement} svg */
  constructor(svg) {
    const { width, height } = svg.viewBox.baseVal;
    this.#width = width;
    this.#height = height;
    const base = pathOf("base");
    base.setAttribute("d", `M0 ${height - BOTTOM}H${width}`);
    svg.append(base, this.#area, this.#line);
  }

  /** Adds a value at the right; the oldest leave at the left. */
  add(value) {
    this.#values.push(value);
    if (this.#values.length > POINTS) this.#values.shift();
    const points = this.#points();
    this.#line.setAttribute("d", `M${points.join("L")}`);
    const firstX = points[0].split(" ")[0];
    this.#area.setAttribute(
      "d",
      `M${firstX} ${this.#height}L${points.join("L")}L${this.#width} ${this.#height}Z`,
    );
  }

  #points() {
    // Below 5, a change of 1 would look like a flood.
    const highest = Math.max(5, ...this.#values);
    const step = this.#width / (POINTS - 1);
    const left = this.#width - (this.#values.length - 1) * step;
    const rise = this.#height - TOP - BOTTOM;
    return this.#values.map((value, index) => {
      const y = this.#height - BOTTOM - (value / highest) * rise;
      return `${(left + index * step).toFixed(1)} ${y.toFixed(1)}`;
    });
  }
}

function pathOf(className) {
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("class", className);
  return path;
}
