//! How many messages an account may send: to one customer, and in all.

use chrono::TimeDelta;

use crate::world::Transaction;

use super::{
    message_records::{Channel, Message},
    refusal::Refusal,
};

/// Refuses a message that is one too many.
pub fn check(tx: &Transaction<'_>, channel: Channel, account: &str, customer: &str) -> Result<(), Refusal> {
    let knobs = tx.world.meta_knobs();
    let sent = |key: &str, milliseconds: u64| {
        let window: TimeDelta = tx.delay(milliseconds);
        tx.world.messages.between(key, tx.now - window, tx.now).filter(|message| message.outbound).count()
    };
    let whatsapp = channel == Channel::Whatsapp;
    if sent(account, 1_000) >= knobs.throughput_max {
        let busy = Refusal::with_subcode(613, 1_893_016, "Calls to this api have exceeded the rate limit.");
        return Err(if whatsapp { Refusal::of_code(130_429) } else { busy });
    }
    if whatsapp && sent(&Message::thread(account, customer), 60_000) >= knobs.pair_max {
        return Err(Refusal::of_code(131_056));
    }
    Ok(())
}
