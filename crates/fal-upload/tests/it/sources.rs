//! Readers and data URIs.

use std::pin::Pin;
use std::task::{Context, Poll};

use data_encoding::BASE64;
use fal_upload::{FileProblem, PictureFormat, Progress, Source, Uploader, inspect};
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf, repeat};

use crate::fal::{Fal, UPLOAD_PATH, header};
use crate::files::problem;
use crate::pictures::{in_memory, png};

#[tokio::test]
async fn what_a_reader_has_is_a_file_like_any_other() {
    let fal = Fal::start().await;
    let uploader = fal.uploader();
    let bytes = png();
    let source = Source::read("in/still.png", bytes.as_slice(), bytes.len() as u64).await.unwrap();
    let facts = inspect(&source).await.unwrap();
    assert_eq!((facts.format, facts.bytes), (PictureFormat::Png, bytes.len() as u64));
    let first = uploader.upload(&source, &Progress::none()).await.unwrap();
    let requests = fal.requests(UPLOAD_PATH).await;
    assert_eq!((&requests[0].body, header(&requests[0], "x-fal-file-name")), (&bytes, Some("still.png")));
    // Each reading begins at the beginning, and the content alone counts.
    for again in [source.clone(), in_memory("other", bytes)] {
        let again = uploader.upload(&again, &Progress::none()).await.unwrap();
        assert_eq!((again.cached, again.url), (true, first.url.clone()));
    }
}

#[tokio::test]
async fn the_copy_of_a_reader_is_deleted_with_its_last_clone() {
    let source = Source::read("still.png", png().as_slice(), 1 << 20).await.unwrap();
    let Source::Spool(spool) = &source else { panic!("{source:?}") };
    let file = spool.path().to_owned();
    let clone = source.clone();
    assert_eq!(source, clone);
    drop(source);
    assert!(file.exists());
    drop(clone);
    assert!(!file.exists());
}

/// Gives some bytes and then fails.
struct Broken(u64);

impl AsyncRead for Broken {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        if self.0 == 0 {
            return Poll::Ready(Err(std::io::Error::other("the other side hung up")));
        }
        self.0 -= 1;
        buffer.put_slice(b"x");
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn a_reader_that_cannot_be_used_is_named_with_its_problem() {
    let within = Source::read("a", repeat(7).take(1000), 1000).await;
    assert!(within.is_ok());
    for (result, expected) in [
        (Source::read("a.png", repeat(7).take(1001), 1000).await, FileProblem::TooLarge { limit: 1000 }),
        // It never ends.
        (Source::read("a.png", repeat(7), 3 << 20).await, FileProblem::TooLarge { limit: 3 << 20 }),
        (Source::read("a.png", tokio::io::empty(), 1000).await, FileProblem::Empty),
        (Source::read("a.png", Broken(0), 1000).await, FileProblem::Unreadable),
        (Source::read("a.png", Broken(500), 1000).await, FileProblem::Unreadable),
    ] {
        let error = result.unwrap_err();
        assert_eq!(problem(&error), expected);
        assert!(error.to_string().starts_with("a.png "), "{error}");
    }
    let error = Source::read("a.png", repeat(7), 3 << 20).await.unwrap_err();
    assert_eq!(error.to_string(), "a.png is larger than 3 MiB");
}

#[test]
fn a_data_uri_is_the_bytes_it_holds() {
    let bytes = png();
    let base64 = BASE64.encode(&bytes);
    let percent: String = bytes.iter().map(|byte| format!("%{byte:02X}")).collect();
    for uri in [
        format!("data:image/png;base64,{base64}"),
        format!("DATA:text/plain;charset=utf-8;base64,{base64}"),
        format!("data:;base64,{}", base64.trim_end_matches('=')),
        format!(" data:image/png;base64,{}\n", base64.replace('A', "\nA")),
        format!("data:,{percent}"),
    ] {
        let source = Source::data_uri("still", &uri, bytes.len() as u64).unwrap();
        assert_eq!(source, in_memory("still", bytes.clone()), "{uri}");
    }
}

#[test]
fn a_data_uri_that_cannot_be_used_is_not_repeated() {
    for (uri, expected) in [
        ("", FileProblem::NotADataUri),
        ("s3cret.png", FileProblem::NotADataUri),
        ("https://example.com/?s3cret", FileProblem::NotADataUri),
        ("data:image/s3cret;base64", FileProblem::NotADataUri),
        ("data:image/png;base64,s3cret!", FileProblem::NotADataUri),
        ("data:image/png;base64,s3cre", FileProblem::NotADataUri),
        ("data:image/s3cret;base64,", FileProblem::Empty),
        ("data:,s3cret%20s3cret", FileProblem::TooLarge { limit: 12 }),
        ("data:;base64,czNjcmV0czNjcmV0czNjcmV0", FileProblem::TooLarge { limit: 12 }),
    ] {
        let error = Source::data_uri("still", uri, 12).unwrap_err();
        assert_eq!(error.problem(), expected, "{uri}");
        let said = format!("{error} {error:?}");
        assert!(said.contains("still") && !said.contains("s3cret") && !said.contains("czNj"), "{said}");
    }
}
