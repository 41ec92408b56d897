//! How is the type of several values said in words? A list of texts is an "array of strings".

/// A type in words, for several values of it: "string (uuid)" is "strings (uuid)".
pub fn plural(kind: &str) -> String {
    if kind.contains(" or ") {
        return format!("values: {kind}");
    }
    match kind.split_once(' ') {
        Some(("any", _)) => kind.to_owned(),
        Some((first, rest)) => format!("{first}s {rest}"),
        None => format!("{kind}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_values_are_named_as_such() {
        for (one, several) in [
            ("object", "objects"),
            ("string (uuid)", "strings (uuid)"),
            ("array of strings", "arrays of strings"),
            ("any JSON", "any JSON"),
            ("string or integer", "values: string or integer"),
        ] {
            assert_eq!(plural(one), several);
        }
    }
}
