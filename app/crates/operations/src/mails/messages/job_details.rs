//! What does a job ask, or why did it fail, in Spanish? The worker says it in English; `{}` stands for a part that
//! changes. What HighLevel itself says stays as it is.

/// The sentences, and the same in Spanish. They are read together with those of `details`.
pub(super) const JOBS: &[(&str, &str)] = &[
    ("The client's details are incomplete.", "Los datos del cliente están incompletos."),
    (
        "The snapshot “{}” is no longer in your HighLevel account.",
        "La plantilla «{}» ya no está en su cuenta de HighLevel.",
    ),
    ("HighLevel didn't load the snapshot “{}” completely.", "HighLevel no cargó la plantilla «{}» por completo."),
    ("HighLevel didn't load the snapshot “{}” completely{}.", "HighLevel no cargó la plantilla «{}» por completo{}."),
    (", though it was asked to again", ", aunque se le pidió de nuevo"),
    (
        "HighLevel says the snapshot didn't load completely; checking again first.",
        "HighLevel dice que la plantilla no se cargó por completo; primero se comprueba de nuevo.",
    ),
    ("HighLevel is loading the snapshot.", "HighLevel está cargando la plantilla."),
    (
        "HighLevel is loading the snapshot: {} of {} kinds of assets are there.",
        "HighLevel está cargando la plantilla: ya están {} de {} tipos de elementos.",
    ),
    ("HighLevel hasn't started loading the snapshot yet.", "HighLevel aún no empezó a cargar la plantilla."),
    ("HighLevel was asked to load the snapshot again.", "Se pidió a HighLevel cargar la plantilla de nuevo."),
    (
        "The HighLevel connection is missing permissions that this client needs: {}. Nothing was created.",
        "A la conexión con HighLevel le faltan permisos que este cliente necesita: {}. No se creó nada.",
    ),
    (
        "HighLevel doesn't install the app in new sub-accounts of your agency, so a new client couldn't be finished.",
        "HighLevel no instala la aplicación en las subcuentas nuevas de su agencia, así que no se podría terminar un cliente nuevo.",
    ),
    (
        "HighLevel hasn't installed the app in the new sub-account yet.",
        "HighLevel aún no instaló la aplicación en la subcuenta nueva.",
    ),
    ("Sub-account {} is already connected to another client.", "La subcuenta {} ya está conectada a otro cliente."),
    ("Another client already has sub-account {}.", "Otro cliente ya tiene la subcuenta {}."),
    ("Sub-account {} belongs to job #{} already.", "La subcuenta {} ya es del trabajo n.º {}."),
    (
        "Sub-account {} carries this job's mark, but belongs to job #{}.",
        "La subcuenta {} lleva la marca de este trabajo, pero es del trabajo n.º {}.",
    ),
    ("Several sub-accounts carry this job's mark: {}.", "Varias subcuentas llevan la marca de este trabajo: {}."),
    (
        "Sub-account {} is no longer in HighLevel ({}). Was it deleted there?",
        "La subcuenta {} ya no está en HighLevel ({}). ¿Se eliminó allí?",
    ),
    (
        "There's no sub-account with the ID “{}” in your HighLevel account.",
        "En su cuenta de HighLevel no hay ninguna subcuenta con el ID «{}».",
    ),
    (
        "The sub-account with the ID “{}” belongs to another HighLevel account.",
        "La subcuenta con el ID «{}» es de otra cuenta de HighLevel.",
    ),
    (
        "Your HighLevel plan can't create sub-accounts through the API.",
        "Su plan de HighLevel no permite crear subcuentas por la API.",
    ),
    (
        "HighLevel didn't answer in time when asked to create “{}”, so it may or may not exist.",
        "HighLevel no respondió a tiempo cuando se le pidió crear «{}», así que no se sabe si existe.",
    ),
    (
        "This job began in another HighLevel account, where its sub-account may exist.",
        "Este trabajo comenzó en otra cuenta de HighLevel, donde quizá existe su subcuenta.",
    ),
    ("The sub-account is not known yet.", "Aún no se conoce la subcuenta."),
    (
        "Checking whether HighLevel created the sub-account after all.",
        "Se comprueba si HighLevel creó la subcuenta después de todo.",
    ),
    (
        "The custom value “{}” would get the key of “{}”, which the sub-account already has. HighLevel says: {}.",
        "El valor personalizado «{}» tendría la clave de «{}», que la subcuenta ya tiene. HighLevel dice: {}.",
    ),
    (
        "The custom value “{}” would get the key of “{}”, which the sub-account already has.",
        "El valor personalizado «{}» tendría la clave de «{}», que la subcuenta ya tiene.",
    ),
    ("HighLevel rejected the custom value “{}”: {}.", "HighLevel rechazó el valor personalizado «{}»: {}."),
    ("{} was removed from HighLevel just now.", "{} se acaba de eliminar de HighLevel."),
    (
        "Another job is changing the sub-accounts of {} right now.",
        "Otro trabajo está cambiando ahora las subcuentas de {}.",
    ),
    (
        "Another job changed a user's sub-accounts meanwhile; reading them again.",
        "Otro trabajo cambió mientras tanto las subcuentas de un usuario; se leen de nuevo.",
    ),
    ("HighLevel doesn't match the order: {}.", "HighLevel no coincide con el pedido: {}."),
    ("HighLevel took the name “{}” and shows “{}”.", "HighLevel recibió el nombre «{}» y muestra «{}»."),
    // What differs from the order.
    ("the name is “{}”", "el nombre es «{}»"),
    ("the country is {}", "el país es {}"),
    ("the time zone is {}", "la zona horaria es {}"),
    ("the phone is {}", "el teléfono es {}"),
    ("the value “{}” is not set", "falta el valor «{}»"),
    ("the tag “{}” is missing", "falta la etiqueta «{}»"),
    ("{} is not in the sub-account", "{} no está en la subcuenta"),
    // Any step.
    ("HighLevel has disconnected us.", "HighLevel nos desconectó."),
    ("HighLevel rejected our access.", "HighLevel rechazó nuestro acceso."),
    (
        "HighLevel rejects our access although it was just renewed; retrying.",
        "HighLevel rechaza nuestro acceso aunque se acaba de renovar; se intenta de nuevo.",
    ),
    (
        "HighLevel rejects our access here although it was renewed and works elsewhere.",
        "HighLevel rechaza aquí nuestro acceso aunque se renovó y funciona en otros lugares.",
    ),
    (
        "HighLevel didn't answer in time. Checking what it did.",
        "HighLevel no respondió a tiempo. Se comprueba qué hizo.",
    ),
    (
        "Many calls to HighLevel were repeated in the last minute; this one waits its turn.",
        "En el último minuto se repitieron muchas llamadas a HighLevel; esta espera su turno.",
    ),
    (
        "HighLevel's limit for today is used up. We'll continue automatically when it resets.",
        "El límite de HighLevel para hoy se agotó. Continuaremos automáticamente cuando se renueve.",
    ),
    (
        "HighLevel is rate-limiting us. We'll continue automatically.",
        "HighLevel limita nuestras llamadas. Continuaremos automáticamente.",
    ),
    ("This takes longer than {} minutes. {}", "Esto tarda más de {} minutos. {}"),
    ("Rolling back takes longer than {} minutes. {}", "Deshacer el trabajo tarda más de {} minutos. {}"),
    ("{} Slipway stopped trying: {} times in a row.", "{} Slipway dejó de intentarlo: {} veces seguidas."),
    (
        "Each process that worked on “{}” ended in the middle of it.",
        "Todos los procesos que trabajaban en «{}» terminaron a la mitad.",
    ),
    (
        "The process at work ended in the middle of this step {} times in a row.",
        "El proceso que trabajaba terminó a la mitad de este paso {} veces seguidas.",
    ),
    ("The call ended unexpectedly: {}", "La llamada terminó de forma inesperada: {}"),
    ("{} The connection is missing the permission {}.", "{} A la conexión le falta el permiso {}."),
    (
        "{} HighLevel has paused it. We check now and then and continue automatically.",
        "{} HighLevel la pausó. Lo comprobamos de vez en cuando y continuamos automáticamente.",
    ),
    // A call that HighLevel refused or did not answer.
    ("HighLevel didn't allow {}: {}.", "HighLevel no permitió {}: {}."),
    ("HighLevel didn't allow {}.", "HighLevel no permitió {}."),
    ("HighLevel rejected the details while {}: {}.", "HighLevel rechazó los datos al {}: {}."),
    ("HighLevel rejected the details while {}.", "HighLevel rechazó los datos al {}."),
    ("HighLevel couldn't find this while {}: {}.", "HighLevel no lo encontró al {}: {}."),
    ("HighLevel couldn't find this while {}.", "HighLevel no lo encontró al {}."),
    ("HighLevel is rate-limiting us while {}: {}.", "HighLevel limita nuestras llamadas al {}: {}."),
    ("HighLevel is rate-limiting us while {}.", "HighLevel limita nuestras llamadas al {}."),
    ("HighLevel had a problem while {}: {}.", "HighLevel tuvo un problema al {}: {}."),
    ("HighLevel had a problem while {}.", "HighLevel tuvo un problema al {}."),
    ("HighLevel couldn't be reached while {}: {}.", "No se pudo contactar con HighLevel al {}: {}."),
    ("HighLevel couldn't be reached while {}.", "No se pudo contactar con HighLevel al {}."),
    // Only people are rejected by name, and only where nothing above fits.
    ("HighLevel rejected {}.", "HighLevel rechazó: {}."),
];

