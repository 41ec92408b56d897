//! Lets all windows of a browser share one event stream. The window that holds a lock of the browser opens the
//! stream and passes on what it hears over a channel between windows; when it closes or is hidden, the next window
//! takes over. Browsers allow six connections to one server over HTTP/1.1, so a stream for each window would keep
//! the seventh window from loading. Hidden windows hold no stream. Where a browser has no locks (addresses without
//! TLS), each visible window opens its own stream.
//!
//! The stream follows the topics that the windows show. A window that joins says which these are and counts as joined when
//! the holder says that it follows them; until then it hears nothing.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use domain::topics;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::leptos_dom::helpers::{set_timeout, window};
use leptos::wasm_bindgen::closure::Closure;
use leptos::wasm_bindgen::{JsCast as _, JsValue};
use leptos::web_sys::{AbortController, BroadcastChannel, EventSource, MessageEvent};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// What the stream reports.
#[derive(Clone, PartialEq, Eq)]
pub enum StreamEvent {
    /// The stream is open; something may have been missed before.
    Open,
    /// The stream is open and sends what changed since the page was rendered.
    Resumed,
    /// The stream that another window holds follows the topics of this one from now on.
    Joined,
    /// Something changed: its topic and subject, as `topics` has them.
    Change(String),
    /// A heartbeat: nothing changed, but the server is there.
    Beat,
    /// The stream broke and is retried.
    Down,
}

impl StreamEvent {
    /// The event as a message to the other windows.
    fn message(&self) -> String {
        match self {
            // The version of this window's page says nothing about the pages of the others.
            Self::Open | Self::Resumed => "open".to_owned(),
            Self::Joined => "joined".to_owned(),
            Self::Change(what) => format!("change {what}"),
            Self::Beat => "beat".to_owned(),
            Self::Down => "down".to_owned(),
        }
    }

    fn parse(message: &str) -> Option<Self> {
        match message {
            "open" => Some(Self::Open),
            "beat" => Some(Self::Beat),
            "down" => Some(Self::Down),
            _ => message.strip_prefix("change ").map(|what| Self::Change(what.to_owned())),
        }
    }
}

/// Sent by a window that joins, followed by the topics that it shows. The holder follows them, too, and answers.
const JOINS: &str = "joins ";
/// Sent by the holder, followed by all topics that its open stream follows.
const FOLLOWS: &str = "follows ";
/// Sent by a window that begins to hold the stream: the others join again.
const HOLDS: &str = "holds";
/// Longest list of topics in the address of the stream, in bytes. With a longer one the stream sends everything.
const MOST_TOPICS: usize = 1500;

/// One window's part in the stream of its browser.
pub struct Stream {
    url: String,
    /// Version of the data on the page, until the first stream was opened with it.
    version: RefCell<Option<String>>,
    /// The topics that this window shows, and those that the stream follows for all windows.
    own: String,
    followed: RefCell<Vec<String>>,
    channel: Option<BroadcastChannel>,
    lock: RefCell<Option<StreamLock>>,
    source: RefCell<Option<EventSource>>,
    /// True while this window takes part: it is visible and signed in.
    wanted: Cell<bool>,
    /// True if this window holds the stream and it is open.
    opened: Cell<bool>,
    /// True if the holder follows the topics of this window.
    joined: Cell<bool>,
    /// Counts the streams that this window opened; an older one must not replace a newer one.
    sources: Cell<u32>,
    /// Number of failures since the stream was last open.
    tries: Cell<u32>,
    heard: Box<dyn Fn(&StreamEvent)>,
}

