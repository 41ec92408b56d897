//! What does a browser read in Spanish when the server itself refuses a request or fails? Titles and sentences of its own
//! error pages.

/// The texts, and the same in Spanish. They are read together with those of `refusals`.
pub(crate) const SERVED: &[(&str, &str)] = &[
    ("Request access", "Solicitar acceso"),
    ("Request sent to one person who can grant it.", "Solicitud enviada a una persona que puede dar el acceso."),
    ("Request sent to {} people who can grant it.", "Solicitud enviada a {} personas que pueden dar el acceso."),
    (
        "Your request is in the audit log. No one who can grant it has an account yet.",
        "Su solicitud está en el registro de auditoría. Nadie que pueda dar el acceso tiene todavía una cuenta.",
    ),
    (
        "Your request is in the audit log, but no email was sent: the people who can grant it reached today's email limit. Ask them directly, or try again tomorrow.",
        "Su solicitud está en el registro de auditoría, pero no se envió ningún correo: quien puede dar el acceso alcanzó el límite de correos de hoy. Pregunte directamente o inténtelo mañana.",
    ),
    ("You already have this permission. Open the page again.", "Ya tiene este permiso. Abra la página de nuevo."),
    ("Request", "Solicitud"),
    ("One moment, please", "Un momento, por favor"),
    (
        "Our database is restarting or very busy. Nothing is lost, and jobs continue as soon as it's back. This page tries again every five seconds.",
        "Nuestra base de datos se está reiniciando o está muy ocupada. No se pierde nada y los trabajos continúan en cuanto responda. Esta página lo intenta de nuevo sola cada cinco segundos.",
    ),
    ("Our fault", "Un error nuestro"),
    ("Internal Server Error", "Error del servidor"),
    ("Service Unavailable", "Servicio no disponible"),
    ("Too Many Requests", "Demasiadas solicitudes"),
    ("Too many at once", "Demasiadas a la vez"),
    ("This took too long", "Esto tardó demasiado"),
    ("Not saved", "No se guardó"),
    ("Not understood", "No se entendió"),
    ("Not possible here", "No es posible aquí"),
    ("Not sent by a form", "No se envió con un formulario"),
    ("Form too large", "El formulario es demasiado grande"),
    ("Files too large", "Los archivos son demasiado grandes"),
    (
        "Something went wrong on our side. Try again; if it stays, tell support the number below.",
        "Algo falló de nuestro lado. Inténtelo de nuevo; si continúa, indique a soporte el número de abajo.",
    ),
    (
        "The server couldn't respond in time, so the outcome is unknown. Check whether it worked before you try again.",
        "El servidor no pudo responder a tiempo y no se sabe si se hizo. Revíselo antes de intentarlo de nuevo.",
    ),
    (
        "The server couldn't respond in time. Try again in a few seconds.",
        "El servidor no pudo responder a tiempo. Inténtelo de nuevo en unos segundos.",
    ),
    ("The request could not be served. Nothing was changed.", "No se pudo atender la solicitud. No se cambió nada."),
    (
        "Your agency has many requests under way at this moment. Wait for some of them, then send the next.",
        "Su agencia tiene muchas solicitudes en curso en este momento. Espere a que terminen algunas y envíe la siguiente.",
    ),
    ("Nothing was done. Try again.", "No se hizo nada. Inténtelo de nuevo."),
    ("Send at most 256 KiB.", "Envíe como máximo 256 KiB."),
    (
        "Attach at most 5 files, each of at most 16 MB, and at most 32 MB together. Nothing was sent.",
        "Adjunte como máximo 5 archivos, cada uno de 16 MB como máximo y 32 MB en total. No se envió nada.",
    ),
    (
        "This address only accepts forms, so there's nothing to see here. Nothing was changed.",
        "Esta dirección solo recibe formularios y no muestra nada. No se cambió nada.",
    ),
    (
        "This request didn't come from a form on our pages, so nothing was done. Reload the page and use its buttons.",
        "Esta solicitud no vino de un formulario de nuestras páginas, así que no se hizo nada. Vuelva a cargar la página y use sus botones.",
    ),
];
