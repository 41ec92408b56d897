//! Keeps an open page current. Each browser has one stream of "something changed" events (`stream`). Each region of a
//! page (`Region`) names the topics that it shows. On an event the page fetches its own address again, asks for the
//! regions that the event concerns, and morphs them. An event that concerns no region costs nothing. A page that
//! receives nothing says so and fetches itself every 15 seconds.
//! An island with typed state (`live_island`) renders its regions itself: the page fetches its state instead.
//!
//! Regions are always rendered, even when empty, and contain no islands. A page marks rows with `data-row` (they flash
//! when they change), and the sentence worth announcing with `data-announce` (`="assertive"` for failures). Without
//! scripts the page shows its state at the time of loading.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use domain::topics;
use leptos::leptos_dom::helpers::{document, set_interval, set_timeout};
use leptos::prelude::*;
use leptos::web_sys::{Document, Element, Event, HtmlElement};
use wasm_bindgen_futures::spawn_local;

use crate::announcer::Announcer;
use crate::clock::{for_each, language, refresh, set_text};
use crate::dom::{listen, when_awake};
use crate::live_island::{self, LiveIsland};
use crate::live_state::StreamState;
use crate::morph::regions;
use crate::outdated::Outdated;
use crate::pacing::{Fetched, Pacing};
use crate::page_scripts::is_leaving;
use crate::refresh::{RefreshError, fetch_page, fetch_text};
use crate::shown::{ends, flash, follow, sentences, shown_topics};
use crate::stream::{Stream, StreamEvent, millis};
use crate::unread::show_in_tab;
use crate::{reachable, sending};

/// While the stream is down, the page fetches itself this often, in milliseconds.
const FALLBACK_MS: f64 = 15_000.0;
/// How often the page checks whether it still receives anything.
const TICK: Duration = Duration::from_secs(3);
/// The server sends a heartbeat every 15 seconds. After this much silence, in milliseconds, the page no longer
/// counts as live.
const SILENCE_MS: f64 = 40_000.0;
/// If the stream is not open after this time, in milliseconds, the page says so.
const OPENING_MS: f64 = 10_000.0;
/// Events that are kept for islands whose code arrives late.
const MOST_CHANGES: usize = 100;

/// The live indicator in the header, and the code that keeps the page current. The address of the page's event
/// stream is in `data-stream` on an element around it.
#[island]
pub fn LivePage() -> impl IntoView {
    when_awake(LiveUpdates::start);
    // The elements are empty here and are filled without the framework, so that the browser need not load the code
    // for reactive views.
    view! {
        <span class="pip" data-state="still"></span>
        <span class="sr-only" role="status" aria-live="polite" data-voice="polite"></span>
        <span class="sr-only" role="alert" aria-live="assertive" data-voice="urgent"></span>
    }
}

/// The live updates of one page; the listeners keep this value until the page goes.
struct LiveUpdates {
    stream: OnceCell<Rc<Stream>>,
    state: Cell<StreamState>,
    /// When the stream was last heard, and when the page last fetched itself without it.
    heard: Cell<f64>,
    looked: Cell<f64>,
    pip: Element,
    announcer: Rc<Announcer>,
    waiting: Cell<bool>,
    /// What the next refresh fetches.
    outdated: RefCell<Outdated>,
    /// Everything that the page heard of, for islands whose code arrives later.
    changes: RefCell<Vec<String>>,
    /// True once the stream was open: a later gap may have lost events.
    opened: Cell<bool>,
    pacing: Cell<Pacing>,
    fetching: Cell<bool>,
    again: Cell<bool>,
}

impl LiveUpdates {
    fn start() {
        let find = |selector: &str| document().query_selector(selector).ok().flatten();
        let of_stream = |name: &str| find("[data-stream]").and_then(|around| around.get_attribute(name));
        let (stream, version) = (of_stream("data-stream"), of_stream("data-version"));
        let (Some(url), Some(pip), Some(polite), Some(urgent)) =
            (stream, find(".pip"), find("[data-voice=polite]"), find("[data-voice=urgent]"))
        else {
            return;
        };
        let updates = Rc::new(Self {
            stream: OnceCell::new(),
            state: Cell::new(StreamState::Starting),
            heard: Cell::new(js_sys::Date::now()),
            looked: Cell::new(0.0),
            pip,
            announcer: Announcer::new(polite, urgent),
            waiting: Cell::new(false),
            outdated: RefCell::default(),
            changes: RefCell::default(),
            opened: Cell::new(false),
            pacing: Cell::default(),
            fetching: Cell::new(false),
            again: Cell::new(false),
        });
        let listening = updates.clone();
        let heard = move |event: &StreamEvent| listening.on_event(event);
        updates.stream.get_or_init(|| Stream::new(url, version, &shown_topics(), heard));
        follow(&document(), &ends(&document(), true));
        show_in_tab(&document());
        let seen = updates.clone();
        listen("visibilitychange", move |_: Event| if document().hidden() { seen.pause() } else { seen.open() });
        let network = updates.clone();
        reachable::on_network_change(move || network.with_stream(Stream::retry));
        let late = updates.clone();
        live_island::on_registered(move |island| late.on_island(island));
        let slow = updates.clone();
        set_interval(move || slow.check_stream(), TICK);
        if document().hidden() { updates.pause() } else { updates.open() }
    }

