//! Why is a tool of another program set aside, as people of a business read it? The reason is stored as an English sentence when
//! the server lists the tool (`domain::tool_servers::sorted`).

/// The reason in English. What is wrong with a schema only helps those who wrote it, and the agency reads that.
pub(super) fn english(reason: &str) -> &str {
    let is_schema =
        ["Its schemas", "Its input schema", "Its output schema"].iter().any(|begin| reason.starts_with(begin));
    if is_schema { "Its description of inputs or results can't be used." } else { reason }
}

/// The reason in Spanish, by how the stored sentence begins. Of a schema that cannot be used it says no more than that.
pub(super) fn spanish(reason: &str) -> &'static str {
    for (begin, said) in [
        ("Its name has other", "Su nombre tiene otros caracteres que letras, cifras, - y _, o es demasiado largo."),
        ("A tool of ours", "Una herramienta nuestra tiene este nombre."),
        ("The server lists two", "El programa ofrece dos herramientas con este nombre."),
        ("The server lists more", "El programa ofrece demasiadas herramientas."),
        ("The tools of the server", "Las descripciones de sus herramientas son demasiado largas."),
    ] {
        if reason.starts_with(begin) {
            return said;
        }
    }
    "No se puede usar la descripción de sus argumentos o de su resultado."
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::tool_servers::{FoundTool, sorted};
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_stored_is_told_apart() {
        let tool =
            |name: &str, input| FoundTool { name: name.to_owned(), description: String::new(), input, output: None };
        let whole = json!({ "type": "object" });
        let found = vec![
            tool("a b", whole.clone()),
            tool("ours", whole.clone()),
            tool("twice", whole.clone()),
            tool("twice", whole),
            tool("list", json!({ "type": "array" })),
        ];
        let aside = sorted("demo", found, |full| full == "demo_ours", |_| None).set_aside;
        let said: BTreeSet<&str> = aside.iter().map(|one| spanish(&one.reason)).collect();
        assert_eq!((aside.len(), said.len()), (4, 4), "{aside:?}");
        let in_english: Vec<&str> = aside.iter().map(|one| english(&one.reason)).collect();
        assert!(in_english.contains(&"The server lists two tools of this name."), "{in_english:?}");
        assert!(!in_english.iter().any(|reason| reason.contains("schema")), "{in_english:?}");
    }
}
