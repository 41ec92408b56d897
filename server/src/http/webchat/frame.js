// The web chat in its frame: opens and closes, keeps what the visitor wrote until it has arrived, and asks for answers, more
// seldom the longer nothing happens. All texts of people become text nodes, never markup.
(() => {
  'use strict';
  const by = (id) => document.getElementById(id);
  const words = document.body.dataset;
  const [button, chat, log, scroll, state, form, text] = ['open', 'chat', 'log', 'scroll', 'state', 'form', 'text'].map(by);
  const times = { open: 3000, idle: 10000, closed: 30000, hidden: 60000, busy: 120000 };
  const most = { atOnce: 10, waiting: 50, backOff: 60000 };
  const place = `web-chat:${location.pathname}`;
  let lines = [];
  let version = '';
  let timer;
  let running = false;
  let again = false;
  let failures = 0;
  let until = 0;
  let held = 0;
  let lastAct = Date.now();

  const tell = (what) => parent.postMessage(`web-chat:${what}`, '*');
  const random = (bytes) => Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  const read = (stored) => {
    try {
      const found = JSON.parse(stored);
      if (!/^[0-9a-f]{64}$/.test(found.visitor)) return null;
      return { ...found, waiting: Array.isArray(found.waiting) ? found.waiting : [] };
    } catch {
      return null;
    }
  };
  // A browser may refuse storage to frames. Then the page of the web site keeps the conversation: only sites that the business
  // named can show this frame.
  let isRefused = false;
  const load = () => {
    try {
      return read(localStorage.getItem(place));
    } catch {
      isRefused = true;
      return null;
    }
  };
  const kept = load() || { visitor: random(32), wrote: false, waiting: [] };
  const keep = () => {
    const text = JSON.stringify(kept);
    if (isRefused) {
      tell(`keep:${text}`);
      return;
    }
    try {
      localStorage.setItem(place, text);
    } catch {
      // No room: kept as long as the page.
    }
  };
  const newId = () => {
    const digits = random(16);
    return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20)}`;
  };

  const dark = matchMedia('(prefers-color-scheme: dark)');
  const paint = () => {
    const theme = dark.matches ? 'Dark' : 'Light';
    const style = document.documentElement.style;
    style.setProperty('--accent', words[theme.toLowerCase()]);
    style.setProperty('--on-accent', words[`on${theme}`]);
  };
  dark.addEventListener('change', paint);
  paint();

  const isOpen = () => !chat.hidden;
  const isSeen = () => isOpen() && document.visibilityState === 'visible';
  const fill = (name, content) => {
    const element = document.createElement(name);
    element.textContent = content;
    return element;
  };

  // Adds and removes only what changed, so that a screen reader hears each message once.
  const render = () => {
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 40;
    const waiting = kept.waiting.filter((one) => !lines.some((line) => line.id === one.id));
    const shown = [...lines, ...waiting.map((one) => ({ ...one, from: 'visitor', waits: true }))];
    const old = new Map([...log.children].map((item) => [item.dataset.id, item]));
    let after = null;
    for (const line of shown) {
      let item = old.get(line.id);
      old.delete(line.id);
      if (!item) {
        item = document.createElement('li');
        item.dataset.id = line.id;
        item.className = line.from === 'visitor' ? 'visitor' : 'business';
        const name = { visitor: words.you, assistant: words.assistant }[line.from] || words.business;
        item.append(fill('b', name), fill('span', line.text));
      }
      if (item.children[1].textContent !== line.text) item.children[1].textContent = line.text;
      const note = item.querySelector('small');
      if (line.waits && !note) item.append(fill('small', words.sending));
      if (!line.waits && note) note.remove();
      const next = after ? after.nextSibling : log.firstChild;
      if (item !== next) log.insertBefore(item, next);
      after = item;
    }
    for (const item of old.values()) item.remove();
    if (atEnd) scroll.scrollTop = scroll.scrollHeight;
    count();
  };

  const count = () => {
    const answers = lines.filter((line) => line.from !== 'visitor').length;
    if (isSeen() && kept.read !== answers) {
      kept.read = answers;
      keep();
    }
    const news = Math.max(0, answers - (kept.read || 0));
    by('count').textContent = String(news);
    by('count').hidden = news === 0;
    button.setAttribute('aria-label', news === 0 ? words.open : `${words.open}: ${news} ${words.unread}`);
  };

  const wait = () => {
    if (until > Date.now()) return until - Date.now();
    if (failures > 0) return Math.min(most.backOff, 1000 * 2 ** failures) * (0.75 + Math.random() / 2);
    if (document.visibilityState !== 'visible') return times.hidden;
    if (!isOpen()) return times.closed;
    return Date.now() - lastAct < times.busy ? times.open : times.idle;
  };
  const later = () => {
    clearTimeout(timer);
    if (kept.wrote || kept.waiting.length > 0) timer = setTimeout(exchange, wait());
  };

  // Whether the server takes no messages for a while. Answers are asked for all the same.
  const isHeld = () => held > Date.now();

  const taken = (answer, sent) => {
    version = answer.version;
    if (answer.lines) {
      if (answer.lines.length !== lines.length) lastAct = Date.now();
      lines = answer.lines;
    }
    kept.waiting = kept.waiting.filter((one) => !sent.includes(one));
    if (sent.length > 0) kept.wrote = true;
    keep();
    failures = 0;
    until = 0;
    state.textContent = isHeld() ? words.wait : '';
    again = again || (kept.waiting.length > 0 && !isHeld());
  };

  // The server took nothing of it and never will: the text goes back to the form.
  const refused = (sent) => {
    kept.waiting = kept.waiting.filter((one) => !sent.includes(one));
    if (sent.length > 0) text.value = [...sent.map((one) => one.text), text.value].filter((part) => part !== '').join('\n');
    keep();
    state.textContent = words.failed;
  };

  async function exchange() {
    clearTimeout(timer);
    if (running) {
      again = true;
      return;
    }
    running = true;
    again = false;
    const sent = isHeld() ? [] : kept.waiting.slice(0, most.atOnce);
    const said = sent.map(({ id, text }) => ({ id, text }));
    try {
      const answer = await fetch(`${location.pathname}/exchange`, {
        method: 'POST',
        credentials: 'omit',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ visitor: kept.visitor, said, seen: isSeen(), version, name: kept.name, email: kept.email }),
        signal: AbortSignal.timeout(20000),
      });
      if (answer.ok) {
        taken(await answer.json(), sent);
      } else if (answer.status === 429) {
        const end = Date.now() + 1000 * Math.max(2, Number(answer.headers.get('retry-after')) || 0);
        if (sent.length > 0) {
          held = end;
          state.textContent = words.wait;
        } else until = end;
      } else if (answer.status < 500 && sent.length > 0 && answer.status !== 404) {
        refused(sent);
      } else {
        failures += 1;
      }
    } catch {
      failures += 1;
      if (sent.length > 0) state.textContent = words.offline;
    }
    running = false;
    render();
    if (again && failures === 0 && until === 0) exchange();
    else later();
  }

  const open = () => {
    chat.hidden = false;
    button.hidden = true;
    button.setAttribute('aria-expanded', 'true');
    tell('open');
    lastAct = Date.now();
    render();
    scroll.scrollTop = scroll.scrollHeight;
    text.focus();
    if (kept.wrote) exchange();
  };
  const close = () => {
    chat.hidden = true;
    button.hidden = false;
    button.setAttribute('aria-expanded', 'false');
    tell('closed');
    button.focus();
    later();
  };
  const send = () => {
    const typed = text.value.trim();
    if (typed === '' || kept.waiting.length >= most.waiting) return;
    kept.name = by('name').value.trim();
    kept.email = by('email').value.trim();
    kept.waiting.push({ id: newId(), text: typed });
    keep();
    text.value = '';
    state.textContent = '';
    lastAct = Date.now();
    render();
    scroll.scrollTop = scroll.scrollHeight;
    text.focus();
    exchange();
  };

  const begin = () => {
    by('name').value = kept.name || '';
    by('email').value = kept.email || '';
    if (kept.waiting.length > 0 || kept.wrote) exchange();
  };
  window.addEventListener('message', (event) => {
    const begins = 'web-chat:kept:';
    if (!isRefused || event.source !== parent || !String(event.data).startsWith(begins)) return;
    const found = read(event.data.slice(begins.length));
    // What was written before the answer came stays the conversation of this page.
    if (!found || kept.wrote || kept.waiting.length > 0) return;
    Object.assign(kept, found);
    begin();
  });
  button.addEventListener('click', open);
  by('close').addEventListener('click', close);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send();
  });
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && isOpen()) close();
  });
  document.addEventListener('visibilitychange', () => {
    if (isSeen() && kept.wrote) exchange();
  });
  window.addEventListener('online', () => {
    failures = 0;
    if (kept.waiting.length > 0) exchange();
  });
  begin();
  if (isRefused) tell('load');
})();