    /// Sets the state and shows it in the header.
    fn set(&self, state: StreamState) {
        self.state.set(state);
        drop(self.pip.set_attribute("data-state", state.key()));
        set_text(&self.pip, state.word(language(&document())));
    }

    /// Opens the stream; called while the page is visible.
    fn open(self: &Rc<Self>) {
        if self.state.get() == StreamState::SignedOut {
            return;
        }
        self.heard.set(js_sys::Date::now());
        if self.state.get() == StreamState::Paused {
            self.set(StreamState::Reconnecting);
            self.schedule_refresh(topics::MISSED);
        }
        self.with_stream(Stream::open);
        self.look();
    }

    /// Fetches what the page shows and nobody has looked at yet. A page may be rendered into a tab that stays in the
    /// background, so only a refresh tells the server that somebody looks.
    fn look(self: &Rc<Self>) {
        for_each(&document(), "[data-unseen]", |part| {
            let topic = part.get_attribute("data-unseen").unwrap_or_default();
            drop(part.remove_attribute("data-unseen"));
            self.schedule_refresh(&topic);
        });
    }

    fn pause(&self) {
        if self.state.get() != StreamState::SignedOut {
            self.with_stream(|stream| stream.close());
            self.set(StreamState::Paused);
        }
    }

    fn with_stream(&self, act: impl Fn(&Rc<Stream>)) {
        if let Some(stream) = self.stream.get() {
            act(stream);
        }
    }

    /// Handles what the stream reports, whether this window or another window of this browser holds it.
    fn on_event(self: &Rc<Self>, event: &StreamEvent) {
        if *event == StreamEvent::Down {
            if self.state.get() == StreamState::Live {
                self.set(StreamState::Reconnecting);
            }
            return;
        }
        self.heard.set(js_sys::Date::now());
        let was_live = self.state.replace(StreamState::Live) == StreamState::Live;
        match event {
            StreamEvent::Change(change) if was_live => self.schedule_refresh(change),
            StreamEvent::Beat | StreamEvent::Joined if was_live => {}
            // What changed since the page was rendered follows. Regions show it, and islands whose code is here.
            StreamEvent::Resumed if !self.opened.get() => {}
            // Something may have been missed between two streams.
            _ => self.schedule_refresh(topics::MISSED),
        }
        self.opened.set(true);
        self.set(StreamState::Live);
        // Changes may come by the second, and what was not answered is not asked as often.
        if !matches!(event, StreamEvent::Change(_)) && reachable::answered() {
            self.refresh_soon();
        }
    }

    /// Checks whether the page still receives anything. If not, the page says so and fetches itself.
    fn check_stream(self: &Rc<Self>) {
        if document().hidden() || self.state.get() == StreamState::SignedOut {
            return;
        }
        let now = js_sys::Date::now();
        let silent = now - self.heard.get();
        let patience = if self.state.get() == StreamState::Live { SILENCE_MS } else { OPENING_MS };
        if silent > patience && self.state.get() != StreamState::Silent {
            self.set(StreamState::Silent);
            self.with_stream(Stream::reopen);
        }
        let waits = matches!(self.state.get(), StreamState::Reconnecting | StreamState::Silent);
        if waits && now - self.looked.get() >= FALLBACK_MS {
            self.looked.set(now);
            self.schedule_refresh(topics::MISSED);
        }
    }

    /// An island's code arrived: what changed since the page was rendered did not reach it.
    fn on_island(self: &Rc<Self>, island: usize) {
        let Some(topics) = live_island::island(island).map(|island| island.topics().to_owned()) else { return };
        if self.changes.borrow().iter().any(|change| topics::concerns(&topics, change)) {
            self.outdated.borrow_mut().add_island(island, false);
            self.refresh_soon();
        }
    }

    /// Something changed: refreshes what shows it as soon as the pacing allows, once for everything that changes until
    /// then.
    fn schedule_refresh(self: &Rc<Self>, event: &str) {
        let whole = event == topics::MISSED && self.opened.get();
        self.note(event);
        let mut outdated = self.outdated.borrow_mut();
        for island in live_island::concerned(event) {
            outdated.add_island(island, whole);
        }
        for_each(&document(), "[data-topics]", |region| {
            let shown = region.get_attribute("data-topics").unwrap_or_default();
            let key = region.get_attribute("data-live").unwrap_or_default();
            if topics::concerns(&shown, event) && !key.is_empty() && !live_island::takes_care(&key, event) {
                outdated.add_region(key);
            }
        });
        drop(outdated);
        self.refresh_soon();
    }

