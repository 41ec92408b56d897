//! How a job row stores its order (`client_data_json`): the members of `client` at the top level, with the rest of the
//! order beside them. During a rolling deploy processes of two versions work on the same rows. A member that only the
//! newer one knows is ignored by the older one, and stays when the older one changes the order.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Client, NewJob, NewUser};
use crate::SnapshotId;

impl NewJob {
    /// The JSON of a new row. The members of `client` are at the top level, so that queries find them.
    #[must_use]
    pub fn to_stored(&self) -> Value {
        let mut stored = serde_json::to_value(&self.client).unwrap_or_default();
        if let Value::Object(members) = &mut stored {
            members.insert("users".into(), serde_json::to_value(&self.users).unwrap_or_default());
            members.insert("custom_values".into(), serde_json::to_value(&self.custom_values).unwrap_or_default());
            members.insert("tags".into(), serde_json::to_value(&self.tags).unwrap_or_default());
            members.insert("invite_owner".into(), self.invite_owner.into());
        }
        stored
    }

    /// The JSON of a row whose order is changed to this one. Members of the former JSON that this version does not know
    /// stay, at the top level and in each user who has the same e-mail address as before.
    #[must_use]
    pub fn replace_stored(&self, former: &Value) -> Value {
        let mut stored = self.to_stored();
        if let Some(Value::Array(users)) = stored.get_mut("users") {
            let former = former.get("users").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            for user in users {
                if let Some(known) = former.iter().find(|one| same_email(one, user)).cloned() {
                    keep_unknown(user, &known);
                }
            }
        }
        keep_unknown(&mut stored, former);
        stored
    }

    /// Rebuilds the order from a job row. Members that this version does not know are ignored.
    ///
    /// # Errors
    /// If the JSON in the row is not a stored order.
    pub fn from_stored(mut stored: Value, snapshot_id: Option<SnapshotId>) -> Result<Self, serde_json::Error> {
        let mut rest = Map::new();
        let Value::Object(members) = &mut stored else { return Err(serde::de::Error::custom("an order is an object")) };
        for name in ["users", "custom_values", "tags", "invite_owner"] {
            if let Some(value) = members.remove(name) {
                rest.insert(name.into(), value);
            }
        }
        keep_known(&mut stored, &Client::default());
        if let Some(Value::Array(users)) = rest.get_mut("users") {
            users.iter_mut().for_each(|user| keep_known(user, &NewUser::default()));
        }
        rest.insert("client".into(), stored);
        let mut job: Self = serde_json::from_value(Value::Object(rest))?;
        job.snapshot_id = snapshot_id;
        Ok(job)
    }
}

/// Removes the members of an object that a type does not have.
fn keep_known(value: &mut Value, of: &impl Serialize) {
    let known = serde_json::to_value(of).unwrap_or_default();
    if let Value::Object(members) = value {
        members.retain(|name, _| known.get(name).is_some());
    }
}

/// Adds the members of a former object that the present one lacks.
fn keep_unknown(value: &mut Value, former: &Value) {
    if let (Value::Object(members), Value::Object(former)) = (value, former) {
        for (name, kept) in former {
            members.entry(name).or_insert_with(|| kept.clone());
        }
    }
}

/// Whether two stored users are one person.
fn same_email(one: &Value, other: &Value) -> bool {
    let email = |user: &Value| user.get("email").and_then(Value::as_str).map(str::to_lowercase);
    email(one).is_some_and(|address| email(other) == Some(address))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// An order with two users.
    fn order() -> NewJob {
        let user = |name: &str| NewUser { email: format!("{name}@bright.example"), ..NewUser::default() };
        NewJob {
            client: Client { name: "Bright Dental".into(), phone: "+13055550100".into(), ..Client::default() },
            users: vec![user("ana"), user("bob")],
            ..NewJob::default()
        }
    }

    /// The order as a newer version stores it, with members that this version does not know.
    fn newer() -> Value {
        let mut stored = order().to_stored();
        stored["loyalty"] = json!({"number": "7", "since": [2026]});
        stored["users"][0]["nickname"] = "A".into();
        stored["users"][1]["phone"] = json!({"mobile": "+13055550101"});
        stored
    }

    #[test]
    fn a_row_of_a_newer_version_is_read_and_a_broken_one_is_an_error() {
        let asked = NewJob { create_anyway: true, ..order() };
        assert_eq!(NewJob::from_stored(asked.to_stored(), None).unwrap(), order());
        assert_eq!(NewJob::from_stored(newer(), None).unwrap(), order());
        for broken in [json!({"name": 7}), json!([]), Value::Null] {
            NewJob::from_stored(broken.clone(), None).expect_err(&broken.to_string());
        }
    }

    #[test]
    fn a_changed_order_keeps_what_a_newer_version_stored() {
        let mut changed = NewJob::from_stored(newer(), None).unwrap();
        changed.client.phone = "+13055550111".into();
        changed.tags = vec!["vip".into()];
        let mut wanted = newer();
        wanted["phone"] = "+13055550111".into();
        wanted["tags"] = json!(["vip"]);
        assert_eq!(changed.replace_stored(&newer()), wanted);
        assert_eq!(order().replace_stored(&order().to_stored()), order().to_stored());
    }

    #[test]
    fn what_belongs_to_one_user_goes_to_nobody_else() {
        let mut changed = order();
        changed.users.swap(0, 1);
        changed.users[0].email = "BOB@bright.example".into();
        changed.users[1].email = "cy@bright.example".into();
        let stored = changed.replace_stored(&newer());
        assert_eq!(stored["users"][0]["phone"], json!({"mobile": "+13055550101"}));
        assert_eq!(stored["users"][1], serde_json::to_value(&changed.users[1]).unwrap());
    }
}
