//! Remembers which agencies have nothing left of their first steps, so that their pages are not asked again.

use std::collections::HashSet;
use std::sync::Mutex;

use domain::AgencyId;

/// Agencies with no step left. Their steps are not queried again while this process lives.
#[derive(Default)]
pub struct Finished(Mutex<HashSet<AgencyId>>);

/// Maximum number of agencies that are remembered; then the set starts empty again.
const MOST: usize = 10_000;

impl Finished {
    /// Whether this agency has nothing left.
    #[must_use]
    pub fn has(&self, agency: AgencyId) -> bool {
        self.0.lock().is_ok_and(|known| known.contains(&agency))
    }

    /// Remembers an agency that has nothing left.
    pub fn add(&self, agency: AgencyId) {
        if let Ok(mut known) = self.0.lock() {
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(agency);
        }
    }
}
