// Ctrl K before the page's code is there: Find opens with it.
addEventListener("keydown", (event) => {
  const root = document.documentElement;
  if (root.dataset.hydrated === "" || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  new MutationObserver(() => document.querySelector("[data-key=mod-k]")?.click()).observe(root, { attributeFilter: ["data-hydrated"] });
});
