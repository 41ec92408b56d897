//! What may be asked of the log of calls by its address? The page and the file read the same parameters.

use crate::page::{Condition, ListQuery, Operator};

/// The parameters of the filters, in the order of the form.
pub const FILTERS: [&str; 4] = ["tool", "token", "from", "to"];

/// The query that the parameters of an address mean. What becomes of a call is its view.
#[must_use]
pub fn query<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> ListQuery {
    let mut query = ListQuery::read(parameters.clone());
    let get = |name: &str| {
        let mut sent = parameters.clone().filter(|(_, value)| !value.is_empty());
        sent.find(|(one, _)| *one == name).map_or("", |(_, value)| value)
    };
    for name in ["tool", "token"] {
        if !get(name).is_empty() {
            query.filters.push(condition(name, Operator::Is, get(name).to_owned()));
        }
    }
    if !get("from").is_empty() || !get("to").is_empty() {
        let day = |name: &str, otherwise: &str| if get(name).is_empty() { otherwise } else { get(name) }.to_owned();
        let days = format!("{},{}", day("from", "2000-01-01"), day("to", "2999-12-31"));
        query.filters.push(condition("created", Operator::Between, days));
    }
    query
}

fn condition(field: &str, operator: Operator, value: String) -> Condition {
    Condition { field: field.to_owned(), operator, value }
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_parameter_is_a_filter_of_the_list() {
        let asked = |parameters: &[(&'static str, &'static str)]| {
            let query = super::query(parameters.iter().copied());
            let filters = query.filters.iter().map(|one| format!("{}={}", one.parameter(), one.value));
            (query.view.clone(), filters.collect::<Vec<_>>())
        };
        let (view, filters) =
            asked(&[("view", "refused"), ("tool", "tags_add_tag"), ("token", "t"), ("to", "2026-11-30")]);
        assert_eq!(view, "refused");
        assert_eq!(filters, ["tool.is=tags_add_tag", "token.is=t", "created.between=2000-01-01,2026-11-30"]);
        assert_eq!(asked(&[("tool", ""), ("from", "")]), (String::new(), vec![]));
    }
}
