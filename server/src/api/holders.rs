//! To whom does a token belong, as an earlier request found out? Its business and its maker stay the same, so the next request with it
//! reads everything else in one transaction. Whether it still works, and what it may do, is read at each request.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use store::api_tokens::Bound;
use store::bearers::Holder;

/// The most tokens that are remembered. With more than that all are found out anew.
const MOST: usize = 10_000;

/// The holders of tokens of businesses, by the hashes of the tokens.
#[derive(Default)]
pub struct Holders(Mutex<HashMap<[u8; 32], Holder>>);

impl Holders {
    /// The holder of the token with this hash, if it is known. The token may have ended since.
    #[must_use]
    pub fn of(&self, hash: [u8; 32]) -> Option<Holder> {
        self.known().get(&hash).copied()
    }

    /// Remembers to whom a token belongs that was found. One of an agency, or that no person made, is not remembered.
    pub fn remember(&self, hash: [u8; 32], token: &Bound) {
        let (Some(business), Some(maker)) = (token.business, token.made_by) else { return };
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(hash, Holder { agency: token.agency, business, maker });
    }

    /// Forgets to whom a token belongs that was not admitted. If it ended, requests with it are refused from then on before they
    /// take a turn or a share of those whose token it was.
    pub fn forget(&self, hash: [u8; 32]) {
        self.known().remove(&hash);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<[u8; 32], Holder>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn tokens_of_a_business_that_somebody_made_are_remembered_and_only_so_many() {
        let id = Uuid::from_u128;
        let token = |business: Option<u128>, maker: Option<u128>| Bound {
            id: id(1).into(),
            agency: id(2).into(),
            business: business.map(|business| id(business).into()),
            name: String::new(),
            scopes: Vec::new(),
            made_by: maker.map(|maker| id(maker).into()),
        };
        let holders = Holders::default();
        for (business, maker, is_known) in
            [(None, Some(4), false), (Some(3), None, false), (None, None, false), (Some(3), Some(4), true)]
        {
            holders.remember([7; 32], &token(business, maker));
            assert_eq!(holders.of([7; 32]).is_some(), is_known, "{business:?} {maker:?}");
        }
        let holder = Holder { agency: id(2).into(), business: id(3).into(), maker: id(4).into() };
        assert_eq!((holders.of([7; 32]), holders.of([8; 32])), (Some(holder), None));
        holders.forget([7; 32]);
        assert_eq!(holders.of([7; 32]), None);
        holders.remember([7; 32], &token(Some(3), Some(4)));
        for number in 0..MOST {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&number.to_be_bytes());
            holders.remember(hash, &token(Some(3), Some(4)));
        }
        assert!(holders.known().len() <= MOST && holders.of([7; 32]).is_none());
    }
}
