//! Reads an uploaded picture and writes it anew: a PNG of a size that fits mails and pages, without anything that the
//! file held beside the picture. What it is, its content says, never its name.

use std::io::Cursor;

use domain::brand::LARGEST_LOGO;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;

use crate::Refusal;

/// Largest width and height of the stored picture, in pixels: twice the size at which it is shown.
const SIZE: (u32, u32) = (480, 160);
/// Largest width and height of an uploaded picture, in pixels.
const LARGEST_SIDE: u32 = 4096;
/// Most memory that reading a picture may take, in bytes.
const MEMORY: u64 = 80 * 1024 * 1024;

/// How many pictures are read at once: each may take more than its memory, and a thread for as long.
static READING: Semaphore = Semaphore::const_new(2);

/// The picture as it is stored. Others wait while two are read.
///
/// # Errors
/// `Invalid` if it is too large, no PNG or JPEG, or cannot be read.
pub(super) async fn clean(uploaded: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    in_turn(&READING, uploaded).await
}

async fn in_turn(places: &'static Semaphore, uploaded: Vec<u8>) -> Result<Vec<u8>, Refusal> {
    let place = places.acquire().await.map_err(|error| Refusal::Fault(error.to_string()))?;
    // The thread has the place: it reads on when the request is dropped.
    let read = tokio::task::spawn_blocking(move || {
        let _place = place;
        rewritten(&uploaded)
    });
    read.await.map_err(|error| Refusal::Fault(error.to_string()))?.map_err(|text| Refusal::field("logo_file", text))
}

fn rewritten(uploaded: &[u8]) -> Result<Vec<u8>, &'static str> {
    if uploaded.len() > LARGEST_LOGO {
        return Err("Choose a picture of at most 1 MB.");
    }
    let picture = decoded(uploaded)?;
    let fits = picture.width() <= SIZE.0 && picture.height() <= SIZE.1;
    let picture = if fits { picture } else { picture.resize(SIZE.0, SIZE.1, FilterType::Lanczos3) };
    let mut png = Cursor::new(Vec::new());
    let rgba = DynamicImage::ImageRgba8(picture.into_rgba8());
    rgba.write_to(&mut png, ImageFormat::Png).map_err(|_| "This picture could not be stored. Try another one.")?;
    Ok(png.into_inner())
}

fn decoded(uploaded: &[u8]) -> Result<DynamicImage, &'static str> {
    const UNKNOWN: &str = "Choose a PNG or JPEG picture.";
    let format = match image::guess_format(uploaded) {
        Ok(format @ (ImageFormat::Png | ImageFormat::Jpeg)) => format,
        _ => return Err(UNKNOWN),
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST_SIDE);
    limits.max_image_height = Some(LARGEST_SIDE);
    limits.max_alloc = Some(MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(uploaded), format);
    reader.limits(limits);
    reader.decode().map_err(|error| match error {
        image::ImageError::Limits(_) => "Choose a picture of at most 4,096 pixels in width and height.",
        _ => "This picture could not be read. Save it again as PNG and try once more.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgba8(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[tokio::test]
    async fn a_picture_waits_while_others_are_read() {
        let places: &'static Semaphore = Box::leak(Box::new(Semaphore::new(1)));
        let other = places.acquire().await.unwrap();
        let mut reading = Box::pin(in_turn(places, png(8, 8)));
        let waits = std::future::poll_fn(|cx| std::task::Poll::Ready(reading.as_mut().poll(cx).is_pending()));
        assert!(waits.await);
        drop(other);
        assert!(reading.await.is_ok());
        assert_eq!(places.available_permits(), 1);
    }

    #[test]
    fn a_large_picture_is_made_smaller_and_keeps_its_shape() {
        let small = image::load_from_memory(&rewritten(&png(1600, 400)).unwrap()).unwrap();
        assert_eq!((small.width(), small.height()), (480, 120));
        let kept = image::load_from_memory(&rewritten(&png(40, 40)).unwrap()).unwrap();
        assert_eq!((kept.width(), kept.height()), (40, 40));
    }

    #[test]
    fn what_is_no_picture_or_no_longer_one_is_refused() {
        let mut cut = png(200, 200);
        cut.truncate(60);
        for bad in [
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec(),
            b"<html><body>PNG</body></html>".to_vec(),
            b"GIF89a\x01\x00\x01\x00\x00\x00\x00;".to_vec(),
            b"\x89PNG\r\n\x1a\n".to_vec(),
            cut,
            Vec::new(),
            vec![0; LARGEST_LOGO + 1],
        ] {
            assert!(rewritten(&bad).is_err(), "{:?}", bad.get(..20));
        }
    }

    #[test]
    fn a_picture_of_huge_sides_is_refused_before_it_is_read() {
        // The header of a PNG of 60,000 by 60,000 pixels.
        let mut header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR".to_vec();
        header.extend(60_000_u32.to_be_bytes());
        header.extend(60_000_u32.to_be_bytes());
        header.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
        assert!(rewritten(&header).is_err());
    }

    #[test]
    fn what_a_file_holds_beside_its_picture_is_gone() {
        let mut hiding = png(20, 20);
        hiding.extend(b"<script>alert(1)</script>");
        let clean = rewritten(&hiding).unwrap();
        assert!(!clean.windows(8).any(|part| part == b"<script>"));
    }
}
