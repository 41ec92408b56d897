//! What does a stored sentence of ours say in Spanish? What a call would do is written in English when an agent asks for it
//! (`operations::tools`), and so is why a call was refused. A sentence that is not known stays as it is.

use domain::messaging::Channel;

/// Sentences without a part that changes, the names of fields among them, and the same in Spanish.
const FIXED: &[(&str, &str)] = &[
    ("Name:", "Nombre:"),
    ("First name:", "Nombre de pila:"),
    ("Last name:", "Apellido:"),
    ("Email:", "Correo:"),
    ("Phone:", "Teléfono:"),
    ("Company:", "Empresa:"),
    ("Note:", "Nota:"),
    ("Address1:", "Dirección:"),
    ("City:", "Ciudad:"),
    ("State:", "Estado:"),
    ("Postal code:", "Código postal:"),
    ("Country:", "País:"),
    ("Website:", "Sitio web:"),
    ("Timezone:", "Zona horaria:"),
    ("Source:", "Origen:"),
    ("Tags:", "Etiquetas:"),
    ("Status:", "Estado:"),
    ("Monetary value:", "Valor:"),
    ("Assigned to:", "Asignado a:"),
    ("Teaches the assistant this question with its answer:", "Enseña al asistente esta pregunta con su respuesta:"),
    ("Teaches the assistant this text:", "Enseña al asistente este texto:"),
    ("Creates a contact in HighLevel:", "Crea un contacto en HighLevel:"),
    (
        "This token's permissions deny this tool. Someone who runs the business can allow it.",
        "La regla de este token prohíbe esta herramienta. Quien dirige el negocio puede permitirla.",
    ),
    (
        "AI tools are stopped for this business. Someone who runs the business needs to turn them back on.",
        "Las herramientas de este negocio están detenidas. Quien lo dirige debe permitir que vuelvan a funcionar.",
    ),
];

/// The pieces of sentences between the parts that change, and the same in Spanish.
const PIECES: &[(&[&str], &[&str])] = &[
    (
        &["Removes \"", "\" with its ", " passages from what the assistant knows, for good."],
        &["Elimina para siempre \"", "\" con sus ", " pasajes de lo que sabe el asistente."],
    ),
    (&["Changes nothing of the contact \"", "\"."], &["No cambia nada del contacto \"", "\"."]),
    (&["Changes the contact \"", "\":"], &["Cambia el contacto \"", "\":"]),
    (
        &["Erases ", " contact with everything that was said, for good:"],
        &["Borra para siempre ", " contacto con todo lo que se dijo:"],
    ),
    (
        &["Erases ", " contacts with everything that was said, for good:"],
        &["Borra para siempre ", " contactos con todo lo que se dijo:"],
    ),
    (&["Assigns ", " to nobody."], &["Deja sin asignar ", "."]),
    (&["Assigns ", " to ", "."], &["Asigna ", " a ", "."]),
    (&["Closes ", "."], &["Cierra ", "."]),
    (&["Reopens ", "."], &["Reabre ", "."]),
    (&["Snoozes ", " until ", "."], &["Pospone ", " hasta ", "."]),
    (&["Adds a note, which the customer does not see, to ", ":"], &["Agrega una nota, que el cliente no ve, a ", ":"]),
    (&["Sends this message in ", ":"], &["Envía este mensaje en ", ":"]),
    (&["Sends this message at ", " in ", ":"], &["Envía este mensaje el ", " en ", ":"]),
    (&["Cancels this scheduled message in ", ":"], &["Cancela este mensaje programado en ", ":"]),
    (&["Sends the template \"", "\" in ", ":"], &["Envía la plantilla \"", "\" en ", ":"]),
    (&["Checks off the to-do \"", "\"."], &["Marca como hecha la tarea \"", "\"."]),
    // What former versions recorded.
    (&["Ticks the to-do \"", "\"."], &["Marca como hecha la tarea \"", "\"."]),
    (&["Changes the HighLevel contact ", ":"], &["Cambia el contacto de HighLevel ", ":"]),
    (
        &["Adds the tags ", " to the HighLevel contact ", "."],
        &["Agrega las etiquetas ", " al contacto de HighLevel ", "."],
    ),
    (
        &["Removes the tags ", " from the HighLevel contact ", "."],
        &["Quita las etiquetas ", " del contacto de HighLevel ", "."],
    ),
    (&["Sends by ", " from HighLevel to ", ":"], &["Envía por ", " desde HighLevel a ", ":"]),
    (
        &["Creates an opportunity in the pipeline \"", "\" for ", ":"],
        &["Crea una oportunidad en el embudo \"", "\" para ", ":"],
    ),
    (&["Changes the opportunity \"", "\":"], &["Cambia la oportunidad \"", "\":"]),
    (&["Cancels the appointment \"", "."], &["Cancela la cita \"", "."]),
    (
        &["Characters of the old value that are not shown: ", "."],
        &["Caracteres del valor anterior que no se muestran: ", "."],
    ),
];

