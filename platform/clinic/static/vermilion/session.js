// Warns two minutes before an idle session ends; one press extends it. Any act of a person on the page counts as a touch.

const WARNING_SECONDS = 120;
const dialog = document.getElementById("session-warning");
const idleSeconds = Number(dialog.dataset.idleSeconds);
const heading = dialog.querySelector("h2");
const stay = dialog.querySelector("button");
const token = dialog.querySelector("input[name=csrfmiddlewaretoken]").value;
let touched = Date.now();

function idleFor() {
  return (Date.now() - touched) / 1000;
}

function check() {
  if (idleFor() >= idleSeconds) {
    location.reload();
  } else if (idleFor() >= idleSeconds - WARNING_SECONDS && !dialog.open) {
    dialog.showModal();
    stay.focus();
  }
}

stay.addEventListener("click", async () => {
  stay.setAttribute("aria-busy", "true");
  const answer = await fetch(dialog.dataset.url, { method: "POST", headers: { "X-CSRFToken": token } }).catch(() => null);
  stay.removeAttribute("aria-busy");
  if (answer?.ok) {
    touched = Date.now();
    dialog.close();
  } else if (answer) {
    location.reload();
  } else {
    heading.textContent = "The server does not answer. Press again in a moment.";
  }
});

// A request that a person caused reaches the server's own clock; refreshing fragments do not, and say so in a header.
document.addEventListener("htmx:afterRequest", (event) => {
  const headers = event.detail.requestConfig?.headers ?? {};
  if (event.detail.successful && !("X-Vermilion-Background" in headers)) touched = Date.now();
});
document.addEventListener("vermilion:saved", () => {
  touched = Date.now();
});

setInterval(check, 5000);
