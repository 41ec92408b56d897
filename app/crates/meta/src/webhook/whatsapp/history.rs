//! What was written before a number was connected? Its owner may share the conversations of the phone: they come in
//! chunks of threads, each with one customer (Meta, coexistence: history).

use domain::messaging::inbound::{Origin, What};
use serde_json::Value;

use super::envelope::Envelope;
use super::{account, message};
use crate::webhook::field::elements;
use crate::webhook::items::Items;

/// Reads a change with chunks of history, or with files that belong to it.
pub(super) fn read(value: &Value, items: &mut Items) {
    let mut envelope = Envelope::of(value, Origin::History);
    elements(&value["messages"]).iter().for_each(|one| message::read(&envelope, one, items));
    for chunk in elements(&value["history"]) {
        if !chunk.is_object() {
            items.unreadable(chunk, "The chunk of history is no object.");
            continue;
        }
        // How far the history is read.
        if chunk["metadata"].is_object() {
            let what = What::AccountEvent { field: "history".to_owned(), value: chunk["metadata"].clone() };
            items.push(&chunk["metadata"], None, ("history", &[]), what);
        }
        account::each(&Value::Null, "history", &chunk["errors"], items);
        for thread in elements(&chunk["threads"]) {
            let customer = envelope.people.either(&thread["id"]);
            envelope.customer = Some(customer).filter(|customer| !customer.is_nobody());
            elements(&thread["messages"]).iter().for_each(|one| message::read(&envelope, one, items));
        }
    }
    account::each(&Value::Null, "errors", &value["errors"], items);
}
