//! Uploads in parts, the way of each official client, and everything that can go wrong on it.

use fal_emulator::Emulator;
use futures::future::join_all;
use reqwest::Response;
use serde_json::{Value, json};

use super::{DAY, LIFECYCLE, TEXT, json_of, names, on, pass, text, until};
use crate::client::{Caller, fast};

/// An upload that was begun by token.
struct Upload<'a> {
    caller: &'a Caller,
    bearer: String,
    access_url: String,
    id: String,
}

impl<'a> Upload<'a> {
    async fn begin(caller: &'a Caller, emulator: &Emulator) -> Self {
        let bearer = caller.bearer(emulator).await;
        let request = caller.http.post(format!("{}/files/upload/multipart", emulator.urls().cdn));
        let request = request
            .header("authorization", &bearer)
            .header("content-type", "application/x-test")
            .header("x-fal-file-name", "big.bin")
            .header(LIFECYCLE, r#"{"expiration_duration_seconds":604800}"#);
        let begun = json_of(request.send().await.expect("answers"), 200).await;
        let (access_url, id) = (text(&begun, "access_url").to_owned(), text(&begun, "uploadId").to_owned());
        Self { caller, bearer, access_url, id }
    }

    fn at(&self, last: &str) -> String {
        format!("{}/multipart/{}/{last}", self.access_url, self.id)
    }

    async fn put(&self, number: impl ToString, bytes: &[u8]) -> Response {
        let request = self.caller.http.put(self.at(&number.to_string())).header("authorization", &self.bearer);
        request.body(bytes.to_vec()).send().await.expect("answers")
    }

    /// Sends a part, and gives what the list at the end says of it.
    async fn part(&self, number: u32, bytes: &[u8]) -> Value {
        let answer = self.put(number, bytes).await;
        let etag = answer.headers()["etag"].to_str().expect("is text").to_owned();
        let part = json_of(answer, 200).await;
        assert_eq!(part, json!({ "partNumber": number, "etag": etag }), "header and body agree");
        part
    }

    async fn complete(&self, parts: &[&Value]) -> Response {
        let request = self.caller.http.post(self.at("complete")).header("authorization", &self.bearer);
        request.json(&json!({ "parts": parts })).send().await.expect("answers")
    }
}

#[tokio::test]
async fn parts_that_arrive_and_are_listed_in_any_order_become_one_file() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    let upload = Upload::begin(&caller, &emulator).await;
    let pieces: Vec<Vec<u8>> = (1..=12_u8).map(|n| vec![n; 100_000 * usize::from(n)]).collect();
    let numbered = pieces.iter().zip(1..);
    let parts = join_all(numbered.map(|(bytes, number)| upload.part(number, bytes))).await;
    assert!(emulator.files().is_empty() && emulator.uploads() == 0, "nothing is there yet");
    assert_eq!(caller.status(&upload.access_url).await, 404);

    let list: Vec<&Value> = parts[5..].iter().chain(&parts[..5]).collect();
    json_of(upload.complete(&list).await, 200).await;
    let file = caller.http.get(&upload.access_url).send().await.expect("answers");
    assert_eq!(file.headers()["content-type"], "application/x-test");
    assert!(file.bytes().await.expect("arrives") == pieces.concat());
    let files = emulator.files();
    assert_eq!((emulator.uploads(), files.len(), files[0].name.as_str()), (1, 1, "big.bin"));
    assert_eq!(files[0].expires_at.expect("ends").duration_since(files[0].uploaded_at).as_secs(), 604_800);
    assert!(names(folder.path(), "scratch").is_empty(), "the parts are cleaned up");
}

#[tokio::test]
async fn an_initiated_upload_in_parts_needs_its_url_alone() {
    let (emulator, caller) = (fast().await, Caller::new());
    let initiated = caller.initiate(&emulator, "initiate-multipart", ("x-test", "")).await;
    let (path, query) = text(&initiated, "upload_url").split_once('?').expect("has one");
    let send = |last: &str, query: &str| caller.http.put(format!("{path}/{last}?{query}")).body(TEXT);
    let mut parts = Vec::new();
    for number in ["1", "2"] {
        parts.push(json_of(send(number, query).send().await.expect("answers"), 200).await);
    }
    assert_eq!(send("1", "upload_token=made-up").send().await.expect("answers").status(), 403);
    assert_eq!(send("1", "").send().await.expect("answers").status(), 401);

    let complete = caller.http.post(format!("{path}/complete?{query}")).json(&json!({ "parts": parts }));
    assert_eq!(complete.send().await.expect("answers").status(), 200);
    let file = caller.http.get(text(&initiated, "file_url")).send().await.expect("answers");
    assert_eq!(file.headers()["content-type"], "application/x-test");
    assert_eq!(file.bytes().await.expect("arrives"), [TEXT, TEXT].concat());
    assert_eq!(emulator.uploads(), 1);
    assert!(emulator.requests().iter().all(|request| !request.path_and_query.contains("upload_token=0")));
}

