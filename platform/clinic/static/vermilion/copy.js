// Copies a digest to the clipboard and says so on the button.

for (const button of document.querySelectorAll("[data-copy]")) {
  const word = button.querySelector("span");
  const before = word.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    word.textContent = "Copied";
    setTimeout(() => (word.textContent = before), 2000);
  });
}
