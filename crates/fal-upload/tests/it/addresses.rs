//! What is found out about an address before fal is sent there.

use fal_core::{Credentials, FalClient, FalConfig, RetryPolicy, TransportConfig};
use fal_upload::{FileProblem, PictureFormat, UrlFacts, look_at};
use image::ImageFormat;
use wiremock::matchers::{any, method};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::fal::Fal;
use crate::files::problem;
use crate::pictures::{picture, turned_jpeg};

/// A server that knows ranges, has this file, and answers HEAD.
async fn has(bytes: Vec<u8>, media_type: &'static str) -> Fal {
    let fal = Fal::bare().await;
    let head = ResponseTemplate::new(200).set_body_raw(bytes.clone(), media_type);
    Mock::given(method("HEAD")).respond_with(head).mount(&fal.server).await;
    Mock::given(method("GET")).respond_with(part(bytes, media_type)).mount(&fal.server).await;
    fal
}

fn part(bytes: Vec<u8>, media_type: &'static str) -> impl Fn(&Request) -> ResponseTemplate {
    move |request| {
        let range = request.headers["range"].to_str().unwrap();
        let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
        let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
        let end = bytes.len().min(last + 1);
        let range = format!("bytes {first}-{}/{}", end - 1, bytes.len());
        ResponseTemplate::new(206)
            .insert_header("content-range", range)
            .set_body_raw(bytes[first..end].to_vec(), media_type)
    }
}

async fn look(fal: &Fal) -> UrlFacts {
    look_at(&fal.client(), &fal.file(1)).await.unwrap()
}

async fn asked(fal: &Fal) -> Vec<String> {
    let requests = fal.server.received_requests().await.unwrap();
    assert!(requests.iter().all(|request| !request.headers.contains_key("authorization")));
    requests.iter().map(|request| request.method.to_string()).collect()
}

#[tokio::test]
async fn a_picture_is_known_by_its_first_bytes_whatever_it_is_called() {
    let jpeg = [turned_jpeg(60, 40), vec![0; 300_000]].concat();
    let size = jpeg.len() as u64;
    for media_type in ["image/png; charset=binary", "application/octet-stream", ""] {
        let fal = has(jpeg.clone(), media_type).await;
        let facts = look(&fal).await;
        let picture = facts.picture.unwrap();
        assert_eq!((picture.format, picture.displayed(), picture.bytes), (PictureFormat::Jpeg, (40, 60), size));
        assert_eq!(facts.bytes, Some(size));
        assert_eq!(facts.media_type.as_deref(), media_type.split(';').next().filter(|told| !told.is_empty()));
        assert_eq!(asked(&fal).await, ["HEAD", "GET"]);
    }
}

#[tokio::test]
async fn what_is_told_to_be_something_else_is_not_read() {
    let fal = has(vec![7; 2000], "Text/HTML; charset=utf-8").await;
    let facts = look(&fal).await;
    assert_eq!((facts.media_type.as_deref(), facts.bytes, facts.picture), (Some("text/html"), Some(2000), None));
    assert_eq!(asked(&fal).await, ["HEAD"]);
}

#[tokio::test]
async fn where_head_is_refused_the_file_itself_is_asked_for() {
    for status in [401, 403, 404, 405, 501] {
        let (fal, png) = (Fal::bare().await, picture(ImageFormat::Png, 9, 7));
        Mock::given(method("HEAD")).respond_with(ResponseTemplate::new(status)).mount(&fal.server).await;
        Mock::given(method("GET")).respond_with(part(png.clone(), "image/png")).mount(&fal.server).await;
        let facts = look(&fal).await;
        assert_eq!(facts.picture.unwrap().displayed(), (9, 7), "{status}");
        assert_eq!(facts.bytes, Some(png.len() as u64));
    }
}

