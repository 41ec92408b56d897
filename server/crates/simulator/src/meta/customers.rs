//! The customers who write to businesses: how one is found, and which ids a new one gets.

use crate::world::{Transaction, World};

use super::{
    message_records::{Channel, Customer, Message},
    numbers,
};

/// Finds a customer by name or by any id, or makes a new one with this name or number. The world's first if `who` is empty.
pub fn known_or_new(tx: &mut Transaction<'_>, who: &str) -> Customer {
    if let Some(customer) = find(tx.world, who) {
        return customer.clone();
    }
    let customer = new(who);
    tx.put(&customer);
    customer
}

/// Finds a customer by name or by any id. The world's first if `who` is empty.
pub fn find<'w>(world: &'w World, who: &str) -> Option<&'w Customer> {
    let who = who.trim();
    if who.is_empty() {
        return world.customers.values().next();
    }
    let named = |customer: &&Customer| {
        customer.name.eq_ignore_ascii_case(who) || customer.username.as_deref() == Some(who.trim_start_matches('@'))
    };
    let digits = numbers::digits(who).map(|digits| numbers::wa_id(&digits)).unwrap_or_default();
    world
        .customers
        .get(who)
        .or_else(|| world.customers.of(who).next())
        .or_else(|| world.customers.of(&digits).next())
        .or_else(|| world.customers.values().find(named))
}

/// A customer whom nobody has met, with a name or a number.
pub fn new(who: &str) -> Customer {
    let digits = numbers::digits(who);
    let wa_id = digits.as_deref().map_or_else(|| format!("1650555{}", random_digits(4)), numbers::wa_id);
    Customer {
        id: format!("customer-{}", random_digits(12)),
        name: if digits.is_some() { format!("Customer {wa_id}") } else { who.trim().to_owned() },
        wa_id,
        bsuid: new_bsuid(),
        psid: format!("71{}", random_digits(14)),
        igsid: format!("81{}", random_digits(14)),
        ..Customer::default()
    }
}

/// A new business-scoped id.
pub fn new_bsuid() -> String {
    format!("US.1{}", random_digits(19))
}

/// Digits of which the first is not 0.
pub fn random_digits(count: u32) -> String {
    let low = 10_u64.pow(count.saturating_sub(1));
    (low + rand::random::<u64>() % (low * 9)).to_string()
}

/// The last message of a thread that one side wrote.
pub fn last_of<'w>(world: &'w World, account: &str, customer: &str, outbound: bool) -> Option<&'w Message> {
    let key = Message::thread(account, customer);
    world.messages.of(&key).rev().find(|message| message.outbound == outbound && message.kind != "reaction")
}

/// Ids of the accounts of a channel, in order.
pub fn accounts(world: &World, channel: Channel) -> Vec<(String, String)> {
    match channel {
        Channel::Whatsapp => {
            let numbers = world.phone_numbers.values();
            numbers.map(|number| (number.id.clone(), format!("{} {}", number.verified_name, number.display))).collect()
        }
        Channel::Instagram => {
            world.instagrams.values().map(|account| (account.id.clone(), format!("@{}", account.username))).collect()
        }
        Channel::Facebook => world.pages.values().map(|page| (page.id.clone(), page.name.clone())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_customer_has_an_id_on_every_channel() {
        for who in ["Cleo Stranger", "+55 31 99876-5432", "<script>"] {
            let customer = new(who);
            assert!(customer.keys().len() == 4 && !customer.name.is_empty());
        }
        assert_eq!(new("+55 31 99876-5432").wa_id, "553198765432");
        assert_eq!(random_digits(1).len(), 1);
        assert_eq!(random_digits(19).len(), 19);
    }
}
