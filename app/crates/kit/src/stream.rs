//! Lets all windows of a browser share one event stream. The window that holds a lock of the browser opens the
//! stream and passes on what it hears over a channel between windows; when it closes or is hidden, the next window
//! takes over. Browsers allow six connections to one server over HTTP/1.1, so a stream for each window would keep
//! the seventh window from loading. Hidden windows hold no stream. Where a browser has no locks (addresses without
//! TLS), each visible window opens its own stream.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Function, Object, Promise, Reflect};
use leptos::leptos_dom::helpers::{set_timeout, window};
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast as _, JsValue};
use leptos::web_sys::{AbortController, BroadcastChannel, EventSource, MessageEvent};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// What the stream reports.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum StreamEvent {
    /// The stream is open; something may have been missed before.
    Open,
    /// Something changed.
    Change,
    /// A heartbeat: nothing changed, but the server is there.
    Beat,
    /// The stream broke and is retried.
    Down,
}

impl StreamEvent {
    const ALL: [Self; 4] = [Self::Open, Self::Change, Self::Beat, Self::Down];

    const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Change => "change",
            Self::Beat => "beat",
            Self::Down => "down",
        }
    }
}

/// Sent by a window that joins, to ask the window that holds the stream whether it is open.
const ASK_IF_OPEN: &str = "who";

/// One window's part in the stream of its browser.
pub struct Stream {
    url: String,
    channel: Option<BroadcastChannel>,
    lock: RefCell<Option<StreamLock>>,
    source: RefCell<Option<EventSource>>,
    /// True while this window takes part: it is visible and signed in.
    wanted: Cell<bool>,
    /// True if this window holds the stream and it is open.
    opened: Cell<bool>,
    /// Number of failures since the stream was last open.
    tries: Cell<u32>,
    heard: Box<dyn Fn(StreamEvent)>,
}

impl Stream {
    /// The stream at this URL. It calls `heard` with each event.
    pub fn new(url: String, heard: impl Fn(StreamEvent) + 'static) -> Rc<Self> {
        let channel = BroadcastChannel::new(&url).ok();
        let stream = Rc::new(Self {
            url,
            channel,
            lock: RefCell::default(),
            source: RefCell::default(),
            wanted: Cell::new(false),
            opened: Cell::new(false),
            tries: Cell::new(0),
            heard: Box::new(heard),
        });
        if let Some(channel) = &stream.channel {
            let from_others = stream.clone();
            let passed = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
                from_others.passed(&event.data().as_string().unwrap_or_default());
            });
            channel.set_onmessage(Some(passed.into_js_value().unchecked_ref()));
        }
        stream
    }

    /// Takes part: opens the stream when it is this window's turn, and until then hears what other windows pass on.
    pub fn open(self: &Rc<Self>) {
        if self.wanted.replace(true) {
            return;
        }
        let begin = self.clone();
        let lock = self.channel.as_ref().and_then(|_| StreamLock::wait(&self.url, move || begin.connect()));
        if lock.is_some() {
            *self.lock.borrow_mut() = lock;
            self.pass(ASK_IF_OPEN);
        } else {
            self.connect();
        }
    }

    /// Stops taking part; the next window takes over.
    pub fn close(&self) {
        self.wanted.set(false);
        self.disconnect();
        self.lock.borrow_mut().take();
    }

    /// Opens the stream again, if this window holds it.
    pub fn reopen(self: &Rc<Self>) {
        if self.source.borrow().is_some() {
            self.failed();
        }
    }

    /// Handles a message from another window.
    fn passed(&self, word: &str) {
        if word == ASK_IF_OPEN {
            if self.opened.get() {
                self.pass(StreamEvent::Open.word());
            }
        } else if let Some(event) = StreamEvent::ALL.into_iter().find(|event| event.word() == word)
            && self.wanted.get()
            && self.source.borrow().is_none()
        {
            (self.heard)(event);
        }
    }

    fn pass(&self, word: &str) {
        if let Some(channel) = &self.channel {
            drop(channel.post_message(&word.into()));
        }
    }

    /// Reports an event to this window and all others.
    fn broadcast(&self, event: StreamEvent) {
        (self.heard)(event);
        self.pass(event.word());
    }

    fn connect(self: &Rc<Self>) {
        if !self.wanted.get() || self.source.borrow().is_some() {
            return;
        }
        let Ok(source) = EventSource::new(&self.url) else { return };
        let opens = self.clone();
        let opens = handler(move || {
            opens.tries.set(0);
            opens.opened.set(true);
            opens.broadcast(StreamEvent::Open);
        });
        let changes = self.clone();
        let changes = handler(move || changes.broadcast(StreamEvent::Change));
        let beats = self.clone();
        let beats = handler(move || beats.broadcast(StreamEvent::Beat));
        let breaks = self.clone();
        let breaks = handler(move || breaks.failed());
        source.set_onopen(Some(opens.unchecked_ref()));
        source.set_onmessage(Some(changes.unchecked_ref()));
        source.set_onerror(Some(breaks.unchecked_ref()));
        drop(source.add_event_listener_with_callback("beat", beats.unchecked_ref()));
        *self.source.borrow_mut() = Some(source);
    }

    fn disconnect(&self) {
        self.opened.set(false);
        if let Some(source) = self.source.borrow_mut().take() {
            source.close();
        }
    }

    /// The stream broke: retries for ever, with growing delays. Browsers give up after some answers; this code
    /// does not.
    fn failed(self: &Rc<Self>) {
        self.disconnect();
        self.broadcast(StreamEvent::Down);
        let tries = self.tries.replace(self.tries.get() + 1);
        let wait = 500.0 * f64::from(1_u32 << tries.min(5)) * (0.75 + js_sys::Math::random() / 2.0);
        let stream = self.clone();
        set_timeout(move || stream.connect(), millis(wait));
    }
}

