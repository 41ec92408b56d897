//! How often may a visitor write in a web chat, how often ask, and how many may begin? Counted by visitor, by network address
//! and by business, so that one of them never takes the place of the others.

use domain::BusinessId;
use domain::network::Network;
use domain::web_chat::{BEGINNINGS, DAILY, LOOKS, Lasting, MESSAGES, Most};
use operations::Refusal;
use operations::webchat::Visit;
use store::webchat::Place;

use super::super::limiter::Rate;
use super::super::proxies::RemoteCaller;

/// Under what a visit is counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Visitor(BusinessId, String),
    Address(Network),
    /// An address in one web chat: behind it may be many people, who write to many businesses.
    AddressIn(BusinessId, Network),
    Business(BusinessId),
}

/// Counts messages, looks and visitors.
#[derive(Debug)]
pub struct Limits {
    messages: Rate<Key>,
    looks: Rate<Key>,
    daily: Rate<Key>,
    beginnings: Rate<Key>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            messages: Rate::new(MESSAGES.span),
            looks: Rate::new(LOOKS.span),
            daily: Rate::new(DAILY.span),
            beginnings: Rate::new(BEGINNINGS.span),
        }
    }
}

impl Limits {
    /// Counts a visit, with each of its messages.
    ///
    /// # Errors
    /// `RateLimited` if one of the limits is reached. Then nothing is counted.
    pub(super) fn take(&self, caller: Option<&RemoteCaller>, place: &Place, visit: &Visit) -> Result<(), Refusal> {
        let (looks, messages) = (keys(caller, place, visit, &LOOKS), keys(caller, place, visit, &MESSAGES));
        let (daily, writes) = (lasting(caller, place, &DAILY), !visit.said.is_empty());
        let written = || self.daily.wait(&daily).or_else(|| self.messages.wait(&messages));
        let wait = self.looks.wait(&looks).or_else(|| written().filter(|_| writes));
        if let Some(wait) = wait {
            return Err(Refusal::RateLimited(wait.as_secs() + 1));
        }
        self.looks.count(looks.into_iter().map(|(key, _)| key));
        for _ in &visit.said {
            self.messages.count(messages.iter().map(|(key, _)| key.clone()));
            self.daily.count(daily.iter().map(|(key, _)| key.clone()));
        }
        Ok(())
    }

    /// Counts a visitor who writes for the first time.
    ///
    /// # Errors
    /// `RateLimited` if as many as may have begun. Then nothing is counted.
    pub(super) fn begin(&self, caller: Option<&RemoteCaller>, place: &Place) -> Result<(), Refusal> {
        let keys = lasting(caller, place, &BEGINNINGS);
        if let Some(wait) = self.beginnings.wait(&keys) {
            tracing::warn!(event = "web_chat.flooded", business = %place.business, "more visitors than usual write for the first time");
            return Err(Refusal::RateLimited(wait.as_secs() + 1));
        }
        self.beginnings.count(keys.into_iter().map(|(key, _)| key));
        Ok(())
    }
}

/// The keys of a visit, each with its limit.
fn keys(caller: Option<&RemoteCaller>, place: &Place, visit: &Visit, most: &Most) -> Vec<(Key, u32)> {
    let visitor = Key::Visitor(place.business, visit.secret.chars().take(64).collect());
    let own = [(visitor, most.visitor), (Key::Business(place.business), most.business)];
    let networks = networks(caller, most.address).map(|(network, most)| (Key::Address(network), most));
    own.into_iter().chain(networks).collect()
}

/// The keys of a longer span in one web chat, each with its limit.
fn lasting(caller: Option<&RemoteCaller>, place: &Place, most: &Lasting) -> Vec<(Key, u32)> {
    let here = |(network, most)| (Key::AddressIn(place.business, network), most);
    let networks = networks(caller, most.address).map(here);
    [(Key::Business(place.business), most.business)].into_iter().chain(networks).collect()
}

