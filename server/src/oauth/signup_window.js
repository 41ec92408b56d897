// Hands what came back from Meta to our page that opened this window, and closes the window once it is taken. Where no page
// takes it, the window goes on by itself.
(() => {
  const back = new URL(location.href);
  back.searchParams.set("window", "done");
  back.hash = "";
  const goOn = () => location.replace(back);
  if (!opener) return goOn();
  const patience = setTimeout(goOn, 2000);
  addEventListener("message", (event) => {
    if (event.origin !== location.origin || event.source !== opener || event.data !== "taken") return;
    clearTimeout(patience);
    close();
  });
  opener.postMessage({ returned: location.search }, location.origin);
})();