/// A place in the queue of windows that wait for the lock. Dropping it leaves the queue.
struct StreamLock {
    waiting: AbortController,
    /// Passes the turn to the next window; `None` until it is this window's turn.
    done: Rc<RefCell<Option<Function>>>,
}

impl StreamLock {
    /// Joins the queue with this name and calls `begin` when it is this window's turn. `None` if the browser has
    /// no locks.
    fn wait(name: &str, begin: impl FnOnce() + 'static) -> Option<Self> {
        let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
        let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
        let waiting = AbortController::new().ok()?;
        let options = Object::new();
        Reflect::set(&options, &"signal".into(), &waiting.signal()).ok()?;
        let done = Rc::new(RefCell::new(None));
        let kept = done.clone();
        // The browser holds the lock until the returned promise resolves.
        let granted = Closure::once_into_js(move |_: JsValue| -> JsValue {
            let held = Promise::new(&mut |resolve, _| *kept.borrow_mut() = Some(resolve));
            begin();
            held.into()
        });
        let over: Promise = request.call3(&locks, &name.into(), &options, &granted).ok()?.dyn_into().ok()?;
        // A window that leaves the queue before its turn gets a rejected promise, which is not an error.
        spawn_local(async move { drop(JsFuture::from(over).await) });
        Some(Self { waiting, done })
    }
}

impl Drop for StreamLock {
    fn drop(&mut self) {
        match self.done.borrow_mut().take() {
            Some(done) => drop(done.call0(&JsValue::UNDEFINED)),
            None => self.waiting.abort(),
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "waits are a few seconds, never negative")]
pub(super) fn millis(wait: f64) -> Duration {
    Duration::from_millis(wait as u64)
}

/// A listener that lives as long as the page.
pub(super) fn handler(act: impl FnMut() + 'static) -> JsValue {
    Closure::<dyn FnMut()>::new(act).into_js_value()
}
