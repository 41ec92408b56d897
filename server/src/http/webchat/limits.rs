//! How often may a visitor write in a web chat, and how often ask? Counted by visitor, by network address and by business,
//! so that one of them never takes the place of the others.

use domain::BusinessId;
use domain::network::Network;
use domain::web_chat::{LOOKS, MESSAGES, Most};
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
    Business(BusinessId),
}

/// Counts messages and looks.
#[derive(Debug)]
pub struct Limits {
    messages: Rate<Key>,
    looks: Rate<Key>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { messages: Rate::new(MESSAGES.span), looks: Rate::new(LOOKS.span) }
    }
}

impl Limits {
    /// Counts a visit, with each of its messages.
    ///
    /// # Errors
    /// `RateLimited` if one of the limits is reached. Then nothing is counted.
    pub(super) fn take(&self, caller: Option<&RemoteCaller>, place: &Place, visit: &Visit) -> Result<(), Refusal> {
        let (looks, messages) = (keys(caller, place, visit, &LOOKS), keys(caller, place, visit, &MESSAGES));
        let writes = !visit.said.is_empty();
        let wait = self.looks.wait(&looks).or_else(|| self.messages.wait(&messages).filter(|_| writes));
        if let Some(wait) = wait {
            return Err(Refusal::RateLimited(wait.as_secs() + 1));
        }
        self.looks.count(looks.into_iter().map(|(key, _)| key));
        for _ in &visit.said {
            self.messages.count(messages.iter().map(|(key, _)| key.clone()));
        }
        Ok(())
    }
}

/// The keys of a visit, each with its limit.
fn keys(caller: Option<&RemoteCaller>, place: &Place, visit: &Visit, most: &Most) -> Vec<(Key, u32)> {
    let visitor = Key::Visitor(place.business, visit.secret.chars().take(64).collect());
    let own = [(visitor, most.visitor), (Key::Business(place.business), most.business)];
    let limit = usize::try_from(most.address).unwrap_or(usize::MAX);
    let networks = caller.map(|caller| caller.limits(limit)).unwrap_or_default();
    let networks =
        networks.into_iter().map(|(network, most)| (Key::Address(network), u32::try_from(most).unwrap_or(u32::MAX)));
    own.into_iter().chain(networks).collect()
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
}