#[tokio::test]
async fn a_wrong_list_is_refused_and_loses_nothing() {
    let (emulator, caller) = (fast().await, Caller::new());
    let upload = Upload::begin(&caller, &emulator).await;
    let (one, two, three) = (upload.part(1, b"one").await, upload.part(2, b"two").await, upload.part(3, b"3").await);
    let (wrong, fourth) = (json!({ "partNumber": 2, "etag": "\"x\"" }), json!({ "partNumber": 4, "etag": "\"x\"" }));
    for (list, told) in [
        (vec![], "No parts"),
        (vec![&one, &three], "Part 2 is missing"),
        (vec![&two, &three], "Part 1 is missing"),
        (vec![&one, &two], "not listed"),
        (vec![&one, &two, &two, &three], "Part 3 is missing"),
        (vec![&one, &wrong, &three], "Part 2 has another etag"),
        (vec![&one, &two, &three, &fourth], "Part 4 was not sent"),
    ] {
        let refused = json_of(upload.complete(&list).await, 400).await;
        assert!(text(&refused, "detail").contains(told), "{refused}");
    }
    let no_list = caller.http.post(upload.at("complete")).header("authorization", &upload.bearer).body("{}");
    assert_eq!(no_list.send().await.expect("answers").status(), 422);
    assert_eq!(emulator.uploads(), 0);
    json_of(upload.complete(&[&one, &two, &three]).await, 200).await;
    assert_eq!(caller.get(&upload.access_url).await.bytes().await.expect("arrives"), "onetwo3");
}

#[tokio::test]
async fn a_wrong_part_is_refused_and_the_right_ones_stay() {
    let (emulator, caller) = (fast().await, Caller::new());
    let upload = Upload::begin(&caller, &emulator).await;
    let one = upload.part(1, b"one").await;
    for number in ["0", "10001", "-1", "1.5", "first"] {
        json_of(upload.put(number, TEXT).await, 400).await;
    }
    let empty = json_of(upload.put(1, b"").await, 400).await;
    assert_eq!(empty["detail"], "Content length appears to be zero - refusing to proceed");

    let other = Upload::begin(&caller, &emulator).await;
    let strange =
        Upload { id: other.id.clone(), bearer: upload.bearer.clone(), access_url: upload.access_url.clone(), ..other };
    json_of(strange.put(1, TEXT).await, 404).await;
    let unknown = Upload { id: "made-up".to_owned(), bearer: upload.bearer.clone(), ..strange };
    json_of(unknown.put(1, TEXT).await, 404).await;
    let nobody = Upload { id: upload.id.clone(), bearer: "Bearer made-up".to_owned(), ..unknown };
    json_of(nobody.put(1, TEXT).await, 401).await;
    json_of(nobody.complete(&[&one]).await, 401).await;

    json_of(upload.complete(&[&one]).await, 200).await;
    assert_eq!(caller.get(&upload.access_url).await.bytes().await.expect("arrives"), "one");
}

#[tokio::test]
async fn of_a_part_that_is_put_twice_the_last_one_counts() {
    let (emulator, caller) = (fast().await, Caller::new());
    let upload = Upload::begin(&caller, &emulator).await;
    let first = upload.part(1, b"first").await;
    let last = upload.part(1, b"last").await;
    assert_eq!(upload.part(1, b"last").await, last, "the same bytes have the same etag");
    json_of(upload.complete(&[&first]).await, 400).await;
    json_of(upload.complete(&[&last]).await, 200).await;
    assert_eq!(caller.get(&upload.access_url).await.bytes().await.expect("arrives"), "last");
}

#[tokio::test]
async fn an_upload_is_complete_once() {
    let (emulator, caller) = (fast().await, Caller::new());
    let upload = Upload::begin(&caller, &emulator).await;
    let one = upload.part(1, TEXT).await;
    let (parts, other) = ([&one], [&one]);
    let (a, b) = tokio::join!(upload.complete(&parts), upload.complete(&other));
    let mut statuses = [a.status().as_u16(), b.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404]);
    json_of(upload.complete(&[&one]).await, 404).await;
    json_of(upload.put(1, b"other").await, 404).await;
    assert_eq!(caller.get(&upload.access_url).await.bytes().await.expect("arrives"), TEXT);
    assert_eq!((emulator.uploads(), emulator.files().len()), (1, 1));
}

#[tokio::test]
async fn parts_of_an_abandoned_upload_go_after_a_day() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    let mut upload = Upload::begin(&caller, &emulator).await;
    let one = upload.part(1, TEXT).await;
    pass(DAY / 2).await;
    upload.bearer = caller.bearer(&emulator).await;
    upload.part(1, TEXT).await;
    assert_eq!(names(folder.path(), "scratch").len(), 1);
    pass(DAY / 2).await;
    until(|| names(folder.path(), "scratch").is_empty()).await;
    upload.bearer = caller.bearer(&emulator).await;
    json_of(upload.complete(&[&one]).await, 404).await;
}

#[tokio::test]
async fn parts_of_an_open_upload_go_with_the_emulator() {
    let folder = tempfile::tempdir().expect("is made");
    let (emulator, caller) = (on(folder.path()).await, Caller::new());
    let upload = Upload::begin(&caller, &emulator).await;
    upload.part(1, TEXT).await;
    assert_eq!(names(folder.path(), "scratch").len(), 1);
    drop(emulator);
    assert!(names(folder.path(), "scratch").is_empty());

    std::fs::write(folder.path().join("scratch/left-by-a-crash"), "bytes").expect("is written");
    let _emulator = on(folder.path()).await;
    assert!(names(folder.path(), "scratch").is_empty());
}
