//! What reaches the host, and what reaches the client.

use fal_emulator::HostClass;
use fal_emulator::record::{Recorder, Upstreams};
use serde_json::{Value, json};

use crate::client::{Caller, KEY, KLING};
use crate::record::raw_host::RawHost;
use crate::record::{exchanges, recorder, replay};

/// A submit by a client that repeats nothing either.
async fn submit(queue: &str) -> reqwest::Result<reqwest::Response> {
    let client = reqwest::Client::builder().no_proxy().retry(reqwest::retry::never()).build().expect("builds");
    client.post(format!("{queue}/{KLING}")).json(&json!({ "prompt": "zoom in" })).send().await
}

#[tokio::test]
async fn a_submit_is_sent_once_even_where_the_host_closes_without_an_answer() {
    let answered = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    // The second time, on a connection that has served before.
    for answers in [&[""][..], &[answered, ""]] {
        let folder = tempfile::tempdir().expect("is made");
        let host = RawHost::answering_in_turn(answers).await;
        let recorder = recorder(&host.url, folder.path()).await;
        let asked_in_turn = async |queue: &str| {
            for _ in &answers[1..] {
                assert_eq!(submit(queue).await.expect("is answered").status(), 200);
            }
            let error = submit(queue).await.expect_err("is not answered");
            assert!(
                error.is_request() && !error.is_connect(),
                "what the client would have seen at the host: {error:?}"
            );
        };
        asked_in_turn(&recorder.urls().queue).await;
        assert_eq!(host.seen().len(), answers.len());
        assert_eq!(recorder.stop().await.expect("writes all"), answers.len());
        let lost = exchanges(folder.path()).pop().expect("is there");
        assert_eq!((&lost["cut"], lost.get("answer")), (&json!(true), None));
        assert_eq!(lost["request"]["body"]["json"], json!({ "prompt": "zoom in" }));
        asked_in_turn(&replay(folder.path()).await.urls().queue).await;
    }
}

#[tokio::test]
async fn an_answer_that_the_host_breaks_off_is_kept_with_what_arrived_and_broken_off_again() {
    for content_type in ["application/json", "video/mp4", "text/event-stream"] {
        let folder = tempfile::tempdir().expect("is made");
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: 1000\r\n\r\n");
        let host = RawHost::answering(head + "{\"half\":").await;
        let recorder = recorder(&host.url, folder.path()).await;
        let hear = async |url: &str| {
            let mut answer = Caller::new().get(&format!("{url}/file")).await;
            assert_eq!(answer.headers()["content-type"], content_type);
            let mut heard = Vec::new();
            while let Ok(piece) = answer.chunk().await {
                heard.extend(piece.unwrap_or_else(|| panic!("{content_type} must not end well")));
            }
            String::from_utf8(heard).expect("is text")
        };
        assert_eq!(hear(&recorder.urls().cdn).await, "{\"half\":", "{content_type}");
        recorder.stop().await.expect("writes all");
        let [cut] = exchanges(folder.path()).try_into().expect("is one");
        assert_eq!(cut["cut"], true, "{content_type}");
        let body = &cut["answer"]["body"];
        let kept = if body["events"].is_array() { &body["events"][0]["text"] } else { &body["text"] };
        assert_eq!(kept, "{\"half\":", "{content_type}");
        let replay = replay(folder.path()).await;
        assert_eq!(hear(&replay.urls().cdn).await, "{\"half\":", "{content_type}");
    }
}

#[tokio::test]
async fn an_exchange_that_the_client_leaves_is_kept_as_cut() {
    let folder = tempfile::tempdir().expect("is made");
    let head = "HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: 1000\r\n\r\nfirst";
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let host = format!("http://{}", listener.local_addr().expect("is bound"));
    let open = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt;
        let (mut stream, _) = listener.accept().await.expect("comes");
        stream.write_all(head.as_bytes()).await.expect("is written");
        stream
    });
    let recorder = recorder(&host, folder.path()).await;
    let mut answer = Caller::new().get(&format!("{}/video.mp4", recorder.urls().cdn)).await;
    assert_eq!(answer.chunk().await.expect("arrives").as_deref(), Some(&b"first"[..]));
    drop(answer);
    assert_eq!(recorder.stop().await.expect("writes all"), 1);
    let [left] = exchanges(folder.path()).try_into().expect("is one");
    assert_eq!((&left["cut"], &left["answer"]["body"]["text"]), (&json!(true), &json!("first")));
    drop(open);
}

