"use strict";
(() => {
  const find = (id) => document.getElementById(id);
  const frames = [...document.querySelectorAll(".frames img")];
  const scales = JSON.parse(find("losses").textContent);
  const [slider, where, play, svg] = ["slider", "where", "play", "curves"].map(find);
  const axes = Object.fromEntries(Object.entries(svg.dataset).map(([k, v]) => [k, Number(v)]));
  const markedElements = document.querySelectorAll("#marker [data-name], .legend [data-name]");
  let timer = null;

  /* The value of a curve at an iteration, at the last scale that has started by then. */
  function loss(name, iteration) {
    const scale = scales.filter((each) => each.start <= iteration).pop();
    return scale.curves[name]?.[iteration - scale.start];
  }

  function format(value) {
    return value >= 1e-3 && value < 1e6 || !value ? String(Number(value.toPrecision(4))) : value.toExponential(3);
  }

  function height(value) {
    const share = Math.log(value / axes.low) / Math.log(axes.high / axes.low);
    return axes.bottom - (axes.bottom - axes.top) * share;
  }

  function show() {
    const index = Number(slider.value);
    const iteration = Number(frames[index].dataset.iteration);
    frames.forEach((frame, i) => { frame.hidden = i !== index; });
    const x = axes.left + (axes.right - axes.left) * iteration / Math.max(1, axes.end);
    find("marker").setAttribute("transform", `translate(${x} 0)`);
    for (const each of markedElements) {
      const value = loss(each.dataset.name, iteration);
      if (each.localName === "output") {
        each.textContent = value === undefined ? "" : format(value);
      } else {
        const seen = value >= axes.low;
        each.setAttribute("visibility", seen ? "visible" : "hidden");
        each.setAttribute("cy", seen ? height(value) : 0);
      }
    }
    where.textContent = `iteration ${iteration} of ${axes.end}`;
    slider.setAttribute("aria-valuetext", where.textContent);
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  }

  function step() {
    slider.value = Number(slider.value) + 1;
    show();
    if (Number(slider.value) === frames.length - 1) stop();
  }

  slider.max = frames.length - 1;
  slider.value = frames.length - 1;
  slider.addEventListener("input", () => { stop(); show(); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    if (Number(slider.value) === frames.length - 1) {
      slider.value = 0;
      show();
    }
    play.textContent = "Pause";
    timer = setInterval(step, 150);
  });
  show();
})();
