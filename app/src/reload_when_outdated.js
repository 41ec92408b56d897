// A page of an old version asks for a file that went with it: load the page anew, at most once a minute.
new PerformanceObserver((list) => {
  const gone = list.getEntries().some((entry) => entry.responseStatus === 410 && /\/v\/[0-9a-f]+\/pkg\//.test(entry.name));
  const last = Number(sessionStorage.getItem("reloaded"));
  if (!gone || Date.now() - last < 60000) return;
  sessionStorage.setItem("reloaded", String(Date.now()));
  location.reload();
}).observe({ type: "resource", buffered: true });
