//! Files on their way: whole and in parts, by both of fal's ways, through faults, on the emulator.

use std::sync::{Arc, Mutex};

use fal_core::ErrorKind;
use fal_emulator::{Fault, FaultRule, Operation};
use fal_upload::{Error, Progress, Source, TransferConfig, Uploader};
use futures::future::join_all;
use serde_json::{Value, json};
use wiremock::matchers::{method, path, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::emulated::{SMALL, asked, client, emulator, noise, source, stored, uploader};
use crate::fal::{Fal, TOKEN_PATH, UPLOAD_PATH, token};

const NOBODY: fn() -> Progress = Progress::none;

/// How often each of the requests was made.
fn counted(asked: &[String]) -> Vec<(String, usize)> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for request in asked {
        match counts.iter_mut().find(|(known, _)| known == request) {
            Some((_, count)) => *count += 1,
            None => counts.push((request.clone(), 1)),
        }
    }
    counts
}

fn expected<const N: usize>(requests: [(&str, usize); N]) -> Vec<(String, usize)> {
    requests.map(|(request, count)| (request.to_owned(), count)).to_vec()
}

#[tokio::test]
async fn a_small_file_goes_in_one_request_and_a_large_one_in_parts() {
    for (length, requests) in [
        (2_000, expected([("POST token", 1), ("POST upload", 1), ("HEAD file", 1)])),
        (
            2_001,
            expected([
                ("POST token", 1),
                ("POST multipart", 1),
                ("PUT part", 3),
                ("POST complete", 1),
                ("HEAD file", 1),
            ]),
        ),
        (
            10_000,
            expected([
                ("POST token", 1),
                ("POST multipart", 1),
                ("PUT part", 10),
                ("POST complete", 1),
                ("HEAD file", 1),
            ]),
        ),
    ] {
        let emulator = emulator([]).await;
        let uploaded = uploader(&emulator, SMALL).upload(&source(&noise(length)), &NOBODY()).await.unwrap();
        assert_eq!(counted(&asked(&emulator)), requests);
        assert_eq!(stored(&client(&emulator), &uploaded.url).await, noise(length), "{length}");
        assert_eq!(emulator.files().len(), 1);
    }
}

