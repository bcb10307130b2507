// Turns pointer events into acts of the bench: one finger, pen or button draws; two fingers pan and zoom; once a pen has
// been seen, fingers only pan. `hands` has begin, move, end, cancel (grid points), hover, pan, zoom and panning().

export function watch(canvas, view, hands) {
  const touching = new Map();
  let doing = "";
  let penSeen = false;
  let last = null;

  const onStage = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };

  const pinch = () => {
    const [a, b] = [...touching.values()];
    return { x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2, span: Math.max(1, Math.hypot(a[0] - b[0], a[1] - b[1])) };
  };

  function down(event) {
    if (event.pointerType === "mouse" && event.button > 1) return;
    event.preventDefault();
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    touching.set(event.pointerId, onStage(event));
    penSeen ||= event.pointerType === "pen";
    if (touching.size === 2) {
      if (doing === "draw") hands.cancel();
      doing = "pinch";
      last = pinch();
    } else if (event.button === 1 || hands.panning() || (penSeen && event.pointerType === "touch")) {
      doing = "pan";
      last = onStage(event);
    } else if (touching.size === 1) {
      doing = "draw";
      hands.begin(view.toGrid(...onStage(event)));
    }
  }

  function moved(event) {
    const point = onStage(event);
    if (touching.has(event.pointerId)) touching.set(event.pointerId, point);
    hands.hover(event.pointerType === "touch" ? null : view.toGrid(...point));
    if (doing === "draw") {
      const events = event.getCoalescedEvents?.() ?? [];
      for (const each of events.length ? events : [event]) hands.move(view.toGrid(...onStage(each)));
    } else if (doing === "pan") {
      hands.pan(point[0] - last[0], point[1] - last[1]);
      last = point;
    } else if (doing === "pinch" && touching.size === 2) {
      const now = pinch();
      hands.pan(now.x - last.x, now.y - last.y);
      hands.zoom(now.span / last.span, now.x, now.y);
      last = now;
    }
  }

  function up(event) {
    if (!touching.delete(event.pointerId)) return;
    if (doing === "draw") {
      if (event.type === "pointercancel") hands.cancel();
      else hands.end();
      doing = "";
    }
    if (touching.size === 0) doing = "";
  }

  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", moved);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => { if (!doing) hands.hover(null); });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    hands.zoom(Math.exp(-event.deltaY / 400), ...onStage(event));
  }, { passive: false });
}
