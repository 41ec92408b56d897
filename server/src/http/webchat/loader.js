// Shows the web chat of a business on its own web site: a frame with our page, which grows when somebody opens it. The site's
// policy has to allow our address for script-src and frame-src, and nothing else.
(() => {
  'use strict';
  const script = document.currentScript;
  if (!script || document.querySelector('iframe[data-web-chat]')) return;
  const page = new URL(script.src);
  page.pathname = page.pathname.replace(/\.js$/, '');
  page.search = '';
  page.hash = '';
  const frame = document.createElement('iframe');
  const narrow = window.matchMedia('(max-width: 480px)');
  let open = false;

  // What the frame keeps where its own browser refuses storage to frames.
  const KEEP = 'web-chat:keep:';
  const MOST = 500_000;
  const key = `web-chat:${page.pathname}`;
  const kept = () => {
    try {
      return localStorage.getItem(key) || '';
    } catch {
      return '';
    }
  };
  const keep = (text) => {
    try {
      localStorage.setItem(key, text);
    } catch {
      // Storage is refused here, too: the conversation lasts as long as the page.
    }
  };

  const place = () => {
    const whole = open && narrow.matches;
    const size = (wide, most) => (whole ? '100%' : open ? `min(${wide}, ${most})` : '72px');
    Object.assign(frame.style, {
      position: 'fixed',
      zIndex: '2147483000',
      display: 'block',
      border: '0',
      margin: '0',
      maxWidth: 'none',
      maxHeight: 'none',
      background: 'transparent',
      colorScheme: 'light dark',
      right: whole ? '0' : '12px',
      bottom: whole ? '0' : '12px',
      width: size('400px', 'calc(100vw - 24px)'),
      height: size('620px', 'calc(100vh - 24px)'),
    });
  };

  window.addEventListener('message', (event) => {
    if (event.source !== frame.contentWindow || event.origin !== page.origin) return;
    const said = String(event.data);
    if (said === 'web-chat:open' || said === 'web-chat:closed') {
      open = said === 'web-chat:open';
      place();
    } else if (said === 'web-chat:load') {
      frame.contentWindow.postMessage(`web-chat:kept:${kept()}`, page.origin);
    } else if (said.startsWith(KEEP) && said.length < MOST) {
      keep(said.slice(KEEP.length));
    }
  });
  narrow.addEventListener('change', place);

  frame.dataset.webChat = '';
  frame.title = script.dataset.title || 'Chat';
  frame.src = page.href;
  place();
  const show = () => document.body.append(frame);
  if (document.body) show();
  else document.addEventListener('DOMContentLoaded', show);
})();