#[tokio::test]
async fn of_a_server_that_knows_no_ranges_the_beginning_is_read_and_the_rest_left() {
    let fal = Fal::bare().await;
    let whole = [picture(ImageFormat::Png, 9, 7), vec![0; 30 << 20]].concat();
    let size = whole.len() as u64;
    let answer = ResponseTemplate::new(200).set_body_raw(whole, "image/png");
    Mock::given(method("GET")).respond_with(answer).mount(&fal.server).await;
    let facts = look(&fal).await;
    assert_eq!((facts.picture.unwrap().displayed(), facts.bytes), ((9, 7), Some(size)));
}

#[tokio::test]
async fn a_header_that_goes_on_beyond_the_beginning_is_not_guessed_at() {
    let png = picture(ImageFormat::Png, 9, 7);
    let text = [&70_000_u32.to_be_bytes()[..], b"tEXt", &[b'a'; 70_004]].concat();
    let fal = has([&png[..33], &text, &png[33..]].concat(), "image/png").await;
    let facts = look(&fal).await;
    assert_eq!((facts.media_type.as_deref(), facts.picture), (Some("image/png"), None));
}

#[tokio::test]
async fn a_file_that_is_not_there_says_why_and_not_where() {
    for (answer, expected) in [
        (ResponseTemplate::new(404), FileProblem::Refused { status: 404 }),
        (ResponseTemplate::new(403).set_body_string("s1gned"), FileProblem::Refused { status: 403 }),
        (ResponseTemplate::new(500), FileProblem::Refused { status: 500 }),
        (ResponseTemplate::new(301).insert_header("location", "http://10.0.0.1/s1gned"), FileProblem::Moved),
        (ResponseTemplate::new(307), FileProblem::Moved),
        (ResponseTemplate::new(416), FileProblem::Empty),
        (ResponseTemplate::new(200), FileProblem::Empty),
    ] {
        let fal = Fal::bare().await;
        Mock::given(any()).respond_with(answer).mount(&fal.server).await;
        let error = look_at(&fal.client(), &format!("{}?signature=s1gned", fal.file(1))).await.unwrap_err();
        assert_eq!(problem(&error), expected);
        assert!(!format!("{error} {error:?}").contains("s1gned"), "{error:?}");
    }
}

#[tokio::test]
async fn nobody_is_asked_in_the_clear_or_in_a_private_network() {
    let (fal, stranger) = (Fal::start().await, MockServer::start().await);
    let client = fal.client();
    let port = stranger.address().port();
    for address in [
        stranger.uri(),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
        "https://169.254.169.254/".to_owned(),
        "http://example.com/still.png".to_owned(),
        "ftp://example.com/still.png".to_owned(),
        "file:///etc/passwd".to_owned(),
        "still.png".to_owned(),
        String::new(),
    ] {
        let error = look_at(&client, &address).await.unwrap_err();
        assert_eq!(problem(&error), FileProblem::Forbidden, "{address}");
    }
    assert!(stranger.received_requests().await.unwrap().is_empty());
}

/// A client of fal's own hosts that may go into private networks, and asks once.
fn anywhere() -> FalClient {
    let transport = TransportConfig { private_networks: true, ..TransportConfig::default() };
    let once = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
    let config = FalConfig::new(Credentials::key("key-id:s3cret").unwrap());
    FalClient::new(config.with_transport(transport).with_retry(once)).unwrap()
}

#[tokio::test]
async fn private_networks_can_be_allowed_and_nobody_at_home_is_told() {
    let png = picture(ImageFormat::Png, 9, 7);
    let stranger = has(png, "image/png").await;
    assert_eq!(look_at(&anywhere(), &stranger.file(1)).await.unwrap().picture.unwrap().displayed(), (9, 7));
    assert_eq!(asked(&stranger).await, ["HEAD", "GET"]);
}

#[tokio::test]
async fn where_nobody_answers_it_is_said_so() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let client = anywhere();
    let error = look_at(&client, &format!("http://{closed}/still.png")).await.unwrap_err();
    assert_eq!(problem(&error), FileProblem::Unreachable);
    assert!(std::error::Error::source(&error).is_some());
    assert_eq!(client.breakers().snapshot(), [], "it says nothing about fal");
}
