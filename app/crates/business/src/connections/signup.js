// Opens WhatsApp's Embedded Signup in a window, hears from Meta what was set up there and from our own page in that window
// which code came back, and brings both to the callback. Without a window the link leads to Meta itself.
(() => {
  const told = document.getElementById("embedded-signup");
  const origins = told.dataset.origins.split(" ");
  // The page behind a renewal link has this script if it is for WhatsApp.
  const start =
    'a[href^="/api/integrations/meta/connect?"][href$="&type=whatsapp"], a[href^="/api/integrations/meta/renew?"]';
  // Meta tells and returns in either order; a code lives for 30 seconds.
  const patience = 2000;
  let signup = null;

  const say = (text) => {
    told.textContent = text;
  };

  // Meta's names of what was set up, if they are ids.
  const ids = (data) =>
    ["waba_id", "phone_number_id"].filter((name) => /^\d{1,32}$/.test(data[name])).map((name) => [name, String(data[name])]);

  const goOn = () => {
    if (!signup || signup.stopped || signup.ended || !signup.returned) return;
    signup.ended = true;
    const back = new URL("/api/integrations/meta/callback", location.origin);
    back.search = signup.returned;
    for (const [name, id] of signup.setUp) back.searchParams.set(name, id);
    back.searchParams.set("window", "done");
    location.assign(back);
  };

  const stop = (text) => {
    signup.stopped = true;
    say(text);
  };

  const stopped = (data) => {
    if (typeof data.error_message === "string") {
      const id = /^\d{1,20}$/.test(data.error_id) ? ` (${data.error_id})` : "";
      return stop(told.dataset.failed.replace("{fault}", () => data.error_message.slice(0, 300) + id));
    }
    const step = String(data.current_step);
    if (!/^[A-Z0-9_]{1,60}$/.test(step)) return stop(told.dataset.canceled);
    return stop(told.dataset.stopped.replace("{step}", () => step.replaceAll("_", " ").toLowerCase()));
  };

  const hear = (text) => {
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    if (message?.type !== "WA_EMBEDDED_SIGNUP" || signup.ended) return;
    const data = message.data ?? {};
    const event = String(message.event);
    if (event === "CANCEL" || event === "ERROR") return stopped(data);
    if (event === "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING") return stop(told.dataset.inApp);
    if (!event.startsWith("FINISH")) return;
    signup.stopped = false;
    signup.setUp = ids(data);
    say("");
    goOn();
  };

  const arrived = (event) => {
    if (event.source !== signup.window || typeof event.data?.returned !== "string") return;
    event.source.postMessage("taken", location.origin);
    if (signup.returned) return;
    const answer = new URLSearchParams(event.data.returned);
    // Meta has said already why there is no code.
    if (signup.stopped && !answer.has("code")) return;
    signup.returned = event.data.returned;
    if (signup.setUp.length || !answer.has("code")) return goOn();
    setTimeout(goOn, patience);
  };

  addEventListener("message", (event) => {
    if (!signup) return;
    if (event.origin === location.origin) return arrived(event);
    if (origins.includes(event.origin) && typeof event.data === "string") hear(event.data);
  });

  addEventListener("click", (event) => {
    const link = event.target.closest?.(start);
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    // On a phone a window of its own is unreliable.
    if (!link || !plain || event.defaultPrevented || !matchMedia("(min-width: 641px)").matches) return;
    const opened = open(`${link.getAttribute("href")}&window=true`, "embedded-signup", "popup,width=720,height=820");
    if (!opened) return;
    event.preventDefault();
    signup = { window: opened, setUp: [], returned: "", stopped: false, ended: false };
    say("");
  });
})();
