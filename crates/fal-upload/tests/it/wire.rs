//! What fal sees of an upload.

use fal_upload::{ContentHash, Progress, Source, Uploader};
use image::ImageFormat;
use serde_json::{Value, json};

use crate::fal::{Fal, TOKEN_PATH, UPLOAD_PATH, header, token};
use crate::pictures::{in_memory, picture, png, saved};

#[tokio::test]
async fn an_upload_is_a_token_for_the_key_and_then_the_bytes_for_the_token() {
    let (fal, folder) = (Fal::start().await, tempfile::tempdir().unwrap());
    let file = saved(folder.path(), "lighthouse.png", &png());
    let uploaded = fal.uploader().upload(&Source::Path(file), &Progress::none()).await.unwrap();
    assert_eq!((uploaded.url.as_str(), uploaded.cached), (fal.file(1).as_str(), false));
    assert_eq!((uploaded.content_hash, uploaded.bytes), (Some(ContentHash::of(&png())), Some(png().len() as u64)));

    let asked = fal.requests(TOKEN_PATH).await.remove(0);
    assert_eq!(asked.url.query(), Some("storage_type=fal-cdn-v3"));
    assert_eq!(header(&asked, "authorization"), Some("Key key-id:s3cret"));
    assert_eq!((header(&asked, "content-type"), asked.body.as_slice()), (Some("application/json"), &b"{}"[..]));

    let sent = fal.requests(UPLOAD_PATH).await.remove(0);
    assert_eq!(header(&sent, "authorization"), Some("Bearer t0ken"));
    assert!(!format!("{:?}", sent.headers).contains("s3cret"), "the key is not for the CDN");
    assert_eq!(header(&sent, "content-type"), Some("image/png"));
    assert_eq!(header(&sent, "x-fal-file-name"), Some("lighthouse.png"));
    for name in ["x-fal-object-lifecycle", "x-fal-object-lifecycle-preference"] {
        let lifecycle: Value = serde_json::from_str(header(&sent, name).unwrap()).unwrap();
        assert_eq!(lifecycle, json!({ "expiration_duration_seconds": 7 * 24 * 60 * 60 }), "{name}");
    }
    assert_eq!(sent.body, png());
}

#[tokio::test]
async fn the_content_says_what_it_is_and_the_name_does_not() {
    for (name, bytes, media_type) in [
        ("a.jpg", png(), "image/png"),
        ("a.png", picture(ImageFormat::Jpeg, 8, 8), "image/jpeg"),
        ("noname", picture(ImageFormat::WebP, 8, 8), "image/webp"),
        ("a.png", b"only text".to_vec(), "application/octet-stream"),
        ("a.png", b"GIF89a\x01\x00\x01\x00".to_vec(), "image/gif"),
        ("a.jpg", include_bytes!("../fixtures/plain.avif").to_vec(), "image/avif"),
        ("a.avif", b"\0\0\0\x14ftypisom\0\0\0\0mp42".to_vec(), "application/octet-stream"),
    ] {
        let fal = Fal::start().await;
        fal.uploader().upload(&in_memory(name, bytes), &Progress::none()).await.unwrap();
        let sent = fal.requests(UPLOAD_PATH).await;
        assert_eq!(header(&sent[0], "content-type"), Some(media_type), "{name}");
    }
}

#[tokio::test]
async fn any_file_name_becomes_one_that_a_header_can_carry() {
    let folder = tempfile::tempdir().unwrap();
    for (name, sent_as) in [
        ("灯台 küste.png", "___k_ste.png"),
        ("🌊.png", "_.png"),
        ("a\r\nx-evil: 1.png", "a__x-evil__1.png"),
        ("semi;colon\"quote.png", "semi_colon_quote.png"),
    ] {
        let fal = Fal::start().await;
        let file = saved(folder.path(), name, &png());
        fal.uploader().upload(&Source::Path(file), &Progress::none()).await.unwrap();
        let sent = fal.requests(UPLOAD_PATH).await.remove(0);
        assert_eq!((header(&sent, "x-fal-file-name"), &sent.body), (Some(sent_as), &png()), "{name:?}");
        assert!(!sent.headers.contains_key("x-evil"));
    }
    let fal = Fal::start().await;
    fal.uploader().upload(&in_memory("../../private/secret.png", png()), &Progress::none()).await.unwrap();
    assert_eq!(header(&fal.requests(UPLOAD_PATH).await[0], "x-fal-file-name"), Some("secret.png"));
}

#[tokio::test]
async fn a_file_of_many_pieces_arrives_whole() {
    let (fal, folder) = (Fal::start().await, tempfile::tempdir().unwrap());
    let bytes: Vec<u8> = (0..700_000u32).flat_map(u32::to_le_bytes).collect();
    let file = saved(folder.path(), "large.bin", &bytes);
    let uploaded = fal.uploader().upload(&Source::Path(file), &Progress::none()).await.unwrap();
    let sent = fal.requests(UPLOAD_PATH).await.remove(0);
    assert_eq!(Some(ContentHash::of(&sent.body)), uploaded.content_hash);
    assert_eq!(Some(sent.body.len() as u64), uploaded.bytes);
}

#[tokio::test]
async fn one_token_serves_many_uploads_even_at_the_same_time() {
    let fal = Fal::start().await;
    let uploader = fal.uploader();
    let nobody = Progress::none();
    let (one, other) = (in_memory("1", png()), in_memory("2", picture(ImageFormat::Png, 5, 5)));
    let (one, other) = tokio::join!(uploader.upload(&one, &nobody), uploader.upload(&other, &nobody));
    assert_ne!(one.unwrap().url, other.unwrap().url);
    uploader.upload(&in_memory("3", picture(ImageFormat::Png, 6, 6)), &Progress::none()).await.unwrap();
    assert_eq!((fal.requests(TOKEN_PATH).await.len(), fal.requests(UPLOAD_PATH).await.len()), (1, 3));
}

#[tokio::test]
async fn a_token_that_is_about_to_end_or_has_no_end_that_can_be_read_is_used_once() {
    for expires_at in ["2020-01-01T00:00:00Z", "soon", "2026-01-01T00:00:00"] {
        let fal = Fal::bare().await;
        fal.answer(TOKEN_PATH, token(expires_at)).await;
        fal.take_files().await;
        let uploader = fal.uploader();
        for size in 1..=2 {
            uploader.upload(&in_memory("a", picture(ImageFormat::Png, size, size)), &Progress::none()).await.unwrap();
        }
        assert_eq!(fal.requests(TOKEN_PATH).await.len(), 2, "{expires_at}");
    }
}

#[tokio::test]
async fn nothing_that_is_printed_shows_a_token_or_an_address() {
    let fal = Fal::start().await;
    let uploader = fal.uploader();
    let uploaded = uploader.upload(&in_memory("a.png", png()), &Progress::none()).await.unwrap();
    let shown = format!("{uploader:?} {uploaded:?} {:?}", in_memory("a.png", b"s3cret".to_vec()));
    for secret in ["t0ken", "s3cret", "/files/1.png"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
