//! Between whom was a message of WhatsApp sent? What a change says about all its messages, and which side wrote each.

use domain::messaging::inbound::{Origin, Person};
use serde_json::Value;

use super::people::People;
use crate::webhook::field::wa_id;

/// What holds for all messages of a change.
pub(super) struct Envelope<'a> {
    /// The people of the change.
    pub people: People<'a>,
    /// How the messages came, as far as the change tells.
    pub origin: Origin,
    /// The customer of all of them; `None` if each names its own.
    pub customer: Option<Person>,
    /// The digits of the business's own number.
    own: Option<String>,
}

/// The two sides of a message.
pub(super) struct Sides {
    /// The customer.
    pub person: Person,
    /// How the message came.
    pub origin: Origin,
    /// True if the business wrote it.
    pub outgoing: bool,
}

impl<'a> Envelope<'a> {
    /// What a change says about its messages.
    pub(super) fn of(value: &'a Value, origin: Origin) -> Self {
        let own = wa_id(&value["metadata"]["display_phone_number"]).map(|number| digits(&number));
        Self { people: People::of(value), origin, customer: None, own: own.filter(|own| !own.is_empty()) }
    }

    /// The sides of a message. A message from the business's own number is an echo, wherever it stands.
    pub(super) fn sides(&self, message: &Value) -> Sides {
        let from = wa_id(&message["from"]);
        let outgoing = self.origin == Origin::Echo || (from.is_some() && from == self.own);
        let origin = if outgoing && self.origin != Origin::History { Origin::Echo } else { self.origin };
        let person = match &self.customer {
            Some(customer) => customer.clone(),
            None if outgoing => {
                self.people.person(&message["to"], &message["to_user_id"], &message["to_parent_user_id"])
            }
            None => self.people.person(&message["from"], &message["from_user_id"], &message["from_parent_user_id"]),
        };
        Sides { person, origin, outgoing }
    }
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}