#[tokio::test]
async fn where_one_way_does_not_work_the_other_does() {
    let down = |operation| FaultRule::new(Fault::Nginx502 { after_accept: false }).on(operation);
    for (length, fault, other) in [
        (1_500, down(Operation::Token), vec!["POST initiate", "PUT upload"]),
        (1_500, down(Operation::Upload).times(3), vec!["POST initiate", "PUT upload"]),
        (2_500, down(Operation::Token), vec!["POST initiate-multipart", "PUT part", "POST complete"]),
    ] {
        let emulator = emulator([fault]).await;
        let uploaded = uploader(&emulator, SMALL).upload(&source(&noise(length)), &NOBODY()).await.unwrap();
        assert_eq!(stored(&client(&emulator), &uploaded.url).await, noise(length));
        let asked = asked(&emulator);
        assert!(asked.contains(&other[0].to_owned()), "{asked:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_key_is_not_tried_another_way() {
    let emulator = fal_emulator::Emulator::builder().api_key("other:key").start().await.unwrap();
    let error = uploader(&emulator, SMALL).upload(&source(&noise(10)), &NOBODY()).await.unwrap_err();
    let Error::Fal { source, .. } = &error else { panic!("{error:?}") };
    assert_eq!(source.kind(), ErrorKind::Unauthorized);
    assert_eq!(asked(&emulator), ["POST token"]);
}

#[tokio::test]
async fn a_part_that_fails_is_sent_again_by_itself() {
    let faults = [
        FaultRule::new(Fault::ResetBeforeAccept).on(Operation::Part).times(1),
        FaultRule::new(Fault::Nginx503 { after_accept: false }).on(Operation::Part).times(1).skip(2),
    ];
    let emulator = emulator(faults).await;
    let uploaded = uploader(&emulator, SMALL).upload(&source(&noise(5_000)), &NOBODY()).await.unwrap();
    assert_eq!(stored(&client(&emulator), &uploaded.url).await, noise(5_000));
    let counts = counted(&asked(&emulator));
    assert!(counts.contains(&("PUT part".to_owned(), 7)), "{counts:?}");
    assert!(counts.contains(&("POST multipart".to_owned(), 1)), "{counts:?}");
}

#[tokio::test]
async fn progress_grows_to_the_whole() {
    let emulator = emulator([]).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let progress = {
        let told = Arc::clone(&told);
        Progress::to(move |arrived, of| told.lock().unwrap().push((arrived, of)))
    };
    let uploader = uploader(&emulator, SMALL);
    uploader.upload(&source(&noise(4_500)), &progress).await.unwrap();
    let told = std::mem::take(&mut *told.lock().unwrap());
    assert!(told.is_sorted() && told.iter().all(|(_, of)| *of == 4_500), "{told:?}");
    assert_eq!((told.first(), told.last(), told.len()), (Some(&(0, 4_500)), Some(&(4_500, 4_500)), 7));
}

#[tokio::test]
async fn fifty_callers_with_one_large_picture_make_one_upload() {
    let emulator = emulator([]).await;
    let uploader = uploader(&emulator, TransferConfig::default());
    let picture = source(&noise(20 << 20));
    let nobody = NOBODY();
    let all = join_all((0..50).map(|_| uploader.upload(&picture, &nobody))).await;
    let urls: Vec<_> = all.into_iter().map(|uploaded| uploaded.unwrap().url).collect();
    assert!(urls.iter().all(|url| *url == urls[0]));
    assert_eq!(emulator.files().len(), 1);
    let counts = counted(&asked(&emulator));
    assert!(counts.contains(&("POST multipart".to_owned(), 1)), "{counts:?}");
}

#[tokio::test]
async fn an_address_is_passed_on_as_it_is() {
    let emulator = emulator([]).await;
    let url = "https://example.com/still.png?signature=s3cret".to_owned();
    let source = Source::Url(url.clone());
    let uploaded = uploader(&emulator, SMALL).upload(&source, &NOBODY()).await.unwrap();
    assert_eq!((uploaded.url.as_str(), uploaded.content_hash, uploaded.bytes), (url.as_str(), None, None));
    assert!(asked(&emulator).is_empty());
    assert!(!format!("{source:?} {uploaded:?}").contains("s3cret"));
}

/// A fal that begins uploads in parts at this address.
async fn beginning_at(server: &MockServer, access_url: &str) {
    let begun = ResponseTemplate::new(200).set_body_json(json!({ "access_url": access_url, "uploadId": "u-1" }));
    Mock::given(path(TOKEN_PATH)).respond_with(token("2999-01-01T00:00:00Z")).mount(server).await;
    Mock::given(path("/files/upload/multipart")).respond_with(begun).mount(server).await;
}

#[tokio::test]
async fn the_list_of_parts_is_in_their_order_whatever_the_order_in_which_they_arrive() {
    let fal = Fal::bare().await;
    let access_url = format!("{}/files/a.bin", fal.server.uri());
    beginning_at(&fal.server, &access_url).await;
    let part = |request: &Request| {
        let number = request.url.path().rsplit('/').next().unwrap().to_owned();
        // The first ones take longest.
        let delay = std::time::Duration::from_millis(30 / number.parse::<u64>().unwrap());
        ResponseTemplate::new(200).insert_header("etag", format!("\"e{number}\"")).set_delay(delay)
    };
    Mock::given(method("PUT"))
        .and(path_regex("^/files/a.bin/multipart/u-1/[0-9]+$"))
        .respond_with(part)
        .mount(&fal.server)
        .await;
    let complete = "/files/a.bin/multipart/u-1/complete";
    Mock::given(path(complete)).respond_with(ResponseTemplate::new(200)).mount(&fal.server).await;
    let uploader = fal.uploader_with(SMALL);
    assert_eq!(uploader.upload(&source(&noise(4_200)), &NOBODY()).await.unwrap().url, access_url);
    let list: Value = serde_json::from_slice(&fal.requests(complete).await[0].body).unwrap();
    let entry = |number: u32| json!({ "partNumber": number, "etag": format!("\"e{number}\"") });
    assert_eq!(list["parts"], json!((1..=5).map(entry).collect::<Vec<_>>()));
}

#[tokio::test]
async fn a_part_that_stalls_is_given_up_and_sent_again() {
    let fal = Fal::bare().await;
    beginning_at(&fal.server, &format!("{}/files/a.bin", fal.server.uri())).await;
    let second = "/files/a.bin/multipart/u-1/2";
    let taken = || ResponseTemplate::new(200).insert_header("etag", "e");
    let stalled = Mock::given(path(second)).respond_with(taken().set_delay(std::time::Duration::from_secs(600)));
    stalled.up_to_n_times(1).mount(&fal.server).await;
    Mock::given(method("PUT")).respond_with(taken()).mount(&fal.server).await;
    Mock::given(path_regex("complete$")).respond_with(ResponseTemplate::new(200)).mount(&fal.server).await;
    let impatient = TransferConfig { patience: std::time::Duration::from_millis(300), ..SMALL };
    fal.uploader_with(impatient).upload(&source(&noise(4_200)), &NOBODY()).await.unwrap();
    assert_eq!(fal.requests(second).await.len(), 2);
}

#[tokio::test]
async fn a_token_goes_to_no_host_that_an_answer_names() {
    let (fal, stranger) = (Fal::bare().await, MockServer::start().await);
    beginning_at(&fal.server, &format!("{}/files/a.bin", stranger.uri())).await;
    let error = fal.uploader_with(SMALL).upload(&source(&noise(4_200)), &NOBODY()).await.unwrap_err();
    assert!(matches!(&error, Error::Fal { source, .. } if source.kind() == ErrorKind::UnexpectedAnswer), "{error:?}");
    assert!(stranger.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_upload_that_did_not_arrive_whole_is_not_used() {
    let fal = Fal::start().await;
    let short = ResponseTemplate::new(200).insert_header("content-length", "99");
    Mock::given(method("HEAD")).respond_with(short).mount(&fal.server).await;
    let uploader = fal.uploader_with(TransferConfig::default());
    for uploads in 1..=2 {
        let error = uploader.upload(&source(&noise(100)), &NOBODY()).await.unwrap_err();
        assert!(matches!(error, Error::Size { sent: 100, arrived: 99 }), "{error:?}");
        // It is not remembered either.
        assert_eq!(fal.requests(UPLOAD_PATH).await.len(), uploads);
    }
    let unchecked = fal.uploader_with(TransferConfig { verify: false, ..TransferConfig::default() });
    unchecked.upload(&source(&noise(100)), &NOBODY()).await.unwrap();
}