#[tokio::test]
async fn headers_of_one_connection_stay_on_it_and_the_others_go_on() {
    let folder = tempfile::tempdir().expect("is made");
    let host = RawHost::answering(
        "HTTP/1.1 200 OK\r\nconnection: close, x-hop\r\nx-hop: 1\r\nkeep-alive: timeout=5\r\nproxy-authenticate: Basic\r\n\
         trailer: x\r\nupgrade: h2c\r\nx-fal-request-id: id\r\nx-other: kept\r\nset-cookie: a=b\r\ncontent-length: 2\r\n\r\nok",
    )
    .await;
    let recorder = recorder(&host.url, folder.path()).await;
    let answer = Caller::new()
        .http
        .get(format!("{}/x?b=%2f&a=1", recorder.urls().queue))
        .header("connection", "x-private")
        .header("x-private", "1")
        .header("te", "trailers")
        .header("proxy-authorization", "Basic x")
        .header("accept-encoding", "gzip")
        .header("x-app-fal-disable-fallback", "1")
        .header("user-agent", "test")
        .send()
        .await
        .expect("answers");
    let names: Vec<&str> = answer.headers().keys().map(|name| name.as_str()).collect();
    for (name, is_there) in [
        ("x-fal-request-id", true),
        ("x-other", true),
        ("set-cookie", true),
        ("x-hop", false),
        ("keep-alive", false),
        ("proxy-authenticate", false),
        ("trailer", false),
        ("upgrade", false),
    ] {
        assert_eq!(names.contains(&name), is_there, "{name} in {names:?}");
    }
    assert_eq!(answer.text().await.expect("arrives"), "ok");
    let sent = host.seen().remove(0).to_lowercase();
    assert!(sent.starts_with("get /x?b=%2f&a=1 http/1.1\r\n"), "{sent}");
    for (line, is_there) in [
        ("accept-encoding: identity", true),
        ("x-app-fal-disable-fallback: 1", true),
        ("user-agent: test", true),
        (&format!("host: {}", host.url.trim_start_matches("http://")), true),
        ("x-private", false),
        ("te:", false),
        ("proxy-authorization", false),
        ("gzip", false),
    ] {
        assert_eq!(sent.contains(line), is_there, "{line} in {sent}");
    }
}

#[tokio::test]
async fn the_key_goes_to_hosts_that_take_credentials_and_to_no_other() {
    let folder = tempfile::tempdir().expect("is made");
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (queue, further, storage) =
        (RawHost::answering(answer).await, RawHost::answering(answer).await, RawHost::answering(answer).await);
    let upstream =
        Upstreams::fal().with(HostClass::Queue, &queue.url).with_further_cdn(&further.url).with_storage(&storage.url);
    let recorder = Recorder::builder().upstream(upstream).folder(folder.path()).start().await.expect("starts");
    let caller = Caller::new();
    let cdn = |host: &RawHost| format!("{}/~{}", recorder.urls().cdn, host.url.trim_start_matches("http://"));
    caller.get(&format!("{}/x", recorder.urls().queue)).await;
    caller.get(&format!("{}/x", cdn(&further))).await;
    let put = caller.http.put(format!("{}/x?X-Goog-Signature=a", cdn(&storage)));
    let put = put.header("authorization", format!("Key {KEY}")).header("x-fal-key", KEY).header("cookie", "a=b");
    assert_eq!(put.body("file").send().await.expect("answers").status(), 200);
    let elsewhere = caller.get(&format!("{}/~127.0.0.1:1/x", recorder.urls().cdn)).await;
    assert_eq!(elsewhere.status(), 404, "the recorder is no open proxy");
    let none = caller.get(&recorder.urls().queue.replace("/queue", "/x")).await;
    assert_eq!(none.status(), 404);

    assert!(queue.seen()[0].contains(KEY) && further.seen()[0].contains(KEY));
    let stored = storage.seen().remove(0);
    assert!(stored.starts_with("PUT /x?X-Goog-Signature=a ") && stored.ends_with("file"), "{stored}");
    assert!(!stored.contains("key-secret") && !stored.contains("cookie"), "{stored}");
}