/// The networks of a caller, each with its limit.
fn networks(caller: Option<&RemoteCaller>, most: u32) -> impl Iterator<Item = (Network, u32)> + use<> {
    let limit = usize::try_from(most).unwrap_or(usize::MAX);
    let networks = caller.map(|caller| caller.limits(limit)).unwrap_or_default();
    networks.into_iter().map(|(network, most)| (network, u32::try_from(most).unwrap_or(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use domain::{AgencyId, ChannelId};
    use operations::webchat::Said;
    use uuid::Uuid;

    use super::*;

    fn place(business: u128) -> Place {
        Place {
            agency: AgencyId(Uuid::nil()),
            business: BusinessId(Uuid::from_u128(business)),
            channel: ChannelId(Uuid::nil()),
            name: String::new(),
            origins: Vec::new(),
            greeting: String::new(),
        }
    }

    fn visit(secret: &str, messages: usize) -> Visit {
        let said = vec![Said { id: Uuid::nil(), text: "Hello".to_owned() }; messages];
        Visit { secret: secret.to_owned(), said, ..Visit::default() }
    }

    fn caller(ip: &str) -> RemoteCaller {
        RemoteCaller { ip: ip.parse().unwrap(), own: true, doubtful: false, scheme: None, host: None }
    }

    #[tokio::test(start_paused = true)]
    async fn one_visitor_who_writes_too_much_stops_nobody_else() {
        let (limits, one) = (Limits::default(), caller("203.0.113.7"));
        for _ in 0..MESSAGES.visitor {
            limits.take(Some(&one), &place(1), &visit("a", 1)).unwrap();
        }
        assert!(limits.take(Some(&one), &place(1), &visit("a", 1)).is_err());
        limits.take(Some(&one), &place(1), &visit("a", 0)).unwrap();
        limits.take(Some(&one), &place(1), &visit("b", 1)).unwrap();
        limits.take(Some(&one), &place(2), &visit("a", 1)).unwrap();
        tokio::time::advance(MESSAGES.span).await;
        limits.take(Some(&one), &place(1), &visit("a", 1)).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_is_limited_whoever_it_says_it_is() {
        let (limits, one, other) = (Limits::default(), caller("203.0.113.7"), caller("203.0.113.8"));
        for n in 0..MESSAGES.address {
            limits.take(Some(&one), &place(1), &visit(&n.to_string(), 1)).unwrap();
        }
        assert!(limits.take(Some(&one), &place(1), &visit("new", 1)).is_err());
        limits.take(Some(&other), &place(1), &visit("new", 1)).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_begins_few_conversations_and_keeps_nobody_else_from_it() {
        let (limits, one, other) = (Limits::default(), caller("203.0.113.7"), caller("203.0.113.8"));
        for _ in 0..BEGINNINGS.address {
            limits.begin(Some(&one), &place(1)).unwrap();
        }
        for _ in 0..BEGINNINGS.business {
            assert!(limits.begin(Some(&one), &place(1)).is_err(), "what is refused takes no place of others");
        }
        limits.begin(Some(&other), &place(1)).unwrap();
        limits.begin(Some(&one), &place(2)).unwrap();
        tokio::time::advance(BEGINNINGS.span).await;
        limits.begin(Some(&one), &place(1)).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_business_keeps_of_a_day_has_an_end() {
        let (limits, one) = (Limits::default(), caller("203.0.113.7"));
        let mut taken = 0;
        for minute in 0..=DAILY.address {
            taken += u32::from(limits.take(Some(&one), &place(1), &visit(&minute.to_string(), 1)).is_ok());
            tokio::time::advance(MESSAGES.span).await;
        }
        assert_eq!(taken, DAILY.address);
        limits.take(Some(&one), &place(1), &visit("a", 0)).unwrap();
        limits.take(Some(&one), &place(2), &visit("a", 1)).unwrap();
    }
}
