//! As what is a file of ours sent? Its content decides: what it is to the customer, and under which type and ending Meta
//! knows it. A type that a channel takes as no picture, film or sound goes as a document.

use super::kinds::{FileKind, fits, largest};
use crate::send::Channel;

/// A file as a channel carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentAs {
    /// What it is to the customer.
    pub kind: FileKind,
    /// Its media type, in Meta's words.
    pub media_type: &'static str,
    /// The ending of its name, without a dot. Meta looks at it as well as at the type.
    pub ending: &'static str,
}

/// The types by content, what each is to a customer, and Meta's words for it.
const KNOWN: &[(&str, FileKind, &str, &str)] = &[
    ("image/jpeg", FileKind::Image, "image/jpeg", "jpg"),
    ("image/png", FileKind::Image, "image/png", "png"),
    ("image/gif", FileKind::Image, "image/gif", "gif"),
    ("image/webp", FileKind::Document, "image/webp", "webp"),
    ("image/heif", FileKind::Document, "image/heic", "heic"),
    ("video/mp4", FileKind::Video, "video/mp4", "mp4"),
    ("video/quicktime", FileKind::Video, "video/quicktime", "mov"),
    ("video/webm", FileKind::Video, "video/webm", "webm"),
    ("audio/mpeg", FileKind::Audio, "audio/mpeg", "mp3"),
    ("audio/m4a", FileKind::Audio, "audio/mp4", "m4a"),
    ("audio/aac", FileKind::Audio, "audio/aac", "aac"),
    ("audio/amr", FileKind::Audio, "audio/amr", "amr"),
    ("audio/opus", FileKind::Audio, "audio/ogg; codecs=opus", "ogg"),
    ("audio/ogg", FileKind::Audio, "audio/ogg", "ogg"),
    ("audio/x-wav", FileKind::Audio, "audio/wav", "wav"),
    ("application/pdf", FileKind::Document, "application/pdf", "pdf"),
    ("application/msword", FileKind::Document, "application/msword", "doc"),
    ("application/vnd.ms-excel", FileKind::Document, "application/vnd.ms-excel", "xls"),
    ("application/vnd.ms-powerpoint", FileKind::Document, "application/vnd.ms-powerpoint", "ppt"),
    (DOCX, FileKind::Document, DOCX, "docx"),
    (XLSX, FileKind::Document, XLSX, "xlsx"),
    (PPTX, FileKind::Document, PPTX, "pptx"),
    ("application/vnd.oasis.opendocument.text", FileKind::Document, "application/vnd.oasis.opendocument.text", "odt"),
    ("application/zip", FileKind::Document, "application/zip", "zip"),
    ("text/plain", FileKind::Document, "text/plain", "txt"),
];

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PPTX: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

impl SentAs {
    /// As what a channel carries a file of this type, which was read from its content. `None` if it does not take such a
    /// file, whatever its length.
    #[must_use]
    pub fn of(channel: Channel, content: &str) -> Option<Self> {
        let (_, kind, media_type, ending) = KNOWN.iter().copied().find(|(known, ..)| *known == content)?;
        let kinds = [kind, FileKind::Document];
        let kind = kinds.into_iter().find(|kind| fits(channel, *kind, media_type, 1))?;
        Some(Self { kind, media_type, ending })
    }

    /// The most bytes that the channel takes of it.
    #[must_use]
    pub fn largest(self, channel: Channel) -> usize {
        largest(channel, self.kind)
    }

    /// The word for its kind in messages: `image`, `video`, `audio` or `document`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self.kind {
            FileKind::Image => "image",
            FileKind::Video => "video",
            FileKind::Audio => "audio",
            FileKind::Document | FileKind::Sticker => "document",
        }
    }

    /// The name that Meta is told: the given one, with the ending that belongs to the type.
    #[must_use]
    pub fn name(self, given: &str) -> String {
        let stem = if given.is_empty() { "file" } else { given };
        let has_ending = stem.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(self.ending));
        if has_ending { stem.to_owned() } else { format!("{stem}.{}", self.ending) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_type_goes_somewhere_and_fits_as_what_it_is_sent() {
        for channel in [Channel::Whatsapp, Channel::Messenger, Channel::Instagram] {
            for (content, ..) in KNOWN {
                let Some(sent) = SentAs::of(channel, content) else {
                    assert_eq!(channel, Channel::Instagram, "{content}");
                    continue;
                };
                assert!(fits(channel, sent.kind, sent.media_type, sent.largest(channel)), "{channel:?} {content}");
                assert!(!fits(channel, sent.kind, sent.media_type, sent.largest(channel) + 1), "{channel:?} {content}");
            }
        }
    }

    #[test]
    fn the_channel_decides_what_a_file_is() {
        for (channel, content, expected) in [
            (Channel::Whatsapp, "image/png", Some("image")),
            (Channel::Whatsapp, "image/gif", Some("document")),
            (Channel::Messenger, "image/gif", Some("image")),
            (Channel::Whatsapp, "audio/opus", Some("audio")),
            (Channel::Whatsapp, "audio/ogg", Some("document")),
            (Channel::Instagram, "application/zip", None),
            (Channel::Whatsapp, "application/x-executable", None),
            (Channel::Whatsapp, "application/octet-stream", None),
            (Channel::Messenger, "text/html", None),
        ] {
            assert_eq!(SentAs::of(channel, content).map(SentAs::word), expected, "{channel:?} {content}");
        }
    }

    #[test]
    fn a_name_ends_as_its_type_does() {
        let pdf = SentAs::of(Channel::Whatsapp, "application/pdf").unwrap();
        for (given, expected) in
            [("price.pdf", "price.pdf"), ("Price.PDF", "Price.PDF"), ("price.exe", "price.exe.pdf"), ("", "file.pdf")]
        {
            assert_eq!(pdf.name(given), expected);
        }
    }
}
