//! Which parts of the page render typed state in the browser? An island of a feature registers here. The live updates of
//! the page (`live`) fetch its state when an event concerns it and let it render the answer. Until its code is loaded, and
//! if it cannot read an answer, its regions are fetched as parts of the page like all others.

use std::cell::RefCell;
use std::rc::Rc;

use domain::topics;
use leptos::leptos_dom::helpers::document;
use leptos::mount::mount_to_renderer;
use leptos::prelude::*;
use leptos::web_sys::Element;

use crate::morph;

/// An island that renders typed state.
pub trait LiveIsland {
    /// The topics of the events after which it needs its state anew, separated by blanks.
    fn topics(&self) -> &str;
    /// Those of its topics after whose events its state says which regions of forms changed.
    fn tells(&self) -> &str;
    /// The regions that it renders; the page is not asked for them.
    fn renders(&self) -> &[&'static str];
    /// The regions of forms that its state names when they changed; what it tells does not make the page ask for them.
    fn announces(&self) -> &[&'static str];
    /// The address of its state: everything, or what changed since the state that it shows.
    fn address(&self, whole: bool) -> String;
    /// Renders the state in an answer and adds new and changed rows to `rows`. `None` if the answer cannot be read.
    fn show(&self, answer: &str, rows: &mut Vec<Element>) -> Option<Shown>;
}

/// What follows from a state that an island rendered.
#[derive(Default)]
pub struct Shown {
    /// The title of the page; `None` leaves it.
    pub title: Option<String>,
    /// The regions that the page has to be asked for.
    pub outdated: Vec<&'static str>,
}

/// Called with the number of an island that registered.
type Listener = Box<dyn Fn(usize)>;

thread_local! {
    static ISLANDS: RefCell<Vec<Option<Rc<dyn LiveIsland>>>> = const { RefCell::new(Vec::new()) };
    static LISTENER: RefCell<Option<Listener>> = const { RefCell::new(None) };
}

/// Registers an island whose code was loaded.
pub fn register(island: Rc<dyn LiveIsland>) {
    let at = ISLANDS.with_borrow_mut(|islands| {
        islands.push(Some(island));
        islands.len() - 1
    });
    LISTENER.with_borrow(|listener| {
        if let Some(listener) = listener {
            listener(at);
        }
    });
}

/// Calls `heard` with the number of each island that registers later.
pub fn on_registered(heard: impl Fn(usize) + 'static) {
    LISTENER.set(Some(Box::new(heard)));
}

/// The island with this number, unless it was given up.
#[must_use]
pub fn island(at: usize) -> Option<Rc<dyn LiveIsland>> {
    ISLANDS.with_borrow(|islands| islands.get(at).cloned().flatten())
}

/// Gives an island up: the page is asked for its regions from now on.
pub fn give_up(at: usize) {
    ISLANDS.with_borrow_mut(|islands| {
        if let Some(island) = islands.get_mut(at) {
            *island = None;
        }
    });
}

/// The numbers of the islands that an event concerns.
#[must_use]
pub fn concerned(event: &str) -> Vec<usize> {
    ISLANDS.with_borrow(|islands| {
        let islands = islands.iter().enumerate().filter_map(|(at, island)| Some((at, island.as_ref()?)));
        islands.filter(|(_, island)| topics::concerns(island.topics(), event)).map(|(at, _)| at).collect()
    })
}

/// True if an island takes care of this region after this event, so that the page need not be asked for it.
#[must_use]
pub fn takes_care(region: &str, event: &str) -> bool {
    ISLANDS.with_borrow(|islands| islands.iter().flatten().any(|island| spares(&**island, region, event)))
}

fn spares(island: &dyn LiveIsland, region: &str, event: &str) -> bool {
    let told = event != topics::MISSED && topics::concerns(island.tells(), event);
    island.renders().contains(&region) || (told && island.announces().contains(&region))
}

/// Renders regions in the browser and morphs them into the regions of the page.
pub fn render<V: IntoView>(view: impl FnOnce() -> V + 'static, rows: &mut Vec<Element>) {
    let page = document();
    if let Some((fresh, _kept)) = build(view) {
        morph::parts(&page, &fresh, rows);
    }
}

/// Builds a view outside of the page. It exists while the second value does.
pub fn build<V: IntoView>(view: impl FnOnce() -> V + 'static) -> Option<(Element, impl Sized)> {
    let fresh = document().create_element("div").ok()?;
    let kept = mount_to_renderer(&fresh, move || view().into_any());
    Some((fresh, kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Monitor;

    impl LiveIsland for Monitor {
        fn topics(&self) -> &str {
            "job:1 todo:1"
        }

        fn tells(&self) -> &str {
            "job:1"
        }

        fn renders(&self) -> &[&'static str] {
            &["steps"]
        }

        fn announces(&self) -> &[&'static str] {
            &["question"]
        }

        fn address(&self, _: bool) -> String {
            String::new()
        }

        fn show(&self, _: &str, _: &mut Vec<Element>) -> Option<Shown> {
            None
        }
    }

    #[test]
    fn an_island_takes_care_of_its_regions_until_it_is_given_up() {
        register(Rc::new(Monitor));
        assert_eq!(concerned("job:1"), [0]);
        assert_eq!(concerned("todo:1"), [0]);
        assert_eq!(concerned("job:2"), Vec::<usize>::new());
        assert_eq!(concerned(topics::MISSED), [0]);
        for (region, event, expected) in [
            ("steps", "job:1", true),
            ("steps", topics::MISSED, true),
            ("question", "job:1", true),
            // Its state tells what changed of the job, not of anything else.
            ("question", "todo:1", false),
            ("question", topics::MISSED, false),
            ("list", "job:1", false),
        ] {
            assert_eq!(takes_care(region, event), expected, "{region} {event}");
        }
        give_up(0);
        assert!(island(0).is_none() && !takes_care("steps", "job:1") && concerned("job:1").is_empty());
    }
}
