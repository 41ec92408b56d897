//! Which files does each channel take, and how large may they be?

use crate::send::Channel;

/// What a file is to the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A picture.
    Image,
    /// A video.
    Video,
    /// A sound or voice note.
    Audio,
    /// Any other file.
    Document,
    /// A sticker.
    Sticker,
}

const MEGABYTE: usize = 1024 * 1024;

/// The largest file that a customer can send, in bytes.
pub const LARGEST_FROM_CUSTOMER: usize = crate::profile::LARGEST_FILE;

/// The media types that a channel takes of a kind (none are named where it takes any), and the most bytes of such a file.
/// `None` if the channel does not know the kind (Meta, media).
fn limits(channel: Channel, kind: FileKind) -> Option<(&'static [&'static str], usize)> {
    let limits: (&[&str], usize) = match (channel, kind) {
        (Channel::Whatsapp, FileKind::Image) => (&["image/jpeg", "image/png"], 5 * MEGABYTE),
        (Channel::Whatsapp, FileKind::Video) => (&["video/mp4", "video/3gpp"], 16 * MEGABYTE),
        (Channel::Whatsapp, FileKind::Audio) => {
            (&["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg;codecs=opus"], 16 * MEGABYTE)
        }
        (Channel::Whatsapp, FileKind::Document) => (&[], 100 * MEGABYTE),
        (Channel::Whatsapp, FileKind::Sticker) => (&["image/webp"], MEGABYTE / 2),
        (Channel::Messenger, FileKind::Image) => (&[], 8 * MEGABYTE),
        (Channel::Messenger, FileKind::Video | FileKind::Audio | FileKind::Document) => (&[], 25 * MEGABYTE),
        (Channel::Instagram, FileKind::Image) => (&["image/png", "image/jpeg", "image/gif"], 8 * MEGABYTE),
        (Channel::Instagram, FileKind::Video) => {
            (&["video/mp4", "video/ogg", "video/x-msvideo", "video/quicktime", "video/webm"], 25 * MEGABYTE)
        }
        (Channel::Instagram, FileKind::Audio) => {
            (&["audio/aac", "audio/x-m4a", "audio/wav", "audio/mp4"], 25 * MEGABYTE)
        }
        (Channel::Instagram, FileKind::Document) => (&["application/pdf"], 25 * MEGABYTE),
        (Channel::Messenger | Channel::Instagram, FileKind::Sticker) => return None,
    };
    Some(limits)
}

fn takes(channel: Channel, kind: FileKind, media_type: &str) -> bool {
    let media_type = media_type.to_ascii_lowercase().replace(' ', "");
    limits(channel, kind).is_some_and(|(types, _)| types.is_empty() || types.contains(&media_type.as_str()))
}

/// The most bytes that a channel takes of a kind; 0 if it does not know the kind.
#[must_use]
pub fn largest(channel: Channel, kind: FileKind) -> usize {
    limits(channel, kind).map_or(0, |(_, most)| most)
}

/// Whether a channel takes a file of this media type and length (Meta, media). The type may have parameters, such as
/// `audio/ogg; codecs=opus`.
#[must_use]
pub fn fits(channel: Channel, kind: FileKind, media_type: &str, length: usize) -> bool {
    takes(channel, kind, media_type) && (1..=largest(channel, kind)).contains(&length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_and_length_decide() {
        let cases = [
            (Channel::Whatsapp, FileKind::Image, "image/jpeg", 5 * MEGABYTE, true),
            (Channel::Whatsapp, FileKind::Image, "image/jpeg", 5 * MEGABYTE + 1, false),
            (Channel::Whatsapp, FileKind::Image, "image/gif", 9, false),
            (Channel::Whatsapp, FileKind::Audio, "audio/ogg; codecs=opus", 9, true),
            (Channel::Whatsapp, FileKind::Audio, "audio/ogg", 9, false),
            (Channel::Whatsapp, FileKind::Audio, "audio/webm", 9, false),
            (Channel::Whatsapp, FileKind::Document, "application/x-anything", 100 * MEGABYTE, true),
            (Channel::Whatsapp, FileKind::Sticker, "image/webp", MEGABYTE, false),
            (Channel::Messenger, FileKind::Document, "application/zip", 25 * MEGABYTE, true),
            (Channel::Messenger, FileKind::Image, "image/png", 9 * MEGABYTE, false),
            (Channel::Instagram, FileKind::Image, "IMAGE/PNG", 9, true),
            (Channel::Instagram, FileKind::Document, "application/zip", 9, false),
            (Channel::Instagram, FileKind::Sticker, "image/webp", 9, false),
            (Channel::Whatsapp, FileKind::Document, "application/pdf", 0, false),
        ];
        for (channel, kind, media_type, length, expected) in cases {
            assert_eq!(fits(channel, kind, media_type, length), expected, "{channel:?} {kind:?} {media_type} {length}");
        }
    }
}