#[tokio::test]
async fn a_host_that_cannot_be_reached_is_told_apart_from_one_that_gives_no_answer() {
    let folder = tempfile::tempdir().expect("is made");
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let url = format!("http://{}", closed.local_addr().expect("is bound"));
    drop(closed);
    let recorder = recorder(&url, folder.path()).await;
    let answer = Caller::new().post(&format!("{}/{KLING}", recorder.urls().queue), &json!({})).await;
    assert_eq!(answer.status(), 502);
    assert!(
        answer.json::<Value>().await.expect("is JSON")["detail"]
            .as_str()
            .is_some_and(|it| it.contains("nothing was sent"))
    );
    assert_eq!(recorder.stop().await.expect("has nothing to write"), 0);
}

#[tokio::test]
async fn addresses_are_the_recorders_for_the_client_and_real_for_the_host() {
    let folder = tempfile::tempdir().expect("is made");
    let host = RawHost::answering(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: 171\r\nconnection: close\r\n\
         location: https://v3b.fal.media/there\r\n\r\n\
         {\"z\":1.0,\"video\":{\"url\":\"https:\\/\\/v3b.fal.media\\/files\\/b\\/x.mp4\"},\"text\":\"at https://rest.fal.ai, or\",\
         \"docs\":\"https://docs.fal.ai/errors\",\"a\":\"https://fal.runner.org\"}  ",
    )
    .await;
    let recorder = recorder(&host.url, folder.path()).await;
    let urls = recorder.urls().clone();
    let input =
        json!({ "image_url": format!("{}/~v3b.fal.media/x.png", urls.cdn), "prompt": format!("see {}", urls.rest) });
    let at = reqwest::Url::parse_with_params(&format!("{}/x", urls.queue), [("url", format!("{}/y z", urls.run))]);
    let answer = Caller::new().post(at.expect("is a URL").as_str(), &input).await;
    assert_eq!(answer.headers()["location"], format!("{}/~v3b.fal.media/there", urls.cdn));
    let expected = format!(
        "{{\"z\":1.0,\"video\":{{\"url\":\"{}/~v3b.fal.media/files/b/x.mp4\"}},\"text\":\"at {}, or\",\
         \"docs\":\"https://docs.fal.ai/errors\",\"a\":\"https://fal.runner.org\"}}  ",
        urls.cdn, urls.rest
    );
    assert_eq!(answer.text().await.expect("arrives"), expected);
    let sent = host.seen().remove(0);
    assert!(sent.starts_with("POST /x?url=https%3A%2F%2Ffal.run%2Fy+z "), "{sent}");
    let sent: Value = serde_json::from_str(sent.split("\r\n\r\n").nth(1).expect("has a body")).expect("is JSON");
    assert_eq!(sent, json!({ "image_url": "https://v3b.fal.media/x.png", "prompt": "see https://rest.fal.ai" }));
    recorder.stop().await.expect("writes all");
    let [written] = exchanges(folder.path()).try_into().expect("is one");
    assert_eq!(written["request"]["query"], "url=%7Brun%7D%2Fy+z");
    assert_eq!(written["request"]["body"]["json"]["image_url"], "{cdn}/~v3b.fal.media/x.png");
    assert_eq!(written["answer"]["headers"]["location"], "{cdn}/~v3b.fal.media/there");
    assert_eq!(written["answer"]["body"]["json"]["video"]["url"], "{cdn}/~v3b.fal.media/files/b/x.mp4");
    assert_eq!(written["unknown_hosts"], json!(["docs.fal.ai", "fal.runner.org"]));
}

#[tokio::test]
async fn a_head_request_and_a_bodiless_answer_are_whole_exchanges() {
    let folder = tempfile::tempdir().expect("is made");
    let host = RawHost::answering(
        "HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: 10\r\nconnection: close\r\n\r\n",
    )
    .await;
    let recorder = recorder(&host.url, folder.path()).await;
    let head = async |url: &str| {
        let answer = Caller::new().http.head(format!("{url}/x.mp4")).send().await.expect("answers");
        (answer.status().as_u16(), answer.headers()["content-length"].clone())
    };
    assert_eq!(head(&recorder.urls().cdn).await, (200, "10".parse().expect("is a value")));
    recorder.stop().await.expect("writes all");
    let [written] = exchanges(folder.path()).try_into().expect("is one");
    assert_eq!(written.get("cut"), None);
    let replay = replay(folder.path()).await;
    assert_eq!(head(&replay.urls().cdn).await, (200, "10".parse().expect("is a value")));
}
