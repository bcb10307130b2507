// The form of a new case: shows the chosen photograph, says early what cannot be stored, and keeps everything typed when
// the server refuses. Without this script the form still works as a plain form.

const form = document.getElementById("intake");
const upload = document.getElementById("upload");
const drop = document.getElementById("drop");
const chosen = document.getElementById("chosen");
const button = document.getElementById("admit");
const refusal = document.getElementById("refusal");
const link = document.getElementById("refusal-link");
// Not form.dataset: a form's own field of that name (the data set) would answer instead.
const limit = Number(form.getAttribute("data-limit"));

function refuse({ message, code, field }) {
  refusal.hidden = false;
  link.textContent = message;
  link.href = `#${field || "upload"}`;
  refusal.querySelector(".code").textContent = code;
  mark(field || "upload", message);
  refusal.focus();
}

function mark(field, message) {
  for (const element of form.querySelectorAll("[aria-invalid]")) element.removeAttribute("aria-invalid");
  const error = document.getElementById("upload-error");
  error.hidden = field !== "upload";
  error.textContent = field === "upload" ? message : "";
  document.getElementById(field)?.setAttribute("aria-invalid", "true");
}

function clear() {
  refusal.hidden = true;
  mark("", "");
}

function show(file) {
  clear();
  URL.revokeObjectURL(chosen.src);
  if (!file) return;
  if (file.size > limit) {
    const megabytes = Math.round(file.size / 2 ** 20);
    refuse({
      message: `This photograph is too large. It has ${megabytes} MB; the limit is 32. Export it as JPEG and choose it again.`,
      code: "INTAKE-SIZE",
      field: "upload",
    });
    return;
  }
  chosen.onload = () => { chosen.hidden = false; drop.classList.add("small"); };
  // A browser that cannot draw a TIFF shows no picture, and the server still reads it.
  chosen.onerror = () => { chosen.hidden = true; drop.classList.remove("small"); };
  chosen.src = URL.createObjectURL(file);
  drop.querySelector("b").textContent = "Choose another photograph";
}

async function send(event) {
  event.preventDefault();
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  clear();
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    const words = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
    if (answer.status === 201 && words) location.assign(words.next);
    else if (words?.message) refuse(words);
    else refuse(silence(answer.status));
  } catch {
    refuse(silence(0));
  } finally {
    button.removeAttribute("aria-busy");
  }
}

function silence(status) {
  if (status === 401 || status === 403) {
    return { message: "You were signed out. Sign in again in another window, then press the button once more.", code: "SIGNED-OUT", field: "" };
  }
  return { message: "The server did not answer. Nothing was stored and what you filled in is still here: try again in a minute.", code: `NO-ANSWER-${status}`, field: "" };
}

upload.addEventListener("change", () => show(upload.files[0]));
form.addEventListener("submit", send);
drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  if (event.dataTransfer.files.length) {
    upload.files = event.dataTransfer.files;
    show(upload.files[0]);
  }
});