    /// Keeps an event for islands whose code is not here yet.
    fn note(&self, event: &str) {
        let mut changes = self.changes.borrow_mut();
        if changes.len() > MOST_CHANGES {
            *changes = vec![topics::MISSED.to_owned()];
        }
        if !changes.iter().any(|known| known == event) {
            changes.push(event.to_owned());
        }
    }

    fn refresh_soon(self: &Rc<Self>) {
        let nothing = {
            let outdated = self.outdated.borrow();
            outdated.regions.is_empty() && outdated.islands.is_empty()
        };
        if nothing || self.waiting.replace(true) {
            return;
        }
        let updates = self.clone();
        let wait = self.pacing.get().wait(js_sys::Date::now());
        set_timeout(
            move || {
                updates.waiting.set(false);
                updates.refresh();
            },
            millis(wait),
        );
    }

    /// Fetches what is outdated, if somebody can see it. A page that is hidden does so when it is shown. A page that is
    /// being left waits for its successor, because what it shows may be gone.
    fn refresh(self: &Rc<Self>) {
        if document().hidden() {
            return;
        }
        if is_leaving() {
            self.refresh_soon();
            return;
        }
        if self.fetching.replace(true) {
            self.again.set(true);
            return;
        }
        let updates = self.clone();
        let mut left = self.outdated.take();
        spawn_local(async move {
            let began = js_sys::Date::now();
            let outcome = updates.fetch(&mut left).await;
            let fetched = if matches!(outcome, Err(RefreshError::Busy)) { Fetched::Busy } else { Fetched::Done };
            updates.pacing.set(updates.pacing.get().after(began, js_sys::Date::now(), fetched, js_sys::Math::random()));
            match outcome {
                Ok(()) => {}
                Err(RefreshError::SignedOut) => {
                    updates.with_stream(|stream| stream.close());
                    updates.set(StreamState::SignedOut);
                }
                // The change is still to be shown: at once when the server has room, or when it is reached again.
                Err(error @ (RefreshError::Refused | RefreshError::Unreachable | RefreshError::Busy)) => {
                    updates.put_back(left);
                    updates.again.set(updates.again.get() || matches!(error, RefreshError::Busy));
                }
            }
            updates.fetching.set(false);
            if updates.again.take() {
                updates.refresh_soon();
            }
        });
    }

    /// Fetches and shows what is outdated. What is shown is taken off `left`.
    async fn fetch(self: &Rc<Self>, left: &mut Outdated) -> Result<(), RefreshError> {
        while let Some((at, whole)) = left.islands.first().copied() {
            if let Some(island) = live_island::island(at) {
                let answer = match fetch_text(&island.address(whole)).await {
                    Ok(answer) => Some(answer),
                    Err(RefreshError::Refused) => None,
                    Err(error) => return Err(error),
                };
                for key in self.show_island(at, &*island, answer.as_deref()) {
                    left.add_region(key);
                }
            }
            left.islands.retain(|(one, _)| *one != at);
        }
        if !left.regions.is_empty() {
            let fresh = fetch_page(&left.regions).await?;
            self.show(&fresh);
            left.regions.clear();
        }
        Ok(())
    }

    fn put_back(&self, left: Outdated) {
        let mut outdated = self.outdated.borrow_mut();
        for key in left.regions {
            outdated.add_region(key);
        }
        for (island, whole) in left.islands {
            outdated.add_island(island, whole);
        }
    }

    /// Lets an island render an answer and returns the regions that the page has to be asked for.
    fn show_island(self: &Rc<Self>, at: usize, island: &dyn LiveIsland, answer: Option<&str>) -> Vec<String> {
        let page = document();
        let ends = ends(&page, false);
        let mut rows = Vec::new();
        let Some(shown) = answer.and_then(|answer| island.show(answer, &mut rows)) else {
            // There is no state, or another version of the server answered: its page can still be asked.
            live_island::give_up(at);
            return island.renders().iter().chain(island.announces()).map(ToString::to_string).collect();
        };
        self.show_change(&page, shown.title.as_deref(), &ends, &rows);
        shown.outdated.iter().map(ToString::to_string).collect()
    }

    /// Updates every live region from the fresh page.
    fn show(self: &Rc<Self>, fresh: &Document) {
        let page = document();
        let ends = ends(&page, false);
        let mut rows = Vec::new();
        regions(&page, fresh, &mut rows);
        self.show_change(&page, Some(&fresh.title()), &ends, &rows);
    }

    /// Shows what follows from a change of the page: its title, times in the viewer's zone, logs at their end, tinted
    /// rows, announcements.
    fn show_change(self: &Rc<Self>, page: &Document, title: Option<&str>, ends: &[HtmlElement], rows: &[Element]) {
        if let Some(title) = title.filter(|title| page.title() != **title) {
            page.set_title(title);
        }
        show_in_tab(page);
        refresh(page);
        sending::settle();
        follow(page, ends);
        rows.iter().for_each(flash);
        self.announcer.announce(sentences(page));
    }
}