impl Stream {
    /// The stream at this URL, for a window that shows these topics in this version. It calls `heard` with each event.
    pub fn new(url: String, version: Option<String>, topics: &str, heard: impl Fn(&StreamEvent) + 'static) -> Rc<Self> {
        let channel = BroadcastChannel::new(&url).ok();
        let mut followed = Vec::new();
        topics::add(&mut followed, topics);
        let stream = Rc::new(Self {
            url,
            version: RefCell::new(version),
            own: topics.to_owned(),
            followed: RefCell::new(followed),
            channel,
            lock: RefCell::default(),
            source: RefCell::default(),
            wanted: Cell::new(false),
            opened: Cell::new(false),
            joined: Cell::new(false),
            sources: Cell::new(0),
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
        let lock = self.channel.as_ref().and_then(|_| {
            StreamLock::wait(&self.url, move || {
                begin.pass(HOLDS);
                begin.connect();
            })
        });
        if lock.is_some() {
            *self.lock.borrow_mut() = lock;
            self.join();
        } else {
            self.connect();
        }
    }

    /// Stops taking part; the next window takes over.
    pub fn close(&self) {
        self.wanted.set(false);
        self.tries.set(0);
        self.disconnect();
        self.lock.borrow_mut().take();
    }

    /// Opens the stream again, if this window holds it.
    pub fn reopen(self: &Rc<Self>) {
        if self.source.borrow().is_some() {
            self.failed();
        }
    }

    /// The browser lost its network or has one again: the window that holds the stream opens it anew without a long wait,
    /// because a stream may not notice for a while that it is cut.
    pub fn retry(self: &Rc<Self>) {
        if self.source.borrow().is_some() || self.tries.get() > 0 {
            self.tries.set(0);
            self.failed();
        }
    }

    fn join(&self) {
        self.joined.set(false);
        self.pass(&format!("{JOINS}{}", self.own));
    }

    /// Says which topics the open stream follows.
    fn answer(&self) {
        self.pass(&format!("{FOLLOWS}{}", self.followed.borrow().join(" ")));
    }

    /// Handles a message from another window.
    fn passed(self: &Rc<Self>, message: &str) {
        let follows = self.wanted.get() && self.source.borrow().is_none();
        if let Some(more) = message.strip_prefix(JOINS) {
            // Every window keeps the topics of all, because it may be the next to hold the stream.
            let grew = topics::add(&mut self.followed.borrow_mut(), more);
            match (self.opened.get(), grew) {
                (true, true) => self.replace(),
                (true, false) => self.answer(),
                (false, _) => {}
            }
        } else if follows {
            self.holder_said(message);
        }
    }

    /// Handles a message of the window that holds the stream.
    fn holder_said(&self, message: &str) {
        if message == HOLDS {
            (self.heard)(&StreamEvent::Down);
            self.join();
        } else if let Some(followed) = message.strip_prefix(FOLLOWS) {
            let mut followed = followed.split(' ').map(ToOwned::to_owned).collect();
            if !topics::add(&mut followed, &self.own) && !self.joined.replace(true) {
                (self.heard)(&StreamEvent::Joined);
            }
        } else if let Some(event) = StreamEvent::parse(message).filter(|_| self.joined.get()) {
            (self.heard)(&event);
        }
    }

    fn pass(&self, word: &str) {
        if let Some(channel) = &self.channel {
            drop(channel.post_message(&word.into()));
        }
    }

    /// Reports an event to this window and all others.
    fn broadcast(&self, event: &StreamEvent) {
        (self.heard)(event);
        self.pass(&event.message());
    }

    /// The address of a stream that follows the topics of all windows.
    fn address(&self) -> String {
        let topics = self.followed.borrow().join(" ");
        if topics.len() > MOST_TOPICS {
            return self.url.clone();
        }
        format!("{}?topics={}", self.url, js_sys::encode_uri_component(&topics))
    }

    /// As `address`; the first time it also names the version of the data on the page.
    fn first_address(&self) -> String {
        let address = self.address();
        match self.version.take() {
            Some(version) => {
                let joint = if address.contains('?') { '&' } else { '?' };
                format!("{address}{joint}since={version}")
            }
            None => address,
        }
    }

    fn number(&self) -> u32 {
        self.sources.set(self.sources.get().wrapping_add(1));
        self.sources.get()
    }

    /// Opens a stream with more topics. The present one ends when the new one is open, so nothing is missed between.
    fn replace(self: &Rc<Self>) {
        let Ok(source) = EventSource::new(&self.address()) else { return };
        let (stream, fresh, number) = (self.clone(), source.clone(), self.number());
        let opens = handler(move || {
            if stream.opened.get() && stream.sources.get() == number {
                stream.listen(&fresh);
                if let Some(former) = stream.source.replace(Some(fresh.clone())) {
                    former.close();
                }
                stream.answer();
            } else {
                fresh.close();
            }
        });
        let failed = source.clone();
        // The present stream goes on; the window that joined still looks every few seconds.
        let breaks = handler(move || failed.close());
        source.set_onopen(Some(opens.unchecked_ref()));
        source.set_onerror(Some(breaks.unchecked_ref()));
    }

    fn connect(self: &Rc<Self>) {
        if !self.wanted.get() || self.source.borrow().is_some() {
            return;
        }
        let Ok(source) = EventSource::new(&self.first_address()) else { return };
        let number = self.number();
        // The first event of a stream says whether something may have been missed before.
        for (name, event) in [("hello", StreamEvent::Open), ("resumed", StreamEvent::Resumed)] {
            let stream = self.clone();
            let opens = handler(move || stream.on_open(number, &event));
            drop(source.add_event_listener_with_callback(name, opens.unchecked_ref()));
        }
        self.listen(&source);
        *self.source.borrow_mut() = Some(source);
    }

    fn on_open(&self, number: u32, event: &StreamEvent) {
        // A replaced stream that the browser opens again is not this window's stream any more.
        if self.sources.get() == number || !self.opened.get() {
            self.tries.set(0);
            self.opened.set(true);
            self.broadcast(event);
            self.answer();
        }
    }

    /// Passes on what a stream reports after it is open.
    fn listen(self: &Rc<Self>, source: &EventSource) {
        let changes = self.clone();
        let changes = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            changes.broadcast(&StreamEvent::Change(event.data().as_string().unwrap_or_default()));
        });
        let beats = self.clone();
        let beats = handler(move || beats.broadcast(&StreamEvent::Beat));
        let breaks = self.clone();
        let breaks = handler(move || breaks.failed());
        source.set_onmessage(Some(changes.into_js_value().unchecked_ref()));
        source.set_onerror(Some(breaks.unchecked_ref()));
        drop(source.add_event_listener_with_callback("beat", beats.unchecked_ref()));
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
        self.broadcast(&StreamEvent::Down);
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
