//! Paths, headers and bodies, both ways.

use fal_core::{FalApi, QueueStatus};
use serde_json::json;
use wiremock::matchers::{any, method, path, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::fal_at::{accepted, client, endpoint, input};

const SUBMIT: &str = "/fal-ai/kling-video/v2.1/standard/image-to-video";
const REQUEST: &str = "/fal-ai/kling-video/requests/r-1";

async fn server_answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

async fn only_request(server: &MockServer) -> Request {
    let mut requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    requests.remove(0)
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers.get(name).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_submit_is_a_post_of_the_input_as_it_is() {
    let server = server_answering(ResponseTemplate::new(200).set_body_json(json!({ "request_id": "r-1" }))).await;
    // Numbers, nesting and characters beyond ASCII arrive as they were written.
    let input = json!({ "prompt": "Möwen über dem Kliff 🌊 \"slowly\"", "cfg_scale": 0.5, "seed": u64::MAX, "x": { "y": [null, 1e-7] } });
    client(&server.uri()).submit(&endpoint(), &input, &Default::default()).await.unwrap();

    let request = only_request(&server).await;
    assert_eq!((request.method.as_str(), request.url.path(), request.url.query()), ("POST", SUBMIT, None));
    assert_eq!(request.body, input.to_string().into_bytes());
    assert_eq!(header(&request, "authorization"), Some("Key key-id:s3cret"));
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert!(header(&request, "user-agent").is_some_and(|agent| agent.starts_with("fal-core/")));
}

#[tokio::test]
async fn an_accepted_request_has_the_addresses_that_fal_gave_it() {
    let server = MockServer::start().await;
    // fal may serve a request under another name of the model.
    let base = format!("{}/fal-ai/kling/requests/r-1", server.uri());
    let body = json!({ "status": "IN_QUEUE", "request_id": "r-1", "response_url": base, "queue_position": 0,
        "status_url": format!("{base}/status"), "cancel_url": format!("{base}/cancel"), "logs": null, "metrics": {} });
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(200).set_body_json(body)).mount(&server).await;
    let handle = client(&server.uri()).submit(&endpoint(), &input(), &Default::default()).await.unwrap();
    assert_eq!(handle.endpoint_id, endpoint().as_str());
    assert_eq!((handle.request_id, &handle.response_url), ("r-1".to_owned(), &base));
    assert_eq!(handle.status_url, format!("{base}/status"));
    assert_eq!(handle.cancel_url, format!("{base}/cancel"));
}

#[tokio::test]
async fn status_and_result_leave_the_path_behind_the_alias_out() {
    let server = MockServer::start().await;
    let queued = ResponseTemplate::new(202).set_body_json(json!({ "status": "IN_QUEUE", "queue_position": 2 }));
    Mock::given(method("GET"))
        .and(path(format!("{REQUEST}/status")))
        .and(query_param("logs", "1"))
        .respond_with(queued)
        .mount(&server)
        .await;
    let output = ResponseTemplate::new(200).set_body_json(json!({ "video": { "url": "https://x/v.mp4" } }));
    Mock::given(method("GET")).and(path(REQUEST)).respond_with(output).mount(&server).await;

    let client = client(&server.uri());
    let handle = accepted(&client);
    assert_eq!(client.status(&handle).await.unwrap(), QueueStatus::InQueue { position: Some(2) });
    assert_eq!(client.result(&handle).await.unwrap().payload["video"]["url"], "https://x/v.mp4");
    for request in server.received_requests().await.unwrap() {
        assert_eq!(header(&request, "authorization"), Some("Key key-id:s3cret"), "{}", request.url);
        assert_eq!(request.url.query().unwrap_or_default().len(), if request.url.path() == REQUEST { 0 } else { 6 });
        assert!(request.body.is_empty());
    }
}

#[tokio::test]
async fn a_host_may_be_below_a_path() {
    let server = server_answering(ResponseTemplate::new(200).set_body_json(json!({ "request_id": "r-1" }))).await;
    let handle = client(&format!("{}/proxy/queue/", server.uri()))
        .submit(&endpoint(), &input(), &Default::default())
        .await
        .unwrap();
    assert_eq!(only_request(&server).await.url.path(), format!("/proxy/queue{SUBMIT}"));
    assert_eq!(handle.status_url, format!("{}/proxy/queue{REQUEST}/status", server.uri()));
}

#[tokio::test]
async fn all_three_statuses_come_with_their_details() {
    let line = |text: &str| json!({ "timestamp": "2024-12-20T15:37:17.120314", "message": text, "level": "INFO" });
    let messages = |status: QueueStatus| match status {
        QueueStatus::InProgress { logs } | QueueStatus::Completed { logs, .. } => {
            logs.into_iter().map(|log| (log.message, log.level)).collect::<Vec<_>>()
        }
        _ => Vec::new(),
    };
    let level = Some("INFO".to_owned());
    for (code, body, expected) in [
        (202, json!({ "status": "IN_PROGRESS", "logs": [line("37%")] }), vec![("37%".to_owned(), level.clone())]),
        (200, json!({ "status": "COMPLETED", "logs": [line("done")] }), vec![("done".to_owned(), level)]),
        (200, json!({ "status": "COMPLETED", "logs": null, "metrics": { "inference_time": 126.7 } }), vec![]),
    ] {
        let server = server_answering(ResponseTemplate::new(code).set_body_json(body)).await;
        let client = client(&server.uri());
        assert_eq!(messages(client.status(&accepted(&client)).await.unwrap()), expected);
    }
    let failed = json!({ "status": "COMPLETED", "error": "Invalid status code: 422", "error_type": "x" });
    let server = server_answering(ResponseTemplate::new(200).set_body_json(failed)).await;
    let client = client(&server.uri());
    let status = client.status(&accepted(&client)).await.unwrap();
    let QueueStatus::Completed { error: Some(failure), .. } = status else { panic!("{status:?}") };
    assert_eq!((failure.message.as_str(), failure.error_type), ("Invalid status code: 422", Some("x".into())));
}

#[tokio::test]
async fn billable_units_are_exact_and_unknown_when_they_cannot_be_read() {
    for (header, units) in [
        (Some("5"), Some("5")),
        (Some("2.26666667"), Some("2.26666667")),
        (Some(" 0 "), Some("0")),
        (Some("rubbish"), None),
        (Some(""), None),
        (Some("NaN"), None),
        (None, None),
    ] {
        let plain = ResponseTemplate::new(200).set_body_json(json!({}));
        let answer = header.iter().fold(plain, |answer, units| answer.insert_header("x-fal-billable-units", *units));
        let server = server_answering(answer).await;
        let client = client(&server.uri());
        let output = client.result(&accepted(&client)).await.unwrap();
        assert_eq!(output.billable_units.map(|units| units.to_string()).as_deref(), units, "{header:?}");
    }
}

#[tokio::test]
async fn a_handle_survives_being_stored() {
    let server = server_answering(ResponseTemplate::new(202).set_body_json(json!({ "status": "IN_QUEUE" }))).await;
    let stored = serde_json::to_string(&accepted(&client(&server.uri()))).unwrap();
    let another_process = client(&server.uri());
    another_process.status(&serde_json::from_str(&stored).unwrap()).await.unwrap();
    assert_eq!(only_request(&server).await.url.path(), format!("{REQUEST}/status"));
}
