//! How many calls of one client run at once? A few, so that its slow tools leave room for those of others.

use std::time::Duration;

use domain::BusinessId;
use operations::tools::ToolError;

use crate::http::limiter::{Limiter, Permit};

/// The most calls of one client that run at once in one process.
const AT_ONCE: usize = 8;
/// When a caller whose client has as many under way may ask again.
const AFTER: Duration = Duration::from_secs(5);

/// The calls that run in this process.
#[derive(Default)]
pub struct Places(Limiter<BusinessId>);

impl Places {
    /// A place for a call, which is free again once it is dropped.
    ///
    /// # Errors
    /// `RateLimited` while as many calls of the client run as may.
    pub fn take(&self, business: BusinessId) -> Result<Permit<BusinessId>, ToolError> {
        self.0.acquire(&[(business, AT_ONCE)]).map_err(|_| ToolError::RateLimited { after: AFTER })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_client_has_eight_places_and_takes_none_of_another() {
        let (places, one, other) = (Places::default(), Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let mut held: Vec<_> = (0..AT_ONCE).map(|_| places.take(one).unwrap()).collect();
        assert!(matches!(places.take(one), Err(ToolError::RateLimited { after }) if after == AFTER));
        assert!(places.take(other).is_ok());
        held.pop();
        assert!(places.take(one).is_ok());
    }
}