/// What a job does with HighLevel, as the calls name it, and the same in Spanish.
pub(super) const DOINGS: &[(&str, &str)] = &[
    ("exchanging the code for tokens", "cambiar el código por tokens"),
    ("refreshing the tokens", "renovar los tokens"),
    ("getting a token for the sub-account", "obtener un token para la subcuenta"),
    ("listing where the app is installed", "consultar dónde está instalada la aplicación"),
    ("removing the app", "quitar la aplicación"),
    ("reading the account", "leer la cuenta"),
    ("listing the snapshots", "consultar las plantillas"),
    ("asking how far the snapshot is", "consultar el avance de la plantilla"),
    ("searching sub-accounts", "buscar subcuentas"),
    ("creating the sub-account", "crear la subcuenta"),
    ("reading the sub-account", "leer la subcuenta"),
    ("changing the sub-account", "cambiar la subcuenta"),
    ("listing the time zones", "consultar las zonas horarias"),
    ("searching users", "buscar usuarios"),
    ("looking for the user", "buscar al usuario"),
    ("reading the user", "leer al usuario"),
    ("creating the user", "crear al usuario"),
    ("changing the user", "cambiar al usuario"),
    ("listing the custom values", "consultar los valores personalizados"),
    ("adding a custom value", "agregar un valor personalizado"),
    ("setting a custom value", "guardar un valor personalizado"),
    ("removing a custom value", "quitar un valor personalizado"),
    ("listing the custom fields", "consultar los campos personalizados"),
    ("adding a custom field", "agregar un campo personalizado"),
    ("removing a custom field", "quitar un campo personalizado"),
    ("listing the tags", "consultar las etiquetas"),
    ("adding a tag", "agregar una etiqueta"),
    ("removing a tag", "quitar una etiqueta"),
];
