//! What does the next refresh of a page fetch?

/// What a refresh fetches. These are few, and every page loads this code: lists are less of it than ordered sets.
#[derive(Default)]
pub(crate) struct Outdated {
    /// Regions of the page, each once.
    pub(crate) regions: Vec<String>,
    /// Islands by their number, each once, with true if it needs its whole state.
    pub(crate) islands: Vec<(usize, bool)>,
}

impl Outdated {
    /// Adds a region, unless it is there.
    pub(crate) fn add_region(&mut self, key: String) {
        if !self.regions.contains(&key) {
            self.regions.push(key);
        }
    }

    /// Adds an island; it needs its whole state if it is said once.
    pub(crate) fn add_island(&mut self, at: usize, whole: bool) {
        match self.islands.iter_mut().find(|(one, _)| *one == at) {
            Some((_, known)) => *known |= whole,
            None => self.islands.push((at, whole)),
        }
    }
}