/// The sentence in Spanish. What it quotes stays as it is.
pub(super) fn spanish(text: &str) -> String {
    if let Some((_, own)) = FIXED.iter().find(|(english, _)| *english == text) {
        return (*own).to_owned();
    }
    let known = PIECES.iter().find_map(|(english, own)| Some((parts(text, english)?, own)));
    known.map_or_else(|| text.to_owned(), |(parts, own)| joined(own, &parts))
}

/// What stands between the pieces; `None` if the text does not consist of them.
fn parts<'a>(text: &'a str, pieces: &[&str]) -> Option<Vec<&'a str>> {
    let (first, rest) = pieces.split_first()?;
    let (last, between) = rest.split_last()?;
    let mut left = text.strip_prefix(*first)?.strip_suffix(*last)?;
    let mut found = Vec::with_capacity(rest.len());
    for piece in between.iter().rev() {
        let (before, behind) = left.rsplit_once(*piece)?;
        found.push(behind);
        left = before;
    }
    found.push(left);
    found.reverse();
    Some(found)
}

fn joined(pieces: &[&str], parts: &[&str]) -> String {
    let mut said = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        said.push_str(piece);
        if let Some(part) = parts.get(at) {
            said.push_str(&conversation(part));
        }
    }
    said
}

/// A conversation as the tools name it; any other part as it is.
fn conversation(part: &str) -> String {
    let named = part.strip_prefix("the conversation with ").and_then(|rest| rest.rsplit_once(" on "));
    let own = |name: &str| Channel::ALL.into_iter().find(|one| one.name() == name).map(Channel::spanish_name);
    named.map_or_else(
        || part.to_owned(),
        |(who, channel)| format!("la conversación con {who} por {}", own(channel).unwrap_or(channel)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_keeps_its_parts_in_their_order() {
        for (english, own) in PIECES {
            assert_eq!(english.len(), own.len(), "{english:?}");
            let typed = ["\u{ab}one\u{bb}", "\u{ab}two\u{bb}", "\u{ab}three\u{bb}"];
            let said = spanish(&joined(english, &typed[..english.len() - 1]));
            assert_eq!(said, joined(own, &typed[..own.len() - 1]));
        }
    }

    #[test]
    fn what_a_call_would_do_is_said_in_spanish() {
        for (english, own) in [
            (
                "Sends this message in the conversation with \"Ana on: Lee\" on WhatsApp:",
                "Envía este mensaje en la conversación con \"Ana on: Lee\" por WhatsApp:",
            ),
            (
                "Assigns the conversation with \"Ana\" on Web chat to \"Tess\".",
                "Asigna la conversación con \"Ana\" por Chat web a \"Tess\".",
            ),
            ("Checks off the to-do \"Publish the workflows\".", "Marca como hecha la tarea \"Publish the workflows\"."),
            ("name: \"Ana\" becomes \"Bob\"", "name: \"Ana\" becomes \"Bob\""),
        ] {
            assert_eq!(spanish(english), own);
        }
    }
}
