//! The texts of the pages and files of the knowledge in Spanish.

use domain::assistant::sources::{Problem, SourceState};

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    add_page: "Agregar una página web",
    add_file: "Agregar un archivo",
    a_page: "Página web",
    a_file: "Archivo",
    address: "Dirección",
    address_help: "De una página, como https://example.com/precios. Se lee ahora y una vez por semana, sin las páginas enlazadas.",
    file: "Archivo",
    file_help: "PDF, Word, CSV, Markdown o texto simple, de 10 MB como máximo. Solo se guarda su texto.",
    state,
    problem,
    kept: "El asistente sigue respondiendo con lo que se leyó antes.",
    cut: "Es más largo de lo que se guarda: el asistente conoce los primeros 100,000 caracteres.",
    read_at: "Última lectura",
    read_again: "Leer de nuevo",
    passages: "Pasajes en los que se busca",
    told_page: "Agregada. La página se está leyendo.",
    told_file: "Agregado. El archivo se está leyendo.",
    told_again: "La página se está leyendo de nuevo.",
};

const fn state(state: SourceState) -> &'static str {
    match state {
        SourceState::Waiting => "Leyéndose",
        SourceState::Ready => "Leído",
        SourceState::Failed => "Sin leer",
    }
}

const fn problem(problem: Problem) -> &'static str {
    match problem {
        Problem::NotFound => "El sitio no tiene ninguna página en esta dirección. Revise la dirección.",
        Problem::Refused => "El sitio no muestra esta página a programas. Copie su texto en un texto del conocimiento.",
        Problem::Unreachable => "El sitio no responde. Lea la página de nuevo más tarde.",
        Problem::NotPublic => "La dirección no es de un sitio público de internet.",
        Problem::Redirected => "La página lleva a otras una y otra vez. Agregue la página en la que termina.",
        Problem::TooLarge => "Contiene demasiado. Agregue una parte más pequeña.",
        Problem::WrongKind => {
            "Este tipo no se puede leer. Use una página web, PDF, Word (.docx), CSV o un texto simple."
        }
        Problem::Empty => "No contiene texto. Una página escaneada es una imagen: agregue su texto a mano.",
        Problem::Protected => "Solo se abre con contraseña. Agregue una copia sin ella.",
        Problem::Unreadable => "Está dañado o no se puede leer. Guárdelo de nuevo o agregue su texto a mano.",
        Problem::Full => "El conocimiento está lleno. Elimine lo que ya no sirve y agréguelo de nuevo.",
    }
}
